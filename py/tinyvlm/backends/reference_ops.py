"""The meaning of every op, in numpy float32, run at once. Slow and plain on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import KernelError, ModelError
from ..media.images import RGBImage
from ..models.architecture import Architecture
from ..ops import (
    BICUBIC,
    BILINEAR,
    BOX,
    FILTER_SUPPORT,
    KEY_BLOCK,
    LANCZOS,
    Activation,
    CacheShape,
    Precision,
    held_precision,
    same_padding,
)
from ..weights.quantize import GROUP, find_scale, group_layout, unpack_groups
from ..weights.rotation import hadamard, rotate, rotation_block
from ..weights.source import WeightSource, read_array

Array = Any  # np.ndarray of float32 unless a name says otherwise


class QuantizedMatrix:
    """q8 weight: int8 (N, K), one float32 scale a row, and the block in which rows are rotated."""

    def __init__(self, values: Array, scale: Array, rotation: int) -> None:
        """Keep the integers as float64, whose products and sums are exact here and run on BLAS."""
        self.shape = values.shape
        self.values = values.astype(np.float64)
        self.sums = self.values.sum(axis=1)
        self.scale, self.rotation = scale, rotation


class GroupedMatrix:
    """q4 or q2 weight: multiples (N, G, 32) of one float32 scale a group (N, G)."""

    def __init__(self, values: Array, scale: Array, columns: int, rotation: int) -> None:
        """Keep the multiples as float64, as in QuantizedMatrix, and zeros behind the last column."""
        self.shape, self.rotation = (len(values), columns), rotation
        self.values, self.scale = values.astype(np.float64), scale
        self.values.reshape(len(values), -1)[:, columns:] = 0
        self.sums = (self.values.sum(axis=2) * scale).sum(axis=1).astype(np.float32)


class LinearLayer:
    """A weight matrix (float32 array, QuantizedMatrix or GroupedMatrix) and its bias or None."""

    def __init__(self, weight: Any, bias: Array | None) -> None:
        """Bind weight (N, K) and bias (N,)."""
        self.weight, self.bias = weight, bias


class ReferenceWeights:
    """`Weights` over a safetensors-like source; every tensor is read once."""

    def __init__(self, source: WeightSource) -> None:
        """Read lazily from `source`."""
        self._source, self._cache = source, dict[str, Any]()

    def linear(self, name: str) -> LinearLayer:
        """See Weights."""
        if name not in self._cache:
            values = self._array(f"{name}.weight")
            scale, rotation = find_scale(self._source.tensors, f"{name}.weight")
            if scale and values.dtype == np.uint8:
                layout = group_layout(self._source.tensors, f"{name}.weight")
                levels = unpack_groups(values, layout.groups)
                values = GroupedMatrix(levels, self._array(scale), layout.k, rotation)
            elif scale:
                values = QuantizedMatrix(values, self._array(scale), rotation)
            elif values.ndim == 4:  # a convolution's, whose windows come in (row, column, channel) order
                values = values.transpose(0, 2, 3, 1).reshape(len(values), -1)
            bias = self._array(f"{name}.bias") if f"{name}.bias" in self._source.tensors else None
            self._cache[name] = LinearLayer(values, bias)
        return self._cache[name]  # type: ignore[no-any-return]

    def tensor(self, name: str) -> Array:
        """See Weights."""
        if name not in self._cache:
            self._cache[name] = self._array(name)
        return self._cache[name]

    def _array(self, name: str) -> Array:
        if name not in self._source.tensors:
            raise ModelError("weights-missing", f"The model's weights have no tensor {name!r}.", tensor=name)
        values = read_array(self._source, name)
        return values.astype(np.float32) if values.dtype.kind == "f" else values


class KeysValues:
    """Keys and values (positions, kv_heads, head_dim). q8 ones are held as the numbers that their bytes stand for."""

    def __init__(self, shape: CacheShape, precision: Precision) -> None:
        """Make room for `shape`."""
        self.kv_heads, self.precision = shape.kv_heads, held_precision(precision, shape.head_dim)
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
        self._steps, self._attention = np.float32(activation_steps), attention
        self._weight_steps = np.float32(weight_steps or activation_steps)

    def resize(self, image: Array, height: int, width: int, resample: int) -> Array:
        """See Ops."""
        return _resize_axis(_resize_axis(image, width, 1, resample), height, 0, resample)

    def crop(self, image: Array, top: int, left: int, height: int, width: int) -> Array:
        """See Ops."""
        return image[top : top + height, left : left + width]

    def normalize(self, image: Array, scale: float, mean: Sequence[float], std: Sequence[float]) -> Array:
        """See Ops."""
        pixels = image.astype(np.float64)
        return ((pixels * scale - np.array(mean)) / np.array(std)).astype(np.float32)

    def conv2d(
        self, x: Array, layer: LinearLayer, *, kernel: int, stride: int, activation: Activation = "none"
    ) -> Array:
        """See Ops."""
        windows = _windows(x, kernel, stride)
        return self.linear(windows.reshape(*windows.shape[:2], -1), layer, activation=activation)

    def depthwise_conv2d(
        self, x: Array, weight: Array, bias: Array, *, stride: int, activation: Activation = "none"
    ) -> Array:
        """See Ops."""
        windows = _windows(x, weight.shape[0], stride)
        return self.activate(np.einsum("yxijc,ijc->yxc", windows, weight) + bias, activation)

    def linear(
        self, x: Array, layer: LinearLayer, *, activation: Activation = "none", residual: Array | None = None
    ) -> Array:
        """See Ops."""
        weight = layer.weight
        if isinstance(weight, QuantizedMatrix):
            q, scale, zero = quantize_rows(hadamard(x, weight.rotation), self._steps)
            scale = scale * np.float32(weight.rotation**-0.5)
            sums = q @ weight.values.T - zero * weight.sums
            y = sums.astype(np.float32) * (scale * weight.scale)
        elif isinstance(weight, GroupedMatrix):
            q, scale, zero = quantize_rows(hadamard(x, weight.rotation), self._steps)
            scale = scale * np.float32(weight.rotation**-0.5)
            y = (_group_products(q, weight) - zero.astype(np.float32) * weight.sums) * scale
        else:
            y = x @ weight.T
        if layer.bias is not None:
            y = y + layer.bias
        y = self.activate(y, activation)
        return y if residual is None else y + residual

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
        kv, rows, dim = keys_values, q.shape[0], q.shape[1] // heads
        q = q.reshape(rows, heads, dim)
        if kv.precision == "q8":
            q = round_symmetric(q, self._steps // 2, rotation_block(dim))
        k, v = (np.repeat(x, heads // kv.kv_heads, axis=1) for x in (kv.keys, kv.values))
        scores = np.einsum("thd,shd->hts", q, k).astype(np.float32) * np.float32(dim**-0.5)
        visible = np.ones(scores.shape[1:], bool)
        if causal:
            visible = np.arange(k.shape[0])[None] <= position + np.arange(rows)[:, None]
            scores = np.where(visible, scores, np.float32(-np.inf))
        weights = self.softmax(scores)
        if kv.precision == "q8":
            scales = np.repeat(largest_magnitude(kv.values) / 127, heads // kv.kv_heads, axis=1)[..., 0].T
            first, weights[..., 0] = weights[..., 0].copy(), 0
            weights = round_weights(weights, scales, visible, self._weight_steps)
            weights[..., 0] = first
        return np.einsum("hts,shd->thd", weights, v).reshape(rows, heads * dim).astype(np.float32)

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

    def rope(self, x: Array, *, heads: int, position: int, theta: float) -> Array:
        """See Ops."""
        rows, dim = x.shape[0], x.shape[1] // heads
        frequencies = theta ** (-np.arange(0, dim, 2) / dim)
        angles = np.arange(position, position + rows)[:, None, None] * frequencies
        cosines, sines = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        a, b = np.split(x.reshape(rows, heads, dim), 2, axis=-1)
        return np.concatenate([a * cosines - b * sines, b * cosines + a * sines], axis=-1).reshape(x.shape)

    def softmax(self, x: Array) -> Array:
        """See Ops."""
        y = np.exp(x - x.max(axis=-1, keepdims=True))
        return y / y.sum(axis=-1, keepdims=True)

    def mean_rows(self, x: Array) -> Array:
        """See Ops."""
        return x.mean(axis=0, keepdims=True)

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
        y, at = x.copy(), token_ids - first_id
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

    def row(self, x: Array, index: int) -> Array:
        """See Ops."""
        return x[index : index + 1]

    def reshape(self, x: Array, *shape: int) -> Array:
        """See Ops."""
        return x.reshape(shape)


class ReferenceRunner:
    """`Runner` that calls the model's functions with numpy arrays."""

    name = "numpy"

    def __init__(self, model: Architecture, source: WeightSource, *, activation_steps: int = 255) -> None:
        """Bind `model` to the weights in `source`."""
        self._model, self._weights, self._ops = model, ReferenceWeights(source), ReferenceOps(activation_steps)
        self._caches = [KeysValues(shape, "float32") for shape in model.cache_shapes]
        self._best: Array = np.zeros(0, np.float32)

    def encode(self, images: Sequence[RGBImage], plan: Any) -> list[Array]:
        """See Runner."""
        pixels = [np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3) for image in images]
        views = [view for image in pixels for view in self._model.views(self._ops, image, plan)]
        states = [self._model.encode(self._ops, self._weights, view) for view in views]
        return [np.concatenate(parts) for parts in zip(*states, strict=True)]

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        hidden = self._forward(state, token_ids, position)
        self._best = self._model.logits(self._ops, self._weights, hidden[-1:])[0]
        return int(self._best.argmax())

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        ids = np.argsort(-self._best, kind="stable")[:count]
        return [(int(i), float(self._best[i])) for i in ids]

    def all_logits(self) -> Sequence[float]:
        """See Runner."""
        return self._best  # type: ignore[no-any-return]

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """See Runner."""
        hidden = self._forward(state, token_ids, 0)
        return self._model.logits(self._ops, self._weights, hidden).tobytes()  # type: ignore[no-any-return]

    def clear_stop(self) -> None:
        """Nothing runs beside numpy that could set a stop flag."""

    def stats(self) -> dict[str, Any]:
        """See Runner."""
        return {"backend": self.name, "threads": 1, "simd": "numpy", "activation_bits": 8}

    def close(self) -> None:
        """Nothing is held outside Python."""

    def _forward(self, state: Any, token_ids: Sequence[int], position: int) -> Array:
        ids = np.array(token_ids, np.int32)
        return self._model.forward(self._ops, self._weights, ids, position, state or [], self._caches)


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


