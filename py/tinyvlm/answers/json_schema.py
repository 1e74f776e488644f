r"""A JSON schema as a grammar of the texts that fit it.

docs/json_schemas.md lists which keywords are held; every other one is refused by its name, so that no text is written
that a validator refuses. Some texts that fit are not written. Properties come in the schema's order, and where nothing
is said of others, there are none. No white space but at most one space behind ":" and ","; inside strings, characters
stand for themselves or are escaped by a backslash, but not as \u0000.

Every text ends: strings of at most 1000 characters, arrays of at most 100 items and objects of at most 60 members whose
names are free, where the schema does not say; numbers of at most 15 digits before and behind the point and 2 in the
exponent; 10 references inside what they refer to, and values of any kind 3 deep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..errors import InputError
from .distinct import Distinct, DistinctTexts
from .grammar import IMPOSSIBLE, Automaton, InOrder, Items, Members, Node, OneOf, Text, Units, begin, to_write
from .json_numbers import BOUNDS, MAX_DIGITS, bounded_number
from .json_text import CONTINUATION, Alphabet, Matching
from .languages import ANYTHING, Language, LanguageTooLargeError, both
from .patterns import pattern_language
from .schema_merge import Plain, Resolver, is_of_type, same, types_of
from .string_formats import FORMATS, FREE_FORMATS, MAX_LENGTHS

MAX_CHARACTERS = 1000
MAX_ITEMS = 100
MAX_ANY_DEPTH = 3

# First bytes of UTF-8's characters, and what follows them (The Unicode Standard, table 3-7); escapes as in RFC 8259.
_CHARACTERS: dict[int, tuple[Collection[int], ...]] = {
    **{byte: () for byte in range(0x20, 0x80) if byte not in b'"\\'},
    ord("\\"): (b'"\\/bfnrt',),
    **dict.fromkeys(range(0xC2, 0xE0), (CONTINUATION,)),
    **dict.fromkeys(range(0xE0, 0xF0), (CONTINUATION, CONTINUATION)),
    0xE0: (range(0xA0, 0xC0), CONTINUATION),
    0xED: (range(0x80, 0xA0), CONTINUATION),
    **dict.fromkeys(range(0xF1, 0xF4), (CONTINUATION, CONTINUATION, CONTINUATION)),
    0xF0: (range(0x90, 0xC0), CONTINUATION, CONTINUATION),
    0xF4: (range(0x80, 0x90), CONTINUATION, CONTINUATION),
}
_ASCII = range(0x20, 0x7F)
_NUMBER_FORMATS = {"float": None, "double": None, "int64": None, "int32": (1 << 31) - 1}
"""OpenAPI's, with the largest number that each holds; None: more than is written here."""

Literal = Callable[[bytes], Node]
"""Makes the node of bytes that stand as they are."""


def schema_grammar(schema: Any, writable: Collection[int], literal: Literal = Text) -> Node:
    """Return the grammar of JSON that fits `schema`; `writable`: the bytes that may be used.

    Raises InputError: "bad-schema" or "schema-...", or "json-unwritable" for a tokenizer that cannot write JSON.
    """
    if not all(byte in writable for byte in _ASCII):
        raise InputError("json-unwritable")
    if not isinstance(schema, Mapping):
        raise InputError("bad-schema", value=repr(schema))
    try:
        node = _Compiler(schema, frozenset(writable), literal).node(schema, 0)
    except RecursionError as error:
        raise InputError("schema-too-deep") from error
    if to_write(begin(node)) == IMPOSSIBLE:
        raise InputError("schema-impossible")
    return node


