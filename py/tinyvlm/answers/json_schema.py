r"""A JSON schema as a grammar of the texts that fit it.

Read are: `type` (one or a list), `properties`, `required`, `additionalProperties: false` (also where it is not said),
`items`, `minItems`, `maxItems`, `minLength`, `maxLength`, `enum`, `const`, `anyOf`, and `$ref` to a place in the schema
that does not lead back to itself. Properties are written in the schema's order.

Every text ends: no white space but at most one space behind ":" and ","; strings of at most 1000 characters and arrays
of at most 100 items where the schema does not say; numbers of at most 15 digits before and behind the point and 2 in
the exponent, so that each is a finite double and each integer an exact one. Inside strings, characters stand for
themselves or are escaped by a backslash, but not as \u0000.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import InputError
from .grammar import InOrder, Members, Node, OneOf, Repeated, Text, Units

MAX_CHARACTERS = 1000
MAX_ITEMS = 100

_ANNOTATIONS = {"title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions"}
_KEYWORDS: dict[str, set[str]] = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength"},
    "number": set(),
    "integer": set(),
    "boolean": set(),
    "null": set(),
}
_CONTINUATION = range(0x80, 0xC0)
# First bytes of UTF-8's characters, and what follows them (The Unicode Standard, table 3-7); escapes as in RFC 8259.
_CHARACTERS: dict[int, tuple[Collection[int], ...]] = {
    **{byte: () for byte in range(0x20, 0x80) if byte not in b'"\\'},
    ord("\\"): (b'"\\/bfnrt',),
    **dict.fromkeys(range(0xC2, 0xE0), (_CONTINUATION,)),
    **dict.fromkeys(range(0xE0, 0xF0), (_CONTINUATION, _CONTINUATION)),
    0xE0: (range(0xA0, 0xC0), _CONTINUATION),
    0xED: (range(0x80, 0xA0), _CONTINUATION),
    **dict.fromkeys(range(0xF1, 0xF4), (_CONTINUATION, _CONTINUATION, _CONTINUATION)),
    0xF0: (range(0x90, 0xC0), _CONTINUATION, _CONTINUATION),
    0xF4: (range(0x80, 0x90), _CONTINUATION, _CONTINUATION),
}
_ASCII = range(0x20, 0x7F)


def schema_grammar(schema: Mapping[str, Any], writable: Collection[int]) -> Node:
    """Return the grammar of JSON that fits `schema`; `writable`: the bytes that may be used.

    Raises InputError: "bad-schema" or "schema-...", or "json-unwritable" for a tokenizer that cannot write JSON.
    """
    if not all(byte in writable for byte in _ASCII):
        raise InputError("json-unwritable")
    try:
        return _Compiler(schema, frozenset(writable)).node(schema, ())
    except RecursionError as error:
        raise InputError("schema-too-deep") from error


class _Compiler:
    def __init__(self, root: Mapping[str, Any], writable: frozenset[int]) -> None:
        self._root = root
        self._writable = writable
        self._referred: dict[str, Node] = {}
        self._space = OneOf(Text(b""), Text(b" "))
        self._comma = InOrder(Text(b","), self._space)
        self._characters = {
            byte: tuple(frozenset(places) & writable for places in behind)
            for byte, behind in _CHARACTERS.items()
            if byte in writable and all(frozenset(places) & writable for places in behind)
        }

    def node(self, schema: Any, path: tuple[str, ...]) -> Node:
        """Return the grammar of one schema; `path`: the references that led to it."""
        if not isinstance(schema, Mapping):
            raise InputError("bad-schema", value=repr(schema))
        for keyword, compiled in (("$ref", self._ref), ("anyOf", self._any_of)):
            if keyword in schema:
                self._only(schema, {keyword})
                return compiled(schema[keyword], path)
        types = self._types(schema)
        for keyword in ("const", "enum"):
            if keyword in schema:
                self._only(schema, {keyword, "type"})
                return self._enum([schema["const"]] if keyword == "const" else schema["enum"], types)
        if not types:
            raise InputError("schema-without-type")
        self._only(schema, {"type"}.union(*(_KEYWORDS[name] for name in types)))
        return OneOf(*(self._of_type(name, schema, path) for name in types))

    def _only(self, schema: Mapping[str, Any], keywords: set[str]) -> None:
        for keyword in schema:
            if keyword not in keywords | _ANNOTATIONS:
                raise InputError("schema-unsupported", keyword=keyword)

    def _types(self, schema: Mapping[str, Any]) -> list[str]:
        types = schema.get("type", [])
        names = [types] if isinstance(types, str) else types
        if not isinstance(names, list) or not all(isinstance(name, str) and name in _KEYWORDS for name in names):
            raise InputError("schema-type-unknown", known=", ".join(_KEYWORDS), value=repr(types))
        return names

    def _ref(self, pointer: Any, path: tuple[str, ...]) -> Node:
        if not isinstance(pointer, str) or not pointer.startswith("#/") or pointer in path:
            raise InputError("schema-ref-unsupported", pointer=repr(pointer))
        if pointer not in self._referred:
            found: Any = self._root
            for name in pointer[2:].split("/"):
                found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
            self._referred[pointer] = self.node(found, (*path, pointer))
        return self._referred[pointer]

    def _any_of(self, schemas: Any, path: tuple[str, ...]) -> Node:
        if not isinstance(schemas, list) or not schemas:
            raise InputError("schema-keyword-invalid", keyword="anyOf", value=repr(schemas))
        return OneOf(*(self.node(schema, path) for schema in schemas))

    def _enum(self, values: Any, types: Sequence[str]) -> Node:
        if not isinstance(values, list):
            raise InputError("schema-keyword-invalid", keyword="enum", value=repr(values))
        fitting = [value for value in values if not types or any(_is_of_type(value, name) for name in types)]
        if not fitting:
            raise InputError("schema-enum-empty")
        return OneOf(*(self._literal(value) for value in fitting))

    def _of_type(self, name: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> Node:
        match name:
            case "object":
                return self._object(schema, path)
            case "array":
                return self._array(schema, path)
            case "string":
                least, most = _bounds(schema, "minLength", "maxLength", MAX_CHARACTERS)
                return InOrder(Text(b'"'), Units(self._characters, least, most), Text(b'"'))
            case "boolean":
                return OneOf(Text(b"true"), Text(b"false"))
            case "null":
                return Text(b"null")
        return _INTEGER if name == "integer" else _NUMBER

    def _object(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Node:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        if schema.get("additionalProperties", False) is not False:
            raise InputError("schema-additional-properties")
        if not isinstance(properties, Mapping):
            raise InputError("schema-keyword-invalid", keyword="properties", value=repr(properties))
        if not isinstance(required, list) or not all(isinstance(name, str) and name in properties for name in required):
            raise InputError("schema-required-unknown", value=repr(required))
        members = [self._member(name, self.node(value, path)) for name, value in properties.items()]
        wanted = [name in required for name in properties]
        return InOrder(Text(b"{"), Members(list(zip(members, wanted, strict=True)), self._comma), Text(b"}"))

    def _array(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Node:
        if "items" not in schema:
            raise InputError("schema-without-items")
        least, most = _bounds(schema, "minItems", "maxItems", MAX_ITEMS)
        items = Repeated(self.node(schema["items"], path), self._comma, least, most)
        return InOrder(Text(b"["), items, Text(b"]"))

    def _member(self, name: Any, value: Node) -> Node:
        if not isinstance(name, str):
            raise InputError("schema-name-invalid", name=repr(name))
        return InOrder(self._literal(name), Text(b":"), self._space, value)

    def _literal(self, value: Any) -> Node:
        """Return the grammar of one value: in ASCII where the tokenizer cannot write it otherwise."""
        if isinstance(value, list):
            items = [(self._literal(item), True) for item in value]
            return InOrder(Text(b"["), Members(items, self._comma), Text(b"]"))
        if isinstance(value, Mapping):
            members = [(self._member(name, self._literal(item)), True) for name, item in value.items()]
            return InOrder(Text(b"{"), Members(members, self._comma), Text(b"}"))
        try:
            plain = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
        except (TypeError, ValueError) as error:
            raise InputError("schema-value-invalid", value=repr(value)) from error
        return Text(plain if self._writable.issuperset(plain) else json.dumps(value).encode())


def _digits(least: int, most: int, digits: bytes = b"0123456789") -> Node:
    return Units(dict.fromkeys(digits, ()), least, most)


def _optional(*nodes: Node) -> Node:
    return OneOf(Text(b""), InOrder(*nodes))


_INTEGER = InOrder(_optional(Text(b"-")), OneOf(Text(b"0"), InOrder(_digits(1, 1, b"123456789"), _digits(0, 14))))
_NUMBER = InOrder(
    _INTEGER,
    _optional(Text(b"."), _digits(1, 15)),
    _optional(OneOf(Text(b"e"), Text(b"E")), _optional(OneOf(Text(b"+"), Text(b"-"))), _digits(1, 2)),
)


def _bounds(schema: Mapping[str, Any], lower: str, upper: str, limit: int) -> tuple[int, int]:
    least = schema.get(lower, 0)
    most = schema.get(upper, max(limit, least) if type(least) is int else limit)
    if type(least) is not int or type(most) is not int or not 0 <= least <= most:
        raise InputError("schema-bounds-wrong", lower=lower, upper=upper, least=repr(least), most=repr(most))
    return least, most


def _is_of_type(value: Any, name: str) -> bool:
    match name:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return not isinstance(value, bool) and (whole or (name == "number" and isinstance(value, float)))
