"""Records ops as a program: a flat array of instructions that the kernels walk in one call.

The recorder computes shapes, notes which tensor every instruction reads and writes, and leaves addresses open; the
arena planner then places activations by lifetime, and `encode` writes the words.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..errors import KernelError, ModelError
from ..ops import (
    ACTIVATIONS,
    FILTER_SUPPORT,
    KEY_BLOCK,
    Activation,
    CacheShape,
    Precision,
    Tensor,
    held_precision,
    same_padding,
)
from ..weights.quantize import BLOCK, GROUP

OPCODES = (
    "end",
    "linear_q8",
    "linear_q4",
    "linear_q2",
    "linear_sparse",
    "linear_f32",
    "quantize_rows",
    "patches",
    "depthwise_conv2d",
    "attention",
    "append_keys_values",
    "attention_q8",
    "layer_norm",
    "rms_norm",
    "activate",
    "add",
    "multiply",
    "add_positions",
    "rope",
    "softmax",
    "mean_rows",
    "embedding_q8",
    "embedding_q4",
    "embedding_q2",
    "embedding_sparse",
    "embedding_f32",
    "copy_rows",
    "place_rows",
    "top_k",
    "resize_coefficients",
    "resize_horizontal",
    "resize_vertical",
    "crop",
    "normalize",
)
"""Instruction names by opcode: the order of `kernels` in wasm-kernels/engine.c."""

SERIAL = 256
"""Added to an opcode: the lead thread does it alone."""

SERIAL_COST, SERIAL_PROGRAM_COST = 30_000, 10_000_000
"""Multiply-adds below which sharing an instruction, or waking helpers for a program, costs more than it saves."""


class Register(int):
    """An operand read from a register when the program runs; as an int it is the largest value it may take."""

    index: int

    def __new__(cls, index: int, maximum: int = 0) -> Register:
        """Register `index`, never above `maximum`."""
        self = super().__new__(cls, maximum)
        self.index = index
        return self


@dataclass(eq=False)
class Storage:
    """A block of kernel memory: at a fixed address, or in the arena from its first to its last use."""

    nbytes: int
    address: int | None = None
    first: int = -1
    last: int = -1


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor in a program. Rows are `row_stride` elements apart; `offset` is in bytes."""

    shape: tuple[int, ...]
    storage: Storage
    offset: int = 0
    row_stride: int = 0
    itemsize: int = 4

    @property
    def columns(self) -> int:
        """Size of the last axis."""
        return self.shape[-1]

    @property
    def rows(self) -> int:
        """Product of all other axes; stays a Register for (Register, columns)."""
        return self.shape[0] if len(self.shape) == 2 else math.prod(self.shape[:-1])

    @property
    def stride(self) -> int:
        """Elements from one row to the next."""
        return self.row_stride or self.columns


WeightFormat = Literal["f32", "q8", "q4", "q2", "sparse"]
"""How a matrix is packed; "sparse" is q8 without its zero blocks. Also the ending of its kernels' names."""


@dataclass(frozen=True, eq=False)
class LinearWeight:
    """A packed matrix in kernel memory: addresses, 0 = absent. q4 and q2 hold their scales among the weights.

    `rotation` is the block in which quantized rows, and so the inputs, are rotated; 1 = not at all.
    """

    shape: tuple[int, int]
    weight: int
    bias: int = 0
    scale: int = 0
    sums: int = 0
    rotation: int = 1
    format: WeightFormat = "f32"
    blocks: int = 0
    """Of a sparse matrix: where each block lies in its rows,"""
    starts: int = 0
    """and the first block of every eight rows."""


@dataclass(frozen=True, eq=False)
class KeysValues:
    """Keys and values of up to `rows` tokens: two float32 tensors, or one block packed as attention_q8.c says."""

    rows: int
    kv_heads: int
    head_dim: int
    parts: tuple[Value, ...]

    @property
    def quantized(self) -> bool:
        """Whether they are q8."""
        return len(self.parts) == 1