class _Compiler:
    """Makes the nodes of one schema's parts, each once for every depth of references."""

    def __init__(self, root: Mapping[str, Any], writable: frozenset[int], literal: Literal) -> None:
        self._resolver = Resolver(root)
        self._writable = writable
        self._text = literal
        self._space = OneOf(Text(b""), Text(b" "))
        self._comma = InOrder(Text(b","), self._space)
        self._characters = {
            byte: tuple(frozenset(places) & writable for places in behind)
            for byte, behind in _CHARACTERS.items()
            if byte in writable and all(frozenset(places) & writable for places in behind)
        }
        self._alphabet = Alphabet(self._characters)
        self._made: dict[tuple[int, int, int], tuple[Any, Node]] = {}

    def node(self, schema: Any, depth: int, any_depth: int = 0) -> Node:
        """Return the grammar of one schema; `any_depth`: how many values of any kind it lies in."""
        key = (id(schema), depth, any_depth)
        if key not in self._made:
            options = [self._option(plain, any_depth) for plain in self._resolver.options(schema, depth)]
            # The schema is kept with its node, so that no other gets its id.
            self._made[key] = (schema, options[0] if len(options) == 1 else OneOf(*options))
        return self._made[key][1]

    def _option(self, plain: Plain, any_depth: int) -> Node:
        if "enum" in plain:
            return self._enum(plain, any_depth)
        any_depth += not plain.keys() - {"depth"}
        return OneOf(*(self._of_type(name, plain, any_depth) for name in types_of(plain)))

    def _of_type(self, name: str, plain: Plain, any_depth: int) -> Node:
        match name:
            case "object":
                return self._object(plain, any_depth)
            case "array":
                return self._array(plain, any_depth)
            case "string":
                return InOrder(Text(b'"'), self._string(plain), Text(b'"'))
            case "boolean":
                return OneOf(self._text(b"true"), self._text(b"false"))
            case "null":
                return self._text(b"null")
        return self._number(plain, name == "integer")

    # ---- Values that are listed ----------------------------------------------------------------------------------

    def _enum(self, plain: Plain, any_depth: int) -> Node:
        return OneOf(*(self._literal(value) for value in self._listed(plain, any_depth)))

    def _listed(self, plain: Plain, any_depth: int) -> list[Any]:
        """Return the values of `enum` that all other keywords allow, each once."""
        values: list[Any] = []
        for value in plain["enum"]:
            fits = "type" not in plain or any(is_of_type(value, name) for name in plain["type"])
            if fits and not any(same(value, other) for other in values):
                values.append(value)
        others = {keyword: value for keyword, value in plain.items() if keyword != "enum"}
        if not others.keys() - {"type", "depth"}:
            return values
        automaton = Automaton(self._option(others, any_depth))
        return [value for value in values if self._fits(automaton, value)]

    def _fits(self, automaton: Automaton, value: Any) -> bool:
        state = automaton.walk(automaton.start, self._written(value))
        return state is not None and state.complete

    def _literal(self, value: Any) -> Node:
        if isinstance(value, list):
            items = [(self._literal(item), True) for item in value]
            return InOrder(Text(b"["), Members(items, self._comma), Text(b"]"))
        if isinstance(value, Mapping):
            members = [(self._member(name, self._literal(item)), True) for name, item in value.items()]
            return InOrder(Text(b"{"), Members(members, self._comma), Text(b"}"))
        return self._text(self._written(value))

    def _written(self, value: Any) -> bytes:
        """Return one value as JSON: in ASCII where the tokenizer cannot write it otherwise."""
        try:
            plain = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
        except (TypeError, ValueError) as error:
            raise InputError("schema-value-invalid", value=repr(value)) from error
        return plain if self._writable.issuperset(plain) else json.dumps(value).encode()

    # ---- Numbers and strings -------------------------------------------------------------------------------------

    def _number(self, plain: Plain, is_integer: bool) -> Node:
        bounds = {keyword: value for keyword, value in plain.items() if keyword in BOUNDS}
        limit = _NUMBER_FORMATS.get(self._format(plain))
        if bounds or limit:
            return bounded_number(bounds, is_integer, limit)
        return _INTEGER if is_integer else _NUMBER

    def _format(self, plain: Plain) -> str:
        form = plain.get("format", "")
        known = (FORMATS.keys() | FREE_FORMATS, _NUMBER_FORMATS.keys())
        types = types_of(plain)
        wanted = [forms for forms, mine in zip(known, ("string" in types, types != ["string"]), strict=True) if mine]
        if form != "" and not (isinstance(form, str) and any(form in forms for forms in wanted)):
            raise InputError("schema-format-unsupported", format=repr(form))
        return str(form)

    def _string(self, plain: Plain) -> Node:
        limit = MAX_LENGTHS.get(self._format(plain), MAX_CHARACTERS)
        least, most = _bounds(plain, "minLength", "maxLength", limit)
        most = min(most, limit) if self._format(plain) in MAX_LENGTHS else most
        language = self._language(plain)
        if language == ANYTHING:
            return Units(self._characters, least, most)
        try:
            return Matching(self._alphabet, language, least, most)
        except LanguageTooLargeError as error:
            shown = plain.get("pattern") or plain["format"]
            raise InputError("schema-pattern-unsupported", pattern=repr(shown), part="size") from error

    def _language(self, plain: Plain) -> Language:
        patterns = plain.get("pattern", [])
        if not all(isinstance(pattern, str) for pattern in patterns):
            raise InputError("schema-keyword-invalid", keyword="pattern", value=repr(patterns))
        form = self._format(plain)
        return both(*map(pattern_language, patterns), *([pattern_language(FORMATS[form]())] if form in FORMATS else []))

    # ---- Arrays --------------------------------------------------------------------------------------------------

    def _array(self, plain: Plain, any_depth: int) -> Node:
        least, most = _bounds(plain, "minItems", "maxItems", MAX_ITEMS)
        first = plain.get("prefixItems", [])
        if plain.get("uniqueItems", False) not in (True, False):
            raise InputError("schema-keyword-invalid", keyword="uniqueItems", value=repr(plain["uniqueItems"]))
        if plain.get("uniqueItems"):
            return InOrder(Text(b"["), self._distinct(plain, least, most), Text(b"]"))
        if first and "items" not in plain:
            most = max(least, min(most, len(first)))
        if any_depth > MAX_ANY_DEPTH:
            most = 0
        depth = plain["depth"]
        nodes = [self.node(schema, depth, any_depth) for schema in first[:most]]
        others = self.node(plain.get("items", True), depth, any_depth) if most > len(first) else OneOf()
        return InOrder(Text(b"["), Items(nodes, others, self._comma, least, most), Text(b"]"))

    def _distinct(self, plain: Plain, least: int, most: int) -> Node:
        """Return the items of an array that holds nothing twice: of listed values, or strings without a pattern."""
        options = self._resolver.options(plain.get("items", True), plain["depth"])
        if "prefixItems" not in plain and all("enum" in each or _is_listed(each) for each in options):
            listed = [value for each in options for value in self._listed({"enum": [True, False, None], **each}, 0)]
            values = [value for index, value in enumerate(listed) if not any(same(value, v) for v in listed[:index])]
            return Distinct([self._literal(value) for value in values], self._comma, least, min(most, len(values)))
        if "prefixItems" not in plain and len(options) == 1 and types_of(options[0]) == ["string"]:
            length = _bounds(options[0], "minLength", "maxLength", MAX_CHARACTERS)
            if self._language(options[0]) == ANYTHING and length[1] > 0:
                return DistinctTexts(self._alphabet, self._comma, [Text(b'"')], (least, most), length)
        raise InputError("schema-unsupported", keyword="uniqueItems")

    # ---- Objects -------------------------------------------------------------------------------------------------

    def _object(self, plain: Plain, any_depth: int) -> Node:
        depth = plain["depth"]
        free = plain.get("additionalProperties", any_depth > 0 and "properties" not in plain)
        properties = dict(plain.get("properties", {}))
        required = plain.get("required", [])
        for name in required:
            if name not in properties and free is False:
                raise InputError("schema-required-unknown", value=repr(required))
            properties.setdefault(name, free)
        if "propertyNames" in plain:
            return self._named_members(plain, properties, free)
        members = [
            (self._member(name, self.node(value, depth, any_depth)), name in required)
            for name, value in properties.items()
        ]
        if free is False or any_depth > MAX_ANY_DEPTH:
            return _braces(Members(members, self._comma))
        value = self.node(free, depth, any_depth)
        behind = [Text(b'":'), self._space, value]
        length = (0, MAX_CHARACTERS)
        others = DistinctTexts(self._alphabet, self._comma, behind, (0, MAX_ITEMS), length, properties)
        return _braces(Members(members, self._comma, lambda begun: ((others, others.begin(begun)),)))

    def _named_members(self, plain: Plain, properties: Mapping[str, Any], free: Any) -> Node:
        """Return an object whose names are held to a schema: listed ones, each at most once."""
        options = self._resolver.options(plain["propertyNames"], plain["depth"])
        if properties or free is False or not all("enum" in option for option in options):
            raise InputError("schema-unsupported", keyword="propertyNames")
        names = [name for option in options for name in self._listed({"type": ["string"], **option}, 0)]
        value = self.node(free, plain["depth"])
        return _braces(Members([(self._member(name, value), False) for name in dict.fromkeys(names)], self._comma))

    def _member(self, name: Any, value: Node) -> Node:
        if not isinstance(name, str):
            raise InputError("schema-name-invalid", name=repr(name))
        return InOrder(self._text(self._written(name) + b":"), self._space, value)