def _group_products(q: Array, weight: GroupedMatrix) -> Array:
    """q (..., K) times the matrix: integer sums of each group, exact, times its scale, added in float32."""
    total = np.zeros((*q.shape[:-1], len(weight.values)), np.float32)
    for group in range(weight.values.shape[1]):
        x = q[..., group * GROUP : (group + 1) * GROUP]
        sums = x @ weight.values[:, group, : x.shape[-1]].T
        total += sums.astype(np.float32) * weight.scale[:, group]
    return total


def largest_magnitude(x: Array) -> Array:
    """Largest |x| along the last axis, which stays as 1; 127 for rows of zeros, which makes their scale 1."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    return np.where(largest > 1e-30, largest, np.float32(127))


def round_symmetric(x: Array, limit: Any, rotation: int) -> Array:
    """Quantize each row, rotated in blocks, to -limit..limit and back: what q8 queries, keys and values stand for."""
    x = hadamard(x, rotation)
    scale = (largest_magnitude(x) / limit).astype(np.float32)
    return hadamard(np.rint(x * (1 / scale)) * (scale / np.float32(rotation)), rotation)


def round_weights(weights: Array, scales: Array, visible: Array, steps: Any) -> Array:
    """Softmax weights (H, T, S) as q8 attention rounds them.

    The weights times the values' `scales` (H, S) are rounded, in each block of keys, to steps of the largest weight
    times the largest scale among the `visible` (T, S).
    """
    out = np.zeros_like(weights)
    for begin in range(0, weights.shape[-1], KEY_BLOCK):
        block = slice(begin, begin + KEY_BLOCK)
        scale = scales[:, None, block]
        largest = weights[..., block].max(-1, keepdims=True) * (scale * visible[None, :, block]).max(-1, keepdims=True)
        step = np.where(largest > 0, largest, 1) / steps
        out[..., block] = np.rint(weights[..., block] * scale / step) * step / scale
    return out


def _windows(x: Array, kernel: int, stride: int) -> Array:
    """(h, w, C) -> (out_h, out_w, kernel, kernel, C), zeros outside."""
    (out_h, top), (out_w, left) = (same_padding(size, kernel, stride) for size in x.shape[:2])
    bottom = max((out_h - 1) * stride + kernel - x.shape[0] - top, 0)
    right = max((out_w - 1) * stride + kernel - x.shape[1] - left, 0)
    padded = np.pad(x, ((top, bottom), (left, right), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(0, 1))
    return view[: (out_h - 1) * stride + 1 : stride, : (out_w - 1) * stride + 1 : stride].transpose(0, 1, 3, 4, 2)


_FILTERS: dict[int, Callable[[Array], Array]] = {
    BOX: lambda x: ((x > -0.5) & (x <= 0.5)).astype(np.float64),
    BILINEAR: lambda x: np.maximum(1 - np.abs(x), 0),
    BICUBIC: lambda x: _cubic(np.abs(x)),
    LANCZOS: lambda x: np.where((x >= -3) & (x < 3), np.sinc(x) * np.sinc(x / 3), 0),
}


def _cubic(x: Array) -> Array:
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _resize_axis(image: Array, size: int, axis: int, resample: int) -> Array:
    """One pass of Pillow's resampling (libImaging/Resample.c): 22-bit fixed-point weights, rounded to bytes."""
    if resample not in _FILTERS:
        raise KernelError("resample-unsupported", f"Resampling filter {resample} is not supported.")
    function, length = _FILTERS[resample], image.shape[axis]
    scale = length / size
    support = FILTER_SUPPORT[resample] * max(scale, 1.0)
    out = np.empty([size if i == axis else n for i, n in enumerate(image.shape)], np.uint8)
    source, target = np.moveaxis(image, axis, 0).astype(np.int64), np.moveaxis(out, axis, 0)
    for i in range(size):
        centre = (i + 0.5) * scale
        first, last = max(int(centre - support + 0.5), 0), min(int(centre + support + 0.5), length)
        weights = function((np.arange(first, last) - centre + 0.5) / max(scale, 1.0))
        weights = weights / weights.sum()
        fixed = np.trunc(weights * (1 << 22) + np.where(weights < 0, -0.5, 0.5)).astype(np.int64)
        total = np.tensordot(fixed, source[first:last], 1) + (1 << 21)
        target[i] = np.clip(total >> 22, 0, 255)
    return out
