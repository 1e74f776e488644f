"""Whatever is picked under a constraint has the form, and ends; whatever has the form can be written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.answers.constraints import Choices, Constraint, JSONSchema
from tinyvlm.answers.sampling import Sampler, SamplingParams
from tinyvlm.errors import InputError
from tinyvlm.hub import open_model
from tinyvlm.text.tokenizer import Tokenizer, byte_alphabet, clean

TOKENIZER = Tokenizer.from_json(open_model().read_text("tokenizer.json"))
TOKENS = range(TOKENIZER.vocab_size)
PICKED = [token for token in TOKENS if len(TOKENIZER.token_bytes(token)) == 1 or token % 8 == 0]
"""What pickers look at: every byte, which is enough to write anything, and some that reach further."""

Picker = Callable[[Constraint, random.Random], int]


def any_token(constraint: Constraint, rng: random.Random) -> int:
    """An allowed token: any, or where few are, any of these."""
    for token in rng.choices(TOKENS, k=40):
        if constraint.allowed(token):
            return token
    return rng.choice([token for token in PICKED if constraint.allowed(token)])


def longest_token(constraint: Constraint, rng: random.Random) -> int:
    """A token that reaches over as many boundaries as it can."""
    return max(
        (t for t in PICKED if constraint.allowed(t)), key=lambda t: (len(TOKENIZER.token_bytes(t)), rng.random())
    )


def lingering_token(constraint: Constraint, rng: random.Random) -> int:
    """A token that closes nothing, where there is one: spaces, backslashes, digits, commas before all."""
    allowed = [token for token in PICKED if constraint.allowed(token)]
    return min(allowed, key=lambda t: (any(b in b'"}]' for b in TOKENIZER.token_bytes(t)), rng.random()))


def awkward_token(constraint: Constraint, rng: random.Random) -> int:
    """A single byte of those that mean more than themselves, where there is one."""
    awkward = [token for token in AWKWARD if constraint.allowed(token)]
    return rng.choice(awkward) if awkward else any_token(constraint, rng)


AWKWARD = [
    t for t in TOKENS if TOKENIZER.token_bytes(t) in {bytes([byte]) for byte in (*b'"\\/bnu, ', *range(0x80, 0x100))}
]
PICKERS: list[Picker] = [any_token, longest_token, lingering_token, awkward_token]


def write(constraint: Constraint, picker: Picker, rng: random.Random, limit: int = 3000) -> list[int]:
    ids: list[int] = []
    while not constraint.finished:
        assert len(ids) < limit, "it does not end"
        ids.append(picker(constraint, rng))
        constraint.advance(ids[-1])
    assert constraint.complete
    assert not any(constraint.allowed(token) for token in TOKENS)
    return ids


def text_of(ids: list[int]) -> str:
    return b"".join(map(TOKENIZER.token_bytes, ids)).decode()


def accepts(constraint: Constraint, text: str, tokenizer: Tokenizer = TOKENIZER) -> bool:
    for token in tokenizer.encode(text):
        if not constraint.allowed(token):
            return False
        constraint.advance(token)
    return constraint.complete


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """JSON Schema for the supported keywords."""
    if "$ref" in schema:
        return is_valid(value, DEFINITIONS[schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return any(is_valid(value, option) for option in schema["anyOf"])
    if "const" in schema:
        return same(value, schema["const"])
    if "enum" in schema:
        return any(same(value, option) for option in schema["enum"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(is_of_type(value, name, schema) for name in types)


def same(a: Any, b: Any) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def is_of_type(value: Any, name: str, schema: dict[str, Any]) -> bool:
    match name:
        case "object":
            properties = schema.get("properties", {})
            return (
                isinstance(value, dict)
                and set(schema.get("required", ())) <= set(value) <= set(properties)
                and list(value) == [name for name in properties if name in value]
                and all(is_valid(item, properties[name]) for name, item in value.items())
            )
        case "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 100)
            fits = isinstance(value, list) and least <= len(value) <= most
            return fits and all(is_valid(item, schema["items"]) for item in value)
        case "string":
            least, most = schema.get("minLength", 0), schema.get("maxLength", 1000)
            return isinstance(value, str) and least <= len(value) <= most
        case "integer":
            return type(value) is int
        case "number":
            return type(value) in (int, float)
        case "boolean":
            return type(value) is bool
    return value is None


DEFINITIONS = {
    "colour": {"enum": ["red", "dark red", "é🙂", 'say "hi"\n', 7, None, [1, {"a": 2}]]},
    "point": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
}
NAMES = st.sampled_from(["a", "ab", "b", "name", 'qu"ote', "ключ", ""])
BOUNDS = st.tuples(st.integers(0, 3), st.integers(0, 3))


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def build(properties: dict[str, Any], required: list[bool]) -> dict[str, Any]:
        names = [name for name, wanted in zip(properties, required, strict=False) if wanted]
        return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}

    return st.builds(build, st.dictionaries(NAMES, inner, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda items, bounds: {"type": "array", "items": items, "minItems": bounds[0], "maxItems": sum(bounds)},
        inner,
        BOUNDS,
    )


LEAVES = st.one_of(
    st.sampled_from(["integer", "number", "boolean", "null"]).map(lambda name: {"type": name}),
    BOUNDS.map(lambda bounds: {"type": "string", "minLength": bounds[0], "maxLength": sum(bounds)}),
    st.just({"type": ["null", "integer", "string"], "maxLength": 4, "title": "several"}),
    st.sampled_from([{"const": {"x": [1.5, True]}}, {"type": "string", "enum": ["yes", "yes!", 1]}]),
    st.sampled_from(list(DEFINITIONS)).map(lambda name: {"$ref": f"#/$defs/{name}"}),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        objects(inner) | arrays(inner) | st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
    ),
    max_leaves=6,
).map(lambda schema: {**schema, "$defs": DEFINITIONS})


@pytest.mark.slow
@pytest.mark.parametrize("picker", PICKERS)
@settings(max_examples=30, deadline=None)
@given(schema=SCHEMAS, seed=st.integers(0, 1000))
def test_what_is_written_fits_the_schema(picker: Picker, schema: dict[str, Any], seed: int) -> None:
    text = text_of(write(JSONSchema(TOKENIZER, schema), picker, random.Random(seed)))
    assert is_valid(json.loads(text), schema), text


@pytest.mark.slow
@pytest.mark.parametrize("picker", [any_token, awkward_token])
@settings(max_examples=40, deadline=None)
@given(schema=SCHEMAS, seed=st.integers(0, 1000))
def test_where_it_may_end_it_fits_the_schema(picker: Picker, schema: dict[str, Any], seed: int) -> None:
    constraint, rng, ids = JSONSchema(TOKENIZER, schema), random.Random(seed), list[int]()
    while not constraint.finished:
        ids.append(picker(constraint, rng))
        constraint.advance(ids[-1])
        try:
            fits = is_valid(json.loads(text_of(ids)), schema)
        except ValueError:
            fits = False
        assert constraint.complete == fits


def instance(schema: dict[str, Any], rng: random.Random) -> Any:
    """A value that fits the schema."""
    if "$ref" in schema:
        return instance(DEFINITIONS[schema["$ref"].removeprefix("#/$defs/")], rng)
    if "anyOf" in schema:
        return instance(rng.choice(schema["anyOf"]), rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice([v for v in schema["enum"] if "type" not in schema or isinstance(v, str)])
    match schema["type"] if isinstance(schema["type"], str) else rng.choice(schema["type"]):
        case "object":
            chosen = {n: s for n, s in schema["properties"].items() if n in schema["required"] or rng.random() < 0.5}
            return {name: instance(value, rng) for name, value in chosen.items()}
        case "array":
            return [instance(schema["items"], rng) for _ in range(rng.randint(schema["minItems"], schema["maxItems"]))]
        case "string":
            length = rng.randint(schema.get("minLength", 0), schema["maxLength"])
            return "".join(rng.choice('ab "\\/\n\té日🙂\u2028') for _ in range(length))
        case "integer":
            return rng.choice([0, -1, 7, 10, 999_999_999_999_999, -123])
        case "number":
            return rng.choice([0, -0.5, 1e-7, 1.5e20, 3.14159, 1e16, -7])
        case "boolean":
            return rng.random() < 0.5
    return None


@settings(max_examples=100, deadline=None)
@given(schema=SCHEMAS, seed=st.integers(0, 1000), spaced=st.booleans(), led=st.booleans())
def test_what_fits_the_schema_can_be_written(schema: dict[str, Any], seed: int, spaced: bool, led: bool) -> None:
    value = instance(schema, random.Random(seed))
    separators = (", ", ": ") if spaced else (",", ":")
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    assert accepts(JSONSchema(TOKENIZER, schema), " " * led + text)


@pytest.mark.slow
def test_texts_without_bounds_end_too() -> None:
    rng = random.Random(0)
    for schema in ({"type": "number"}, {"type": "integer"}, {"type": "array", "items": {"type": "boolean"}}):
        value = json.loads(TOKENIZER.decode(write(JSONSchema(TOKENIZER, schema), lingering_token, rng)))
        assert is_valid(value, schema)
        assert abs(value if isinstance(value, (int, float)) else 0) < float("inf")
    letters = [token for token in TOKENS if TOKENIZER.token_bytes(token) in (b"a", b"bc")]
    constraint, count = JSONSchema(TOKENIZER, {"type": "string"}), 0
    constraint.advance(TOKENIZER.encode('"')[0])
    while (token := next((t for t in rng.sample(letters, len(letters)) if constraint.allowed(t)), None)) is not None:
        constraint.advance(token)
        count += len(TOKENIZER.token_bytes(token))
    assert count == 1000


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer"}, "01"), ({"type": "integer"}, "1.0"), ({"type": "integer"}, "+1"),
        ({"type": "integer"}, "1000000000000000"), ({"type": "number"}, "1e100"), ({"type": "number"}, "1e"),
        ({"type": "number"}, "1."), ({"type": "number"}, ".5"), ({"type": "number"}, "NaN"),
        ({"type": "string"}, '"\n"'),
        ({"type": "string"}, '"\\x"'),
        ({"type": "string"}, "'a'"), ({"type": "string"}, '"\\u0041"'), ({"type": "boolean"}, "True"),
        ({"type": "boolean"}, "  true"), ({"type": "boolean"}, "true "), ({"type": "object"}, '{"a":1}'),
        ({"type": "array", "items": {"type": "null"}}, "[null,]"),
        ({"type": "array", "items": {"type": "null"}}, "[ ]"),
        ({"type": "array", "items": {"type": "null"}}, "[null,  null]"), ({"const": "a"}, '"b"'),
        ({"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}}, '{"b":null,"a":null}'),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, '{"a":null,"a":null}'),
    ],
)  # fmt: skip
def test_what_does_not_fit_cannot_be_written(schema: dict[str, Any], text: str) -> None:
    assert not accepts(JSONSchema(TOKENIZER, schema), text)


OTHERS = ["not", "if", "patternProperties", "contains", "minProperties", "dependentRequired", "unevaluatedProperties",
          "contentMediaType", "nullable", "minimun"]  # fmt: skip


@pytest.mark.parametrize("keyword", OTHERS)
def test_other_keywords_are_named(keyword: str) -> None:
    with pytest.raises(InputError, match=keyword) as caught:
        JSONSchema(TOKENIZER, {"type": "array", "items": {"type": "string", keyword: 1}})
    assert (caught.value.code, caught.value.details) == ("schema-unsupported", {"keyword": keyword})


DEEP: Any = {"type": "null"}
for _ in range(500):
    DEEP = {"type": "array", "items": DEEP}


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        (True, "bad-schema"), ([], "bad-schema"), ({"$ref": "#/$defs/none"}, "schema-ref-unsupported"),
        ({"type": "text"}, "schema-type-unknown"), ({"type": 3}, "schema-type-unknown"),
        ({"type": [["string"]]}, "schema-type-unknown"),
        ({"type": "object", "properties": []}, "schema-keyword-invalid"),
        ({"enum": "ab"}, "schema-keyword-invalid"), ({"anyOf": []}, "schema-keyword-invalid"),
        ({"type": "object", "required": ["a"]}, "schema-required-unknown"),
        ({"type": "object", "required": [[]], "properties": {}}, "schema-required-unknown"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "schema-bounds-wrong"),
        ({"type": "string", "minLength": -1}, "schema-bounds-wrong"),
        ({"type": "string", "minLength": "1"}, "schema-bounds-wrong"),
        ({"type": "string", "maxLength": 1.5}, "schema-bounds-wrong"),
        ({"enum": []}, "schema-impossible"), ({"type": "null", "enum": [1]}, "schema-impossible"),
        ({"enum": [1], "const": 2}, "schema-impossible"),
        ({"anyOf": [{"type": "null"}], "type": "string"}, "schema-impossible"),
        ({"const": {1: 2}}, "schema-name-invalid"), ({"const": float("nan")}, "schema-value-invalid"),
        ({"const": {1, 2}}, "schema-value-invalid"),
        ({"$ref": "http://x/y"}, "schema-ref-unsupported"), ({"$ref": 3}, "schema-ref-unsupported"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "schema-ref-unsupported"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}, "schema-ref-unsupported"),
        (DEEP, "schema-too-deep"),
    ],
)  # fmt: skip
def test_schemas_that_cannot_be_followed_are_refused(schema: Any, code: str) -> None:
    with pytest.raises(InputError) as caught:
        JSONSchema(TOKENIZER, schema)
    assert caught.value.code == code


CHOICES = ["yes", "no", "yes!", "not sure", "日本", " spaced", "🙂"]


@pytest.mark.slow
@pytest.mark.parametrize("picker", PICKERS)
def test_one_of_the_choices_is_written(picker: Picker) -> None:
    written = {TOKENIZER.decode(write(Choices(TOKENIZER, CHOICES), picker, random.Random(seed))) for seed in range(60)}
    assert {text.removeprefix(" ") for text in written} <= {*CHOICES, "spaced"}
    assert len(written) > 3 or picker is not any_token


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0, 1.5])
def test_a_sampler_keeps_to_the_form_whatever_the_logits(temperature: float) -> None:
    """The caller's loop: pick, stop at an end token, tell the constraint, stop where nothing may follow."""
    end, rng = TOKENIZER.id_of("<eos>") or 0, random.Random(3)
    schema: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "number"}, "m": DEFINITIONS["point"]}}
    for _ in range(10):
        constraint, ids = JSONSchema(TOKENIZER, schema), list[int]()
        sampler = Sampler(SamplingParams(temperature=temperature, repetition_penalty=1.2, seed=1), constraint, {end})
        while not constraint.finished:
            row = [rng.gauss(0, 3) for _ in TOKENS]
            best = sorted(enumerate(row), key=lambda pair: -pair[1])[:64]
            token = sampler.pick(best, lambda row=row: row, set(ids))
            if token == end:
                break
            constraint.advance(token)
            ids.append(token)
        assert is_valid(json.loads(text_of(ids)), schema)


