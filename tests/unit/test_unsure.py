"""What is said in place of answers that a model would have to guess: where, and where not."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.shapes import shape_image
from public_model import write_smolvlm
from streamed import Stream, ok
from tinyvlm import VLM, EncodedImage, InputError, ModelError
from tinyvlm.answers.unsure import Unsure, asks_openly
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.instead import Instead
from tinyvlm.media.images import load_image
from tinyvlm.text.prompts import PromptBuilder, user_message

SENTENCE = "I am not sure."
ALWAYS, NEVER = Unsure(1.1, SENTENCE), Unsure(0, SENTENCE)
QUESTION, DESCRIPTION = "What color is the shape?", "Describe the image."


@pytest.fixture(scope="module", params=["numpy", "wasm"])
def vlm(request: pytest.FixtureRequest) -> Iterator[VLM]:
    with closing(VLM.from_pretrained(backend=request.param)) as vlm:
        yield vlm


@pytest.fixture(scope="module")
def image(vlm: VLM) -> EncodedImage:
    return vlm.encode_image(shape_image())


@pytest.fixture
def unsure(vlm: VLM) -> Iterator[VLM]:
    """A model that is never sure."""
    vlm.instead.unsure = ALWAYS
    yield vlm
    vlm.instead.unsure = None


# ---- which answers -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("question", [QUESTION, "what color is the shape", "Is it red? ", "Look. Is it red?"])
def test_a_question_is_answered_with_the_sentence(unsure: VLM, image: EncodedImage, question: str) -> None:
    pieces = list(unsure.stream(image, question))
    assert "".join(pieces) == SENTENCE
    assert len(pieces) > 2
    last = unsure.last_answer
    assert (last.unsure, last.finish_reason, last.decode_steps) == (True, "stop", 0)
    assert last.tokens == len(unsure.tokenize(SENTENCE))
    assert last.prefill_ms > 0


@pytest.mark.parametrize("prompt", [DESCRIPTION, "Name the colour!", "Is it red? Say yes or no."])
def test_what_is_no_question_is_answered_by_the_model(unsure: VLM, image: EncodedImage, prompt: str) -> None:
    answer = unsure.ask(image, prompt)
    assert not unsure.last_answer.unsure
    unsure.instead.unsure = None
    assert answer == unsure.ask(image, prompt) != SENTENCE


@pytest.mark.parametrize(
    "options",
    [{"unsure": False}, {"temperature": 0.1, "seed": 1}, {"repetition_penalty": 1.01}, {"choices": ["red", "blue"]}],
)
def test_it_can_be_turned_off_and_is_for_free_greedy_answers_alone(
    unsure: VLM, image: EncodedImage, options: dict[str, Any]
) -> None:
    assert unsure.ask(image, QUESTION, **options) == "red"
    assert not unsure.last_answer.unsure


@pytest.mark.parametrize("none", [NEVER, None])
def test_a_threshold_of_zero_withholds_nothing(unsure: VLM, image: EncodedImage, none: Unsure | None) -> None:
    unsure.instead.unsure = none
    assert unsure.ask(image, QUESTION) == "red"
    assert not unsure.last_answer.unsure


def test_the_threshold_is_a_probability_of_the_first_token(unsure: VLM, image: EncodedImage) -> None:
    logits = unsure.logits(unsure.prompt_ids(QUESTION), image)[-1].astype(np.float64)
    probability = 1 / np.exp(logits - logits.max()).sum()
    assert 0.05 < probability < 1
    for below, expected in ((probability - 1e-3, "red"), (probability + 1e-3, SENTENCE)):
        unsure.instead.unsure = Unsure(below, SENTENCE)
        assert unsure.ask(image, QUESTION) == expected


def test_the_sentence_is_cut_as_answers_are(unsure: VLM, image: EncodedImage) -> None:
    assert unsure.ask(image, QUESTION, stop=["sure"]) == "I am not "
    assert SENTENCE.startswith(unsure.ask(image, QUESTION, max_new_tokens=2))
    assert (unsure.last_answer.tokens, unsure.last_answer.finish_reason) == (2, "length")


def test_the_next_answer_reuses_what_the_prompt_left(unsure: VLM, image: EncodedImage) -> None:
    """The sentence itself is never in the KV cache."""
    unsure.ask(image, QUESTION)
    assert unsure.ask(image, QUESTION, unsure=False) == "red"
    assert unsure.last_answer.reused_tokens == unsure.last_answer.prompt_tokens - 1


@pytest.mark.parametrize("value", [0, 1, None, "yes"])
def test_the_switch_is_true_or_false(vlm: VLM, image: EncodedImage, value: Any) -> None:
    with pytest.raises(InputError, match="unsure must be one of True, False"):
        vlm.ask(image, QUESTION, unsure=value)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("what", True),
        ("What?\x00", True),
        ("Go.\x00", False),
        ("色は？", True),
        ("a" * 900 + "?", True),
        ("Stop!", False),
    ],
)
def test_whether_a_prompt_asks_is_what_it_says_in_the_end(question: str, asks: bool) -> None:
    parts = read_model(open_model())
    prompts = PromptBuilder(parts.model, parts.tokenizer, None)
    messages = [user_message(question, [])]
    assert prompts.asks(messages) == asks
    assert prompts._text(prompts._cleaned(messages)).endswith("? A:" if asks else (". A:", "! A:"))


# ---- conversations, and the page -----------------------------------------------------------------------------------


def test_a_conversation_goes_on_after_the_sentence(tmp_path: Path) -> None:
    folder = write_smolvlm(tmp_path / "model")
    (folder / "generation_config.json").write_text(json.dumps({"unsure": {"below": 1.1, "answer": SENTENCE}}))
    with closing(VLM.from_pretrained(folder)) as vlm:
        talk = vlm.conversation()
        assert talk.ask("What is it?", shape_image(), max_new_tokens=40) == SENTENCE
        assert talk.messages[-1]["content"] == [{"type": "text", "text": SENTENCE}]
        assert talk.ask("Tell me.", max_new_tokens=3) != SENTENCE
        assert vlm.last_answer.reused_tokens > 10
        assert talk.ask("Tell me, will you?", max_new_tokens=40) == SENTENCE
        assert talk.ask("And now?", max_new_tokens=3, unsure=False) != SENTENCE
        expected = vlm.last_answer
        again = "".join(vlm.stream_messages(talk.messages[:-1], max_new_tokens=3, unsure=False))
        assert vlm.last_answer.reused_tokens == expected.prompt_tokens - 1
        assert again == talk.messages[-1]["content"][0]["text"]


def test_a_session_streams_the_sentence(tmp_path: Path) -> None:
    bundled, folder = open_model(), tmp_path / "model"
    shutil.copytree(bundled.path, folder)
    generation = {**json.loads(bundled.read_text("generation_config.json"))}
    generation["unsure"] = {"below": 1.1, "answer": SENTENCE}
    (folder / "generation_config.json").write_text(json.dumps(generation))
    with closing(WasmtimeKernels(threads=2)) as kernels:
        stream, image = Stream(folder, kernels), load_image(shape_image())
        stream.until("draft")
        ok(stream.session.encode(image.data, image.width, image.height, "balanced"))
        assert session_pieces(stream, QUESTION)[:2] == ["I", " am"]
        ok(stream.session.warm_up())
        stream.until("whole")
        assert "".join(session_pieces(stream, QUESTION)) == SENTENCE
        assert ok(stream.session.answer_stats())["finish_reason"] == "stop"
        assert session_pieces(stream, QUESTION, unsure=False) == ["red"]
        assert "".join(session_pieces(stream, DESCRIPTION)) != SENTENCE


def session_pieces(stream: Stream, question: str, **options: Any) -> list[str]:
    ok(stream.session.ask(question, json.dumps(options)))
    return list(iter(lambda: ok(stream.session.next_piece()), None))


# ---- what neither yes nor no answers -------------------------------------------------------------------------------


def test_a_question_for_what_gets_neither_yes_nor_no(vlm: VLM) -> None:
    """Asked of noise, the model says no to both."""
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    image = vlm.encode_image(noise)
    what, closed = "What is this building?", "Is there a building in the picture?"
    assert vlm.ask(image, what, unsure=False) == vlm.ask(image, closed, unsure=False) == "no"
    vlm.instead.unsure = NEVER
    assert vlm.ask(image, what) == SENTENCE
    assert vlm.last_answer.unsure
    assert vlm.ask(image, closed) == "no"
    assert vlm.ask(image, QUESTION) not in (SENTENCE, "yes", "no")
    vlm.instead.unsure = None


@pytest.mark.parametrize(
    ("tokens", "unfit"),
    [({" yes": [5], " no": [6]}, {5, 6}), ({" yes": [7, 1], " no": [7, 2]}, set()), ({" yes": [], " no": [6]}, {6})],
)
def test_yes_and_no_are_told_by_their_one_token(tokens: dict[str, list[int]], unfit: set[int]) -> None:
    """Where a vocabulary begins both with a space of its own, others' answers begin so, too."""
    parts: Any = SimpleNamespace(
        unsure=NEVER,
        requests=None,
        naming=None,
        has_text_read=False,
        looks_at_things=False,
        model=SimpleNamespace(question=lambda messages: messages[-1]["content"][0]["text"]),
        tokenizer=SimpleNamespace(encode=tokens.__getitem__),
    )
    instead: Any = Instead(parts, parts, has_reader=False)
    assert instead.unsure_of([user_message("What is it?", [])]).unfit == unfit
    assert instead.unsure_of([user_message("Is it red?", [])]) == NEVER


