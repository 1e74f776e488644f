"""What a program's instructions read and write: tensors, packed matrices, and numbers that change between runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..weights.quantize import GROUP


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
    """Bytes of kernel memory: at a fixed address, or in the arena from their first to their last use."""

    nbytes: int
    address: int | None = None
    first: int = -1
    """Index of the first instruction that touches them; -1 as long as none does."""
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


def padded_rows(n: int) -> int:
    """Rows of a packed matrix: whole panels of eight."""
    return -(-n // 8) * 8


def packed_row_bytes(form: WeightFormat, columns: int) -> int:
    """Size of a packed row, but of a sparse matrix's: floats, units of 4 bytes, or groups with their scale."""
    if form == "f32":
        return 4 * columns
    if form == "q8":
        return -(-columns // 4) * 4
    groups = -(-columns // GROUP)
    bits = {"q4": 4, "q2": 2}[form]
    return groups * (GROUP * bits + 16) // 8


Operand = Value | int | float | None
"""Of an instruction: where a tensor lies, a number or an address, or None for what is absent."""