def _braces(members: Node) -> Node:
    return InOrder(Text(b"{"), members, Text(b"}"))


def _is_listed(plain: Plain) -> bool:
    """Whether a schema has a handful of values though it lists none."""
    return bool(plain.get("type")) and set(plain["type"]) <= {"boolean", "null"}


def _digits(least: int, most: int, digits: bytes = b"0123456789") -> Node:
    return Units(dict.fromkeys(digits, ()), least, most)


def _optional(*nodes: Node) -> Node:
    return OneOf(Text(b""), InOrder(*nodes))


_WHOLE = OneOf(Text(b"0"), InOrder(_digits(1, 1, b"123456789"), _digits(0, MAX_DIGITS - 1)))
_INTEGER = InOrder(_optional(Text(b"-")), _WHOLE)
_NUMBER = InOrder(
    _INTEGER,
    _optional(Text(b"."), _digits(1, MAX_DIGITS)),
    _optional(OneOf(Text(b"e"), Text(b"E")), _optional(OneOf(Text(b"+"), Text(b"-"))), _digits(1, 2)),
)


def _bounds(plain: Mapping[str, Any], lower: str, upper: str, limit: int) -> tuple[int, int]:
    least = plain.get(lower, 0)
    most = plain.get(upper, max(limit, least) if type(least) is int else limit)
    if type(least) is not int or type(most) is not int or not 0 <= least <= most:
        raise InputError("schema-bounds-wrong", lower=lower, upper=upper, least=repr(least), most=repr(most))
    return least, most
