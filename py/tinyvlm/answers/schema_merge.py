"""JSON schemas with their references, `allOf`, `anyOf` and `oneOf` resolved: as options without any of these.

Here `true` is {}, `false` has no type, `const` is an `enum` of one, `type` is a list, and what only annotates is gone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import InputError

MAX_DEPTH = 10
"""How often references may lead into what they lead back to."""
MAX_OPTIONS = 200

Plain = dict[str, Any]
"""Keywords that all hold; "depth" is how deep in references they stand."""

KEYWORDS: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties", "propertyNames"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "boolean": frozenset(),
    "null": frozenset(),
}
"""Each type's own."""

_ANNOTATIONS = frozenset({
    "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "discriminator",
    "$schema", "$id", "$comment", "$defs", "definitions",
})  # fmt: skip
_APPLIED = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
_READ = frozenset({"type", "const", "enum", "additionalItems"}).union(_APPLIED, *KEYWORDS.values())
_ALL_TYPES = frozenset(KEYWORDS) - {"integer"}
_LARGER = frozenset({"minLength", "minItems", "minimum", "exclusiveMinimum"})
_SMALLER = frozenset({"maxLength", "maxItems", "maximum", "exclusiveMaximum"})


class Resolver:
    """Reads the schemas inside one schema."""

    def __init__(self, root: Any) -> None:
        """`root`: the whole schema, which references point into."""
        self._root = root
        self._reached: dict[str, frozenset[str]] = {}

    def options(self, schema: Any, depth: int = 0, path: tuple[str, ...] = ()) -> list[Plain]:
        """Return what a value may be, any of it; `path`: the references that were followed to here.

        Raises InputError: "bad-schema" or "schema-...".
        """
        if isinstance(schema, bool):
            return [{"depth": depth}] if schema else []
        if not isinstance(schema, Mapping):
            raise InputError("bad-schema", value=repr(schema))
        if "$id" in schema and schema is not self._root and any(_references(schema)):
            raise InputError("schema-unsupported", keyword="$id")  # references in it point into it, not into the whole
        options = [{**_own_keywords(schema), "depth": depth}]
        if "$ref" in schema:
            options = _all_of(options, self._referred(schema["$ref"], depth, path))
        for part in _schemas(schema, "allOf"):
            options = _all_of(options, self.options(part, depth, path))
        if "anyOf" in schema:
            parts = _schemas(schema, "anyOf")
            options = _all_of(options, [each for part in parts for each in self.options(part, depth, path)])
        if "oneOf" in schema:
            options = _all_of(options, self._one_of(_schemas(schema, "oneOf"), depth, path))
        return options

    def _referred(self, pointer: Any, depth: int, path: tuple[str, ...]) -> list[Plain]:
        if not isinstance(pointer, str) or pointer in path:
            raise InputError("schema-ref-unsupported", pointer=repr(pointer))
        target = self._find(pointer)
        if target is None:
            raise InputError("schema-ref-unsupported", pointer=repr(pointer))
        if pointer in self._leads_to(pointer):
            depth += 1
            if depth > MAX_DEPTH:
                return []
        return self.options(target, depth, (*path, pointer))

    def _find(self, pointer: str) -> Any:
        if pointer != "#" and not pointer.startswith("#/"):
            raise InputError("schema-ref-unsupported", pointer=repr(pointer))
        found = self._root
        for name in _decoded(pointer).split("/")[1:]:
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found

    def _leads_to(self, pointer: str) -> frozenset[str]:
        """Return the references that are met on the way from one."""
        if pointer not in self._reached:
            met = set[str]()
            waiting = [pointer]
            while waiting:
                for each in _references(self._find(waiting.pop())):
                    if each not in met:
                        met.add(each)
                        waiting.append(each)
            self._reached[pointer] = frozenset(met)
        return self._reached[pointer]

    def _one_of(self, schemas: list[Any], depth: int, path: tuple[str, ...]) -> list[Plain]:
        """As `anyOf`, where no value can fit two; members that tell options apart become required."""
        groups = [self.options(schema, depth, path) for schema in schemas]
        everything = [option for group in groups for option in group]
        for name in self._telling(groups):
            for option in everything:
                option["required"] = [*option.get("required", []), name]
        for index, group in enumerate(groups):
            for other in groups[index + 1 :]:
                if not self._apart(group, other, 0):
                    raise InputError("schema-one-of-overlaps")
        return everything

    def _telling(self, groups: list[list[Plain]]) -> list[str]:
        """Return a member that has values of its own in each group of options, if there is one."""
        everything = [option for group in groups for option in group]
        if len(groups) < 2 or not all(option.get("type") == ["object"] for option in everything):
            return []
        shared = [option.get("properties", {}) for option in everything]
        for name in shared[0] if shared else ():
            if all(name in members for members in shared):
                values = [[each for one in group for each in self._member(one, name)] for group in groups]
                pairs = ((a, b) for index, a in enumerate(values) for b in values[index + 1 :])
                if all(self._apart(a, b, 1) for a, b in pairs):
                    return [name]
        return []

    def _member(self, option: Plain, name: str) -> list[Plain]:
        return self.options(option["properties"][name], option["depth"])

    def _apart(self, some: list[Plain], others: list[Plain], level: int) -> bool:
        """Can no value that is written for one fit the other? Where that is not plain: False."""
        return self._never_fit(some, others, level) and self._never_fit(others, some, level)

    def _never_fit(self, written: list[Plain], others: list[Plain], level: int) -> bool:
        return all(self._never_fits(a, b, level) for a in written for b in others)

    def _never_fits(self, written: Plain, other: Plain, level: int) -> bool:
        """Can no value that is written for one schema fit the other? What says no type fits values of all others."""
        if "enum" in written and "enum" in other:
            return not any(same(a, b) for a in written["enum"] for b in other["enum"])
        shared = _all_types(written) & (_all_types(other) if {"type", "enum"} & other.keys() else _ALL_TYPES)
        if shared != {"object"}:
            return not shared
        return "enum" not in written and "enum" not in other and level <= 3 and self._is_told(written, other, level)

    def _is_told(self, written: Plain, other: Plain, level: int) -> bool:
        """Is there a member by which no object that is written for one schema fits the other?"""
        members = written.get("properties", {})
        theirs = other.get("properties", {})
        required = other.get("required", [])
        if written.get("additionalProperties", False) is False and any(name not in members for name in required):
            return True
        telling = [name for name in members if name in theirs and name in [*required, *written.get("required", [])]]
        return any(self._never_fit(self._member(written, n), self._member(other, n), level + 1) for n in telling)


