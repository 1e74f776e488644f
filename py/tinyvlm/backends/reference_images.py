"""What convolutions, pooling and perspective read of an image, in numpy: a part of the ops' definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops import Padding, Pool, window_places

Array = Any  # np.ndarray of float32 unless a name says otherwise


def windows(x: Array, kernel: tuple[int, int], stride: tuple[int, int], padding: Padding, outside: float = 0) -> Array:
    """(h, w, C) -> (out_h, out_w, kernel_h, kernel_w, C), `outside` where a window leaves the image."""
    out_h, top = window_places(x.shape[0], kernel[0], stride[0], padding)
    out_w, left = window_places(x.shape[1], kernel[1], stride[1], padding)
    bottom = max((out_h - 1) * stride[0] + kernel[0] - x.shape[0] - top, 0)
    right = max((out_w - 1) * stride[1] + kernel[1] - x.shape[1] - left, 0)
    padded = np.pad(x, ((top, bottom), (left, right), (0, 0)), constant_values=outside)
    view = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(0, 1))  # (rows, columns, C, kh, kw)
    taken = view[: (out_h - 1) * stride[0] + 1 : stride[0], : (out_w - 1) * stride[1] + 1 : stride[1]]
    return taken.transpose(0, 1, 3, 4, 2)


def pool(x: Array, kind: Pool, window: tuple[int, int], stride: tuple[int, int]) -> Array:
    """See Ops."""
    (height, width, _), (down, across) = x.shape, stride
    rows = [x[top : top + window[0]] for top in range(0, height, down)]
    reduce = np.mean if kind == "mean" else np.max
    cells = [[reduce(row[:, left : left + window[1]], axis=(0, 1)) for left in range(0, width, across)] for row in rows]
    return np.array(cells, np.float32)


def upsample(x: Array, factor: int) -> Array:
    """See Ops."""
    return x.repeat(factor, axis=0).repeat(factor, axis=1)


def depth_to_space(x: Array, factor: int) -> Array:
    """See Ops."""
    height, width, channels = x.shape
    blocks = x.reshape(height, width, factor, factor, channels // factor**2)
    return blocks.transpose(0, 2, 1, 3, 4).reshape(height * factor, width * factor, -1)


def rectify(image: Array, matrix: Sequence[float], height: int, width: int) -> Array:
    """See Ops; all columns."""
    a, b, c, e, f, g, i, j = np.array(matrix, np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    divisor = i * x + j * y + 1
    rows, down = _neighbours((e * x + f * y + g) / divisor, image.shape[0])
    columns, right = _neighbours((a * x + b * y + c) / divisor, image.shape[1])
    pixels = image.astype(np.float32)
    upper, lower = (pixels[rows[k], columns[0]] * (1 - right) + pixels[rows[k], columns[1]] * right for k in (0, 1))
    return np.floor(upper * (1 - down) + lower * down + np.float32(0.5)).astype(np.uint8)


def _neighbours(places: Array, size: int) -> tuple[tuple[Array, Array], Array]:
    """Both pixels that a place lies between, and how far it is from the first, (h, w, 1)."""
    places = np.clip(places, 0, size - 1)
    first = np.floor(places).astype(np.int64)
    return (first, np.minimum(first + 1, size - 1)), (places - first)[..., None].astype(np.float32)
