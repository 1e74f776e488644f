"""The meaning of every op, in numpy float32, run at once. Slow and plain on purpose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops import PADDING_BYTE, Activation, CacheShape, Padding, Pool, Precision, held_precision
from ..weights.quantize import GROUP
from ..weights.rotation import hadamard, rotate, rotation_block
from . import reference_resize
from .reference_images import depth_to_space, pool, rectify, upsample, windows
from .reference_rounding import largest_magnitude, quantize_rows, round_symmetric, round_weights
from .reference_weights import GroupedMatrix, LinearLayer, QuantizedMatrix

Array = Any  # np.ndarray of float32 unless a name says otherwise


class KeysValues:
    """Keys and values (positions, kv_heads, head_dim). q8 ones are held as the numbers that their bytes stand for."""

    def __init__(self, shape: CacheShape, precision: Precision) -> None:
        """Make room for `shape`."""
        self.kv_heads = shape.kv_heads
        self.precision = held_precision(precision, shape.head_dim)
        self.keys, self.values = np.zeros((2, shape.positions, shape.kv_heads, shape.head_dim), np.float32)

    def held(self, x: Array, rotation: int = 1) -> Array:
        """Rows (T, kv_heads * head_dim) as they will be read: (T, kv_heads, head_dim)."""
        x = x.reshape(x.shape[0], *self.keys.shape[1:])
        return x if self.precision == "float32" else round_symmetric(x, 127, rotation)


class ReferenceOps:
    """Every op of `Ops`, defined. `activation_steps` is 255, or 127 to mirror engines with 7-bit operands."""

    def __init__(
        self, activation_steps: int = 255, attention: Precision = "float32", *, weight_steps: int | None = None
    ) -> None:
        """Choose how finely q8 layers quantize their inputs, and how keys and values of one pass are held.

        `weight_steps` is for softmax weights in q8 attention, which some engines must hold in 7 bits where rows have 8.
        """
        self._steps = np.float32(activation_steps)
        self._attention = attention
        self._weight_steps = np.float32(weight_steps or activation_steps)

    def resize(self, image: Array, height: int, width: int, resample: int) -> Array:
        """See Ops."""
        return reference_resize.resize(image, height, width, resample)

    def crop(self, image: Array, top: int, left: int, height: int, width: int) -> Array:
        """See Ops."""
        return image[top : top + height, left : left + width]

    def normalize(self, image: Array, scale: float, mean: Sequence[float], std: Sequence[float]) -> Array:
        """See Ops."""
        pixels = image.astype(np.float64)
        return ((pixels * scale - np.array(mean)) / np.array(std)).astype(np.float32)

    def rectify(
        self, image: Array, matrix: Sequence[float], height: int, width: int, *, columns: int | None = None
    ) -> Array:
        """See Ops."""
        y = rectify(image, matrix, height, width)
        y[:, width if columns is None else columns :] = PADDING_BYTE
        return y

    def to_bytes(self, x: Array) -> Array:
        """See Ops."""
        return np.clip(np.rint(x * np.float32(255)), 0, 255).astype(np.uint8)

    def conv2d(
        self,
        x: Array,
        layer: LinearLayer,
        *,
        kernel: int,
        stride: int,
        padding: Padding = "same",
        activation: Activation = "none",
    ) -> Array:
        """See Ops."""
        cut = windows(x, (kernel, kernel), (stride, stride), padding)
        return self.linear(cut.reshape(*cut.shape[:2], -1), layer, activation=activation)

    def depthwise_conv2d(
        self,
        x: Array,
        weight: Array,
        bias: Array,
        *,
        stride: int | tuple[int, int],
        padding: Padding = "same",
        activation: Activation = "none",
    ) -> Array:
        """See Ops."""
        strides = (stride, stride) if isinstance(stride, int) else stride
        cut = windows(x, weight.shape[:2], strides, padding)
        return self.activate(np.einsum("yxijc,ijc->yxc", cut, weight) + bias, activation)

    def pool(self, x: Array, kind: Pool, *, window: tuple[int, int], stride: tuple[int, int]) -> Array:
        """See Ops."""
        return pool(x, kind, window, stride)

    def upsample(self, x: Array, factor: int, *, residual: Array | None = None) -> Array:
        """See Ops."""
        y = upsample(x, factor)
        return y if residual is None else y + residual

    def depth_to_space(self, x: Array, factor: int) -> Array:
        """See Ops."""
        return depth_to_space(x, factor)

    def linear(
        self, x: Array, layer: LinearLayer, *, activation: Activation = "none", residual: Array | None = None
    ) -> Array:
        """See Ops."""
        y = self._products(x, layer.weight)
        if layer.bias is not None:
            y = y + layer.bias
        y = self.activate(y, activation)
        return y if residual is None else y + residual

    def _products(self, x: Array, weight: Any) -> Array:
        """x W^T: (..., K) -> (..., N)."""
        if not isinstance(weight, QuantizedMatrix | GroupedMatrix):
            return x @ weight.T

        # x ~ scale * (q - zero), so x W^T ~ scale * (q W^T - zero * sums of W's rows).
        q, scale, zero = quantize_rows(hadamard(x, weight.rotation), self._steps)
        scale = scale * np.float32(weight.rotation**-0.5)
        if isinstance(weight, QuantizedMatrix):
            sums = q @ weight.values.T - zero * weight.sums
            return sums.astype(np.float32) * (scale * weight.scale)
        return (_group_products(q, weight) - zero.astype(np.float32) * weight.sums) * scale

    def keys_values(self, k: Array, v: Array, *, kv_heads: int) -> KeysValues:
        """See Ops."""
        held = KeysValues(CacheShape(k.shape[0], kv_heads, k.shape[1] // kv_heads), self._attention)
        return self.append(held, k, v, 0)

    def append(self, cache: KeysValues, k: Array, v: Array, position: int) -> KeysValues:
        """See Ops."""
        cache.keys[position : position + k.shape[0]] = cache.held(k, rotation_block(cache.keys.shape[2]))
        cache.values[position : position + k.shape[0]] = cache.held(v)
        return cache

    def attention(self, q: Array, keys_values: KeysValues, *, heads: int, causal: bool, position: int = 0) -> Array:
        """See Ops."""
        kv = keys_values
        weights, visible = self._softmax_weights(q, kv, heads, causal, position)
        if kv.precision == "q8":
            weights = self._round_attention(weights, kv, visible)
        v = np.repeat(kv.values, heads // kv.kv_heads, axis=1)  # (S, heads, dim)
        return np.einsum("hts,shd->thd", weights, v).reshape(q.shape).astype(np.float32)

    def attention_weights(
        self, q: Array, keys_values: KeysValues, *, heads: int, of: range, causal: bool, position: int = 0
    ) -> Array:
        """See Ops."""
        weights, _ = self._softmax_weights(q, keys_values, heads, causal, position)
        keys = position + q.shape[0] if causal else weights.shape[2]
        return weights[of.start : of.stop, :, :keys].mean(axis=0)

    def _softmax_weights(
        self, q: Array, kv: KeysValues, heads: int, causal: bool, position: int
    ) -> tuple[Array, Array]:
        """Softmax of the scores (H, T, S), and which keys each row sees (T, S)."""
        rows = q.shape[0]
        dim = q.shape[1] // heads
        q = q.reshape(rows, heads, dim)
        if kv.precision == "q8":
            q = round_symmetric(q, self._steps // 2, rotation_block(dim))
        k = np.repeat(kv.keys, heads // kv.kv_heads, axis=1)  # (S, heads, dim)
        scores = np.einsum("thd,shd->hts", q, k).astype(np.float32) * np.float32(dim**-0.5)
        visible = np.ones(scores.shape[1:], bool)
        if causal:
            visible = np.arange(k.shape[0])[None] <= position + np.arange(rows)[:, None]
            scores = np.where(visible, scores, np.float32(-np.inf))
        return self.softmax(scores), visible

    def _round_attention(self, weights: Array, kv: KeysValues, visible: Array) -> Array:
        """Softmax weights (H, T, S) as q8 attention rounds them: all but the first key's."""
        repeats = weights.shape[0] // kv.kv_heads
        scales = np.repeat(largest_magnitude(kv.values) / 127, repeats, axis=1)[..., 0].T  # (H, S)
        first = weights[..., 0].copy()
        weights[..., 0] = 0
        weights = round_weights(weights, scales, visible, self._weight_steps)
        weights[..., 0] = first
        return weights

    def layer_norm(self, x: Array, weight: Array, bias: Array, epsilon: float) -> Array:
        """See Ops."""
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        return centred / np.sqrt(variance + np.float32(epsilon)) * weight + bias

    def rms_norm(self, x: Array, weight: Array, epsilon: float) -> Array:
        """See Ops."""
        return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + np.float32(epsilon)) * weight

    def activate(self, x: Array, activation: Activation) -> Array:
        """See Ops."""
        if activation == "relu6":
            return np.clip(x, 0, 6)
        if activation == "gelu_tanh":
            return x * 0.5 * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3)))
        if activation == "silu":
            return x / (1 + np.exp(-np.maximum(x, -87)))
        if activation == "relu":
            return np.maximum(x, 0)
        if activation == "gelu":
            return x * np.float32(0.5) * (1 + _erf(x * np.float32(0.5**0.5)))
        if activation == "hard_sigmoid":
            return np.clip(x / 6 + np.float32(0.5), 0, 1)
        if activation == "sigmoid":
            return 1 / (1 + np.exp(-np.maximum(x, -87)))
        return x

    def add(self, a: Array, b: Array) -> Array:
        """See Ops."""
        return a + b

    def add_positions(self, x: Array, table: Array, position: int) -> Array:
        """See Ops."""
        return x + table[position : position + x.shape[0]]

    def multiply(self, a: Array, b: Array) -> Array:
        """See Ops."""
        return a * b

    def scale_columns(self, x: Array, factors: Array, *, residual: bool = False) -> Array:
        """See Ops."""
        y = x * factors[0]
        return y + x if residual else y

    def rope(self, x: Array, *, heads: int, position: int, theta: float, factor: float = 1.0) -> Array:
        """See Ops."""
        rows = x.shape[0]
        dim = x.shape[1] // heads
        frequencies = theta ** (-np.arange(0, dim, 2) / dim) / factor
        angles = np.arange(position, position + rows)[:, None, None] * frequencies
        cosines = np.cos(angles).astype(np.float32)  # (T, 1, dim / 2)
        sines = np.sin(angles).astype(np.float32)
        a, b = np.split(x.reshape(rows, heads, dim), 2, axis=-1)
        return np.concatenate([a * cosines - b * sines, b * cosines + a * sines], axis=-1).reshape(x.shape)

    def softmax(self, x: Array) -> Array:
        """See Ops."""
        y = np.exp(x - x.max(axis=-1, keepdims=True))
        return y / y.sum(axis=-1, keepdims=True)

    def mean_rows(self, x: Array) -> Array:
        """See Ops."""
        return x.mean(axis=0, keepdims=True)

    def best_columns(self, x: Array) -> Array:
        """See Ops."""
        return np.stack([x.argmax(axis=1).astype(np.float32), x.max(axis=1)], axis=1)

    def embedding(self, token_ids: Array, layer: LinearLayer) -> Array:
        """See Ops."""
        weight = layer.weight
        known = (token_ids >= 0) & (token_ids < weight.shape[0])
        ids = np.where(known, token_ids, 0)
        if isinstance(weight, QuantizedMatrix):
            rows = weight.values[ids].astype(np.float32) * weight.scale[ids, None]
            rows = rotate(rows, weight.rotation)
        elif isinstance(weight, GroupedMatrix):
            rows = weight.values[ids].astype(np.float32) * weight.scale[ids, :, None]
            rows = rotate(rows.reshape(len(rows), -1)[:, : weight.shape[1]], weight.rotation)
        else:
            rows = weight[ids]
        return np.where(known[:, None], rows, np.float32(0))

    def place_rows(self, x: Array, token_ids: Array, features: Array, first_id: int) -> Array:
        """See Ops."""
        y = x.copy()
        at = token_ids - first_id
        y[at >= 0] = 0
        placed = (at >= 0) & (at < len(features))
        y[placed] = features[at[placed]]
        return y

    def split(self, x: Array, columns: Sequence[int]) -> list[Array]:
        """See Ops."""
        return np.split(x, np.cumsum(columns)[:-1], axis=1)

    def concat(self, parts: Sequence[Array]) -> Array:
        """See Ops."""
        return np.concatenate(parts)

    def join_columns(self, parts: Sequence[Array]) -> Array:
        """See Ops."""
        return np.concatenate(parts, axis=-1)

    def row(self, x: Array, index: int) -> Array:
        """See Ops."""
        return x[index : index + 1]

    def reshape(self, x: Array, *shape: int) -> Array:
        """See Ops."""
        return x.reshape(shape)


def _group_products(q: Array, weight: GroupedMatrix) -> Array:
    """q (..., K) times the matrix: integer sums of each group, exact, times its scale, added in float32."""
    total = np.zeros((*q.shape[:-1], len(weight.values)), np.float32)
    for group in range(weight.values.shape[1]):
        x = q[..., group * GROUP : (group + 1) * GROUP]
        sums = x @ weight.values[:, group, : x.shape[-1]].T
        total += sums.astype(np.float32) * weight.scale[:, group]
    return total


def _erf(x: Array) -> Array:
    """The error function, which numpy has not."""
    values: Array = np.frompyfunc(math.erf, 1, 1)(x)
    return values.astype(np.float32)
