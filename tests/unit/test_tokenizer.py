"""Token ids equal those of the `tokenizers` package; streaming never splits a character."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.errors import ModelError
from tinyvlm.hub import open_model
from tinyvlm.text.tokenizer import StreamDecoder, Tokenizer, clean

TEXT = open_model().read_text("tokenizer.json")
OURS, THEIRS = Tokenizer.from_json(TEXT), tokenizers.Tokenizer.from_str(TEXT)

ALPHABETS = (
    "abcdefghij ABC ", "0123456789 .,", " \t\n\r\u00a0\u2003\u3000\x1c\x85", "'\"`s t re ve m ll d I'll don't",
    "äöüßéñçøåœ", "日本語漢字かなカナ", "русский язык", "العربية עברית",
    "🙂🎉👩‍👩‍👧🇩🇪", "²³½Ⅷ๓٣", "_-+=<>[]{}()#@!?",
    "\x00\x01\x7f\u200b\ufeff",
    "<bos><eos><pad>",
)  # fmt: skip


def same(text: str) -> None:
    assert OURS.encode(text) == THEIRS.encode(clean(text)).ids, repr(text)


@pytest.mark.slow
def test_ids_equal_the_reference_on_varied_strings() -> None:
    rng = random.Random(0)
    for _ in range(10_000):
        alphabets = rng.sample(ALPHABETS, rng.randint(1, 3))
        same("".join(rng.choice(rng.choice(alphabets)) for _ in range(rng.randint(0, 24))))


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_ids_equal_the_reference_on_any_text(text: str) -> None:
    same(text)


@pytest.mark.parametrize(
    "text", ["", " ", "  a", "a  ", " Q: What is it? A:", "<eos>", "a<bos> b", "don't", "'S'll", "12 345"]
)
def test_known_edges(text: str) -> None:
    same(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_text_survives_a_round_trip(text: str) -> None:
    plain = text.replace("<", "")
    assert OURS.decode(OURS.encode(plain)) == plain


def test_surrogates_become_characters() -> None:
    assert OURS.decode(OURS.encode("a\ud83d\ude42b")) == "a🙂b"
    assert OURS.decode(OURS.encode("a\ud800b\udc00")) == "a\ufffdb\ufffd"


def test_one_long_word_is_quick() -> None:
    """A heap, not a scan of all pairs for every merge."""
    started = time.perf_counter()
    ids = OURS.encode("abcdefgh" * 12_500)
    assert len(ids) > 1000
    assert time.perf_counter() - started < 5


def test_streaming_gives_whole_characters() -> None:
    text = "naïve 日本 🙂👩‍👩‍👧 done"
    decoder = StreamDecoder(OURS)
    pieces = [decoder.push(token) for token in OURS.encode(text)]
    assert "".join(pieces) + decoder.flush() == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_an_unfinished_character_is_said_at_the_end() -> None:
    decoder = StreamDecoder(OURS)
    first = OURS.encode("🙂")[0]
    assert len(OURS.token_bytes(first)) < 4
    assert decoder.push(first) == ""
    assert decoder.flush() == "\ufffd"


def test_special_tokens_are_not_shown() -> None:
    bos, eos = OURS.id_of("<bos>"), OURS.id_of("<eos>")
    assert (bos, eos) == (1, 2)
    ids = [1, *OURS.encode("hi"), 2]
    assert OURS.decode(ids) == "hi"
    assert OURS.decode(ids, skip_special_tokens=False) == "<bos>hi<eos>"


@pytest.mark.parametrize("use_regex", [True, False])
@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("digits", [None, True, False])
def test_every_supported_pre_tokenizer(digits: bool | None, prefix: bool, use_regex: bool) -> None:
    byte_level = {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": use_regex}
    steps = [] if digits is None else [{"type": "Digits", "individual_digits": digits}]
    definition: dict[str, Any] = json.loads(TEXT)
    definition["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [*steps, byte_level]}
    ours = Tokenizer.from_json(definition)
    theirs = tokenizers.Tokenizer.from_str(json.dumps(definition))
    rng = random.Random(1)
    for _ in range(300):
        text = "".join(rng.choice("ab 12\n.'s") for _ in range(rng.randint(0, 20)))
        assert ours.encode(text) == theirs.encode(text).ids, repr(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pre_tokenizer": {"type": "Metaspace"}}, "tokenizer-unsupported"),
        ({"normalizer": {"type": "NFC"}}, "tokenizer-unsupported"),
        ({"model": {"type": "WordPiece"}}, "tokenizer-unsupported"),
        ({"model": {"type": "BPE", "byte_fallback": True}}, "tokenizer-unsupported"),
        ({"model": {"type": "BPE", "unk_token": "<pad>", "fuse_unk": True}}, "tokenizer-unsupported"),
        ({"decoder": {"type": "Metaspace"}}, "tokenizer-unsupported"),
        ({"model": {"type": "BPE", "vocab": {}, "merges": [["a", "b"]]}}, "tokenizer-invalid"),
        ({"model": None}, "tokenizer-invalid"),
        ({"pre_tokenizer": None}, "tokenizer-invalid"),
    ],
)
def test_other_tokenizers_are_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ModelError) as caught:
        Tokenizer.from_json({**json.loads(TEXT), **change})
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null"])
def test_malformed_files_are_refused(text: str) -> None:
    with pytest.raises(ModelError):
        Tokenizer.from_json(text)


def test_added_tokens_that_stand_only_as_words_are_refused_not_misread() -> None:
    definition: dict[str, Any] = json.loads(TEXT)
    definition["added_tokens"].append({"id": 4096, "content": "<x>", "special": True, "single_word": True})
    with pytest.raises(ModelError) as caught:
        Tokenizer.from_json(definition)
    assert caught.value.code == "tokenizer-unsupported"


@pytest.mark.parametrize("index", [-1, 1.5, "7", 10**13])
def test_absurd_ids_are_refused_before_memory_is_taken(index: Any) -> None:
    definition: dict[str, Any] = json.loads(TEXT)
    definition["added_tokens"].append({"id": index, "content": "<x>", "special": True})
    with pytest.raises(ModelError) as caught:
        Tokenizer.from_json(definition)
    assert caught.value.code == "tokenizer-invalid"


def test_deep_json_is_refused() -> None:
    with pytest.raises(ModelError):
        Tokenizer.from_json("[" * 100_000)
