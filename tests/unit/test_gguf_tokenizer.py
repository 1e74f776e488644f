"""GGUF metadata becomes the tokenizer that the same model's tokenizer.json holds; malformed metadata is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.errors import ModelError
from tinyvlm.hub import open_model
from tinyvlm.text.tokenizer import Tokenizer
from tinyvlm.weights.gguf_tokenizer import end_ids, tokenizer_config, tokenizer_definition

DEFINITION = json.loads(open_model().read_text("tokenizer.json"))
REFERENCE = Tokenizer(DEFINITION)


def metadata(**changes: Any) -> dict[str, Any]:
    """The bundled model's tokenizer as llama.cpp's converter writes it, and a token that its user defined."""
    vocabulary = DEFINITION["model"]["vocab"]
    tokens = [*sorted(vocabulary, key=vocabulary.get), "<image>"]
    values = {
        "model": "gpt2",
        "pre": "smollm",
        "tokens": tokens,
        "token_type": [3 if token in ("<pad>", "<bos>", "<eos>") else 1 for token in tokens[:-1]] + [4],
        "merges": [" ".join(merge) for merge in DEFINITION["model"]["merges"]],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "add_bos_token": False,
        **changes,
    }
    return {f"tokenizer.ggml.{name}": value for name, value in values.items() if value is not None}


TOKENS = metadata()["tokenizer.ggml.tokens"]


def test_ids_are_those_of_the_tokenizer_json() -> None:
    definition = tokenizer_definition(metadata())
    tokenizer, theirs = Tokenizer(definition), tokenizers.Tokenizer.from_str(json.dumps(definition))
    for text in ("What color is it? 12 345", "<bos>naïve 日本 🙂<eos>", "don't\n\n  stop"):
        assert tokenizer.encode(text) == REFERENCE.encode(text) == theirs.encode(text).ids
    assert tokenizer.special_ids == REFERENCE.special_ids
    assert tokenizer.encode("a<image>b")[1] == tokenizer.id_of("<image>") == REFERENCE.vocab_size
    assert tokenizer.decode(tokenizer.encode("a<image>")) == "a<image>"


@pytest.mark.parametrize(("pre", "count"), [("smollm", 2), ("gpt-2", 1)])
def test_the_name_says_whether_digits_are_split(pre: str, count: int) -> None:
    changed = metadata(pre=pre, tokens=[*TOKENS[:-1], "12"], token_type=None, merges=["1 2"])
    assert len(Tokenizer(tokenizer_definition(changed)).encode("12")) == count


def test_tokens_that_are_no_utf_8_keep_their_bytes() -> None:
    tokenizer = Tokenizer(tokenizer_definition(metadata(tokens=[*TOKENS, "\udcc3", "\udca9"], token_type=None)))
    assert tokenizer.decode([len(TOKENS), len(TOKENS) + 1]) == "é"
    assert tokenizer.encode("What color?") == REFERENCE.encode("What color?")


@pytest.mark.parametrize(
    ("last", "changes", "ends"),
    [
        ("<image>", {}, [2]),
        ("<|im_end|>", {}, [2, len(TOKENS) - 1]),
        ("<end_of_turn>", {"eos_token_id": None}, [len(TOKENS) - 1]),
        ("<|eot_id|>", {"eos_token_id": 7, "eot_token_id": 9, "eom_token_id": 11}, [7, 9, 11, len(TOKENS) - 1]),
        ("<image>", {"eos_token_id": None}, []),
    ],
)
def test_a_turn_ends_with_what_the_file_names_and_with_what_is_known(last: str, changes: Any, ends: list[int]) -> None:
    changed = metadata(tokens=[*TOKENS[:-1], last], **changes)
    assert end_ids(changed) == ends


def test_a_known_end_is_one_token_whatever_the_file_calls_it() -> None:
    changed = metadata(tokens=[*TOKENS[:-1], "<|im_end|>"], token_type=[1] * len(TOKENS))
    tokenizer = Tokenizer(tokenizer_definition(changed))
    assert tokenizer.encode("a<|im_end|>")[-1] == len(TOKENS) - 1
    assert tokenizer.special_ids == {len(TOKENS) - 1}


def test_roles_and_template_are_those_of_a_tokenizer_config() -> None:
    template = {"tokenizer.chat_template": "{{ messages }}"}
    assert tokenizer_config(metadata() | template) == {
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "add_bos_token": False,
        "chat_template": "{{ messages }}",
    }


@pytest.mark.parametrize(
    "changes",
    [{"model": "llama"}, {"model": None}, {"pre": "default"}, {"pre": None}, {"pre": "qwen2"}, {"pre": ["smollm"]}],
)
def test_other_kinds_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        tokenizer_definition(metadata(**changes))
    assert caught.value.code == "gguf-tokenizer-unsupported"


@pytest.mark.parametrize(
    "changes",
    [
        {"tokens": None}, {"tokens": "abc"}, {"tokens": []}, {"tokens": [1, 2]}, {"tokens": [*TOKENS[:-1], TOKENS[0]]},
        {"tokens": TOKENS[:300]}, {"token_type": [1]}, {"token_type": [1.0] * len(TOKENS)}, {"token_type": 3},
        {"token_type": [9] * len(TOKENS)}, {"merges": None}, {"merges": [["a", "b"]]}, {"merges": ["ab"]},
        {"merges": ["a b c"]}, {"merges": ["a \u4e00"]}, {"tokens": [*TOKENS[:-1], ""]},
    ],
)  # fmt: skip
def test_malformed_metadata_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        Tokenizer(tokenizer_definition(metadata(**changes)))
    assert caught.value.code in ("gguf-metadata-invalid", "tokenizer-invalid")


@pytest.mark.parametrize(
    "changes", [{"bos_token_id": -1}, {"eos_token_id": len(TOKENS)}, {"eos_token_id": "2"}, {"add_bos_token": 1}]
)
def test_malformed_roles_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        tokenizer_config(metadata(**changes))
    assert caught.value.code == "gguf-metadata-invalid"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10) | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["tokens", "token_type", "merges", "bos_token_id", "add_bos_token", "model", "pre"]), VALUES)
def test_any_value_is_read_or_refused(name: str, value: Any) -> None:
    changed = metadata(**{name: value})
    for read in (lambda: Tokenizer(tokenizer_definition(changed)), lambda: tokenizer_config(changed)):
        with contextlib.suppress(ModelError):
            read()
