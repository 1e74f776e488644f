"""Reading and writing safetensors (https://huggingface.co/docs/safetensors), trusting no number in the file.

A file is 8 bytes of header length, a JSON header of `{name: {dtype, shape, data_offsets}}`, then the tensors' bytes
without a gap.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError
from .mapped import MappedFile
from .tensor_info import TensorInfo

ITEM_SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip
"""Bytes a value, by the format's type names."""

MAX_HEADER_BYTES = 100_000_000
"""The format's own limit."""

ALIGN = 64
"""Our files start every tensor at a multiple of this, so that it can be used where it lies."""

_FORMAT = "safetensors"

PADDING = "__padding_"
"""Prefix of the U8 tensors that fill gaps in our files, since the format allows none."""


@dataclass(frozen=True)
class SafetensorsHeader:
    """A checked header."""

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]


def parse_header(buffer: Any, file_size: int) -> SafetensorsHeader:
    """Check and return the header of a file whose first bytes (length and header at least) are `buffer`.

    Raises ModelError unless every tensor lies inside the file, none overlaps another, no byte is left over, and every
    size agrees with its type and shape.
    """
    if len(buffer) < 8 or file_size < 8:
        raise ModelError("weights-truncated", format=_FORMAT)
    length = int.from_bytes(bytes(buffer[:8]), "little")
    if length > MAX_HEADER_BYTES:
        raise ModelError("weights-header-too-long", limit=MAX_HEADER_BYTES, format=_FORMAT)
    if 8 + length > file_size or 8 + length > len(buffer):
        raise ModelError("weights-truncated", format=_FORMAT)
    try:
        header = json.loads(bytes(buffer[8 : 8 + length]).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ModelError("weights-invalid", format=_FORMAT) from error
    if not isinstance(header, dict):
        raise ModelError("weights-invalid", format=_FORMAT)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ModelError("weights-invalid", format=_FORMAT)
    data = 8 + length
    tensors = {name: _tensor(name, entry, data, file_size) for name, entry in header.items()}
    end = data
    for info in sorted(tensors.values(), key=lambda info: (info.offset, info.nbytes)):
        if info.offset != end:
            raise _wrong(info.name)
        end += info.nbytes
    if end != file_size:
        raise ModelError("weights-bytes-left", bytes=file_size - end)
    return SafetensorsHeader(tensors, metadata)


def _tensor(name: str, entry: Any, data: int, file_size: int) -> TensorInfo:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _wrong(name)
    dtype = entry["dtype"]
    shape = entry["shape"]
    offsets = entry["data_offsets"]
    if not isinstance(dtype, str):
        raise _wrong(name)
    if dtype not in ITEM_SIZES:
        supported = ", ".join(ITEM_SIZES)
        raise ModelError("weights-unsupported", tensor=repr(name), dtype=repr(dtype), supported=supported)
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or not all(type(n) is int and 0 <= n < 1 << 63 for n in numbers):
            raise _wrong(name)
    if len(offsets) != 2 or offsets[0] > offsets[1] or data + offsets[1] > file_size or len(shape) > 64:
        raise _wrong(name)
    nbytes = offsets[1] - offsets[0]
    if math.prod(shape) * ITEM_SIZES[dtype] != nbytes:
        raise _wrong(name)
    return TensorInfo(name, dtype, tuple(shape), data + offsets[0], nbytes)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate name")
    return result


def _wrong(name: str) -> ModelError:
    """What to raise where type, shape and place of a tensor contradict each other, or the file's size."""
    return ModelError("tensor-invalid", tensor=repr(name), format=_FORMAT)


class SafetensorsFile(MappedFile):
    """A file opened for reading, memory-mapped: tensors are paged in as they are read. A context manager."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open and check `path`; raises LoadError or ModelError."""
        super().__init__(path)
        header = parse_header(self._view, self._size)
        self.tensors = header.tensors
        self.metadata = header.metadata


def without_padding(tensors: Mapping[str, TensorInfo]) -> dict[str, TensorInfo]:
    """Return a file's tensors but for what only fills gaps between them, which is called alike in every file."""
    return {name: info for name, info in tensors.items() if not name.startswith(PADDING)}


def open_safetensors(path: str | os.PathLike[str]) -> SafetensorsFile:
    """Open a file; raises LoadError where it cannot be read, ModelError where it is damaged."""
    return SafetensorsFile(path)


def write_safetensors(
    path: str | os.PathLike[str], tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]], metadata: Mapping[str, str]
) -> None:
    """Write `{name: (dtype, shape, bytes)}` in the given order, each tensor at a multiple of 64 bytes.

    Raises ValueError, and writes nothing, where bytes do not fit type and shape.
    """
    for name, (dtype, shape, data) in tensors.items():
        _check_size(name, dtype, shape, len(data))
    kinds = {name: (dtype, shape) for name, (dtype, shape, _) in tensors.items()}
    stream_safetensors(path, kinds, lambda name: tensors[name][2], metadata)


def stream_safetensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, tuple[str, tuple[int, ...]]],
    read: Callable[[str], bytes],
    metadata: Mapping[str, str],
    reading: Iterable[str] | None = None,
) -> None:
    """Write `{name: (dtype, shape)}` as `write_safetensors` does; `read` is asked for bytes one tensor at a time.

    It is asked in the order of `reading`, which names the same tensors; their own by default. Raises ValueError where
    bytes do not fit; the file is then of no use.
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    places = dict[str, int]()
    end = 0

    def place(name: str, dtype: str, shape: tuple[int, ...]) -> None:
        nonlocal end
        nbytes = math.prod(shape) * ITEM_SIZES[dtype]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + nbytes]}
        places[name] = end
        end += nbytes

    for name, (dtype, shape) in tensors.items():
        if gap := -end % ALIGN:
            place(f"{PADDING}{len(places)}", "U8", (gap,))
        place(name, dtype, shape)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % ALIGN)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(len(text) + 8 + end)
        for name in reading or tensors:
            data = read(name)
            _check_size(name, *tensors[name], len(data))
            file.seek(8 + len(text) + places[name])
            file.write(data)


def _check_size(name: str, dtype: str, shape: tuple[int, ...], nbytes: int) -> None:
    if nbytes != math.prod(shape) * ITEM_SIZES[dtype]:
        raise ValueError(f"{name}: {nbytes} bytes do not fit {dtype} {shape}")
