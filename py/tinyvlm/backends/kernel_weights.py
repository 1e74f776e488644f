"""A model's weights in kernel memory, packed for the tiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ModelError
from ..weights.quantize import BLOCK, GROUP, GroupLayout, find_scale, group_layout
from ..weights.source import WeightSource
from .kernels import Kernels, allocate
from .program import LinearWeight, Storage, Value

SPARSE_SHARE = 0.1
"""The share of zero blocks from which a q8 matrix goes to the sparse kernel: where the plain build breaks even."""


class KernelWeights:
    """`Weights` in kernel memory, packed on first use. `source.base` is set where the file already lies there."""

    def __init__(self, kernels: Kernels, source: WeightSource) -> None:
        """Bind to the memory of `kernels`."""
        self._kernels, self._source = kernels, source
        self._linears, self._tensors = dict[str, LinearWeight](), dict[str, Value]()
        self.addresses: list[int] = []

    def linear(self, name: str) -> LinearWeight:
        """See Weights. Packs the matrix for the tiles (wasm-kernels/pack.c)."""
        if name not in self._linears:
            self._linears[name] = self._pack(name)
        return self._linears[name]

    def tensor(self, name: str) -> Value:
        """See Weights."""
        if name not in self._tensors:
            info = self._source.tensors[self._known(name, "F32")]
            address = self._alloc(info.nbytes)
            with self._staged(name) as source:
                self._kernels.call("memory_copy", address, source, info.nbytes)
            self._tensors[name] = Value(info.shape, Storage(info.nbytes, address))
        return self._tensors[name]

    def _pack(self, name: str) -> LinearWeight:
        tensors, weight = self._source.tensors, f"{name}.weight"
        if weight in tensors and tensors[weight].dtype == "U8":
            return self._pack_groups(name, group_layout(tensors, weight))
        scale_name, rotation = find_scale(tensors, weight)
        quantized = bool(scale_name)
        n, k = tensors[self._known(weight, "I8" if quantized else "F32")].shape
        padded = -(-n // 8) * 8
        bias = self._bias(name, n)
        with self._staged(weight) as source:
            if not quantized:
                packed = self._alloc(padded * k * 4)
                self._kernels.call("pack_f32", source, packed, n, k)
                return LinearWeight((n, k), packed, bias)
            scale, sums = self._vector(scale_name, n, padded), self._alloc(padded * 4)
            used, all_ = self._kernels.call("count_blocks", source, n, k), padded // BLOCK[0] * -(-k // BLOCK[1])
            if used <= all_ * (1 - SPARSE_SHARE):
                packed, blocks = self._alloc(used * BLOCK[0] * BLOCK[1]), self._alloc(used * 4)
                starts = self._alloc((padded // BLOCK[0] + 1) * 4)
                self._kernels.call("pack_sparse", source, packed, blocks, starts, sums, n, k)
                return LinearWeight((n, k), packed, bias, scale, sums, rotation, "sparse", blocks, starts)
            packed = self._alloc(padded * -(-k // 4) * 4)
            self._kernels.call("pack_q8", source, packed, sums, n, k)
        return LinearWeight((n, k), packed, bias, scale, sums, rotation, "q8")

    def _pack_groups(self, name: str, layout: GroupLayout) -> LinearWeight:
        """q4 or q2: codes and scales of eight rows in one stream, 4.5 or 2.5 bits a weight."""
        n, groups, bits = layout.n, layout.groups, layout.bits
        padded = -(-n // 8) * 8
        packed, sums = self._alloc(padded * groups * (GROUP * bits + 16) // 8), self._alloc(padded * 4)
        scale, rotation = find_scale(self._source.tensors, f"{name}.weight")
        with self._staged(f"{name}.weight") as codes, self._staged(scale) as scales:
            self._kernels.call("pack_q4" if bits == 4 else "pack_q2", codes, scales, packed, sums, n, groups)
        return LinearWeight((n, layout.k), packed, self._bias(name, n), 0, sums, rotation, "q4" if bits == 4 else "q2")

    def _bias(self, name: str, n: int) -> int:
        known = f"{name}.bias" in self._source.tensors
        return self._vector(f"{name}.bias", n, -(-n // 8) * 8) if known else 0

    def _vector(self, name: str, n: int, padded: int) -> int:
        """float32 (n,) with zeros up to `padded`."""
        if self._source.tensors[self._known(name, "F32")].shape != (n,):
            raise ModelError("weights-invalid", f"Tensor {name!r} should hold {n} numbers.", tensor=name)
        address = self._alloc(padded * 4)
        self._kernels.write(address, bytes(padded * 4))
        with self._staged(name) as source:
            self._kernels.call("memory_copy", address, source, n * 4)
        return address

    def _known(self, name: str, dtype: str) -> str:
        info = self._source.tensors.get(name)
        if info is None:
            raise ModelError("weights-missing", f"The model's weights have no tensor {name!r}.", tensor=name)
        if info.dtype != dtype:
            sentence = f"Tensor {name!r} is {info.dtype}; this model needs {dtype} there."
            raise ModelError("weights-unsupported", sentence, tensor=name)
        return name

    @contextmanager
    def _staged(self, name: str) -> Iterator[int]:
        """Yield where the tensor's bytes as stored lie in kernel memory, for as long as the block lasts."""
        if self._source.base is not None:
            yield self._source.base + self._source.tensors[name].offset
            return
        data = self._source.read(name)
        address = allocate(self._kernels, len(data))
        try:
            self._kernels.write(address, data)
            yield address
        finally:
            self._kernels.call("heap_free", address)

    def _alloc(self, nbytes: int) -> int:
        self.addresses.append(allocate(self._kernels, nbytes))
        return self.addresses[-1]
