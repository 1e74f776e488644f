"""Schemas as pydantic and others write them: what is written validates, what validates can be written, and it ends."""

from __future__ import annotations

import datetime
import ipaddress
import json
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tinyvlm import VLM
from tinyvlm.answers.constraints import Constraint, JSONSchema
from tinyvlm.answers.languages import CharacterAutomaton
from tinyvlm.answers.patterns import pattern_language
from tinyvlm.answers.string_formats import FORMATS
from tinyvlm.errors import InputError
from tinyvlm.text.tokenizer import Tokenizer, byte_alphabet

FIXTURES = json.loads(
    (Path(__file__).resolve().parents[1] / "golden" / "pydantic_schemas.json").read_text(encoding="utf-8")
)
PAIRS = ['" :', '",', "00", "ab", "2-", "T1", '":', '{"', "},", "Ã©", "e1", "0.", "red"]
VOCABULARY = [*byte_alphabet(), *(pair.replace(" ", "Ġ") for pair in PAIRS)]
TOKENIZER = Tokenizer(
    {
        "model": {"vocab": {token: index for index, token in enumerate(VOCABULARY)}, "merges": []},
        "pre_tokenizer": {"type": "ByteLevel"},
    }
)
TOKENS = range(len(VOCABULARY))
SINGLE = [*b'0123456789-.{}[]":, abcdeiouTZ+@P/\\']
CHECKER = FormatChecker(formats=())


@CHECKER.checks("date", raises=ValueError)
def is_date(text: Any) -> bool:
    return not isinstance(text, str) or datetime.date.fromisoformat(text).isoformat() == text


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(text: Any) -> bool:
    return not isinstance(text, str) or ("T" in text and datetime.datetime.fromisoformat(text).tzinfo is not None)


@CHECKER.checks("time", raises=ValueError)
def is_time(text: Any) -> bool:
    return not isinstance(text, str) or datetime.time.fromisoformat(text).tzinfo is not None


@CHECKER.checks("uuid", raises=ValueError)
def is_uuid(text: Any) -> bool:
    return not isinstance(text, str) or str(uuid.UUID(text)) == text.lower()


@CHECKER.checks("ipv4", raises=ValueError)
def is_ipv4(text: Any) -> bool:
    return not isinstance(text, str) or bool(ipaddress.IPv4Address(text))


@CHECKER.checks("ipv6", raises=ValueError)
def is_ipv6(text: Any) -> bool:
    return not isinstance(text, str) or ipaddress.IPv6Address(text) is not None


@CHECKER.checks("duration")
def is_duration(text: Any) -> bool:
    form = r"P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)"
    return not isinstance(text, str) or re.fullmatch(form, text) is not None


@CHECKER.checks("email")
def is_email(text: Any) -> bool:
    name, _, host = text.partition("@") if isinstance(text, str) else ("a", "", "b")
    return 0 < len(name) <= 64 and ".." not in text and is_hostname(host)


@CHECKER.checks("hostname")
def is_hostname(text: Any) -> bool:
    labels = text.split(".") if isinstance(text, str) else ["a"]
    return len(text) < 254 and all(re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", label) for label in labels)


@CHECKER.checks("uri", raises=ValueError)
def is_uri(text: Any) -> bool:
    return not isinstance(text, str) or bool(urlsplit(text).scheme and urlsplit(text).hostname)


def errors(value: Any, schema: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema, format_checker=CHECKER).iter_errors(value)]


def any_token(constraint: Constraint, rng: random.Random) -> int | None:
    """An allowed token: any, or where few are, any of these; None where there is none."""
    for token in (*rng.choices(SINGLE, k=20), *rng.choices(TOKENS, k=20)):
        if constraint.allowed(token):
            return token
    allowed = [token for token in TOKENS if constraint.allowed(token)]
    return rng.choice(allowed) if allowed else None


def write(schema: Any, seed: int, limit: int) -> str:
    """What a model writes that picks at random; it ends in `limit` tokens."""
    constraint = JSONSchema(TOKENIZER, schema)
    constraint.limit(limit)
    rng = random.Random(seed)
    ids = list[int]()
    while not (constraint.complete and rng.random() < 0.3):
        token = any_token(constraint, rng)
        if token is None:
            break
        constraint.advance(token)
        ids.append(token)
        assert len(ids) <= limit, text_of(ids)
    assert constraint.complete, text_of(ids)
    return text_of(ids)


