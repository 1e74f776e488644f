"""What requests look like: the features, the tables and how they are learnt."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from request_classifier import examples as lists
from request_classifier.examples import Example, caption_words, kinds
from request_classifier.lexicon import lexicon_of
from request_classifier.linear_learning import Problem, cross_validated, learned, quantized
from request_classifier.weights_file import weights_file
from tinyvlm.answers.requests import classifier
from tinyvlm.answers.requests.classifier import BUCKETS, FUNCTION_WORDS, Lexicon, features, likeness
from tinyvlm.answers.requests.english import plain_sentences, request_in

EMPTY = Lexicon(bytes(classifier.LEARNT_BYTES), bytes(classifier.CAPTIONED_BYTES), bytes(classifier.KIND_SLOTS))
QUESTIONS = ["what color is the car", "how many dogs are there", "is the man happy", "where is the cat"]
REQUESTS = ["write me a poem", "tell me a joke", "who invented glue", "sing a song"]


def example(text: str, is_request: bool, source: str = "written") -> Example:
    return Example(tuple(text.split()), is_request, 1.0, source)


@pytest.fixture(scope="module")
def found() -> list[Example]:
    return [example(text, False) for text in QUESTIONS] + [example(text, True) for text in REQUESTS]


# ---- what is shipped -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["Does python have a switch statement?", "do aliens have birthdays", "What are the elements of negligence?"],
)
def test_what_no_rule_knows_is_told_by_its_looks(question: str) -> None:
    assert request_in(question, classified=False) is None
    assert request_in(question) == "other"


@pytest.mark.parametrize("question", ["Give me the lyrics on the page.", "How many people have an umbrella?"])
def test_a_rule_is_not_asked_where_all_looks_like_a_question(question: str) -> None:
    assert request_in(question, classified=False) == "other"
    assert request_in(question) is None


def test_pointing_at_the_picture_makes_a_question_of_general_knowledge_one_about_the_picture() -> None:
    pairs = [
        ("why are flamingos pink", "why are the flamingos in the picture pink"),
        ("how many legs does a spider have", "how many legs does this spider have"),
        ("who wrote hamlet", "who wrote the letter on the table"),
    ]
    for general, pointing in pairs:
        assert likeness(general.split()) > likeness(pointing.split()) < 0


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Zs")), min_size=1, max_size=12), max_size=60))
def test_any_words_have_a_likeness(words: list[str]) -> None:
    assert likeness(words) == likeness(words[:40])


def test_forty_words_are_read() -> None:
    assert (
        features(["a"] * 40 + ["poem"], EMPTY) == features(["a"] * 40, EMPTY) != features(["a"] * 39 + ["poem"], EMPTY)
    )


def test_the_tables_have_the_sizes_that_they_are_read_by() -> None:
    lexicon, weights = classifier._tables()
    assert [len(lexicon.learnt), len(lexicon.captioned), len(lexicon.kinds)] == [2048, 2560, 4096]
    assert 2 * len(weights) == BUCKETS


def test_the_lists_that_are_measured_once_are_not_learnt_from() -> None:
    golden = json.loads(lists.GOLDEN.read_text(encoding="utf-8"))
    once = {plain_sentences(text)[0] for text in [*golden["unserved"]["last"]["en"], *golden["last_served"]]}
    by_others = [*golden["others"].values(), *golden["users"].values()]
    others = {plain_sentences(text)[0] for texts in by_others for text in texts}
    learnt = {" ".join(each.words) for each in lists.examples([]) if "frames" not in each.source}
    assert len(once) == 200
    assert once & learnt == {"left or right", "main object"}  # so short that both lists have them
    assert len(others) > 450
    assert others & learnt == set()


# ---- words ---------------------------------------------------------------------------------------------------------


def test_filters_hold_what_was_put_in_and_little_else(found: list[Example]) -> None:
    lexicon = lexicon_of(found * 3, caption_words(), kinds())
    assert all(lexicon.is_learnt(word) for each in found for word in each.words)
    others = ["".join(random.Random(at).choices("bcdfghjklmnpqrst", k=9)) for at in range(2000)]
    assert sum(map(lexicon.is_learnt, others)) < 20
    assert lexicon.shape("dogs") == "<s>"
    assert sum(lexicon.shape(word).startswith("<o") for word in others) > 1800


def test_rare_words_and_misspelled_ones_are_not_learnt(found: list[Example]) -> None:
    typos = [replace(each, source="written, typos") for each in found * 5]
    assert not lexicon_of(found * 2 + typos, [], {}).is_learnt("poem")
    assert lexicon_of(found * 3, [], {}).is_learnt("poem")


def test_every_word_of_the_lists_finds_its_kind_and_its_plural() -> None:
    lexicon = lexicon_of([], [], kinds())
    numbers: dict[str, int] = {}
    for number, words in enumerate(kinds().values(), 1):
        for word in words:
            numbers.setdefault(word, number)
    named = {word: number for word, number in numbers.items() if word not in FUNCTION_WORDS}
    assert len(named) > 1800
    kept = [word for word, number in named.items() if lexicon.kind(word).rstrip("s") == str(number)]
    assert len(kept) > 0.95 * len(named)
    assert lexicon.kind("planets") == lexicon.kind("planet") + "s"
    assert lexicon.kind("baking") == lexicon.kind("bake") != ""
    strangers = [f"zzq{at}" for at in range(1000)]
    assert sum(lexicon.kind(word) != "" for word in strangers) < 200


# ---- features ------------------------------------------------------------------------------------------------------


def test_features_leave_content_out_and_say_whom_a_sentence_speaks_of() -> None:
    some = features(["what", "is", "gravity"], EMPTY)
    assert {"D^ what is", "Gpnone", "Gpwhatnone", "L3", "O0", "C^gra", "City$"} <= some
    assert "what is" not in some
    learnt = features(["what", "is", "entropy"], replace(EMPTY, learnt=b"\xff" * classifier.LEARNT_BYTES))
    assert {"what is", "is entropy", "D^ what is"} <= learnt
    assert "O0" not in learnt
    assert {"Gpthis", "Gmme", "Gqpicture"} <= features(["am", "i", "in", "this", "picture"], EMPTY)
    assert {"Gpthe", "Gmyou"} <= features(["can", "you", "see", "the", "ball"], EMPTY)
    assert "<0>" in features(["7"], EMPTY)


# ---- learning ------------------------------------------------------------------------------------------------------


def test_learning_tells_requests_from_questions_and_a_written_file_says_the_same(found: list[Example]) -> None:
    lexicon = lexicon_of(found * 3, caption_words(), kinds())
    problem = Problem(found, lexicon)
    weights, bias = learned(found, problem)
    sums = problem.sums(weights) + bias
    assert sums[4:].min() > sums[:4].max()
    table, shift = quantized(weights, bias)
    levels = np.frombuffer(table, np.uint8)
    signed = np.stack([levels & 15, levels >> 4], axis=1).ravel().astype(int) - 8
    assert np.corrcoef(problem.sums(signed.astype(float)), problem.sums(weights))[0, 1] > 0.99
    names: dict[str, object] = {}
    exec(weights_file(shift, lexicon, table), names)
    assert names["BIAS"] == shift
    assert all(len(line) <= 120 for line in weights_file(shift, lexicon, table).splitlines())


def test_cross_validation_has_not_seen_what_it_judges(found: list[Example]) -> None:
    lexicon = lexicon_of(found * 3, caption_words(), kinds())
    contrary = [replace(each, is_request=not each.is_request) for each in found]
    problem = Problem(found + contrary[:1], lexicon)
    scores = cross_validated(found + contrary[:1], problem)
    assert scores[0] == scores[-1]
    assert np.isfinite(scores).all()


def test_typos_and_gaps_make_other_words_of_the_same_number() -> None:
    rng = random.Random(0)
    for text in ("what color is the umbrella", "who is it"):
        changed = [lists._misspelled(text, rng) for _ in range(20)]
        assert all(len(each.split()) == len(text.split()) for each in changed)
        assert (set(changed) == {text}) == (text == "who is it")
    words = {"animal": ["cat"], "verb": ["run"]}
    assert lists._filled("the {animal} is {verb}ing", words, rng) == "the cat is running"
    assert [lists._with_ing(verb) for verb in ("bake", "see", "sit", "read")] == [
        "baking",
        "seeing",
        "sitting",
        "reading",
    ]