def test_any_tokenization_of_a_choice_will_do() -> None:
    for choice in CHOICES:
        for text in (choice, " " + choice):
            assert accepts(Choices(TOKENIZER, CHOICES), text)
            constraint = Choices(TOKENIZER, CHOICES)
            for byte in text.encode():
                constraint.advance(TOKENIZER.id_of(byte_alphabet()[byte]) or 0)
            assert constraint.complete
    assert not accepts(Choices(TOKENIZER, CHOICES), "maybe")


def test_a_choice_that_begins_another_may_end_or_go_on() -> None:
    constraint = Choices(TOKENIZER, ["yes", "yes!"])
    for token in TOKENIZER.encode("yes"):
        constraint.advance(token)
    assert constraint.complete
    assert not constraint.finished
    assert constraint.allowed(TOKENIZER.encode("!")[0])


def test_special_and_unknown_tokens_are_never_allowed() -> None:
    constraint = Choices(TOKENIZER, ["<eos>"])
    assert not any(constraint.allowed(token) for token in (*TOKENIZER.special_ids, TOKENIZER.vocab_size + 3))
    with pytest.raises(ValueError, match="not allowed"):
        constraint.advance(TOKENIZER.id_of("<eos>") or 0)


@pytest.mark.parametrize("choices", [[], "yes", None, ["yes", ""], ["yes", 3]])
def test_choices_that_are_no_texts_are_refused(choices: Any) -> None:
    with pytest.raises(InputError) as caught:
        Choices(TOKENIZER, choices)
    assert caught.value.code == "bad-choices"