@pytest.mark.parametrize("question", ["What is it?", " which one", "WHERE is the dog?", "Why?", "Whose hat is this?"])
def test_questions_that_ask_openly(question: str) -> None:
    assert asks_openly(question)


@pytest.mark.parametrize(
    "question",
    ["Is it red?", "How many are there?", "What about the hat, is it red?", "What if", "Whatever", "", "Dog?"],
)
def test_questions_that_do_not(question: str) -> None:
    assert not asks_openly(question)


# ---- what a folder says --------------------------------------------------------------------------------------------


def test_the_shipped_model_has_one_and_folders_without_it_have_none() -> None:
    assert read_model(open_model()).unsure == Unsure(0.3, "I am not sure.")
    assert Unsure.from_config({}) is None
    assert Unsure.from_config({"unsure": None}) is None
    assert Unsure.from_config({"unsure": {"below": 0.3, "answer": " Maybe. "}}) == Unsure(0.3, "Maybe.")


@pytest.mark.parametrize(
    "value",
    [
        *(True, 0.3, "I am not sure.", [], {}, {"below": 0.3}, {"answer": SENTENCE}),
        *({"below": below, "answer": SENTENCE} for below in (-0.1, 30, math.nan, math.inf, 10**400, True, "0.3", None)),
        *({"below": 0.3, "answer": answer} for answer in ("", "  ", None, 5, ["I", "am"])),
    ],
)
def test_nonsense_is_a_sentence(value: Any) -> None:
    with pytest.raises(ModelError, match=r"^The field unsure of generation_config\.json needs .*\.$") as caught:
        Unsure.from_config({"unsure": value})
    assert caught.value.code == "unsure-invalid"


