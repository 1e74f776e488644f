"""How the reference rounds activations, keys, values and softmax weights to a few bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import KEY_BLOCK
from ..weights.rotation import hadamard

Array = Any  # np.ndarray of float32 unless a name says otherwise


def quantize_rows(x: Array, steps: Any) -> tuple[Array, Array, Array]:
    """Each row to 0..steps: x ~ scale * (q - zero). Returns q (float64), scale and zero with a last axis of 1.

    The range always holds 0; rounding is half to even. The kernel does the same float32 arithmetic in this order.
    """
    lo = np.minimum(x.min(axis=-1, keepdims=True), 0)
    hi = np.maximum(x.max(axis=-1, keepdims=True), 0)
    scale = np.where(hi > lo, (hi - lo) / steps, np.float32(1)).astype(np.float32)
    inverse = np.float32(1) / scale
    zero = np.rint(-lo * inverse)
    q = np.clip(np.rint(x * inverse) + zero, 0, steps)
    return q.astype(np.float64), scale, zero.astype(np.float64)


def largest_magnitude(x: Array) -> Array:
    """Largest |x| along the last axis, which stays as 1; 127 for rows of zeros, which makes their scale 1."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    return np.where(largest > 1e-30, largest, np.float32(127))


def round_symmetric(x: Array, limit: Any, rotation: int) -> Array:
    """Quantize each row, rotated in blocks, to -limit..limit and back: what q8 queries, keys and values stand for."""
    x = hadamard(x, rotation)
    scale = (largest_magnitude(x) / limit).astype(np.float32)
    # Going there and back multiplies a row by `rotation`.
    return hadamard(np.rint(x * (1 / scale)) * (scale / np.float32(rotation)), rotation)


def round_weights(weights: Array, scales: Array, visible: Array, steps: Any) -> Array:
    """Softmax weights (H, T, S) as q8 attention rounds them.

    The weights times the values' `scales` (H, S) are rounded, in each block of keys, to steps of the largest weight
    times the largest scale among the `visible` (T, S).
    """
    out = np.zeros_like(weights)
    for begin in range(0, weights.shape[-1], KEY_BLOCK):
        block = slice(begin, begin + KEY_BLOCK)
        scale = scales[:, None, block]  # (H, 1, keys of the block)
        largest_weight = weights[..., block].max(-1, keepdims=True)
        largest_scale = (scale * visible[None, :, block]).max(-1, keepdims=True)
        largest = largest_weight * largest_scale  # (H, T, 1)
        step = np.where(largest > 0, largest, 1) / steps
        out[..., block] = np.rint(weights[..., block] * scale / step) * step / scale
    return out
