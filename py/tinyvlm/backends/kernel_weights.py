"""A model's weights in kernel memory, packed for the tiles.

What is packed goes in fill by fill: so many rows of a matrix that they, and what is made of them on the way, take a few
megabytes. Here each is read from the source when it is its turn; `StreamedWeights` leaves that to others.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from ..errors import ModelError
from ..weights.gguf_types import STORED_TYPES
from ..weights.quantize import BLOCK, GroupLayout, Scheme, find_scale, group_layout, scheme_of
from ..weights.rotation import rotation_block
from ..weights.source import WeightSource
from ..weights.tensor_info import TensorInfo
from .kernel_interface import Kernels, allocate
from .kernel_memory import KernelMemory, Scratch, borrowed
from .kernel_quantizer import KernelQuantizer, rows_of_fill
from .values import LinearWeight, Storage, Value, WeightFormat, packed_row_bytes, padded_rows

SPARSE_SHARE = 0.1
"""The share of zero blocks from which a q8 matrix goes to the sparse kernel: where the plain build breaks even."""

Stage = Literal["vision", "text", "refine"]
"""What bytes are needed for: to encode images, to answer, or to be exact where a draft would do."""

_FORMATS: dict[Scheme, WeightFormat] = {"float32": "f32", "q8": "q8", "q4": "q4", "q2": "q2"}


class KernelWeights:
    """`Weights` in kernel memory: a tensor is read, and packed, when it is first asked for."""

    def __init__(self, kernels: Kernels, source: WeightSource, scheme: Scheme = "float32") -> None:
        """Bind to the memory of `kernels`. `scheme` is for matrices held as floats or in GGUF's blocks."""
        self.kernels = kernels
        self.stage: Stage = "text"
        """What those are for that are asked for next."""
        self._source = source
        self._scheme = scheme
        self._memory = KernelMemory(kernels)
        self._scratch = Scratch(kernels)
        self._linears: dict[str, LinearWeight] = {}
        self._tensors: dict[str, Value] = {}

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

    @property
    def addresses(self) -> list[int]:
        """Of all that the weights take, but for scratch."""
        return self._memory.addresses

    def finish(self) -> None:
        """Give back what was only needed while weights came in."""
        self._scratch.free()

    def free(self) -> None:
        """Give everything back."""
        self.finish()
        self._memory.free()

    # ---- matrices that files hold quantized ------------------------------------------------------------------------

    def _pack(self, name: str) -> LinearWeight:
        weight = f"{name}.weight"
        info = self._known(weight)
        if info.dtype == "U8":
            return self._pack_groups(name, group_layout(self._source.tensors, weight))
        if (len(info.shape) != 2 and (len(info.shape) != 4 or info.dtype == "I8")) or 0 in info.shape:
            raise ModelError("tensor-shape-wrong", tensor=repr(weight), shape=str(info.shape))
        if info.dtype == "I8":
            return self._pack_q8(name, info)
        return self._quantize(name, info)

    def _pack_q8(self, name: str, info: TensorInfo) -> LinearWeight:
        n, k = info.shape
        scale_name, rotation = find_scale(self._source.tensors, info.name)
        self._known(scale_name or f"{info.name}_scale")
        bias = self._bias(name, n)
        scale = self._floats(scale_name, n)
        sums = self._memory.alloc(4 * padded_rows(n))

        sparse = self._pack_sparse(info, sums)
        if sparse:
            packed, blocks, starts = sparse
            return LinearWeight((n, k), packed, bias, scale, sums, rotation, "sparse", blocks, starts)

        packed = self._memory.alloc(padded_rows(n) * packed_row_bytes("q8", k))
        weight = LinearWeight((n, k), packed, bias, scale, sums, rotation, "q8")
        self._fill_q8(info, weight)
        return weight

    def _pack_sparse(self, info: TensorInfo, sums: int) -> tuple[int, int, int] | None:
        """Pack a q8 matrix without its zero blocks, if it has enough of them: its weights, blocks and starts."""
        n, k = info.shape
        panels = padded_rows(n) // BLOCK[0]
        with self._loaded(info.name, 0, info.nbytes) as source:
            used = self.kernels.call("count_blocks", source, n, k)
            if used > panels * -(-k // BLOCK[1]) * (1 - SPARSE_SHARE):
                return None
            packed = self._memory.alloc(used * BLOCK[0] * BLOCK[1])
            blocks = self._memory.alloc(4 * used)
            starts = self._memory.alloc(4 * (panels + 1))
            self.kernels.call("pack_sparse", source, packed, blocks, starts, sums, n, k)
            return packed, blocks, starts

    def _fill_q8(self, info: TensorInfo, weight: LinearWeight) -> None:
        """Fill a q8 matrix with what the file holds of it."""
        self._fill_int8("pack_q8", info.name, info.shape[1], weight)

    def _fill_int8(
        self, kernel: str, tensor: str, stored_row: int, weight: LinearWeight, stage: Stage | None = None
    ) -> None:
        """Fill a q8 matrix through `kernel` from `tensor`, whose rows are of `stored_row` bytes."""
        n, k = weight.shape
        packed_row = packed_row_bytes("q8", k)

        def place(first: int, rows: int, source: int) -> None:
            packed = weight.weight + first * packed_row
            self.kernels.call(kernel, source, packed, weight.sums + 4 * first, rows, k)

        self._fill_rows(tensor, n, stored_row, rows_of_fill(n, k), place, stage)

    def _pack_groups(self, name: str, layout: GroupLayout) -> LinearWeight:
        """q4 or q2: codes and scales of eight rows in one stream, 4.5 or 2.5 bits a weight."""
        n = layout.n
        codes = f"{name}.weight"
        scales, rotation = find_scale(self._source.tensors, codes)
        form: WeightFormat = "q4" if layout.bits == 4 else "q2"
        packed = self._memory.alloc(padded_rows(n) * packed_row_bytes(form, layout.k))
        sums = self._memory.alloc(4 * padded_rows(n))

        def pack(codes_at: int, scales_at: int) -> None:
            self.kernels.call(f"pack_{form}", codes_at, scales_at, packed, sums, n, layout.groups)

        sizes = {tensor: self._source.tensors[tensor].nbytes for tensor in (codes, scales)}
        together = _Together(self.kernels, sizes, pack)
        for tensor, nbytes in sizes.items():
            self._fill(tensor, 0, nbytes, functools.partial(together.place, tensor))
        return LinearWeight((n, layout.k), packed, self._bias(name, n), 0, sums, rotation, form)

    # ---- all others ------------------------------------------------------------------------------------------------

    def _quantize(self, name: str, info: TensorInfo) -> LinearWeight:
        """A matrix of floats or of GGUF's blocks, or a convolution's (N, C, h, w), whose columns become (h, w, C)."""
        n = info.shape[0]
        k = math.prod(info.shape[1:])
        form = _FORMATS[scheme_of(name, self._scheme)]
        bias = self._bias(name, n)
        packed = self._memory.alloc(padded_rows(n) * packed_row_bytes(form, k))
        sums = 0 if form == "f32" else self._memory.alloc(4 * padded_rows(n))
        scale = self._memory.zeros(4 * padded_rows(n)) if form == "q8" else 0
        rotation = 1 if form == "f32" else rotation_block(k)

        weight = LinearWeight((n, k), packed, bias, scale, sums, rotation, form)
        quantizer = KernelQuantizer(self.kernels, self._scratch, info, weight)
        self._fill_rows(info.name, n, quantizer.stored_row_bytes, quantizer.rows, quantizer.place)
        return weight

    def _bias(self, name: str, n: int) -> int:
        return self._floats(f"{name}.bias", n) if f"{name}.bias" in self._source.tensors else 0

    def _floats(self, name: str, count: int) -> int:
        """A tensor of `count` numbers as float32, with zeros up to a multiple of eight."""
        info = self._known(name)
        stored = STORED_TYPES.get(info.dtype)
        if stored is None or stored.values != 1:
            supported = ", ".join(dtype for dtype, kind in STORED_TYPES.items() if kind.values == 1)
            raise ModelError("weights-unsupported", tensor=repr(name), dtype=info.dtype, supported=supported)
        found = math.prod(info.shape)
        if found != count:
            raise ModelError("tensor-size-wrong", tensor=repr(name), found=found, expected=count)
        address = self._memory.zeros(4 * padded_rows(count))
        code = stored.code

        def place(source: int) -> None:
            self.kernels.call("dequantize_rows", source, code, address, 1, count, 0)
            if self.kernels.call("find_not_finite", address, count):
                raise ModelError("tensor-not-finite", tensor=repr(name))

        self._fill(name, 0, info.nbytes, place)
        return address

    def _known(self, name: str) -> TensorInfo:
        info = self._source.tensors.get(name)
        if info is None:
            raise ModelError("weights-missing", tensor=repr(name))
        if info.dtype not in STORED_TYPES and info.dtype not in ("I8", "U8"):
            supported = ", ".join([*STORED_TYPES, "I8", "U8"])
            raise ModelError("weights-unsupported", tensor=repr(name), dtype=info.dtype, supported=supported)
        return info

    # ---- bytes -----------------------------------------------------------------------------------------------------

    def _fill_rows(
        self,
        tensor: str,
        n: int,
        stored_row: int,
        step: int,
        place: Callable[[int, int, int], None],
        stage: Stage | None = None,
    ) -> None:
        """Fill a matrix of `n` rows, of `stored_row` bytes each, `step` at a time: place(first, rows, source)."""
        for first in range(0, n, step):
            rows = min(step, n - first)
            self._fill(tensor, first * stored_row, rows * stored_row, functools.partial(place, first, rows), stage)

    def _fill(
        self, tensor: str, begin: int, nbytes: int, place: Callable[[int], None], stage: Stage | None = None
    ) -> None:
        """Bring bytes of a stored tensor into kernel memory and call `place` with their address."""
        with self._loaded(tensor, begin, nbytes) as source:
            place(source)

    @contextmanager
    def _loaded(self, tensor: str, begin: int, nbytes: int) -> Iterator[int]:
        """Yield where bytes of the tensor lie in kernel memory, for as long as the block lasts."""
        with borrowed(self.kernels) as memory:
            address = memory.alloc(nbytes)
            self.kernels.write(address, self._source.read(tensor)[begin : begin + nbytes])
            yield address


class _Together:
    """Tensors that one kernel takes: what comes first is kept until all are there."""

    def __init__(self, kernels: Kernels, sizes: Mapping[str, int], pack: Callable[..., None]) -> None:
        """Call `pack` with addresses in the order of `sizes`, bytes by tensor."""
        self._kernels = kernels
        self._sizes = sizes
        self._pack = pack
        self._arrived: dict[str, int] = {}

    def place(self, tensor: str, source: int) -> None:
        """Take one that lies at `source`."""
        nbytes = self._sizes[tensor]
        self._arrived[tensor] = allocate(self._kernels, nbytes)
        self._kernels.call("memory_copy", self._arrived[tensor], source, nbytes)
        if len(self._arrived) == len(self._sizes):
            self._pack(*(self._arrived[name] for name in self._sizes))
            for address in self._arrived.values():
                self._kernels.call("heap_free", address)
