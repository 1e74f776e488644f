"""Pillow's resampling in numpy, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import KernelError
from ..ops import BICUBIC, BILINEAR, BOX, FILTER_SUPPORT, LANCZOS

Array = Any  # np.ndarray


def resize(image: Array, height: int, width: int, resample: int) -> Array:
    """uint8 (H, W, 3) -> uint8 (height, width, 3): all columns first, rounded to bytes, then all rows."""
    return _resize_axis(_resize_axis(image, width, 1, resample), height, 0, resample)


def _cubic(x: Array) -> Array:
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


_FILTERS: dict[int, Callable[[Array], Array]] = {
    BOX: lambda x: ((x > -0.5) & (x <= 0.5)).astype(np.float64),
    BILINEAR: lambda x: np.maximum(1 - np.abs(x), 0),
    BICUBIC: lambda x: _cubic(np.abs(x)),
    LANCZOS: lambda x: np.where((x >= -3) & (x < 3), np.sinc(x) * np.sinc(x / 3), 0),
}


def _resize_axis(image: Array, size: int, axis: int, resample: int) -> Array:
    """One pass of Pillow's resampling (libImaging/Resample.c): 22-bit fixed-point weights, rounded to bytes."""
    if resample not in _FILTERS:
        raise KernelError("resample-unsupported", filter=resample)
    length = image.shape[axis]
    scale = length / size
    # Where an image shrinks, the filter is stretched over all the pixels that become one.
    stretch = max(scale, 1.0)
    support = FILTER_SUPPORT[resample] * stretch

    out = np.empty([size if i == axis else n for i, n in enumerate(image.shape)], np.uint8)
    source = np.moveaxis(image, axis, 0).astype(np.int64)
    target = np.moveaxis(out, axis, 0)
    for i in range(size):
        centre = (i + 0.5) * scale
        first = max(int(centre - support + 0.5), 0)
        last = min(int(centre + support + 0.5), length)
        weights = _FILTERS[resample]((np.arange(first, last) - centre + 0.5) / stretch)
        weights = weights / weights.sum()
        fixed = np.trunc(weights * (1 << 22) + np.where(weights < 0, -0.5, 0.5)).astype(np.int64)
        total = np.tensordot(fixed, source[first:last], 1) + (1 << 21)
        target[i] = np.clip(total >> 22, 0, 255)
    return out
