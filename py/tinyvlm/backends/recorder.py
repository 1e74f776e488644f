"""Records ops as a program: shapes are computed and checked, and each op becomes one instruction, or a few.

What works on maps and linear layers is in map_recorder.py and linear_recorder.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..ops import ACTIVATIONS, Activation, Tensor, held_precision
from .kv_cache import KeysValues, packed_bytes
from .linear_recorder import check_fits
from .map_recorder import MapRecorder
from .values import Value


class Recorder(MapRecorder):
    """An `Ops` whose calls append to a program."""

    # ---- attention -------------------------------------------------------------------------------------------------

    def keys_values(self, k: Tensor, v: Tensor, *, kv_heads: int) -> KeysValues:
        """See Ops."""
        head_dim = k.columns // kv_heads
        check_fits(k.columns == v.columns == kv_heads * head_dim, "keys_values", k.shape, v.shape)
        if held_precision(self._attention, head_dim) == "float32":
            return KeysValues(k.rows, kv_heads, head_dim, (k, v))
        packed = self.new(packed_bytes(k.rows, kv_heads, head_dim), itemsize=1)
        return self.append(KeysValues(k.rows, kv_heads, head_dim, (packed,)), k, v, 0)

    def append(self, cache: KeysValues, k: Tensor, v: Tensor, position: int) -> KeysValues:
        """See Ops."""
        check_fits(k.columns == v.columns == cache.kv_heads * cache.head_dim, "append", k.shape, v.shape)
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
        check_fits(q.columns == heads * kv.head_dim and heads % kv.kv_heads == 0, "attention", q.shape, kv.head_dim)
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

    def attention_weights(
        self, q: Tensor, keys_values: KeysValues, *, heads: int, of: range, causal: bool, position: int = 0
    ) -> Tensor:
        """See Ops."""
        kv = keys_values
        check_fits(q.columns == heads * kv.head_dim and heads % kv.kv_heads == 0, "attention", q.shape, kv.head_dim)
        check_fits(0 <= of.start < of.stop <= heads, "attention_weights", of, heads)
        keys = position + q.rows if causal else int(kv.rows)
        y = self.new(q.rows, keys)
        scores = self.new(q.rows, -(-keys // 4) * 4)
        seen = (q.rows, keys, position, int(causal))
        sizes = (heads, kv.kv_heads, kv.head_dim, of.start, len(of), q.stride)
        scale = kv.head_dim**-0.5
        cost = q.rows * keys * kv.head_dim * len(of)
        if kv.quantized:
            room = int(kv.rows)
            self.emit("attention_weights_q8", q, *kv.parts, scores, y, *seen, room, *sizes, scale, cost=cost)
        else:
            keys_alone = kv.parts[0]
            self.emit("attention_weights", q, keys_alone, scores, y, *seen, *sizes, keys_alone.stride, scale, cost=cost)
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
        check_fits(weight.shape == bias.shape == (x.columns,), "layer_norm", x.shape, weight.shape)
        y = self.new(*x.shape)
        self.emit("layer_norm", x, weight, bias, y, x.rows, x.columns, float(epsilon), cost=4 * x.rows * x.columns)
        return y

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """See Ops."""
        check_fits(weight.shape == (x.columns,), "rms_norm", x.shape, weight.shape)
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

    def best_columns(self, x: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(x.rows, 2)
        self.emit("best_columns", x, y, x.rows, x.columns, cost=x.rows * x.columns)
        return y

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        return self._elementwise("add", a, b)

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """See Ops."""
        return self._elementwise("multiply", a, b)

    def scale_columns(self, x: Tensor, factors: Tensor, *, residual: bool = False) -> Tensor:
        """See Ops."""
        check_fits(factors.shape == (1, x.columns), "scale_columns", x.shape, factors.shape)
        y = self.new(*x.shape)
        self.emit("scale_columns", x, factors, y, x.rows, x.columns, int(residual), cost=x.rows * x.columns)
        return y

    def add_positions(self, x: Tensor, table: Tensor, position: int) -> Tensor:
        """See Ops."""
        check_fits(table.columns == x.columns and position < table.rows, "add_positions", x.shape, table.shape)
        y = self.new(*x.shape)
        self.emit("add_positions", x, table, y, x.rows, x.columns, position, cost=x.rows * x.columns)
        return y

    def place_rows(self, x: Tensor, token_ids: Tensor, features: Tensor, first_id: int) -> Tensor:
        """See Ops."""
        check_fits(features.columns == x.columns, "place_rows", x.shape, features.shape)
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
        check_fits(a.shape == b.shape, name, a.shape, b.shape)
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
        check_fits(math.prod(x.shape) == math.prod(shape), "reshape", x.shape, shape)
        return Value(shape, x.storage, x.offset, itemsize=x.itemsize)

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """See Ops."""
        y = self.new(sum(part.rows for part in parts), parts[0].columns)
        at = 0
        for part in parts:
            self._copy(part, 0, part.rows, y, at)
            at += part.rows
        return y

    def join_columns(self, parts: Sequence[Tensor]) -> Tensor:
        """See Ops."""
        rows = parts[0].shape[:-1]
        check_fits(all(part.shape[:-1] == rows for part in parts), "join_columns", *(part.shape for part in parts))
        y = self.new(*rows, sum(part.columns for part in parts))
        at = 0
        for part in parts:
            place = Value((y.rows, part.columns), y.storage, at * y.itemsize, y.columns)
            self._copy(part, 0, part.rows, place, 0)
            at += part.columns
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
        check_fits(x.columns == y.columns, "copy_rows", x.shape, y.shape)
        sizes = (rows, x.columns, x.stride, y.stride, x_row, y_row)
        self.emit("copy_rows", x, y, *sizes, cost=rows * x.columns)
