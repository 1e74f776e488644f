"""A layer's numbers as the graph holds them <-> as our ops want them. Kinds are those of network_layouts.py.

The way back is for golden files: a graph that holds what our folder holds, rounded as it is.
"""

from __future__ import annotations

import numpy as np

from .onnx_layers import Layer
from .published import HEAD_SIZE, HEADS

PADDED_HEAD = 16
"""Heads of 15 are padded with zeros: whole vectors are quicker, and attention tiles want multiples of 8."""

Array = np.ndarray
Numbers = tuple[Array, Array | None]
"""Weight and bias."""


def arrange(kind: str, layer: Layer, classes: list[int]) -> Numbers:
    """Return float32 weight and bias as our ops want them; `classes` are the head's that are kept."""
    weight, bias = layer.weight, layer.bias
    if kind == "norm":
        return weight, bias
    if kind == "depthwise":  # (C, 1, h, w) -> (h, w, C)
        return weight[:, 0].transpose(1, 2, 0), bias
    if kind == "image":  # the graph wants blue first
        weight = weight[:, ::-1]
    if kind in ("image", "convolution", "pointwise", "gate"):  # (N, C, h, w) -> (N, h * w * C)
        factor = np.float32(6 * layer.slope) if kind == "gate" else np.float32(1)
        rows = weight.transpose(0, 2, 3, 1).reshape(len(weight), -1)
        return rows * factor, None if bias is None else bias * factor
    if kind == "grow":  # (C, N, 2, 2) -> (2 * 2 * N, C)
        return weight.transpose(2, 3, 1, 0).reshape(-1, len(weight)), None if bias is None else np.tile(bias, 4)
    assert bias is not None, layer.weight_name
    rows = weight.T
    if kind == "queries":
        return _pad_queries(rows), _pad_queries(bias)
    if kind == "attended":
        return _pad_heads(rows, axis=1), bias
    return (rows[classes], bias[classes]) if kind == "head" else (rows, bias)


def restore(kind: str, layer: Layer, numbers: Numbers, classes: list[int]) -> Numbers:
    """Undo `arrange`: what the graph's layer would hold to compute with these numbers."""
    weight, bias = numbers
    shape = layer.weight.shape
    if kind == "norm":
        return weight, bias
    if kind == "depthwise":
        return weight.transpose(2, 0, 1)[:, None], bias
    if kind in ("image", "convolution", "pointwise", "gate"):
        factor = np.float32(6 * layer.slope) if kind == "gate" else np.float32(1)
        filters = weight.reshape(shape[0], *shape[2:], shape[1]).transpose(0, 3, 1, 2) / factor
        return filters[:, ::-1] if kind == "image" else filters, None if bias is None else bias / factor
    if kind == "grow":
        filters = weight.reshape(2, 2, shape[1], shape[0]).transpose(3, 2, 0, 1)
        return filters, None if bias is None else bias[: shape[1]]
    assert bias is not None, layer.weight_name
    if kind == "queries":
        return _cut_queries(weight).T, _cut_queries(bias)
    if kind == "attended":
        return _cut_heads(weight, axis=1).T, bias
    if kind == "head":
        assert layer.bias is not None
        rows, biases = layer.weight.T.copy(), layer.bias.copy()
        rows[classes], biases[classes] = weight, bias
        return rows.T, biases
    return weight.T, bias


def _pad_heads(x: Array, axis: int) -> Array:
    """(..., heads * 15, ...) -> (..., heads * 16, ...)."""
    parts = x.reshape(*x.shape[:axis], HEADS, HEAD_SIZE, *x.shape[axis + 1 :])
    widths = [(0, 0)] * parts.ndim
    widths[axis + 1] = (0, PADDED_HEAD - HEAD_SIZE)
    return np.pad(parts, widths).reshape(*x.shape[:axis], HEADS * PADDED_HEAD, *x.shape[axis + 1 :])


def _cut_heads(x: Array, axis: int) -> Array:
    parts = x.reshape(*x.shape[:axis], HEADS, PADDED_HEAD, *x.shape[axis + 1 :])
    return parts.take(range(HEAD_SIZE), axis + 1).reshape(*x.shape[:axis], HEADS * HEAD_SIZE, *x.shape[axis + 1 :])


_LARGER = np.float32((PADDED_HEAD / HEAD_SIZE) ** 0.5)
"""Attention divides by the root of the head's size, which queries make up for."""


def _pad_queries(x: Array) -> Array:
    q, k, v = (_pad_heads(part, axis=0) for part in np.split(x, 3))
    return np.concatenate([q * _LARGER, k, v])


def _cut_queries(x: Array) -> Array:
    q, k, v = (_cut_heads(part, axis=0) for part in np.split(x, 3))
    return np.concatenate([q / _LARGER, k, v])
