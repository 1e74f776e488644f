"""A model's weights in kernel memory, packed for the tiles.

Places are made when a program is recorded; bytes follow at once, or, from a source that is still on its way, piece by
piece as they arrive (`fills`). Matrices that a file holds as floats, or in GGUF's blocks, are quantized on the way in.
Of matrices in two planes (weights/planes.py) the high one is packed first; the low one then makes them exact.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from ..errors import ModelError
from ..weights.gguf_types import STORED_TYPES
from ..weights.planes import HIGH, LOW, JoinedPlanes
from ..weights.quantize import BLOCK, GROUP, GroupLayout, Scheme, find_scale, group_layout, scheme_of
from ..weights.rotation import rotation_block
from ..weights.source import WeightSource
from ..weights.tensor_info import TensorInfo
from .kernel_interface import Kernels, allocate
from .values import LinearWeight, Storage, Value, WeightFormat

SPARSE_SHARE = 0.1
"""The share of zero blocks from which a q8 matrix goes to the sparse kernel: where the plain build breaks even."""

TILE_BYTES = 4 << 20
"""Size of the float32 rows that are quantized at a time, at most."""

Stage = Literal["vision", "text", "refine"]
"""What bytes are needed for: to encode images, to answer, or to be exact where a draft would do."""

_BITS = {"q4": 4, "q2": 2}


@dataclass(frozen=True, eq=False)
class Fill:
    """Bytes of a stored tensor that are awaited, and what becomes of them."""

    tensor: str
    """As the file calls it."""
    begin: int
    nbytes: int
    stage: Stage
    place: Callable[[int], None]
    """Called with the address where the bytes lie in kernel memory; they may then be overwritten."""


class KernelWeights:
    """`Weights` in kernel memory, packed on first use. `stage` is what those are for that are used next."""

    def __init__(
        self, kernels: Kernels, source: WeightSource, scheme: Scheme = "float32", *, deferred: bool = False
    ) -> None:
        """Bind to the memory of `kernels`; `deferred` leaves all reading of `source` to whoever works off `fills`."""
        self._kernels, self._source, self._scheme, self._deferred = kernels, source, scheme, deferred
        self._split = source.split if deferred and isinstance(source, JoinedPlanes) else set[str]()
        self.stage: Stage = "text"
        self._linears, self._tensors = dict[str, LinearWeight](), dict[str, Value]()
        self.addresses: list[int] = []
        self.fills: list[Fill] = []
        self._scratch: dict[str, tuple[int, int]] = {}

    def linear(self, name: str) -> LinearWeight:
        """See Weights. Packs the matrix for the tiles (wasm-kernels/pack.c)."""
        if name not in self._linears:
            self._linears[name] = self._pack(name)
        return self._linears[name]

    def tensor(self, name: str) -> Value:
        """See Weights."""
        if name not in self._tensors:
            shape = self._known(name).shape
            address = self._floats(name, math.prod(shape))
            self._tensors[name] = Value(shape, Storage(4 * math.prod(shape), address))
        return self._tensors[name]

    def finish(self) -> None:
        """Give back what was only needed while weights came in."""
        for address, _ in self._scratch.values():
            self._kernels.call("heap_free", address)
        self._scratch.clear()

    # ---- matrices as files hold them -------------------------------------------------------------------------------

    def _pack(self, name: str) -> LinearWeight:
        weight = f"{name}.weight"
        info = self._known(weight)
        if info.dtype == "U8":
            return self._pack_groups(name, group_layout(self._source.tensors, weight))
        if (len(info.shape) != 2 and (len(info.shape) != 4 or info.dtype == "I8")) or 0 in info.shape:
            sentence = f"Tensor {weight!r} of shape {info.shape} is not a matrix."
            raise ModelError("weights-invalid", sentence, tensor=weight)
        if info.dtype == "I8":
            return self._pack_q8(name, info)
        return self._quantize(name, info)

    def _pack_q8(self, name: str, info: TensorInfo) -> LinearWeight:
        kernels, (n, k) = self._kernels, info.shape
        scale_name, rotation = find_scale(self._source.tensors, info.name)
        self._known(scale_name or f"{info.name}_scale")
        padded = _padded(n)
        bias, scale, sums = self._bias(name, n), self._floats(scale_name, n), self._alloc(padded * 4)
        if not self._deferred:
            with self._staged(info.name, 0, info.nbytes) as source:
                used, all_ = kernels.call("count_blocks", source, n, k), padded // BLOCK[0] * -(-k // BLOCK[1])
                if used <= all_ * (1 - SPARSE_SHARE):
                    packed, blocks = self._alloc(used * BLOCK[0] * BLOCK[1]), self._alloc(used * 4)
                    starts = self._alloc((padded // BLOCK[0] + 1) * 4)
                    kernels.call("pack_sparse", source, packed, blocks, starts, sums, n, k)
                    return LinearWeight((n, k), packed, bias, scale, sums, rotation, "sparse", blocks, starts)
        row_bytes = -(-k // 4) * 4
        packed, tile = self._alloc(padded * row_bytes), max(TILE_BYTES // k // 8, 1) * 8

        def fill(kernel: str, tensor: str, stored_row: int, stage: Stage) -> None:
            for first in range(0, n, tile):
                rows = min(tile, n - first)

                def place(source: int, first: int = first, rows: int = rows) -> None:
                    kernels.call(kernel, source, packed + first * row_bytes, sums + 4 * first, rows, k)

                self._fill(tensor, first * stored_row, rows * stored_row, place, stage)

        if info.name in self._split:
            fill("pack_high_plane", f"{info.name}{HIGH}", k // 2, self.stage)
            fill("add_low_plane", f"{info.name}{LOW}", k // 2, "refine")
        else:
            fill("pack_q8", info.name, k, self.stage)
        return LinearWeight((n, k), packed, bias, scale, sums, rotation, "q8")

    def _pack_groups(self, name: str, layout: GroupLayout) -> LinearWeight:
        """q4 or q2: codes and scales of eight rows in one stream, 4.5 or 2.5 bits a weight."""
        n, groups, bits = layout.n, layout.groups, layout.bits
        weight = f"{name}.weight"
        scale, rotation = find_scale(self._source.tensors, weight)
        packed, sums = self._alloc(_padded(n) * _group_bytes(groups, bits)), self._alloc(_padded(n) * 4)
        arrived: dict[str, int] = {}

        def place(part: str, source: int) -> None:
            """Keep what comes first until the other part is there."""
            nbytes = self._source.tensors[part].nbytes
            arrived[part] = allocate(self._kernels, nbytes)
            self._kernels.call("memory_copy", arrived[part], source, nbytes)
            if len(arrived) == 2:
                self._kernels.call(f"pack_q{bits}", arrived[weight], arrived[scale], packed, sums, n, groups)
                for address in arrived.values():
                    self._kernels.call("heap_free", address)

        for part in (weight, scale):
            self._fill(part, 0, self._source.tensors[part].nbytes, functools.partial(place, part))
        return LinearWeight((n, layout.k), packed, self._bias(name, n), 0, sums, rotation, "q4" if bits == 4 else "q2")

    # ---- matrices that are quantized on the way in -----------------------------------------------------------------

    def _quantize(self, name: str, info: TensorInfo) -> LinearWeight:
        """A float matrix, or a convolution's (N, C, h, w), whose columns become (h, w, C)."""
        n, k = info.shape[0], math.prod(info.shape[1:])
        scheme = scheme_of(name, self._scheme)
        padded, bias, form = _padded(n), self._bias(name, n), _FORMATS[scheme]
        rotation = 1 if scheme == "float32" else rotation_block(k)
        groups = -(-k // GROUP)
        sizes = {"float32": k * 4, "q8": -(-k // 4) * 4}
        row_bytes = sizes[scheme] if scheme in sizes else _group_bytes(groups, _BITS[scheme])
        packed, scale, sums = self._alloc(padded * row_bytes), 0, 0
        if scheme != "float32":
            sums = self._alloc(padded * 4)
        if scheme == "q8":
            scale = self._zeros(padded * 4)
        stored, head_rows = STORED_TYPES[info.dtype], n // info.rope_heads if info.rope_heads else 0
        stored_row = k // stored.values * stored.nbytes
        unit = math.lcm(8, head_rows) if head_rows else 8
        tile = min(max(TILE_BYTES // (4 * k) // unit, 1) * unit, n)

        def place(first: int, rows: int, source: int) -> None:
            kernels = self._kernels
            floats = self._borrow("floats", tile * k * 4)
            kernels.call("dequantize_rows", source, stored.code, floats, rows, k, head_rows)
            if len(info.shape) == 4:
                ordered = self._borrow("ordered", tile * k * 4)
                kernels.call("channels_last", floats, ordered, rows, info.shape[1], k // info.shape[1])
                floats = ordered
            at, bad = packed + first * row_bytes, 0
            if scheme == "float32":
                kernels.call("pack_f32", floats, at, rows, k)
            elif scheme == "q8":
                values = self._borrow("values", tile * k)
                bad = kernels.call("quantize_rows_q8", floats, values, scale + 4 * first, rows, k, rotation)
                kernels.call("pack_q8", values, at, sums + 4 * first, rows, k)
            else:
                codes = self._borrow("values", tile * groups * GROUP * _BITS[scheme] // 8)
                scales = self._borrow("scales", tile * groups * 2)
                bad = kernels.call(f"quantize_rows_{scheme}", floats, codes, scales, rows, k, rotation)
                kernels.call(f"pack_{scheme}", codes, scales, at, sums + 4 * first, rows, groups)
            if bad:
                raise ModelError("weights-invalid", f"Tensor {info.name!r} holds values that are not finite numbers.")

        for first in range(0, n, tile):
            rows = min(tile, n - first)

            def place_tile(source: int, first: int = first, rows: int = rows) -> None:
                place(first, rows, source)

            self._fill(info.name, first * stored_row, rows * stored_row, place_tile)
        return LinearWeight((n, k), packed, bias, scale, sums, rotation, form)

    # ---- vectors, memory, bytes ------------------------------------------------------------------------------------

    def _bias(self, name: str, n: int) -> int:
        return self._floats(f"{name}.bias", n) if f"{name}.bias" in self._source.tensors else 0

    def _floats(self, name: str, count: int) -> int:
        """A tensor of `count` numbers as float32, with zeros up to a multiple of eight."""
        info = self._known(name)
        stored = STORED_TYPES.get(info.dtype)
        if stored is None or stored.values != 1:
            sentence = f"Tensor {name!r} is {info.dtype}; this model needs floating-point numbers there."
            raise ModelError("weights-unsupported", sentence, tensor=name)
        if math.prod(info.shape) != count:
            raise ModelError("weights-invalid", f"Tensor {name!r} should hold {count} numbers.", tensor=name)
        address, code = self._zeros(_padded(count) * 4), stored.code

        def place(source: int) -> None:
            self._kernels.call("dequantize_rows", source, code, address, 1, count, 0)

        self._fill(name, 0, info.nbytes, place)
        return address

    def _known(self, name: str) -> TensorInfo:
        info = self._source.tensors.get(name)
        if info is None:
            raise ModelError("weights-missing", f"The model's weights have no tensor {name!r}.", tensor=name)
        if info.dtype not in STORED_TYPES and info.dtype not in ("I8", "U8"):
            sentence = f"Tensor {name!r} is of type {info.dtype}, which is not supported."
            raise ModelError("weights-unsupported", sentence, tensor=name)
        return info

    def _fill(
        self, name: str, begin: int, nbytes: int, place: Callable[[int], None], stage: Stage | None = None
    ) -> None:
        if self._deferred:
            self.fills.append(Fill(name, begin, nbytes, stage or self.stage, place))
            return
        with self._staged(name, begin, nbytes) as source:
            place(source)

    @contextmanager
    def _staged(self, name: str, begin: int, nbytes: int) -> Iterator[int]:
        """Yield where bytes of the tensor lie in kernel memory, for as long as the block lasts."""
        address = allocate(self._kernels, nbytes)
        try:
            self._kernels.write(address, self._source.read(name)[begin : begin + nbytes])
            yield address
        finally:
            self._kernels.call("heap_free", address)

    def _alloc(self, nbytes: int) -> int:
        self.addresses.append(allocate(self._kernels, nbytes))
        return self.addresses[-1]

    def _zeros(self, nbytes: int) -> int:
        address = self._alloc(nbytes)
        self._kernels.write(address, bytes(nbytes))
        return address

    def _borrow(self, use: str, nbytes: int) -> int:
        """Scratch memory for one tile, kept until `finish`."""
        address, held = self._scratch.get(use, (0, 0))
        if held < nbytes:
            if held:
                del self._scratch[use]  # nothing to free again, should there be no more memory
                self._kernels.call("heap_free", address)
            address = allocate(self._kernels, nbytes)
            self._scratch[use] = address, nbytes
        return address


_FORMATS: dict[Scheme, WeightFormat] = {"float32": "f32", "q8": "q8", "q4": "q4", "q2": "q2"}


def _padded(n: int) -> int:
    """Rows in whole panels."""
    return -(-n // 8) * 8


def _group_bytes(groups: int, bits: int) -> int:
    """Size of a packed row of q4 or q2."""
    return groups * (GROUP * bits + 16) // 8
