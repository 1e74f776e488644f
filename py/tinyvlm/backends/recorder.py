"""Records ops as a program: shapes are computed and checked, and each op becomes one instruction, or a few."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any, Protocol

from ..errors import KernelError, ModelError
from ..ops import ACTIVATIONS, FILTER_SUPPORT, Activation, Precision, Tensor, held_precision, same_padding
from ..weights.quantize import BLOCK, GROUP
from .kv_cache import KeysValues, packed_bytes
from .program import SERIAL_COST, Program
from .values import LinearWeight, Storage, Value


class Constants(Protocol):
    """Kernel memory for what programs read and never change."""

    activation_bytes: int
    """Size of a quantized activation: 1, or 2 where products are of 16 bits."""

    def store(self, data: bytes) -> int:
        """Return the address of a copy of `data`."""

    def rope_table(self, head_dim: int, positions: int, theta: float, factor: float) -> int:
        """Return the address of float32 (positions, head_dim): cosines and sines of every position's angles."""


class Recorder(Program):
    """An `Ops` whose calls append to a program."""

    def __init__(self, constants: Constants, attention: Precision = "float32") -> None:
        """Start an empty program; `attention` says how keys and values of one pass are held."""
        super().__init__()
        self._constants = constants
        self._attention = attention
        self._quantized: dict[tuple[Storage, int, int, int, int], tuple[Value, Value]] = {}

    # ---- images and convolutions -----------------------------------------------------------------------------------

    def resize(self, image: Value, height: int, width: int, resample: int) -> Tensor:
        """See Ops. There must be a byte behind the image."""
        in_height, in_width, _ = image.shape
        y = self.new(height, width, 3, itemsize=1)
        scratch = self.new(resize_scratch_bytes(in_height, in_width, height, width, resample), itemsize=1)
        cost = max(SERIAL_COST, 6 * max(in_height, height) * max(in_width, width))
        for kernel in ("resize_coefficients", "resize_horizontal", "resize_vertical"):
            self.emit(kernel, image, in_height, in_width, scratch, y, height, width, resample, cost=cost)
        return y

    def crop(self, image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
        """See Ops. Whole rows are a view."""
        x_stride = 3 * image.shape[1]
        x = Value((height, width, 3), image.storage, image.offset + top * x_stride + 3 * left, itemsize=1)
        if 3 * width == x_stride:
            return x
        y = self.new(height, width, 3, itemsize=1)
        self.emit("crop", x, y, height, 3 * width, x_stride, cost=height * width)
        return y

    def normalize(self, image: Tensor, scale: float, mean: Sequence[float], std: Sequence[float]) -> Tensor:
        """See Ops. A byte has 256 values: the kernel reads a table."""
        table = array("f", [(i * scale - m) / s for m, s in zip(mean, std, strict=True) for i in range(256)])
        y = self.new(*image.shape)
        self.emit("normalize", image, self._constants.store(table.tobytes()), y, image.rows, cost=3 * image.rows)
        return y

    def conv2d(
        self, x: Tensor, layer: LinearWeight, *, kernel: int, stride: int, activation: Activation = "none"
    ) -> Tensor:
        """See Ops."""
        sizes = _window_sizes(x, kernel, stride)
        out_h, out_w = sizes[-2:]
        windows = self.new(out_h, out_w, kernel * kernel * x.columns)
        self.emit("patches", x, windows, *sizes, cost=windows.rows * windows.columns)
        return self.linear(windows, layer, activation=activation)

    def depthwise_conv2d(
        self, x: Tensor, weight: Tensor, bias: Tensor, *, stride: int, activation: Activation = "none"
    ) -> Tensor:
        """See Ops."""
        kernel = weight.shape[0]
        sizes = _window_sizes(x, kernel, stride)
        out_h, out_w = sizes[-2:]
        y = self.new(out_h, out_w, x.columns)
        cost = y.rows * y.columns * kernel * kernel
        self.emit("depthwise_conv2d", x, weight, bias, y, *sizes, ACTIVATIONS.index(activation), cost=cost)
        return y

    # ---- linear layers ---------------------------------------------------------------------------------------------

    def linear(
        self, x: Tensor, layer: LinearWeight, *, activation: Activation = "none", residual: Tensor | None = None
    ) -> Tensor:
        """See Ops."""
        n, k = layer.shape
        _fits(x.columns == k and (residual is None or residual.columns == n), "linear", x.shape, layer.shape)
        y = self.new(*x.shape[:-1], n)
        act = ACTIVATIONS.index(activation)
        cost = x.rows * k * n
        if layer.format == "f32":
            f32_sizes = (x.rows, k, n, x.stride, n, act)
            self.emit("linear_f32", x, layer.weight, layer.bias, residual, y, *f32_sizes, cost=cost)
            return y

        weights, unit = _packed_operands(layer)
        units = -(-k // unit)  # a row of x is padded to whole units
        xq, rows_q = self._quantize(x, units * unit, layer.rotation)
        sizes = (x.rows, units, n, n, act)
        self.emit(f"linear_{layer.format}", xq, rows_q, *weights, residual, y, *sizes, cost=cost)
        return y

    def embedding(self, token_ids: Tensor, layer: LinearWeight) -> Tensor:
        """See Ops."""
        vocabulary, columns = layer.shape
        rows = token_ids.shape[0]
        y = self.new(rows, columns)
        blocks = (layer.blocks, layer.starts) if layer.format == "sparse" else ()
        sizes = (rows, columns, vocabulary, layer.rotation)
        kernel = f"embedding_{layer.format}"
        self.emit(kernel, token_ids, layer.weight, *blocks, layer.scale, y, *sizes, cost=rows * columns)
        return y

    def _quantize(self, x: Value, padded: int, rotation: int) -> tuple[Value, Value]:
        """x's rows (T, K) as bytes (T, padded), and their scales; layers that read the same x alike share them."""
        key = (x.storage, x.offset, x.columns, padded, rotation)
        if key not in self._quantized:
            xq = self.new(x.rows, padded, itemsize=self._constants.activation_bytes)
            rows_q = self.new(x.rows, 2)
            sizes = (x.rows, x.columns, x.stride, padded, rotation)
            self.emit("quantize_rows", x, xq, rows_q, *sizes, cost=2 * x.rows * x.columns)
            self._quantized[key] = xq, rows_q
        return self._quantized[key]

    # ---- attention -------------------------------------------------------------------------------------------------

    def keys_values(self, k: Tensor, v: Tensor, *, kv_heads: int) -> KeysValues:
        """See Ops."""
        head_dim = k.columns // kv_heads
        _fits(k.columns == v.columns == kv_heads * head_dim, "keys_values", k.shape, v.shape)
        if held_precision(self._attention, head_dim) == "float32":
            return KeysValues(k.rows, kv_heads, head_dim, (k, v))
        packed = self.new(packed_bytes(k.rows, kv_heads, head_dim), itemsize=1)
        return self.append(KeysValues(k.rows, kv_heads, head_dim, (packed,)), k, v, 0)

    def append(self, cache: KeysValues, k: Tensor, v: Tensor, position: int) -> KeysValues:
        """See Ops."""
        _fits(k.columns == v.columns == cache.kv_heads * cache.head_dim, "append", k.shape, v.shape)
        if not cache.quantized:
            for part, x in zip(cache.parts, (k, v), strict=True):
                self.write_rows(part, x, position)
            return cache
        room = int(cache.rows)  # the layout's: not read from a register
        sizes = (k.rows, position, room, cache.kv_heads, cache.head_dim, k.stride, v.stride)
        self.emit("append_keys_values", k, v, *cache.parts, *sizes, cost=4 * k.rows * k.columns)
        return cache

    def attention(self, q: Tensor, keys_values: KeysValues, *, heads: int, causal: bool, position: int = 0) -> Tensor:
        """See Ops."""
        kv = keys_values
        _fits(q.columns == heads * kv.head_dim and heads % kv.kv_heads == 0, "attention", q.shape, kv.head_dim)
        y = self.new(q.rows, q.columns)
        seen = (q.rows, kv.rows, position, int(causal))
        sizes = (heads, kv.kv_heads, kv.head_dim)
        scale = kv.head_dim**-0.5
        cost = 2 * q.rows * kv.rows * q.columns
        if kv.quantized:
            room = int(kv.rows)
            self.emit("attention_q8", q, *kv.parts, y, *seen, room, *sizes, q.stride, y.columns, scale, cost=cost)
        else:
            strides = (q.stride, *(part.stride for part in kv.parts), y.columns)
            self.emit("attention", q, *kv.parts, y, *seen, *sizes, *strides, scale, cost=cost)
        return y

    def rope(self, x: Tensor, *, heads: int, position: int, theta: float, factor: float = 1.0) -> Tensor:
        """See Ops."""
        y = self.new(x.rows, x.columns)
        head_dim = x.columns // heads
        table = self._constants.rope_table(head_dim, position + x.rows, theta, factor)
        self.emit("rope", x, table, y, x.rows, heads, head_dim, position, x.stride, cost=2 * x.rows * x.columns)
        return y

    # ---- rows and elements -----------------------------------------------------------------------------------------

    def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
        """See Ops."""
        _fits(weight.shape == bias.shape == (x.columns,), "layer_norm", x.shape, weight.shape)
        y = self.new(*x.shape)
        self.emit("layer_norm", x, weight, bias, y, x.rows, x.columns, float(epsilon), cost=4 * x.rows * x.columns)
        return y

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """See Ops."""
        _fits(weight.shape == (x.columns,), "rms_norm", x.shape, weight.shape)
        y = self.new(*x.shape)
        self.emit("rms_norm", x, weight, None, y, x.rows, x.columns, float(epsilon), cost=3 * x.rows * x.columns)
        return y

    def activate(self, x: Tensor, activation: Activation) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        self.emit("activate", x, y, x.rows, x.columns, ACTIVATIONS.index(activation), cost=8 * x.rows * x.columns)
        return y

    def softmax(self, x: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        self.emit("softmax", x, y, x.rows, x.columns, cost=8 * x.rows * x.columns)
        return y

    def mean_rows(self, x: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(1, x.columns)
        self.emit("mean_rows", x, y, x.rows, x.columns, cost=x.rows * x.columns)
        return y

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        return self._elementwise("add", a, b)

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        return self._elementwise("multiply", a, b)

    def add_positions(self, x: Tensor, table: Tensor, position: int) -> Tensor:
        """See Ops."""
        _fits(table.columns == x.columns and position < table.rows, "add_positions", x.shape, table.shape)
        y = self.new(*x.shape)
        self.emit("add_positions", x, table, y, x.rows, x.columns, position, cost=x.rows * x.columns)
        return y

    def place_rows(self, x: Tensor, token_ids: Tensor, features: Tensor, first_id: int) -> Tensor:
        """See Ops."""
        _fits(features.columns == x.columns, "place_rows", x.shape, features.shape)
        y = self.new(x.rows, x.columns)
        sizes = (x.rows, x.columns, first_id, features.rows)
        self.emit("place_rows", x, token_ids, features, y, *sizes, cost=x.rows * x.columns)
        return y

    def top_k(self, logits: Value, k: int) -> tuple[Value, Value]:
        """The k best of (1, n) logits as ids int32 (k,) and values (k,), kept; the best is program_run's result."""
        ids = self.keep(self.new(k))
        values = self.keep(self.new(k))
        self.emit("top_k", logits, ids, values, logits.columns, k, cost=-1)  # always the lead alone
        return ids, values

    def _elementwise(self, name: str, a: Value, b: Value) -> Value:
        _fits(a.shape == b.shape, name, a.shape, b.shape)
        y = self.new(*a.shape)
        self.emit(name, a, b, y, a.rows, a.columns, cost=a.rows * a.columns)
        return y

    # ---- views and copies ------------------------------------------------------------------------------------------

    def split(self, x: Tensor, columns: Sequence[int]) -> list[Tensor]:
        """See Ops."""
        views = []
        at = 0
        for width in columns:
            views.append(Value((x.rows, width), x.storage, x.offset + at * x.itemsize, x.stride, x.itemsize))
            at += width
        return views

    def reshape(self, x: Tensor, *shape: int) -> Tensor:
        """See Ops."""
        _fits(math.prod(x.shape) == math.prod(shape), "reshape", x.shape, shape)
        return Value(shape, x.storage, x.offset, itemsize=x.itemsize)

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """See Ops."""
        y = self.new(sum(part.rows for part in parts), parts[0].columns)
        at = 0
        for part in parts:
            self._copy(part, 0, part.rows, y, at)
            at += part.rows
        return y

    def row(self, x: Tensor, index: int) -> Tensor:
        """See Ops."""
        y = self.new(1, x.columns)
        self._copy(x, index, 1, y, 0)
        return y

    def write_rows(self, target: Value, x: Value, position: int) -> None:
        """target[position : position + T] = x."""
        self._copy(x, 0, x.rows, target, position)

    def _copy(self, x: Value, x_row: int, rows: int, y: Value, y_row: int) -> None:
        _fits(x.columns == y.columns, "copy_rows", x.shape, y.shape)
        sizes = (rows, x.columns, x.stride, y.stride, x_row, y_row)
        self.emit("copy_rows", x, y, *sizes, cost=rows * x.columns)


def resize_scratch_bytes(height: int, width: int, out_height: int, out_width: int, resample: int) -> int:
    """Scratch of a resize: what the kernels' export of this name says."""
    if resample not in FILTER_SUPPORT:
        raise KernelError("resample-unsupported", filter=resample)
    total = height * out_width * 3 + 16
    for size, out in ((width, out_width), (height, out_height)):
        taps = math.ceil(FILTER_SUPPORT[resample] * max(size / out, 1)) * 2 + 1
        total += -(-4 * (2 + taps) * out // 64) * 64
    return total


def _window_sizes(x: Value, kernel: int, stride: int) -> tuple[int, ...]:
    """Operands that say how windows lie on x (h, w, C); the last two are how many there are down and across."""
    height, width, channels = x.shape
    out_h, top = same_padding(height, kernel, stride)
    out_w, left = same_padding(width, kernel, stride)
    return height, width, channels, kernel, stride, top, left, out_h, out_w


def _packed_operands(layer: LinearWeight) -> tuple[tuple[int, ...], int]:
    """A quantized layer's addresses as its kernel wants them, and how many columns of a row that takes at a time."""
    if layer.format == "sparse":
        return (layer.weight, layer.blocks, layer.starts, layer.scale, layer.sums, layer.bias), BLOCK[1]
    if layer.format == "q8":
        return (layer.weight, layer.scale, layer.sums, layer.bias), 4
    return (layer.weight, layer.sums, layer.bias), GROUP


def _fits(fits: bool, op: str, *shapes: Any) -> None:
    """Refuse tensors that do not belong together: what kernels would read lies behind their ends."""
    if not fits:
        raise ModelError("weights-misfit", op=op, shapes=", ".join(map(str, shapes)))