def _decoded(pointer: str) -> str:
    """Return a pointer as it is before it was written into a URL."""
    if "%" not in pointer:
        return pointer
    from urllib.parse import unquote  # a page hardly ever needs it

    return unquote(pointer)


def _own_keywords(schema: Mapping[str, Any]) -> Plain:
    """Return a schema's keywords without those that apply others, in the forms that the module's docstring tells."""
    plain: Plain = {}
    for keyword, value in schema.items():
        if not isinstance(keyword, str):
            raise InputError("schema-name-invalid", name=repr(keyword))
        if keyword in _ANNOTATIONS or keyword.startswith("x-") or keyword in _APPLIED:
            continue
        if keyword not in _READ:
            raise InputError("schema-unsupported", keyword=keyword)
        plain[keyword] = value
    if "type" in plain:
        plain["type"] = _types(plain["type"])
    for keyword, kind in (("enum", list), ("prefixItems", list), ("properties", dict)):
        if not isinstance(plain.get(keyword, kind()), kind):
            raise InputError("schema-keyword-invalid", keyword=keyword, value=repr(plain[keyword]))
    required = plain.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise InputError("schema-required-unknown", value=repr(required))
    if "const" in plain:
        const = plain.pop("const")
        plain["enum"] = [const] if "enum" not in plain else [value for value in plain["enum"] if same(value, const)]
    if isinstance(plain.get("items"), list):  # as up to draft 2019-09
        plain["prefixItems"] = plain.pop("items")
        if "additionalItems" in plain:
            plain["items"] = plain.pop("additionalItems")
    plain.pop("additionalItems", None)
    if "pattern" in plain:
        plain["pattern"] = [plain["pattern"]]
    return plain


def _types(types: Any) -> list[str]:
    names = [types] if isinstance(types, str) else types
    if not isinstance(names, list) or not all(isinstance(name, str) and name in KEYWORDS for name in names):
        raise InputError("schema-type-unknown", known=", ".join(KEYWORDS), value=repr(types))
    return names


def types_of(plain: Plain) -> list[str]:
    """Return a schema's types; where it names none, those that its keywords are about, or all."""
    if "type" in plain:
        return list(plain["type"])
    named = [name for name, keywords in KEYWORDS.items() if keywords & (plain.keys() - {"format"})]
    named = named or (["string"] if "format" in plain else [])
    return [name for name in named if name != "integer"] or [name for name in KEYWORDS if name != "integer"]


def _all_types(plain: Plain) -> set[str]:
    if "enum" in plain:
        return {_type_of(value) for value in plain["enum"]}
    return {"number" if name == "integer" else name for name in types_of(plain)}


