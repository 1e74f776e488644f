"""Our quantization schemes, defined in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


def dequantize_q8(values: Any, scale: Any) -> NDArray[np.float32]:
    """int8 (N, K), float32 (N,) -> float32 (N, K)."""
    import numpy as np

    return np.asarray(values, np.float32) * np.asarray(scale, np.float32)[:, None]