def packed_bytes(rows: int, kv_heads: int, head_dim: int) -> int:
    """Size of q8 keys and values: whole blocks of keys, two scales and a sum a row of each head."""
    return -(-rows // KEY_BLOCK) * KEY_BLOCK * kv_heads * (2 * head_dim + 12)


def resize_scratch_bytes(height: int, width: int, out_height: int, out_width: int, resample: int) -> int:
    """Scratch of a resize: what the kernels' export of this name says."""
    if resample not in FILTER_SUPPORT:
        raise KernelError("resample-unsupported", f"Resampling filter {resample} is not supported.")
    total = height * out_width * 3 + 16
    for size, out in ((width, out_width), (height, out_height)):
        taps = math.ceil(FILTER_SUPPORT[resample] * max(size / out, 1)) * 2 + 1
        total += -(-4 * (2 + taps) * out // 64) * 64
    return total


def new_cache(shape: CacheShape, precision: Precision, allocate: Callable[[int], int]) -> KeysValues:
    """Return an empty KV cache in memory from `allocate`."""

    def fixed(nbytes: int, *dimensions: int, itemsize: int = 4) -> Value:
        return Value(dimensions, Storage(nbytes, allocate(nbytes)), itemsize=itemsize)

    rows, sizes = shape.positions, (shape.kv_heads, shape.head_dim)
    if held_precision(precision, shape.head_dim) == "q8":
        nbytes = packed_bytes(rows, *sizes)
        return KeysValues(rows, *sizes, (fixed(nbytes, nbytes, itemsize=1),))
    tensors = (fixed(4 * rows * shape.columns, rows, shape.columns) for _ in range(2))
    return KeysValues(rows, *sizes, tuple(tensors))


Operand = Value | int | float | None


class Constants(Protocol):
    """Kernel memory for what programs read and never change."""

    activation_bytes: int
    """Size of a quantized activation: 1, or 2 where products are of 16 bits."""

    def store(self, data: bytes) -> int:
        """Return the address of a copy of `data`."""

    def rope_table(self, head_dim: int, positions: int, theta: float) -> int:
        """Return the address of float32 (positions, head_dim): cosines and sines of every position's angles."""


class Recorder:
    """An `Ops` that records."""

    def __init__(self, constants: Constants, attention: Precision = "float32") -> None:
        """Start an empty program; `attention` says how keys and values of one pass are held."""
        self.instructions: list[tuple[int, int, list[Operand]]] = []
        self.storages: list[Storage] = []
        self._constants, self._attention = constants, attention
        self._quantized: dict[tuple[Storage, int, int, int, int], tuple[Value, Value]] = {}

    # ---- recording -------------------------------------------------------------------------------------------------

    def new(self, *shape: int, itemsize: int = 4) -> Value:
        """Return an activation in the arena, padded so that the last vector may run over."""
        storage = Storage(math.prod(shape) * itemsize + 16)
        self.storages.append(storage)
        return Value(shape, storage, itemsize=itemsize)

    def keep(self, value: Value) -> Value:
        """Keep `value` readable after the program has run."""
        value.storage.last = 1 << 30
        return value

    def emit(self, name: str, *operands: Operand, cost: int) -> None:
        """Append an instruction and stretch the lifetimes of what it touches. `cost` is about its multiply-adds."""
        index = len(self.instructions)
        for operand in operands:
            if isinstance(operand, Value):
                storage = operand.storage
                storage.first = index if storage.first < 0 else storage.first
                storage.last = max(storage.last, index)
        self.instructions.append((OPCODES.index(name), cost, list(operands)))

    def encode(self, arena: int, offsets: Mapping[Storage, int]) -> array[int]:
        """Return the program's words, given the arena's address and each activation's offset in it."""
        shared = sum(cost for _, cost, _ in self.instructions) >= SERIAL_PROGRAM_COST
        words = array("i", [shared])
        for opcode, cost, operands in self.instructions:
            words.extend((opcode if cost >= SERIAL_COST else opcode | SERIAL, len(operands)))
            words.extend(_word(operand, arena, offsets) for operand in operands)
        words.extend((0, 0))
        return words

    def address(self, value: Value, arena: int, offsets: Mapping[Storage, int]) -> int:
        """Return where a value lies, given the arena's address and each activation's offset in it."""
        return _word(value, arena, offsets)

    # ---- ops -------------------------------------------------------------------------------------------------------

    def resize(self, image: Value, height: int, width: int, resample: int) -> Tensor:
        """See Ops. There must be a byte behind the image."""
        (in_height, in_width, _), y = image.shape, self.new(height, width, 3, itemsize=1)
        scratch = self.new(resize_scratch_bytes(in_height, in_width, height, width, resample), itemsize=1)
        cost = max(SERIAL_COST, 6 * max(in_height, height) * max(in_width, width))
        for step in ("resize_coefficients", "resize_horizontal", "resize_vertical"):
            self.emit(step, image, in_height, in_width, scratch, y, height, width, resample, cost=cost)
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
        height, width, channels = x.shape
        (out_h, top), (out_w, left) = same_padding(height, kernel, stride), same_padding(width, kernel, stride)
        windows = self.new(out_h, out_w, kernel * kernel * channels)
        sizes = (height, width, channels, kernel, stride, top, left, out_h, out_w)
        self.emit("patches", x, windows, *sizes, cost=out_h * out_w * kernel * kernel * channels)
        return self.linear(windows, layer, activation=activation)

    def depthwise_conv2d(
        self, x: Tensor, weight: Tensor, bias: Tensor, *, stride: int, activation: Activation = "none"
    ) -> Tensor:
        """See Ops."""
        (height, width, channels), kernel = x.shape, weight.shape[0]
        (out_h, top), (out_w, left) = same_padding(height, kernel, stride), same_padding(width, kernel, stride)
        y = self.new(out_h, out_w, channels)
        sizes = (height, width, channels, kernel, stride, top, left, out_h, out_w)
        cost = out_h * out_w * channels * kernel * kernel
        self.emit("depthwise_conv2d", x, weight, bias, y, *sizes, ACTIVATIONS.index(activation), cost=cost)
        return y

    def linear(
        self, x: Tensor, layer: LinearWeight, *, activation: Activation = "none", residual: Tensor | None = None
    ) -> Tensor:
        """See Ops."""
        n, k = layer.shape
        _fits(x.columns == k and (residual is None or residual.columns == n), "linear", x.shape, layer.shape)
        y, rows, act = self.new(*x.shape[:-1], n), x.rows, ACTIVATIONS.index(activation)
        if layer.format == "f32":
            sizes = (rows, k, n, x.stride, n, act)
            self.emit("linear_f32", x, layer.weight, layer.bias, residual, y, *sizes, cost=rows * k * n)
            return y
        weights: tuple[int, ...] = (layer.weight, layer.scale, layer.sums, layer.bias)
        unit = 4  # a row is padded to whole units of k
        if layer.format == "sparse":
            unit, weights = BLOCK[1], (layer.weight, layer.blocks, layer.starts, *weights[1:])
        elif layer.format != "q8":
            unit, weights = GROUP, (layer.weight, layer.sums, layer.bias)
        units = -(-k // unit)
        xq, rows_q = self._quantize(x, rows, units * unit, layer.rotation)
        name = f"linear_{layer.format}"
        self.emit(name, xq, rows_q, *weights, residual, y, rows, units, n, n, act, cost=rows * k * n)
        return y

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
        sizes = (k.rows, position, int(cache.rows), cache.kv_heads, cache.head_dim, k.stride, v.stride)
        self.emit("append_keys_values", k, v, *cache.parts, *sizes, cost=4 * k.rows * k.columns)
        return cache

    def attention(self, q: Tensor, keys_values: KeysValues, *, heads: int, causal: bool, position: int = 0) -> Tensor:
        """See Ops."""
        y, kv = self.new(q.rows, q.columns), keys_values
        sizes, scale = (heads, kv.kv_heads, kv.head_dim), kv.head_dim**-0.5
        _fits(q.columns == heads * kv.head_dim and heads % kv.kv_heads == 0, "attention", q.shape, kv.head_dim)
        cost, seen = 2 * q.rows * kv.rows * q.columns, (q.rows, kv.rows, position, int(causal))
        if kv.quantized:
            strides = (q.stride, q.columns)
            self.emit("attention_q8", q, *kv.parts, y, *seen, int(kv.rows), *sizes, *strides, scale, cost=cost)
        else:
            strides = (q.stride, *(part.stride for part in kv.parts), q.columns)
            self.emit("attention", q, *kv.parts, y, *seen, *sizes, *strides, scale, cost=cost)
        return y

    def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        _fits(weight.shape == bias.shape == (x.columns,), "layer_norm", x.shape, weight.shape)
        self.emit("layer_norm", x, weight, bias, y, x.rows, x.columns, float(epsilon), cost=4 * x.rows * x.columns)
        return y

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        _fits(weight.shape == (x.columns,), "rms_norm", x.shape, weight.shape)
        self.emit("rms_norm", x, weight, None, y, x.rows, x.columns, float(epsilon), cost=3 * x.rows * x.columns)
        return y

    def activate(self, x: Tensor, activation: Activation) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        self.emit("activate", x, y, x.rows, x.columns, ACTIVATIONS.index(activation), cost=8 * x.rows * x.columns)
        return y

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(*a.shape)
        _fits(a.shape == b.shape, "add", a.shape, b.shape)
        self.emit("add", a, b, y, a.rows, a.columns, cost=a.rows * a.columns)
        return y

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(*a.shape)
        _fits(a.shape == b.shape, "multiply", a.shape, b.shape)
        self.emit("multiply", a, b, y, a.rows, a.columns, cost=a.rows * a.columns)
        return y

    def rope(self, x: Tensor, *, heads: int, position: int, theta: float) -> Tensor:
        """See Ops."""
        y, head_dim = self.new(x.rows, x.columns), x.columns // heads
        table = self._constants.rope_table(head_dim, position + x.rows, theta)
        self.emit("rope", x, table, y, x.rows, heads, head_dim, position, x.stride, cost=2 * x.rows * x.columns)
        return y

    def add_positions(self, x: Tensor, table: Tensor, position: int) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape)
        _fits(table.columns == x.columns and position < table.rows, "add_positions", x.shape, table.shape)
        self.emit("add_positions", x, table, y, x.rows, x.columns, position, cost=x.rows * x.columns)
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

    def embedding(self, token_ids: Tensor, layer: LinearWeight) -> Tensor:
        """See Ops."""
        vocabulary, columns = layer.shape
        y = self.new(token_ids.shape[0], columns)
        rows = token_ids.shape[0]
        blocks = (layer.blocks, layer.starts) if layer.format == "sparse" else ()
        weights, sizes = (layer.weight, *blocks, layer.scale), (rows, columns, vocabulary, layer.rotation)
        self.emit(f"embedding_{layer.format}", token_ids, *weights, y, *sizes, cost=rows * columns)
        return y

    def place_rows(self, x: Tensor, token_ids: Tensor, features: Tensor, first_id: int) -> Tensor:
        """See Ops."""
        y = self.new(x.rows, x.columns)
        _fits(features.columns == x.columns, "place_rows", x.shape, features.shape)
        sizes = (x.rows, x.columns, first_id, features.rows)
        self.emit("place_rows", x, token_ids, features, y, *sizes, cost=x.rows * x.columns)
        return y

    def split(self, x: Tensor, columns: Sequence[int]) -> list[Tensor]:
        """See Ops."""
        views, at = [], 0
        for width in columns:
            views.append(Value((x.rows, width), x.storage, x.offset + at * x.itemsize, x.stride, x.itemsize))
            at += width
        return views

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """See Ops."""
        y, at = self.new(sum(part.rows for part in parts), parts[0].columns), 0
        for part in parts:
            self._copy(part, 0, part.rows, y, at)
            at += part.rows
        return y

    def write_rows(self, target: Value, x: Value, position: int) -> None:
        """target[position : position + T] = x."""
        self._copy(x, 0, x.rows, target, position)

    def row(self, x: Tensor, index: int) -> Tensor:
        """See Ops."""
        y = self.new(1, x.columns)
        self._copy(x, index, 1, y, 0)
        return y

    def reshape(self, x: Tensor, *shape: int) -> Tensor:
        """See Ops."""
        _fits(math.prod(x.shape) == math.prod(shape), "reshape", x.shape, shape)
        return Value(shape, x.storage, x.offset, itemsize=x.itemsize)

    def top_k(self, logits: Value, k: int) -> tuple[Value, Value]:
        """The k best of (1, n) logits as ids int32 (k,) and values (k,), kept; the best is program_run's result."""
        ids, values = self.keep(self.new(k)), self.keep(self.new(k))
        self.emit("top_k", logits, ids, values, logits.columns, k, cost=-1)  # always the lead alone
        return ids, values

    def _quantize(self, x: Value, rows: int, padded: int, rotation: int) -> tuple[Value, Value]:
        """Bytes and scales of x's rows; layers that read the same x alike share them."""
        key = (x.storage, x.offset, x.columns, padded, rotation)
        if key not in self._quantized:
            xq, rows_q = self.new(rows, padded, itemsize=self._constants.activation_bytes), self.new(rows, 2)
            sizes = (rows, x.columns, x.stride, padded, rotation)
            self.emit("quantize_rows", x, xq, rows_q, *sizes, cost=2 * rows * x.columns)
            self._quantized[key] = xq, rows_q
        return self._quantized[key]

    def _copy(self, x: Value, x_row: int, rows: int, y: Value, y_row: int) -> None:
        _fits(x.columns == y.columns, "copy_rows", x.shape, y.shape)
        sizes = (rows, x.columns, x.stride, y.stride, x_row, y_row)
        self.emit("copy_rows", x, y, *sizes, cost=rows * x.columns)


def _fits(fits: bool, op: str, *shapes: Any) -> None:
    """Refuse tensors that do not belong together: what kernels would read lies behind their ends."""
    if not fits:
        sizes = " and ".join(map(str, shapes))
        raise ModelError("weights-invalid", f"The model's weights do not fit its config: {op} of {sizes}.", op=op)


def _word(operand: Operand, arena: int, offsets: Mapping[Storage, int]) -> int:
    if operand is None:
        return 0
    if isinstance(operand, Value):
        storage = operand.storage
        base = arena + offsets[storage] if storage.address is None else storage.address
        return base + operand.offset
    if isinstance(operand, Register):
        return ~operand.index
    if isinstance(operand, float):
        (bits,) = struct.unpack("<i", struct.pack("<f", operand))
        assert bits >= 0, "a negative word would name a register"
        return int(bits)
    assert operand >= 0, "a negative word would name a register"
    return operand
