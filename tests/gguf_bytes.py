"""Builds GGUF files byte by byte, also such that no writer would make."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

U8, I32, U32, F32, BOOL, STRING, ARRAY, U64 = 0, 5, 4, 6, 7, 8, 9, 10
_CODES = {U8: "B", I32: "i", U32: "I", F32: "f", BOOL: "B", U64: "Q"}


class GGUFBytes:
    """A file under construction; `fields` are the place and size of every number in it."""

    def __init__(self, tensors: int = 0, metadata: int = 0, version: int = 3) -> None:
        self.data = bytearray(b"GGUF")
        self.fields: list[tuple[int, int]] = []
        self.names: list[tuple[int, int]] = []
        self.number("I", version)
        self.number("Q", tensors)
        self.number("Q", metadata)

    def number(self, code: str, value: Any) -> GGUFBytes:
        """Append a number, whatever the format wants there."""
        data = struct.pack(f"<{code}", value)
        self.fields.append((len(self.data), len(data)))
        self.data += data
        return self

    def string(self, text: str | bytes) -> GGUFBytes:
        """Append a string with its length."""
        data = text.encode() if isinstance(text, str) else text
        self.number("Q", len(data))
        self.data += data
        return self

    def value(self, kind: int, value: Any) -> GGUFBytes:
        """Append a value without its type; an array is (type of its items, items)."""
        if kind == STRING:
            return self.string(value)
        if kind != ARRAY:
            return self.number(_CODES[kind], value)
        inner, items = value
        self.number("I", inner).number("Q", len(items))
        for item in items:
            self.value(inner, item)
        return self

    def entry(self, key: str | bytes, kind: int, value: Any) -> GGUFBytes:
        """Append a key and its value."""
        self.names.append((len(self.data), len(key)))
        return self.string(key).number("I", kind).value(kind, value)

    def tensor(self, name: str | bytes, dims: Sequence[int], code: int, offset: int) -> GGUFBytes:
        """Append a tensor's entry; `dims` in the file's order, the length of a row first."""
        self.names.append((len(self.data), len(name)))
        self.string(name).number("I", len(dims))
        for dim in dims:
            self.number("Q", dim)
        return self.number("I", code).number("Q", offset)

    def finish(self, nbytes: int = 0, alignment: int = 32) -> bytes:
        """Return the file with as many bytes of tensors."""
        return bytes(self.data) + bytes(-len(self.data) % alignment + nbytes)