# ---- the probability -----------------------------------------------------------------------------------------------


class Row:
    """A row of logits, and whether all of it was read."""

    def __init__(self, logits: Sequence[float]) -> None:
        self.logits, self.read = list(logits), False
        best = sorted(range(len(logits)), key=lambda token: -logits[token])[:4]
        self.candidates = [(token, self.logits[token]) for token in best]

    def all(self) -> Sequence[float]:
        self.read = True
        return self.logits

    def withholds(self, below: float, rank: int = 0) -> bool:
        return Unsure(below, SENTENCE).withholds(self.candidates[rank][0], self.candidates, len(self.logits), self.all)


@given(
    st.lists(st.floats(-20, 20), min_size=4, max_size=30),
    st.floats(0, 1.1),
    st.integers(0, 3),
)
def test_the_decision_is_that_of_a_softmax_over_all(logits: list[float], below: float, rank: int) -> None:
    row = Row(logits)
    weights = np.exp(np.array(logits) - max(logits))
    probability = weights[row.candidates[rank][0]] / weights.sum()
    if abs(probability - below) > 1e-9:
        assert row.withholds(below, rank) == (probability < below)


def test_an_unfit_token_is_withheld_however_likely_it_is() -> None:
    row = Row([9, *[0] * 99])
    unfit = Unsure(0, SENTENCE, unfit=frozenset({0}))
    assert unfit.withholds(0, row.candidates, 100, row.all)
    assert not unfit.withholds(1, row.candidates, 100, row.all)


def test_the_whole_row_is_read_only_where_the_candidates_leave_it_open() -> None:
    sure, guess = Row([9, *[0] * 99]), Row([0.1, *[0] * 99])
    assert not sure.withholds(0.5)
    assert guess.withholds(0.3)
    assert (sure.read, guess.read) == (False, False)
    for tail, withheld in ((-9, False), (-1, True)):
        row = Row([4, *[0] * 3, *[tail] * 96])
        assert row.withholds(0.6) == withheld
        assert row.read