def _type_of(value: Any) -> str:
    names = [name for name in KEYWORDS if is_of_type(value, name)]
    return "number" if "number" in names else names[0] if names else "unknown"


def is_of_type(value: Any, name: str) -> bool:
    """Whether a value is of one of JSON's types, or an "integer", as 1.0 is."""
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


def same(a: Any, b: Any) -> bool:
    """Whether two values are one to JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(value, b[name]) for name, value in a.items())
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _schemas(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    schemas = schema.get(keyword, [])
    if keyword in schema and (not isinstance(schemas, list) or not schemas):
        raise InputError("schema-keyword-invalid", keyword=keyword, value=repr(schemas))
    return list(schemas)


def _references(schema: Any) -> Iterator[str]:
    """Yield every reference inside a schema."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _all_of(some: list[Plain], others: list[Plain]) -> list[Plain]:
    """Return the options of values that fit one of each."""
    if len(some) * len(others) > MAX_OPTIONS:
        raise InputError("schema-too-many-options", limit=MAX_OPTIONS)
    return [_merged(a, b) for a in some for b in others]


def _merged(a: Plain, b: Plain) -> Plain:
    """Return the keywords of values that fit both."""
    merged = {**a, **b}
    a, b = _with_all_members(a, b), _with_all_members(b, a)
    a, b = _with_all_places(a, b), _with_all_places(b, a)
    for keyword in a.keys() | b.keys():
        if keyword in a and keyword in b:
            merged[keyword] = _MERGE.get(keyword, _agreed)(keyword, a[keyword], b[keyword])
        else:
            merged[keyword] = a[keyword] if keyword in a else b[keyword]
    return merged


def _with_all_members(plain: Plain, other: Plain) -> Plain:
    """Return a schema with what it says of the members that only the other names."""
    if "additionalProperties" not in plain or "properties" not in other:
        return plain
    rest = dict.fromkeys(other["properties"], plain["additionalProperties"])
    return {**plain, "properties": {**rest, **plain.get("properties", {})}}


def _with_all_places(plain: Plain, other: Plain) -> Plain:
    """Return a schema with what it says of the places that only the other lists."""
    first = plain.get("prefixItems", [])
    theirs = other.get("prefixItems", [])
    if "items" not in plain or len(theirs) <= len(first):
        return plain
    return {**plain, "prefixItems": [*first, *[plain["items"]] * (len(theirs) - len(first))]}


def _agreed(keyword: str, a: Any, b: Any) -> Any:
    if not same(a, b):
        raise InputError("schema-unsupported", keyword=keyword)
    return a


def _extreme(keyword: str, a: Any, b: Any) -> Any:
    if any(isinstance(bound, bool) or not isinstance(bound, (int, float)) for bound in (a, b)):
        raise InputError("schema-keyword-invalid", keyword=keyword, value=repr((a, b)))
    return max(a, b) if keyword in _LARGER else min(a, b)


def _shared_types(keyword: str, a: list[str], b: list[str]) -> list[str]:
    names = [name for name in KEYWORDS if name in a and name in b]
    if "integer" not in names and {"integer", "number"} <= {*a, *b}:
        names += ["integer"] * ("number" not in names)
    return names


def _shared_values(keyword: str, a: list[Any], b: list[Any]) -> list[Any]:
    return [value for value in a if any(same(value, other) for other in b)]


def _joined(keyword: str, a: Any, b: Any) -> Any:
    return [*a, *(each for each in b if each not in a)]


def _members(keyword: str, a: Any, b: Any) -> Any:
    shared = {name: _schema_of_both(keyword, a[name], b[name]) for name in a if name in b}
    return {**a, **b, **shared}


def _places(keyword: str, a: Any, b: Any) -> Any:
    longer = max(a, b, key=len)
    return [*(_schema_of_both(keyword, x, y) for x, y in zip(a, b, strict=False)), *longer[min(len(a), len(b)) :]]


def _schema_of_both(keyword: str, a: Any, b: Any) -> Any:
    return a if json.dumps(a, default=repr) == json.dumps(b, default=repr) else {"allOf": [a, b]}


_MERGE: Mapping[str, Callable[[str, Any, Any], Any]] = {
    **dict.fromkeys(_LARGER | _SMALLER, _extreme),
    "depth": lambda keyword, a, b: max(a, b),
    "type": _shared_types,
    "enum": _shared_values,
    "required": _joined,
    "pattern": _joined,
    "properties": _members,
    "prefixItems": _places,
    "uniqueItems": lambda keyword, a, b: a or b,
    **dict.fromkeys(("items", "additionalProperties", "propertyNames"), _schema_of_both),
}
