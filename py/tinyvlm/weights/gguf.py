"""Reading GGUF, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), trusting no number in it.

A file is a magic word, a version, counts of tensors and metadata; metadata as typed values by key; tensors as names,
dimensions, types and offsets; then, aligned, the tensors' bytes. Nothing tells how long all that before the bytes is.
"""

from __future__ import annotations

import math
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

PEEK_BYTES = 1 << 16
"""How much of a file is enough for `peek_architecture`: writers put the architecture first."""

_FORMAT = "GGUF"
_ARCHITECTURE = re.compile(rb"general\.architecture\x08\x00\x00\x00(.)\x00{7}", re.DOTALL)
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
    file goes on and the buffer does not; ModelError unless every tensor lies inside the file, aligned, and none
    overlaps another: "gguf-version-unsupported" and "weights-unsupported" for other versions and types.
    """
    reader = _Reader(buffer, file_size)
    if reader.take(4) != b"GGUF":
        raise _invalid()
    version = reader.number(_U32)
    if version not in (2, 3):
        raise ModelError("gguf-version-unsupported", version=hex(version))
    tensor_count = reader.number(_U64)
    metadata_count = reader.number(_U64)
    reader.need(metadata_count * _LEAST_METADATA_BYTES + tensor_count * _LEAST_TENSOR_BYTES)
    metadata = dict[str, Any]()
    for _ in range(metadata_count):
        key = reader.string(MAX_NAME_BYTES)
        if key in metadata:
            raise ModelError("weights-name-twice", name=repr(key), format=_FORMAT)
        metadata[key] = reader.value(reader.number(_U32))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise _invalid()
    stored = dict[str, TensorInfo]()
    for _ in range(tensor_count):
        info = _tensor(reader)
        if info.name in stored:
            raise ModelError("weights-name-twice", name=repr(info.name), format=_FORMAT)
        stored[info.name] = info
    data = -(-reader.at // alignment) * alignment
    return GGUFHeader(metadata, _place(stored, data, alignment, file_size))


def peek_architecture(beginning: bytes) -> str | None:
    """Return the architecture that a file which begins so names, "clip" for a vision tower, or None."""
    match = _ARCHITECTURE.search(beginning) if beginning.startswith(b"GGUF") else None
    return beginning[match.end() : match.end() + match[1][0]].decode(errors="replace") if match else None


def _tensor(reader: _Reader) -> TensorInfo:
    """Read a tensor's entry; its offset counts from the first tensor's bytes."""
    name = reader.string(MAX_NAME_BYTES)
    rank = reader.number(_U32)
    if not 1 <= rank <= MAX_DIMENSIONS:
        raise _wrong(name)
    shape = tuple(reader.number(_U64) for _ in range(rank))[::-1]
    code = reader.number(_U32)
    offset = reader.number(_U64)
    if code not in _TYPE_NAMES:
        kind = OTHER_TYPES.get(code, f"type {code}")
        supported = ", ".join(STORED_TYPES)
        raise ModelError("weights-unsupported", tensor=repr(name), dtype=kind, supported=supported)
    dtype = _TYPE_NAMES[code]
    stored = STORED_TYPES[dtype]
    if min(shape) < 1 or shape[-1] % stored.values:
        raise _wrong(name)
    return TensorInfo(name, dtype, shape, offset, math.prod(shape) // stored.values * stored.nbytes)


def _place(stored: Mapping[str, TensorInfo], data: int, alignment: int, file_size: int) -> dict[str, TensorInfo]:
    """Check where tensors lie, and count their offsets from the start of the file."""
    end = 0
    for info in sorted(stored.values(), key=lambda info: info.offset):
        if info.offset < end:
            raise _wrong(info.name)
        end = info.offset + info.nbytes
        if info.offset % alignment or data + end > file_size:
            raise _wrong(info.name)
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
                raise ModelError("weights-truncated", format=_FORMAT)
            if end > MAX_HEADER_BYTES:
                raise ModelError("weights-header-too-long", limit=MAX_HEADER_BYTES, format=_FORMAT)
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
        """Read a text; the format asks for UTF-8, but a name or a licence in another encoding harms nobody."""
        length = self.number(_U64)
        if length > longest:
            raise _invalid()
        return self.take(length).decode(errors="replace")

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
            raise _invalid()
        if kind == _STRING:
            return self._strings(count)
        if kind != _ARRAY:
            return self._numbers(kind, count)
        self.need(count * (_U32.size + _U64.size))
        return [self.value(_ARRAY, depth + 1) for _ in range(count)]

    def _numbers(self, kind: int, count: int) -> list[Any]:
        if kind not in _SCALARS:
            raise _invalid()
        layout = struct.Struct(f"<{count}{_SCALARS[kind]}")
        values: list[Any] = list(layout.unpack(self.take(layout.size)))
        if kind != _BOOL:
            return values
        if not all(value in (0, 1) for value in values):
            raise _invalid()
        return [bool(value) for value in values]

    def _strings(self, count: int) -> list[str]:
        """Read a vocabulary: a hundred thousand strings, so this loop calls as little as it can.

        Bytes that are no UTF-8 become surrogates, so that different tokens stay different.
        """
        self.need(count * _U64.size)
        view = self._view
        at = self.at
        have = len(self._view)
        unpack = _U64.unpack_from
        values = list[str]()
        for _ in range(count):
            if at + _U64.size > have:
                break
            start = at + _U64.size
            at = start + unpack(view, at)[0]
            if at > have:
                break
            values.append(str(view[start:at], "utf-8", "surrogateescape"))
        if len(values) < count:
            self.need(max(at - self.at, have - self.at + 1))
        self.at = at
        return values


def _invalid() -> ModelError:
    return ModelError("weights-invalid", format=_FORMAT)


def _wrong(name: str) -> ModelError:
    """What to raise where type, shape and place of a tensor contradict each other, or the file's size."""
    return ModelError("tensor-invalid", tensor=repr(name), format=_FORMAT)


class GGUFFile(MappedFile):
    """A file opened for reading, memory-mapped: tensors are paged in as they are read. A context manager."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open and check `path`; raises LoadError or ModelError."""
        super().__init__(path)
        header = parse_header(self._view, self._size)
        self.tensors = header.tensors
        self.metadata = header.metadata
