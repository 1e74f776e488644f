"""Where a backend gets weights from, and how others see them: as float32, or quantized."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ..errors import ModelError
from .gguf_types import STORED_TYPES, dequantize
from .quantize import WHOLE, Scheme, find_scale, group_layout, quantized_tensors, scheme_of, unpack_groups
from .rotation import rotate
from .tensor_info import TensorInfo

NUMPY_DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I8": "i1", "U8": "u1", "I32": "<i4", "I64": "<i8"}
"""numpy's names for the stored types that numpy has."""


class WeightSource(Protocol):
    """Named tensors as stored."""

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """Name -> dtype, shape and place in the file."""

    def read(self, name: str) -> Any:
        """Return the tensor's bytes."""


def read_array(source: WeightSource, name: str) -> Any:
    """Return the tensor as a numpy array of its shape: bfloat16, which numpy has not, and GGUF's blocks as float32.

    Rows are in Hugging Face's order, whatever order they are stored in.
    """
    import numpy as np

    info = source.tensors[name]
    data = source.read(name)
    if info.dtype not in NUMPY_DTYPES and info.dtype in STORED_TYPES:
        values = dequantize(data, info.dtype, info.shape)
    else:
        values = np.frombuffer(data, NUMPY_DTYPES[info.dtype]).reshape(info.shape)
    if info.rope_heads:
        pairs = values.reshape(info.rope_heads, -1, 2, info.shape[1])
        values = pairs.swapaxes(1, 2).reshape(info.shape)
    return values


class ChosenWeights:
    """Some tensors of a source."""

    def __init__(self, source: WeightSource, names: Iterable[str]) -> None:
        """Wrap `source`."""
        self._source = source
        self.tensors = {name: source.tensors[name] for name in names}

    def read(self, name: str) -> Any:
        """Return the tensor's bytes."""
        return self._source.read(name)


class Float32Weights:
    """A source seen as float32: quantized matrices multiplied out, halves widened. Costs four bytes a value."""

    def __init__(self, source: WeightSource) -> None:
        """Wrap `source`; tensors are converted when read."""
        self._source = source
        self.tensors = dict[str, TensorInfo]()
        for name, info in source.tensors.items():
            if not name.endswith(("_scale", "_columns")):
                shape = info.shape
                if info.dtype == "U8" and find_scale(source.tensors, name)[0]:
                    layout = group_layout(source.tensors, name)
                    shape = (layout.n, layout.k)
                self.tensors[name] = TensorInfo(name, "F32", shape, info.offset, 4 * _count(shape))

    def read(self, name: str) -> bytes:
        """Return float32 bytes."""
        import numpy as np

        values = read_array(self._source, name)
        scale_name, rotation = find_scale(self._source.tensors, name)
        if scale_name:
            scale = read_array(self._source, scale_name)
            if values.dtype == np.uint8:
                values = unpack_groups(values, scale.shape[1])
                values = (values * scale[:, :, None]).reshape(len(values), -1)[:, : self.tensors[name].shape[1]]
            else:
                values = values.astype(np.float32) * scale.reshape(-1, 1)
            values = rotate(values, rotation)
        return np.ascontiguousarray(values, np.float32).tobytes()


class QuantizedWeights:
    """A source of floats, or of GGUF's blocks, whose matrices are seen as q8, q4 or q2, by their numpy definition."""

    def __init__(self, source: WeightSource, scheme: Scheme) -> None:
        """Wrap `source`; tensors are converted when read, the last matrix is kept for its scales."""
        import numpy as np

        self._source = source
        self._scheme = scheme
        self._last: tuple[str, dict[str, Any]] = "", {}
        self.tensors = dict[str, TensorInfo]()
        for name, info in source.tensors.items():
            if not is_matrix(info):
                self.tensors[name] = TensorInfo(name, "F32", info.shape, 0, 4 * _count(info.shape))
                continue
            for part, array in quantized_tensors(
                name, np.zeros((1, _columns(info)), np.float32), self._of(name)
            ).items():
                rows = 0 if part.endswith("_columns") else info.shape[0]
                shape = (rows, *array.shape[1:])
                dtype = {"int8": "I8", "uint8": "U8", "uint16": "BF16", "float32": "F32"}[array.dtype.name]
                self.tensors[part] = TensorInfo(part, dtype, shape, 0, _count(shape) * array.itemsize)

    def read(self, name: str) -> bytes:
        """Return a tensor's bytes."""
        import numpy as np

        if name in self._source.tensors and not is_matrix(self._source.tensors[name]):
            return np.asarray(read_array(self._source, name), np.float32).tobytes()
        matrix = next(base for base in (name, *_without_endings(name)) if base in self._source.tensors)
        if self._last[0] != matrix:
            values = np.asarray(read_array(self._source, matrix), np.float32)
            if values.ndim == 4:
                values = values.transpose(0, 2, 3, 1).reshape(len(values), -1)
            self._last = matrix, quantized_tensors(matrix, values, self._of(matrix))
        data: bytes = np.ascontiguousarray(self._last[1][name]).tobytes()
        return data

    def _of(self, name: str) -> str:
        return scheme_of(name, self._scheme)


def is_matrix(info: TensorInfo) -> bool:
    """Whether a tensor is a matrix that schemes hold in fewer bits."""
    return info.name.endswith(".weight") and len(info.shape) in (2, 4) and not any(part in info.name for part in WHOLE)


def is_quantized(source: WeightSource) -> bool:
    """Whether a source holds matrices in a scheme of ours."""
    return any(info.dtype == "I8" or find_scale(source.tensors, name)[0] for name, info in source.tensors.items())


def is_held_as(source: WeightSource, scheme: Scheme) -> bool:
    """Whether a source that is quantized already holds matrices of this scheme."""
    if scheme == "q8":
        return any(info.dtype == "I8" for info in source.tensors.values())
    matrices = [
        name for name, info in source.tensors.items() if info.dtype == "U8" and find_scale(source.tensors, name)[0]
    ]
    return any(f"q{group_layout(source.tensors, name).bits}" == scheme for name in matrices)


def packing_scheme(source: WeightSource, quantization: Scheme | None) -> Scheme:
    """Return how the matrices of a source are packed that are not quantized yet; q8 where nothing is asked for.

    Raises ModelError("quantization-missing") where they all are, and otherwise than is asked for.
    """
    if not is_quantized(source):
        return quantization or "q8"
    if quantization is not None and not is_held_as(source, quantization):
        raise ModelError("quantization-missing", quantization=quantization)
    return "float32"


def _columns(info: TensorInfo) -> int:
    return _count(info.shape[1:])


def _without_endings(name: str) -> list[str]:
    return [name.removesuffix(ending) for ending in ("_rotated_scale", "_scale", "_columns")]


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
