"""Tokenizers as SmolLM2 and SmolVLM publish them, on a small vocabulary of the same make, against `tokenizers`."""

from __future__ import annotations

import copy
import json
import random
import time
from typing import Any

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

from fixtures.varied_text import WORDS, varied_strings
from tinyvlm.text.tokenizer import StreamDecoder, Tokenizer, clean

TEXT_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<empty_output>"]
IMAGE_TOKENS = [
    "<global-img>", "<row_1_col_1>", "<row_1_col_2>", "<row_6_col_6>", "<fake_token_around_image>", "<image>",
    "<|reserved_special_token_0|>", "<end_of_utterance>",
]  # fmt: skip
SPECIALS = TEXT_TOKENS + IMAGE_TOKENS
OTHER_SHAPES: dict[str, dict[str, Any]] = {
    "whole pieces": {"ignore_merges": True},
    "unknown bytes": {"unk_token": "<|endoftext|>"},
}


def train() -> dict[str, Any]:
    """SmolLM2's make: digits one by one, byte-level BPE whose alphabet lacks bytes that were never seen."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    corpus = [clean(text) for text in varied_strings(2000, seed=1)] + list(WORDS) * 50
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=TEXT_TOKENS, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in IMAGE_TOKENS])
    definition: dict[str, Any] = json.loads(tokenizer.to_str())
    return definition


DEFINITION = train()


def both(definition: dict[str, Any]) -> tuple[Tokenizer, tokenizers.Tokenizer]:
    return Tokenizer.from_json(definition), tokenizers.Tokenizer.from_str(json.dumps(definition))


@pytest.mark.slow
def test_ids_and_text_equal_the_reference() -> None:
    ours, theirs = both(DEFINITION)
    for text in varied_strings(10_000, seed=0, tokens=SPECIALS):
        ids = ours.encode(text)
        assert ids == theirs.encode(clean(text)).ids, repr(text)
        assert ours.decode(ids) == theirs.decode(ids), repr(text)


@pytest.mark.slow
@pytest.mark.parametrize("shape", OTHER_SHAPES)
def test_other_shapes_of_the_model_equal_the_reference(shape: str) -> None:
    definition = copy.deepcopy(DEFINITION)
    definition["model"].update(OTHER_SHAPES[shape])
    ours, theirs = both(definition)
    for text in varied_strings(1500, seed=2, tokens=SPECIALS):
        assert ours.encode(text) == theirs.encode(clean(text)).ids, repr(text)


@pytest.mark.slow
def test_added_tokens_with_rules_equal_the_reference() -> None:
    """Tokens that take spaces with them, that begin like others, and that wait for the normalised text."""
    definition = copy.deepcopy(DEFINITION)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    first = max(token["id"] for token in definition["added_tokens"]) + 1
    added = {
        "<left>": {"lstrip": True},
        "<right>": {"rstrip": True},
        "<both>": {"lstrip": True, "rstrip": True},
        "<image><image>": {},
        "the <image": {"normalized": True},
        "<row_": {"normalized": True, "special": False},
        "\n\n": {"special": False},
    }
    for index, (content, changes) in enumerate(added.items(), first):
        definition["added_tokens"].append({"id": index, "content": content, **flags, **changes})
    ours, theirs = both(definition)
    for text in varied_strings(3000, seed=3, tokens=[*SPECIALS, *added, *added]):
        assert ours.encode(text) == theirs.encode(clean(text)).ids, repr(text)


def test_special_tokens_are_one_id_each() -> None:
    ours, _ = both(DEFINITION)
    assert ours.encode("".join(SPECIALS)) == [ours.id_of(token) for token in SPECIALS]
    assert set(ours.special_tokens) == set(SPECIALS)
    assert ours.decode(ours.encode("a<image>b<end_of_utterance>")) == "ab"


def test_bytes_that_the_vocabulary_lacks_are_dropped() -> None:
    ours, theirs = both(DEFINITION)
    unseen = "\U000e0041"
    assert ours.encode(unseen) == theirs.encode(unseen).ids
    assert len(ours.encode(unseen)) < len(unseen.encode())


def test_streaming_is_exact_after_every_token() -> None:
    """Any ids, whatever bytes they make: no character is shown before it is whole, none is lost."""
    ours, _ = both(DEFINITION)
    rng = random.Random(4)
    encoded = [ours.encode(text) for text in varied_strings(300, seed=5, tokens=SPECIALS)]
    broken = [rng.choices(range(ours.vocab_size), k=rng.randint(0, 12)) for _ in range(1500)]
    for ids in encoded + broken:
        whole = ours.decode(ids)
        decoder, shown = StreamDecoder(ours), ""
        for count, token in enumerate(ids, 1):
            shown += decoder.push(token)
            assert whole.startswith(shown)
            assert ours.decode(ids[:count]).rstrip("\ufffd") in (shown.rstrip("\ufffd"), shown)
        assert shown + decoder.flush() == whole


def test_ids_behind_the_vocabulary_stand_for_nothing() -> None:
    """A model's embedding may have more rows than its tokenizer has tokens."""
    ours, _ = both(DEFINITION)
    assert ours.token_bytes(ours.vocab_size + 5) == b""
    assert ours.decode([ours.vocab_size]) == ""
    assert StreamDecoder(ours).push(ours.vocab_size) == ""


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["abcdefgh", "the quick don't 12 ", "日本語漢字", "<image>", " ", "<row_", "\n  \n"])
def test_time_grows_with_the_length_only(unit: str) -> None:
    """Four times the text, four times the work: a quadratic algorithm would need sixteen."""
    ours, _ = both(DEFINITION)

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        started = time.process_time()  # others' work is not counted
        ours.encode(text)
        return time.process_time() - started

    seconds(1000)
    assert seconds(100_000) < 10 * max(seconds(25_000), seconds(25_000))
