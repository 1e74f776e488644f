"""Rotation of rows in blocks, which spreads what one column holds over its block before rows are quantized.

The Walsh-Hadamard transform divided by the root of its size is a rotation, and its own inverse. Products of rows do not
change when both are rotated, while one large column no longer sets the scale of its row (Ashkboos et al. 2024, QuaRot).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_ROTATION, MAX_ROTATED_COLUMNS = 64, 16384
"""Largest block that is rotated, and the longest rows the kernels rotate."""


def rotation_block(columns: int) -> int:
    """Return the block in which rows of this length are rotated: a power of two from 4 to 64 that divides it, or 1."""
    block = min(columns & -columns, MAX_ROTATION)
    return block if block >= 4 and columns <= MAX_ROTATED_COLUMNS else 1


def hadamard(x: Any, block: int) -> NDArray[np.float32]:
    """Multiply every block of the last axis by the Hadamard matrix of that size, entries +-1, in the kernels' order."""
    import numpy as np

    y = np.asarray(x, np.float32)
    stride = block // 2
    while stride:
        pairs = y.reshape(*y.shape[:-1], -1, 2, stride)
        a = pairs[..., 0, :]
        b = pairs[..., 1, :]
        y = np.stack([a + b, a - b], axis=-2).reshape(y.shape)
        stride //= 2
    return y


def rotate(x: Any, block: int) -> NDArray[np.float32]:
    """Rotate the last axis of x in blocks; the same again is the inverse."""
    import numpy as np

    return (hadamard(x, block) * np.float32(block**-0.5)).astype(np.float32)