def text_of(ids: list[int]) -> str:
    return b"".join(map(TOKENIZER.token_bytes, ids)).decode()


def refused_at(schema: Any, text: str) -> str | None:
    """Where a text leaves the form: what is behind; None where it does not."""
    constraint = JSONSchema(TOKENIZER, schema)
    data = text.encode()
    for place, byte in enumerate(data):
        if not constraint.allowed(byte):
            return data[place:].decode(errors="replace")
        constraint.advance(byte)
    return None if constraint.complete else ""


def least_tokens(schema: Any) -> int:
    """The fewest tokens in which an answer is sure to end: one less, and it may not."""
    left = JSONSchema(TOKENIZER, schema)._state.left
    assert left == int(left)
    return int(left)


BY_NAME = {entry["name"]: entry for entry in FIXTURES}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_pydantic_dumps_can_be_written(name: str) -> None:
    """With spaces, and without."""
    entry = BY_NAME[name]
    for value in entry["values"]:
        assert not errors(value, entry["schema"])
        for separators in ((",", ":"), (", ", ": ")):
            text = json.dumps(value, ensure_ascii=False, separators=separators)
            assert refused_at(entry["schema"], text) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_written_fits_models_of_pydantic(name: str) -> None:
    schema = BY_NAME[name]["schema"]
    least = least_tokens(schema)
    for seed in range(12):
        text = write(schema, seed, least + (0, 1, 40, 200)[seed % 4])
        assert not errors(json.loads(text), schema), text


