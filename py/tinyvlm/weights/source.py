"""Where a backend gets weights from: a safetensors file on disk, or one that the page's loader put in kernel memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .quantize import rotate, rotation_block
from .safetensors import TensorInfo

NUMPY_DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I8": "i1", "U8": "u1", "I32": "<i4", "I64": "<i8"}
"""numpy's names for the stored types that numpy has."""


class WeightSource(Protocol):
    """Named tensors as stored."""

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """Name -> dtype, shape and place in the file."""

    @property
    def base(self) -> int | None:
        """Address of the file in kernel memory, or None where it is read through `read`."""

    def read(self, name: str) -> Any:
        """Return the tensor's bytes."""


class MappedWeights:
    """A safetensors file that lies in kernel memory from address `base`."""

    def __init__(self, base: int, tensors: Mapping[str, TensorInfo]) -> None:
        """Describe a file whose header has been parsed."""
        self.base, self.tensors = base, tensors

    def read(self, name: str) -> Any:
        """Not needed: kernels read the tensors where they lie."""
        raise NotImplementedError(name)


class Float32Weights:
    """A source seen as float32: q8 matrices multiplied out, halves widened. Costs four bytes a value."""

    base = None

    def __init__(self, source: WeightSource) -> None:
        """Wrap `source`; tensors are converted when read."""
        self._source = source
        self.tensors = {
            name: TensorInfo(name, "F32", info.shape, info.offset, 4 * _count(info.shape))
            for name, info in source.tensors.items()
            if not name.endswith("_scale")
        }

    def read(self, name: str) -> bytes:
        """Return float32 bytes."""
        import numpy as np

        info = self._source.tensors[name]
        values = np.frombuffer(self._source.read(name), NUMPY_DTYPES[info.dtype]).reshape(info.shape)
        values = values.astype(np.float32)
        scale, block = q8_scale(self._source, name)
        if scale:
            values = rotate(values * np.frombuffer(self._source.read(scale), np.float32)[:, None], block)
        return values.tobytes()


def q8_scale(source: WeightSource, name: str) -> tuple[str, int]:
    """Return the name of a q8 matrix's scale and the block in which its rows are rotated; ("", 1) for other tensors."""
    if f"{name}_rotated_scale" in source.tensors:
        return f"{name}_rotated_scale", rotation_block(source.tensors[name].shape[1])
    return (f"{name}_scale" if f"{name}_scale" in source.tensors else ""), 1


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
