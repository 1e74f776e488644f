"""Records linear layers: their inputs as rows of bytes where weights are quantized, and the product."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import ModelError
from ..ops import ACTIVATIONS, Activation, Precision, Tensor
from ..weights.quantize import BLOCK, GROUP
from .program import Program
from .values import LinearWeight, Storage, Value


class Constants(Protocol):
    """Kernel memory for what programs read and never change."""

    activation_bytes: int
    """Size of a quantized activation: 1, or 2 where products are of 16 bits."""

    def store(self, data: bytes) -> int:
        """Return the address of a copy of `data`."""

    def rope_table(self, head_dim: int, positions: int, theta: float, factor: float) -> int:
        """Return the address of float32 (positions, head_dim): cosines and sines of every position's angles."""


class LinearRecorder(Program):
    """The linear layers of an `Ops` whose calls append to a program."""

    def __init__(self, constants: Constants, attention: Precision = "float32") -> None:
        """Start an empty program; `attention` says how keys and values of one pass are held."""
        super().__init__()
        self._constants = constants
        self._attention = attention
        self._quantized: dict[tuple[Storage, int, int, int, int], tuple[Value, Value]] = {}

    def linear(
        self, x: Tensor, layer: LinearWeight, *, activation: Activation = "none", residual: Tensor | None = None
    ) -> Tensor:
        """See Ops."""
        n, k = layer.shape
        check_fits(x.columns == k and (residual is None or residual.columns == n), "linear", x.shape, layer.shape)
        y = self.new(*x.shape[:-1], n)
        if layer.format == "f32":
            f32_sizes = (x.rows, k, n, x.stride, n, ACTIVATIONS.index(activation))
            self.emit("linear_f32", x, layer.weight, layer.bias, residual, y, *f32_sizes, cost=x.rows * k * n)
            return y
        rows = self._quantize(x, packed_columns(layer), layer.rotation)
        return self._linear_quantized(rows, layer, y, activation, residual)

    def _linear_quantized(
        self,
        rows: tuple[Value, Value],
        layer: LinearWeight,
        y: Value,
        activation: Activation,
        residual: Value | None,
    ) -> Value:
        """The layer's product with rows that `quantize_rows` or `quantize_patches` made, to y; returns y."""
        n, k = layer.shape
        weights, unit = _packed_operands(layer)
        sizes = (y.rows, rows[0].columns // unit, n, n, ACTIVATIONS.index(activation))
        self.emit(f"linear_{layer.format}", *rows, *weights, residual, y, *sizes, cost=y.rows * k * n)
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
            xq, rows_q = self._new_quantized(x.rows, padded)
            sizes = (x.rows, x.columns, x.stride, padded, rotation)
            self.emit("quantize_rows", x, xq, rows_q, *sizes, cost=2 * x.rows * x.columns)
            self._quantized[key] = xq, rows_q
        return self._quantized[key]

    def _new_quantized(self, rows: int, padded: int) -> tuple[Value, Value]:
        """Room for quantized rows (T, padded) and their scales."""
        return self.new(rows, padded, itemsize=self._constants.activation_bytes), self.new(rows, 2)


def packed_columns(layer: LinearWeight) -> int:
    """How many columns a quantized layer's inputs are padded to."""
    _, unit = _packed_operands(layer)
    return -(-layer.shape[1] // unit) * unit


def _packed_operands(layer: LinearWeight) -> tuple[tuple[int, ...], int]:
    """A quantized layer's addresses as its kernel wants them, and how many columns of a row that takes at a time."""
    if layer.format == "sparse":
        return (layer.weight, layer.blocks, layer.starts, layer.scale, layer.sums, layer.bias), BLOCK[1]
    if layer.format == "q8":
        return (layer.weight, layer.scale, layer.sums, layer.bias), 4
    return (layer.weight, layer.sums, layer.bias), GROUP


def check_fits(fits: bool, op: str, *shapes: Any) -> None:
    """Refuse tensors that do not belong together: what kernels would read lies behind their ends."""
    if not fits:
        raise ModelError("weights-misfit", op=op, shapes=", ".join(map(str, shapes)))
