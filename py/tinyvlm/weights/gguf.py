"""Reading GGUF, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), trusting no number in it.

A file is a magic word, a version, counts of tensors and metadata; metadata as typed values by key; tensors as names,
dimensions, types and offsets; then, aligned, the tensors' bytes. Nothing tells how long all that before the bytes is.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import ModelError
from .gguf_types import OTHER_TYPES, STORED_TYPES
from .mapped import MappedFile
from .tensor_info import TensorInfo

MAX_HEADER_BYTES = 100_000_000
"""Longest header that is read: safetensors' limit."""

MAX_ITEMS = 1 << 21
"""Values in all arrays together: the largest vocabularies in use need 1.3 million."""

MAX_NAME_BYTES, MAX_DIMENSIONS, MAX_DEPTH, MAX_ALIGNMENT = 1024, 4, 4, 1 << 16
"""Longest key or tensor name; ggml's dimensions; arrays in arrays; bytes that tensors may be aligned to."""

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
_BOOL = 7
_STRING = 8
_ARRAY = 9
_LEAST_METADATA_BYTES = 8 + 4 + 1
_LEAST_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8
_TYPE_NAMES = {stored.code: name for name, stored in STORED_TYPES.items()}


class HeaderIncomplete(Exception):
    """The buffer ends within the header: parse again with the file's first `needed` bytes.

    `needed` is at least twice what there was, so that fetching and parsing again stay linear.
    """

    def __init__(self, needed: int) -> None:
        """Say how much to fetch."""
        super().__init__(f"the header needs at least {needed} bytes")
        self.needed = needed


@dataclass(frozen=True)
class GGUFHeader:
    """A checked header. Metadata are ints, floats, bools, strings and lists of these."""

    metadata: Mapping[str, Any]
    tensors: Mapping[str, TensorInfo]