TREE: Any = {
    "$defs": {"tree": {
        "type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "leaf": {"type": "integer"}},
        "required": ["leaf"], "additionalProperties": False,
    }},
    "$ref": "#/$defs/tree",
}  # fmt: skip
ITSELF: Any = {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 1, "maxItems": 2}]}
OPTION_A: Any = {"type": "object", "properties": {"k": {"const": "a"}, "n": {"type": "integer"}}}
OPTION_B: Any = {"type": "object", "properties": {"k": {"enum": ["b", "c"]}, "n": {"type": "string"}}}
CASES: dict[str, tuple[Any, list[str], list[str]]] = {
    # A schema, texts that can be written, texts that cannot.
    "annotations": (
        {"type": "null", "title": "t", "deprecated": True, "readOnly": True, "writeOnly": False, "examples": [1],
         "default": 3, "$comment": "c", "x-any": {}, "description": "d"},
        ["null"], ["3"],
    ),
    "a reference beside others": (
        {"$defs": {"s": {"type": "string"}}, "$ref": "#/$defs/s", "minLength": 2, "description": "d"},
        ['"ab"'], ['"a"'],
    ),
    "a reference with a space": (
        {"$ref": "#/$defs/a%20b~1c%25", "$defs": {"a b/c%": {"type": "null"}}}, ["null"], ["1"],
    ),
    "names of its own inside": (
        {"$id": "http://a/b", "items": {"$id": "http://a/c", "type": "null"}, "type": "array"}, ["[null]"], ["[1]"],
    ),
    "a reference into a list": ({"anyOf": [{"const": 1}, {"type": "array", "items": {"$ref": "#/anyOf/0"}}]}, ["[1,1]"],
                                ["[2]"]),
    "a tree": (TREE, ['{"leaf":1}', '{"left":{"left":{"leaf":1},"leaf":2},"leaf":3}'], ['{"left":{},"leaf":1}']),
    "a schema inside itself": (ITSELF, ["null", "[[null],null]"], ["[]", "[1]", "[null,null,null]"]),
    "all of": (
        {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                   {"type": "object", "properties": {"b": {"type": "null"}, "a": {"minimum": 5}}}]},
        ['{"a":5,"b":null}', '{"a":7}'], ['{"b":null}', '{"a":4}'],
    ),
    "all of, one of them closed": (
        {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": False},
                   {"type": "object", "properties": {"b": {"const": 2}}}]},
        ["{}", '{"a":1}'], ['{"b":2}', '{"a":1,"b":2}'],
    ),
    "any of, beside others": (
        {"type": ["string", "integer", "null"], "anyOf": [{"type": "number", "minimum": 3}, {"type": "string"}],
         "maxLength": 1},
        ["3", '"a"'], ["2", "3.5", '"ab"', "null"],
    ),
    "one of, told apart by type": (
        {"oneOf": [{"type": "string"}, {"type": "null"}, {"type": "number"}]}, ['"a"', "1e3"], ["true"],
    ),
    "one of, told apart by a member": (
        {"oneOf": [OPTION_A, OPTION_B], "discriminator": {"propertyName": "k"}},
        ['{"k":"a","n":1}', '{"k":"c","n":"x"}', '{"k":"b"}'], ['{"k":"a","n":"x"}', '{"n":1}', "{}"],
    ),
    "one of, told apart by what is required": (
        {"oneOf": [{"type": "object", "properties": {n: {"type": "null"}}, "required": [n]} for n in "ab"]},
        ['{"a":null}', '{"b":null}'], ["{}", '{"a":null,"b":null}'],
    ),
    "first items": (
        {"type": "array", "prefixItems": [{"type": "integer"}, {"const": "x"}], "items": {"type": "null"},
         "minItems": 1, "maxItems": 4},
        ["[1]", '[1,"x"]', '[1,"x",null,null]'], ["[]", '[1,"y"]', '[1,"x",null,null,null]', "[1,null]"],
    ),
    "first items as they once were": (
        {"type": "array", "items": [{"type": "integer"}], "additionalItems": {"type": "boolean"}},
        ["[1,true]", "[]"], ["[true]"],
    ),
    "first items alone": ({"type": "array", "prefixItems": [{"type": "null"}]}, ["[]", "[null]"], ["[null,null]"]),
    "no items": ({"type": "array", "items": False}, ["[]"], ["[1]"]),
    "listed values that differ": (
        {"type": "array", "items": {"enum": ["a", "ab", 1, 1.0]}, "uniqueItems": True, "minItems": 2},
        ['["ab","a"]', '["a", 1, "ab"]'], ['["a"]', '["a","a"]', "[1,1.0]"],
    ),
    "booleans that differ": ({"type": "array", "items": {"type": "boolean"}, "uniqueItems": True}, ["[true,false]"],
                             ["[true,true]", "[true,false,"]),
    "strings that differ": (
        {"type": "array", "items": {"type": "string", "maxLength": 3}, "uniqueItems": True},
        ['["a","b"]', '["","a","ab","ab/","é"]', "[]"],
        ['["a","a"]', r'["/","\/"]', '["abcd"]', '["abc","abc', '["",""'],
    ),
    "other members": (
        {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "null"}},
        ['{"a":1,"b":null,"c":null}', '{"b":null}', '{"aa":null}', "{}"],
        ['{"b":1}', '{"b":null,"a":1}', '{"b":null,"b":null}', '{"a":1,"a":null}'],
    ),
    "other members of any kind": (
        {"type": "object", "required": ["a"], "additionalProperties": True},
        ['{"a":[{"x":null}],"b":{"c":1.5}}'], ["{}", '{"b":1}'],
    ),
    "names that are listed": (
        {"type": "object", "propertyNames": {"enum": ["x", "y"]}, "additionalProperties": {"type": "integer"}},
        ['{"x":1,"y":2}', "{}", '{"y":1}'], ['{"z":1}', '{"x":1,"x":2}'],
    ),
    "anything": ({}, ["1", '{"a":[[1,{}],"b"]}', "null", '"x"'], ["", "x", '{"a":1,"a":2}', "[[[[[]]]]]"]),
    "a member of any kind": ({"type": "object", "properties": {"v": True}}, ['{"v":[]}', '{"v":"x"}'], ["1", "{v}"]),
    "a member that cannot be": ({"type": "object", "properties": {"v": False, "w": {"const": 1}}}, ["{}", '{"w":1}'],
                                ['{"v":1}']),
    "a type by its keywords": ({"properties": {"a": {"maximum": 2}}}, ['{"a":2}', "{}"], ['{"a":"x"}', "1", '{"a":3}']),
    "half a character": ({"const": "\ud83d"}, ['"\\ud83d"'], ['"\\ud83c"', '""']),
    "const and enum": ({"const": 1, "enum": [1, 2]}, ["1"], ["2"]),
    "enum and others": ({"enum": ["a", "abc", 3, None], "type": ["string", "null"], "maxLength": 2}, ['"a"', "null"],
                        ['"abc"', "3"]),
    "patterns": (
        {"allOf": [{"type": "string", "pattern": "^a.*"}, {"pattern": "z$"}], "maxLength": 4},
        ['"az"', '"a\\"éz"', '"azaz"'], ['"z"', '"aaaaz', '"ab"', '"za"'],
    ),
    "a pattern anywhere": ({"type": "string", "pattern": "b"}, ['"abc"', '"\\nb"', '"b"'], ['"ac"']),
    "a pattern of lengths": ({"type": "string", "pattern": "^(ab)*$", "minLength": 3, "maxLength": 5}, ['"abab"'],
                             ['"ab"', '"ababab', '"aba"']),
    "a lookahead": ({"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"}, ['"-1.5"', '"0"'],
                    ['"."', '"-"', '""', '"1x"']),
    "integers": (
        {"type": "integer", "minimum": -3, "exclusiveMaximum": 120},
        ["-3", "0", "119", "-0", "20"], ["-4", "120", "1000", "1.0", "1e1"],
    ),
    "steps": ({"type": "integer", "multipleOf": 7, "minimum": 10}, ["14", "700"], ["7", "15"]),
    "numbers": (
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1.5},
        ["0.1", "1.5", "1", "0.000000000000001", "1.50"], ["0", "0.0", "1.51", "2", "-1", "1e-1"],
    ),
    "small steps": ({"type": "number", "multipleOf": 0.01, "minimum": 0}, ["0.07", "3", "2.5", "0.070"], ["0.075"]),
    "32 bits": ({"type": "integer", "format": "int32"}, ["2147483647", "-5"], ["2147483648"]),
    "a password": ({"type": "string", "format": "password", "writeOnly": True}, ['"any"'], ["1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_keywords_hold(name: str) -> None:
    schema, fitting, others = CASES[name]
    for text in fitting:
        assert refused_at(schema, text) is None, text
        if "multipleOf" not in schema and not isinstance(schema.get("items"), list):  # doubles; another draft
            assert not errors(json.loads(text), schema), text
    for text in others:
        assert refused_at(schema, text) is not None, text


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_what_is_written_under_keywords_fits(name: str) -> None:
    """With just room enough, and with more."""
    schema = CASES[name][0]
    for seed in range(24):
        text = write(schema, seed, least_tokens(schema) + (0, 1, 20, 150)[seed % 4])
        if "multipleOf" not in schema and not isinstance(schema.get("items"), list):
            assert not errors(json.loads(text), schema), text


PARTS: list[Any] = [
    True, {}, {"type": "string"}, {"type": "integer", "minimum": 2}, {"type": ["number", "null"], "maximum": 7.5},
    {"enum": ["a", "bb", 3, None, 2.0]}, {"const": "a"}, {"type": "string", "pattern": "^[ab]+$"}, {"maxLength": 2},
    {"type": "boolean"}, {"minLength": 1, "type": ["string", "array"], "items": {"const": 1}}, {"multipleOf": 2},
    {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "null"}}, {"minItems": 1},
    {"maxItems": 2},
    {"type": "object", "properties": {"k": {"const": 1}, "n": {"type": "string"}}, "required": ["k"]},
    {"type": "object", "properties": {"k": {"const": 2}}, "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {"k": {"type": "integer"}}, "additionalProperties": False}, {"required": ["k"]},
    {"$ref": "#/$defs/self"}, {"type": "array", "items": {"enum": ["x", "y"]}, "uniqueItems": True}, {"format": "date"},
]  # fmt: skip


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    members = st.dictionaries(st.sampled_from(["k", "n", "m"]), inner, min_size=1, max_size=2)
    return st.one_of(
        st.builds(lambda keyword, parts: {keyword: parts}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda a, b: {**a, "anyOf": b} if isinstance(a, dict) else a, inner, several),
        members.map(lambda properties: {"type": "object", "properties": properties}),
        inner.map(lambda items: {"type": "array", "items": items}),
    )


MIXED = st.recursive(st.sampled_from(PARTS), combined, max_leaves=6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(schema=MIXED, inside=MIXED, seed=st.integers(0, 999))
def test_whatever_is_combined_what_is_written_fits(schema: Any, inside: Any, seed: int) -> None:
    """Held whole, or refused: nothing in between, and no other error."""
    if schema is True:
        schema = {}
    schema = {**schema, "$defs": {"self": {"type": ["array", "null"], "items": inside}}}
    try:
        text = write(schema, seed, 60 + seed % 3 * 100)
    except InputError:
        return
    found = errors(json.loads(text), schema)
    assert not [each for each in found if "multiple of" not in each], text


@pytest.mark.parametrize(
    ("schema", "code", "named"),
    [
        ({"type": "string", "pattern": r"a\b"}, "schema-pattern-unsupported", r"\b"),
        ({"type": "string", "pattern": r"(a)\1"}, "schema-pattern-unsupported", r"\1"),
        ({"type": "string", "pattern": "(?<=a)b"}, "schema-pattern-unsupported", "(?<"),
        ({"type": "string", "pattern": "a(?=b)"}, "schema-pattern-unsupported", "(?="),
        ({"type": "string", "pattern": "(?i)a"}, "schema-pattern-unsupported", "(?i"),
        ({"type": "string", "pattern": "a$b"}, "schema-pattern-unsupported", "b"),
        ({"type": "string", "pattern": "(a"}, "schema-pattern-unsupported", "("),
        ({"type": "string", "pattern": r"\p{L}"}, "schema-pattern-unsupported", r"\p"),
        ({"type": "string", "pattern": "a++"}, "schema-pattern-unsupported", "+"),
        ({"type": "string", "pattern": "[a"}, "schema-pattern-unsupported", "end"),
        ({"type": "string", "pattern": "a{2000}"}, "schema-pattern-unsupported", "{2000}"),
        ({"type": "string", "pattern": "a" * 1001}, "schema-pattern-unsupported", "length"),
        ({"type": "string", "pattern": "(a|b)*a(a|b){12}$"}, "schema-pattern-unsupported", "size"),
        ({"type": "string", "pattern": 3}, "schema-keyword-invalid", "pattern"),
        ({"type": "string", "format": "regex"}, "schema-format-unsupported", "regex"),
        ({"type": "string", "format": "int32"}, "schema-format-unsupported", "int32"),
        ({"type": "integer", "format": "date"}, "schema-format-unsupported", "date"),
        ({"type": "string", "contentEncoding": "base64"}, "schema-unsupported", "contentEncoding"),
        ({"type": "integer", "minimum": "1"}, "schema-keyword-invalid", "minimum"),
        ({"type": "integer", "exclusiveMinimum": True}, "schema-keyword-invalid", "exclusiveMinimum"),
        ({"type": "integer", "minimum": 10**400}, "schema-keyword-invalid", "minimum"),
        ({"type": "number", "maximum": float("nan")}, "schema-keyword-invalid", "maximum"),
        ({"type": "integer", "multipleOf": 0}, "schema-keyword-invalid", "multipleOf"),
        ({"type": "integer", "minimum": 1, "maximum": 0}, "schema-impossible", "fits"),
        ({"type": "integer", "minimum": 1e15}, "schema-impossible", "fits"),
        ({"type": "string", "pattern": "^ab$", "maxLength": 1}, "schema-impossible", "fits"),
        ({"type": "array", "items": False, "minItems": 1}, "schema-impossible", "fits"),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "schema-unsupported", "uniqueItems"),
        ({"type": "array", "items": {"enum": [1]}, "uniqueItems": True, "minItems": 2}, "schema-impossible", "fits"),
        ({"type": "array", "uniqueItems": 3}, "schema-keyword-invalid", "uniqueItems"),
        ({"oneOf": [{"type": "string"}, {"minLength": 2}]}, "schema-one-of-overlaps", "oneOf"),
        ({"oneOf": [{"type": "integer"}, {"minLength": 2}]}, "schema-one-of-overlaps", "oneOf"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "schema-one-of-overlaps", "oneOf"),
        ({"oneOf": [{"enum": [1, 2]}, {"const": 2.0}]}, "schema-one-of-overlaps", "oneOf"),
        ({"oneOf": [OPTION_A, {**OPTION_B, "properties": {"n": {}}}]}, "schema-one-of-overlaps", "oneOf"),
        ({"type": "object", "propertyNames": {"maxLength": 3}}, "schema-unsupported", "propertyNames"),
        ({"allOf": [{"format": "date"}, {"format": "time"}]}, "schema-unsupported", "format"),
        ({"allOf": [{"anyOf": [{"const": i} for i in range(20)]}] * 2}, "schema-too-many-options", "200"),
        ({"$ref": "#"}, "schema-ref-unsupported", "#"),
        ({"$ref": "#/$defs/a", "$defs": {"b": {}}}, "schema-ref-unsupported", "#/$defs/a"),
        ({"items": {"$id": "http://a/b", "items": {"$ref": "#"}}}, "schema-unsupported", "$id"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "schema-impossible", "fits"),
    ],
)  # fmt: skip
def test_what_is_not_held_is_refused_by_name(schema: Any, code: str, named: str) -> None:
    with pytest.raises(InputError, match=re.escape(named)) as caught:
        JSONSchema(TOKENIZER, schema)
    assert caught.value.code == code


FITTING = {
    "date": (["2024-02-29", "2000-02-29", "1999-12-31", "0001-01-01"],
             ["2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "0000-01-01", "24-01-01"]),
    "time": (["23:59:59Z", "00:00:00.123456-05:30"], ["24:00:00Z", "12:00", "12:00:00"]),
    "date-time": (["2024-02-29T00:00:00Z", "1999-01-01T10:11:12.5+02:00"], ["2024-02-29 00:00:00Z", "2024-02-29"]),
    "duration": (["P1D", "PT1H30M", "P1Y2M3DT4H5M6S", "P3W", "PT5S"], ["P", "PT", "1D", "P1DT", "P1W1D"]),
    "uuid": (["123e4567-E89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
    "ipv4": (["255.249.0.1"], ["256.1.1.1", "1.2.3", "01.2.3.4"]),
    "ipv6": (["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2::7:8", "2001:db8::ff00:42:8329"],
             ["1:2:3:4:5:6:7", "1::2::3", ":::", "12345::", "1:2:3:4:5:6:7:8:9"]),
    "email": (["a@b.de", "first.last+tag@sub.example.org"], ["a@b", "@b.de", "a b@c.de", "a..b@c.de", "a@-b.de"]),
    "hostname": (["a", "example.com", "xn--a-b.c"], ["-a", "a-.b", "a..b", "a_b"]),
    "uri": (["https://example.com/a?b=c#d", "ftp://h", "http://a.b:80/%20"], ["example.com", "http://", "http://a b"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    schema = {"type": "string", "format": name}
    fitting, others = FITTING[name]
    for text in fitting:
        assert refused_at(schema, f'"{text}"') is None, text
        assert not errors(text, schema)
    for text in others:
        assert refused_at(schema, f'"{text}"') is not None, text


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_in_a_format_has_it(name: str) -> None:
    schema = {"type": "string", "format": name}
    for seed in range(40):
        text = write(schema, seed, least_tokens(schema) + seed)
        assert not errors(json.loads(text), schema), text


def patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(["a", "b", "1", "-", r"\d", r"\w", "[ab]", "[^a]", "[a-c1-]", ".", r"\.", r"\s", "(?:ab)"])

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        quantified = st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"]))
        return st.builds("{}{}".format, inner, inner) | st.builds("({}|{})".format, inner, inner) | quantified

    bodies = st.recursive(atoms, more, max_leaves=5)
    return st.builds(
        "{}{}{}".format, st.sampled_from(["", "^", "^(?!.*b)", "^(?=.?1)"]), bodies, st.sampled_from(["", "$"])
    )


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(pattern=patterns(), texts=st.lists(st.text("ab1-. c", max_size=6), min_size=10, max_size=10))
def test_patterns_are_those_of_re(pattern: str, texts: list[str]) -> None:
    automaton = CharacterAutomaton(pattern_language(pattern))
    for text in texts:
        state = 0
        for character in text:
            state = automaton.following[state][automaton.classes.of(ord(character))]
        assert automaton.accepting[state] == (re.search(pattern, text) is not None), text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"^\D$", "٣"), (r"^\W$", "é"), (r"^[^\d]$", "٣"), ("^.$", "\r"), ("^(?!.$)", "\r"), (r"^(?!\d)", "٣"),
     ("^(?!a$)", "a\n"), (r"^\w$", "é"), (r"^\d$", "٣")],
)  # fmt: skip
def test_what_dialects_read_differently_is_not_written(pattern: str, text: str) -> None:
    """In Python's, ECMA's or Rust's reading the text does not match."""
    assert refused_at({"type": "string", "pattern": pattern}, json.dumps(text, ensure_ascii=False)) is not None


BOUND = st.integers(-300, 300) | st.sampled_from([0.5, -0.5, 0.1, 1e-9, 99.99, -7.25, 1e14])


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@example(kind="integer", bounds={"exclusiveMaximum": 0}, value=-1, seed=0)
@example(kind="number", bounds={"minimum": -7.25, "maximum": -0.5}, value=-0.5, seed=0)
@given(
    kind=st.sampled_from(["integer", "number"]),
    bounds=st.fixed_dictionaries({}, optional={
        "minimum": BOUND, "maximum": BOUND, "exclusiveMinimum": BOUND, "exclusiveMaximum": BOUND,
    }),
    value=st.integers(-400, 400) | st.decimals(-400, 400, places=3).map(float),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_numbers_keep_to_their_bounds(kind: str, bounds: dict[str, Any], value: float, seed: int) -> None:
    schema = {"type": kind, **bounds}
    try:
        text = write(schema, seed, 40)
    except InputError:  # of code "schema-impossible"
        assert errors(value, schema)
        return
    assert not errors(json.loads(text), schema), text
    fits = not errors(value, schema) and not (kind == "integer" and isinstance(value, float))
    written = f"{value:.3f}" if isinstance(value, float) else str(value)
    assert (refused_at(schema, written) is None) == fits


@pytest.mark.slow
def test_an_answer_ends_in_the_tokens_it_has() -> None:
    """Whatever a model would go on with: strings are closed, and what is required is written."""
    schema = {
        "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "integer"}}},
        "required": ["a", "b"],
    }  # fmt: skip
    for limit in range(least_tokens(schema), 40):
        constraint = JSONSchema(TOKENIZER, schema)
        constraint.limit(limit)
        ids = list[int]()
        while not constraint.finished:
            ids.append(min((t for t in TOKENS if constraint.allowed(t)), key=lambda t: (t not in {*b'a1"'}, t)))
            constraint.advance(ids[-1])
        assert len(ids) <= limit
        assert set(json.loads(text_of(ids))) == {"a", "b"}


def test_too_little_room_is_used_for_what_must_come() -> None:
    """Where no answer can be whole, each token goes towards its end."""
    schema = {"type": "object", "properties": {"abc": {"type": "string"}}, "required": ["abc"]}
    constraint = JSONSchema(TOKENIZER, schema)
    constraint.limit(5)
    ids = list[int]()
    while len(ids) < 5:
        before = constraint._state.left
        ids.append(next(token for token in TOKENS if constraint.allowed(token)))
        constraint.advance(ids[-1])
        assert constraint._state.left < before
    assert '{"abc": ""}'.startswith(text_of(ids))


def test_tokens_of_several_bytes_count_as_one() -> None:
    """A literal is measured in the tokens that it takes, so that no room is kept for nothing."""
    assert least_tokens({"const": "red"}) == 3
    assert least_tokens({"const": "rod"}) == 5


@pytest.fixture(scope="module")
def vlm() -> Iterator[VLM]:
    vlm = VLM.from_pretrained(threads=1)
    yield vlm
    vlm.close()


@pytest.mark.slow
@pytest.mark.parametrize("limit", [8, 12, 32])
def test_models_end_their_answers(vlm: VLM, limit: int) -> None:
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    image = vlm.encode_image(np.zeros((32, 32, 3), np.uint8))
    answer = vlm.ask(image, "Name some colors.", schema=schema, max_new_tokens=limit)
    assert not errors(json.loads(answer), schema)
