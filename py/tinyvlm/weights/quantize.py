"""Our quantization schemes, defined in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ModelError

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
    """Multiply every block of the last axis by the Hadamard matrix of that size, entries +-1.

    Divided by sqrt(block) this is a rotation, and its own inverse: products of rows do not change when both are
    rotated, while one large column no longer sets the scale of its row (Ashkboos et al. 2024, QuaRot). Sums are in the
    kernels' order.
    """
    import numpy as np

    y = np.asarray(x, np.float32)
    stride = block // 2
    while stride:
        pairs = y.reshape(*y.shape[:-1], -1, 2, stride)
        a, b = pairs[..., 0, :], pairs[..., 1, :]
        y = np.stack([a + b, a - b], axis=-2).reshape(y.shape)
        stride //= 2
    return y


def rotate(x: Any, block: int) -> NDArray[np.float32]:
    """Rotate the last axis of x in blocks; the same again is the inverse."""
    import numpy as np

    return (hadamard(x, block) * np.float32(block**-0.5)).astype(np.float32)


def quantize_q8(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """float32 (N, K) -> int8 (N, K) in -127..127 and float32 scale (N,): weight ~ int8 * scale of its row.

    Symmetric, one scale an output channel, rounding half to even. A row of zeros, or of values too small for a
    float32 scale, gets scale 1. Raises ModelError("weights-invalid") for values that are not finite.
    """
    import numpy as np

    if not np.isfinite(weight).all():
        raise ModelError("weights-invalid", "The weights hold values that are not finite numbers.")
    scale = (np.abs(weight).max(axis=1, initial=0) / 127).astype(np.float32)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    values = np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8)
    return values, scale


def q8_tensors(name: str, weight: NDArray[np.float32]) -> dict[str, Any]:
    """Return a float32 matrix (N, K) as the tensors that files hold: `name` int8 and its scale.

    The scale's name says whether rows were rotated before: `name_rotated_scale`, or `name_scale` where K allows none.
    """
    block = rotation_block(weight.shape[1])
    values, scale = quantize_q8(rotate(weight, block))
    return {name: values, f"{name}_rotated_scale" if block > 1 else f"{name}_scale": scale}


def dequantize_q8(values: Any, scale: Any) -> NDArray[np.float32]:
    """int8 (N, K), float32 (N,) -> float32 (N, K)."""
    import numpy as np

    return np.asarray(values, np.float32) * np.asarray(scale, np.float32)[:, None]