def parse_header(buffer: Any, file_size: int) -> GGUFHeader:
    """Check and return the header of a file whose first bytes are `buffer`.

    A tensor's shape is in the order of rows and columns, the reverse of the file's. Raises HeaderIncomplete where the
    file goes on and the buffer does not; ModelError("weights-invalid") unless every tensor lies inside the file,
    aligned, and none overlaps another; ModelError("weights-unsupported") for other versions and types.
    """
    reader = _Reader(buffer, file_size)
    if reader.take(4) != b"GGUF":
        _invalid("does not begin as one")
    version = reader.number(_U32)
    if version not in (2, 3):
        sentence = f"GGUF version {version:#x} is not supported; supported: 2 and 3, little-endian."
        raise ModelError("weights-unsupported", sentence)
    tensor_count = reader.number(_U64)
    metadata_count = reader.number(_U64)
    reader.need(metadata_count * _LEAST_METADATA_BYTES + tensor_count * _LEAST_TENSOR_BYTES)
    metadata = dict[str, Any]()
    for _ in range(metadata_count):
        key = reader.string(MAX_NAME_BYTES)
        if key in metadata:
            _invalid(f"has two values for {key!r}")
        metadata[key] = reader.value(reader.number(_U32))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        _invalid(f"has an alignment of {alignment!r:.20}")
    stored = dict[str, TensorInfo]()
    for _ in range(tensor_count):
        info = _tensor(reader)
        if info.name in stored:
            _invalid(f"has two tensors called {info.name!r}")
        stored[info.name] = info
    data = -(-reader.at // alignment) * alignment
    return GGUFHeader(metadata, _place(stored, data, alignment, file_size))


def _tensor(reader: _Reader) -> TensorInfo:
    """Read a tensor's entry; its offset counts from the first tensor's bytes."""
    name = reader.string(MAX_NAME_BYTES)
    rank = reader.number(_U32)
    if not 1 <= rank <= MAX_DIMENSIONS:
        _invalid(f"gives tensor {name!r} {rank} dimensions")
    shape = tuple(reader.number(_U64) for _ in range(rank))[::-1]
    code = reader.number(_U32)
    offset = reader.number(_U64)
    if code not in _TYPE_NAMES:
        kind = OTHER_TYPES.get(code, f"type {code}")
        known = ", ".join(STORED_TYPES)
        sentence = f"Tensor {name!r} is stored as {kind}, which is not supported; supported: {known}."
        raise ModelError("weights-unsupported", sentence, tensor=name)
    dtype = _TYPE_NAMES[code]
    stored = STORED_TYPES[dtype]
    if min(shape) < 1 or shape[-1] % stored.values:
        _invalid(f"gives tensor {name!r} a shape that its type {dtype} cannot have")
    return TensorInfo(name, dtype, shape, offset, math.prod(shape) // stored.values * stored.nbytes)


def _place(stored: Mapping[str, TensorInfo], data: int, alignment: int, file_size: int) -> dict[str, TensorInfo]:
    """Check where tensors lie, and count their offsets from the start of the file."""
    end = 0
    for info in sorted(stored.values(), key=lambda info: info.offset):
        if info.offset < end:
            _invalid(f"has an overlap before tensor {info.name!r}")
        end = info.offset + info.nbytes
        if info.offset % alignment or data + end > file_size:
            _invalid(f"places tensor {info.name!r} outside the file or out of line")
    return {
        info.name: TensorInfo(info.name, info.dtype, info.shape, data + info.offset, info.nbytes)
        for info in stored.values()
    }


class _Reader:
    """Reads the header's values one after the other, never past what there is."""

    def __init__(self, buffer: Any, file_size: int) -> None:
        self._view = memoryview(buffer)[: min(file_size, MAX_HEADER_BYTES)]
        self._file_size = file_size
        self.at = 0
        self._items = 0

    def need(self, nbytes: int) -> None:
        """Check that as many more bytes are there."""
        end = self.at + nbytes
        have = len(self._view)
        if end > have:
            if end > self._file_size:
                _invalid("ends within its header")
            if end > MAX_HEADER_BYTES:
                _invalid(f"has a header of more than {MAX_HEADER_BYTES} bytes")
            raise HeaderIncomplete(min(max(end, 2 * have), self._file_size))

    def take(self, nbytes: int) -> bytes:
        self.need(nbytes)
        self.at += nbytes
        return bytes(self._view[self.at - nbytes : self.at])

    def number(self, kind: struct.Struct) -> int:
        self.need(kind.size)
        self.at += kind.size
        value: int = kind.unpack_from(self._view, self.at - kind.size)[0]
        return value

    def string(self, longest: int = MAX_HEADER_BYTES) -> str:
        length = self.number(_U64)
        if length > longest:
            _invalid(f"has a string of {length} bytes")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            _invalid("has a string that is not UTF-8")

    def value(self, kind: int, depth: int = 0) -> Any:
        """Read a value of one of the format's types."""
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self._numbers(kind, 1)[0]
        kind = self.number(_U32)
        count = self.number(_U64)
        self._items += count
        if depth == MAX_DEPTH or self._items > MAX_ITEMS:
            _invalid("has arrays too long or too deep")
        if kind == _STRING:
            return self._strings(count)
        if kind != _ARRAY:
            return self._numbers(kind, count)
        self.need(count * (_U32.size + _U64.size))
        return [self.value(_ARRAY, depth + 1) for _ in range(count)]

    def _numbers(self, kind: int, count: int) -> list[Any]:
        if kind not in _SCALARS:
            _invalid(f"has a value of the unknown type {kind}")
        layout = struct.Struct(f"<{count}{_SCALARS[kind]}")
        values: list[Any] = list(layout.unpack(self.take(layout.size)))
        if kind != _BOOL:
            return values
        if not all(value in (0, 1) for value in values):
            _invalid("has a truth value that is neither 0 nor 1")
        return [bool(value) for value in values]

    def _strings(self, count: int) -> list[str]:
        """Read a vocabulary: a hundred thousand strings, so this loop calls as little as it can."""
        self.need(count * _U64.size)
        view = self._view
        at = self.at
        have = len(self._view)
        unpack = _U64.unpack_from
        values = list[str]()
        try:
            for _ in range(count):
                if at + _U64.size > have:
                    break
                start = at + _U64.size
                at = start + unpack(view, at)[0]
                if at > have:
                    break
                values.append(str(view[start:at], "utf-8"))
        except UnicodeDecodeError:
            _invalid("has a string that is not UTF-8")
        if len(values) < count:
            self.need(max(at - self.at, have - self.at + 1))
        self.at = at
        return values


def _invalid(what: str) -> NoReturn:
    raise ModelError("weights-invalid", f"The weights file {what}; it is damaged or not a GGUF file.")


class GGUFFile(MappedFile):
    """A file opened for reading, memory-mapped: tensors are paged in as they are read. A context manager."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open and check `path`; raises ModelError."""
        super().__init__(path)
        header = parse_header(self._view, self._size)
        self.tensors = header.tensors
        self.metadata = header.metadata