def bytes_tokenizer(missing: bytes) -> Tokenizer:
    vocabulary = {char: index for index, char in enumerate(byte_alphabet()) if index not in missing}
    return Tokenizer({"model": {"vocab": vocabulary, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}})


BYTES = bytes_tokenizer(b"")


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=3) | st.text(max_size=2).map(lambda text: clean(text).encode()), max_size=5))
def test_strings_are_those_of_json_in_utf8(parts: list[bytes]) -> None:
    content = b"".join(parts)
    try:
        fits = isinstance(json.loads(f'"{content.decode()}"'), str) and b"\\u" not in content
    except ValueError:
        fits = False
    constraint = JSONSchema(BYTES, {"type": "string"})
    assert follows(constraint, b'"%s"' % content) == fits


def follows(constraint: Constraint, text: bytes) -> bool:
    for byte in text:
        if not constraint.allowed(byte):
            return False
        constraint.advance(byte)
    return constraint.complete


@pytest.mark.parametrize(
    "character", [b"\xed\xa0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xc1\xbf"]
)
def test_surrogates_and_overlong_characters_cannot_be_written(character: bytes) -> None:
    assert not follows(JSONSchema(BYTES, {"type": "string"}), b'"%s"' % character)


def test_a_tokenizer_that_lacks_bytes_is_not_led_into_a_dead_end() -> None:
    """SmolLM2's vocabulary lacks 21 of them."""
    tokenizer = bytes_tokenizer(bytes([*range(0xA0, 0xC0), 0xC3]))
    with pytest.raises(InputError, match="é"):
        Choices(tokenizer, ["é"])
    schema = {"type": "array", "items": {"enum": ["é"]}, "minItems": 1}
    assert accepts(JSONSchema(tokenizer, schema), r'["\u00e9"]', tokenizer)
    constraint = JSONSchema(tokenizer, {"type": "string"})
    constraint.advance(ord('"'))
    assert constraint.allowed(0xC4)
    assert not constraint.allowed(0xE0)  # 0xA0 to 0xBF would have to follow
    with pytest.raises(InputError, match="JSON"):
        JSONSchema(bytes_tokenizer(b"{"), {"type": "null"})
