"""Quantizes rows on the way into a packed matrix: on the kernels, a few rows at a time.

Files hold them as floats or in GGUF's blocks. `QuantizedWeights` (weights/source.py) is the same in numpy, to the last
bit.
"""

from __future__ import annotations

import math

from ..errors import ModelError
from ..weights.gguf_types import STORED_TYPES
from ..weights.quantize import GROUP
from ..weights.tensor_info import TensorInfo
from .kernel_interface import Kernels
from .kernel_memory import Scratch
from .values import LinearWeight, packed_row_bytes

FILL_BYTES = 4 << 20
"""Size of the rows that go into a matrix at a time, at most: as float32 where they are quantized."""


def rows_of_fill(n: int, row_bytes: int, unit: int = 8) -> int:
    """How many of `n` rows go in at a time: whole units, one at least."""
    return min(max(FILL_BYTES // row_bytes // unit, 1) * unit, n)


class KernelQuantizer:
    """Makes a packed matrix of rows (N, K) as they are stored."""

    def __init__(self, kernels: Kernels, scratch: Scratch, info: TensorInfo, weight: LinearWeight) -> None:
        """`info` says how rows are stored, `weight` how and where they are packed."""
        self._kernels = kernels
        self._scratch = scratch
        self._info = info
        self._weight = weight
        self._stored = STORED_TYPES[info.dtype]
        n, k = weight.shape
        # Rows that llama.cpp has reordered come back in order where a fill holds whole heads.
        self._head_rows = n // info.rope_heads if info.rope_heads else 0
        unit = math.lcm(8, self._head_rows) if self._head_rows else 8
        self.rows = rows_of_fill(n, 4 * k, unit)
        self.stored_row_bytes = k // self._stored.values * self._stored.nbytes

    def place(self, first: int, rows: int, source: int) -> None:
        """Pack `rows` stored rows that lie at `source` as the matrix's rows from `first`; at most `self.rows`."""
        info = self._info
        weight = self._weight
        floats = self._dequantize(rows, source)
        packed = weight.weight + first * packed_row_bytes(weight.format, weight.shape[1])
        sums = weight.sums + 4 * first
        bad = 0
        if weight.format == "f32":
            bad = self._kernels.call("find_not_finite", floats, rows * weight.shape[1])
            self._kernels.call("pack_f32", floats, packed, rows, weight.shape[1])
        elif weight.format == "q8":
            bad = self._pack_q8(floats, rows, packed, weight.scale + 4 * first, sums)
        else:
            bad = self._pack_groups(floats, rows, packed, sums)
        if bad:
            raise ModelError("tensor-not-finite", tensor=repr(info.name))

    def _dequantize(self, rows: int, source: int) -> int:
        """Return where stored rows lie as float32 (rows, K)."""
        k = self._weight.shape[1]
        floats = self._scratch.borrow("floats", self.rows * k * 4)
        self._kernels.call("dequantize_rows", source, self._stored.code, floats, rows, k, self._head_rows)
        if len(self._info.shape) != 4:
            return floats
        # A convolution's (N, C, h, w): windows come in (h, w, C) order.
        channels = self._info.shape[1]
        ordered = self._scratch.borrow("ordered", self.rows * k * 4)
        self._kernels.call("channels_last", floats, ordered, rows, channels, k // channels)
        return ordered

    def _pack_q8(self, floats: int, rows: int, packed: int, scale: int, sums: int) -> int:
        """Return other than 0 where values are not finite."""
        k = self._weight.shape[1]
        values = self._scratch.borrow("values", self.rows * k)
        bad = self._kernels.call("quantize_rows_q8", floats, values, scale, rows, k, self._weight.rotation)
        self._kernels.call("pack_q8", values, packed, sums, rows, k)
        return bad

    def _pack_groups(self, floats: int, rows: int, packed: int, sums: int) -> int:
        """q4 or q2. Return other than 0 where values are not finite."""
        k = self._weight.shape[1]
        form = self._weight.format
        groups = -(-k // GROUP)
        bits = 4 if form == "q4" else 2
        codes = self._scratch.borrow("values", self.rows * groups * GROUP * bits // 8)
        scales = self._scratch.borrow("scales", self.rows * groups * 2)
        bad = self._kernels.call(f"quantize_rows_{form}", floats, codes, scales, rows, k, self._weight.rotation)
        self._kernels.call(f"pack_{form}", codes, scales, packed, sums, rows, groups)
        return bad
