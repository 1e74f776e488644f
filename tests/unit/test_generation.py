"""Answers from a backend that follows a script: what is shown, penalised, dropped and refused, token by token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tinyvlm import VLM, InputError
from tinyvlm.answers import generation
from tinyvlm.folder.model_reader import ModelParts
from tinyvlm.models.architecture import DEFAULT_CONTEXT, Architecture, Message, ModelFiles, load_architecture
from tinyvlm.text import prompts
from tinyvlm.text.prompts import PromptBuilder, user_message
from tinyvlm.text.tokenizer import Tokenizer, byte_alphabet

END = 0
CONTEXT = 100
TOKENIZER = Tokenizer(
    {
        "model": {"vocab": {char: index for index, char in enumerate(byte_alphabet())}, "merges": []},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
    }
)
"""A byte is a token, and its value the id."""


class Model(Architecture):
    """Sizes alone."""

    vocab_size = 256
    max_positions = CONTEXT
    eos_token_ids = frozenset([END])

    def prompt(self, messages: Sequence[Message]) -> str:
        """See Architecture. The texts, one after the other."""
        return "".join(part["text"] for message in messages for part in message["content"])


class Script:
    """A runner whose logits favour the next byte of a text, and those of `also` a little less."""

    name = "script"

    def __init__(self, text: str, also: str = "") -> None:
        self._next = iter([*text.encode(), *[END] * CONTEXT])
        self._also = [*also.encode()]
        self._row: list[tuple[int, float]] = []

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        first = next(self._next)
        ids = [first, *(token for token in self._also if token != first)]
        self._row = [(token, 8.0 - rank) for rank, token in enumerate(ids)]
        self._row += [(token, -9.0) for token in range(256) if token not in ids]
        return first

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        return self._row[:count]

    def all_logits(self) -> list[float]:
        """See Runner."""
        return [value for _, value in sorted(self._row)]

    def clear_stop(self) -> None:
        """See Runner."""


def scripted(text: str, also: str = "", tokenizer: Any = TOKENIZER) -> VLM:
    runner: Any = Script(text, also)
    parts = ModelParts("scripted", {}, Model(), tokenizer, None, None)
    return VLM(parts, runner, 0)


def ask(text: str, also: str = "", question: str = "Q?", **options: Any) -> str:
    return scripted(text, also).ask(None, question, **{"max_new_tokens": 50, **options})


# ---- what is shown -----------------------------------------------------------------------------------------------


def test_what_might_have_been_a_stop_string_is_shown_when_nothing_follows() -> None:
    assert ask("to the en", stop=["end."]) == "to the en"
    assert ask("to the end", stop=["end."], max_new_tokens=9) == "to the en"
    assert ask("to the end. More", stop=["end."]) == "to the "


def test_half_a_character_is_shown_as_one_that_is_missing() -> None:
    assert ask("é", max_new_tokens=1) == "\ufffd"
    assert ask("aé", stop=["x"], max_new_tokens=2) == "a\ufffd"


def test_only_the_space_before_an_answer_is_left_out() -> None:
    assert ask("  one  two ") == "one  two "


# ---- the penalty -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "answer"), [("Q?", "ab"), ("Qa?", "bc"), ("Qab?", "cd")])
def test_what_the_prompt_and_the_answer_have_is_penalised(question: str, answer: str) -> None:
    """Logits 8, 7, 6, 5: halved, a token comes after those that the text has not."""
    assert ask("aa", "abcd", question, repetition_penalty=2, max_new_tokens=2) == answer
    assert ask("aa", "abcd", question, max_new_tokens=2) == "aa"


@pytest.mark.parametrize(("room", "answer"), [(16, "1" * 15), (15, "1" * 15), (32, "1" * 15 + "." + "1" * 15)])
def test_a_form_that_is_complete_ends_where_nothing_may_follow(
    room: int, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model without an end token writes a number: behind 15 digits, a point would need two tokens."""
    monkeypatch.setattr(Model, "eos_token_ids", frozenset())
    vlm = scripted("1" * 15 + "." + "1" * 40, "1")
    assert vlm.ask(None, "Q?", schema={"type": "number"}, max_new_tokens=room) == answer
    assert vlm.last_answer.finish_reason == ("length" if room == 15 else "stop")


def test_before_the_first_question_no_time_has_passed() -> None:
    stats = scripted("yes").last_answer
    assert (stats.prefill_ms, stats.decode_ms, stats.decode_tokens_per_s) == (0, 0, 0)
    assert VLM.from_pretrained(backend="numpy").stats()["encode_ms"] == 0


def test_times_are_in_thousandths_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a clock that goes on by a quarter of a second whenever it is looked at."""
    clock = itertools.count()
    monkeypatch.setattr(generation.time, "perf_counter", lambda: next(clock) / 4)
    vlm = scripted("abcd")
    vlm.ask(None, "Q?")
    stats = vlm.last_answer
    assert (stats.prefill_ms, stats.decode_ms, stats.decode_tokens_per_s) == (250, 1000, 4)


# ---- room --------------------------------------------------------------------------------------------------------


def test_an_answer_ends_with_the_context() -> None:
    vlm = scripted("x" * CONTEXT)
    assert vlm.ask(None, "q" * 90, max_new_tokens=CONTEXT) == "x" * 10
    assert (vlm.last_answer.finish_reason, vlm.last_answer.prompt_tokens) == ("length", 90)


def test_a_prompt_leaves_eight_tokens_for_an_answer() -> None:
    assert ask("yes", question="q" * (CONTEXT - 8)) == "yes"
    with pytest.raises(InputError) as caught:
        ask("yes", question="q" * (CONTEXT - 7))
    assert (caught.value.code, caught.value.details) == ("question-too-long", {"limit": 92, "words": 69})


def test_what_spells_a_special_token_is_broken_up() -> None:
    """Nothing of it is lost, and nobody forges a turn."""
    said: list[str] = []
    spelled: Any = SimpleNamespace(special_tokens=("<end>",), encode=lambda text: [said.append(text) or 1])
    PromptBuilder(Model(), spelled, None).build([user_message("Is <end> the end?\x00", [])])
    assert said == ["Is < end> the end? "]


def test_what_cannot_fit_is_refused_before_it_is_tokenized() -> None:
    """A token has at most 64 bytes: more than 92 times as many is too long whatever the tokens are."""
    lengths: list[int] = []
    counted: Any = SimpleNamespace(special_tokens=(), encode=lambda text: [lengths.append(len(text)) or 1])
    builder = PromptBuilder(Model(), counted, None)
    longest = 92 * prompts.MAX_TOKEN_BYTES
    assert builder.build([user_message("q" * longest, [])]) == [(1, None)]
    with pytest.raises(InputError, match="too long"):
        builder.build([user_message("q" * (longest + 1), [])])
    assert lengths == [longest]


@pytest.mark.parametrize(
    ("new", "said", "dropped"),
    [(10, 90, 0), (10, 91, 1), (25, 75, 0), (25, 76, 1), (99, 75, 0), (99, 76, 1), (1, 92, 0), (1, 93, 1)],
)
def test_the_oldest_turn_goes_where_an_answer_would_not_have_its_room(new: int, said: int, dropped: int) -> None:
    """An answer's room is what was asked for, at most a quarter of the context."""
    vlm = scripted("x" * CONTEXT)
    parts = ["a" * 20, "b" * 20, "c" * (said - 40)]
    roles = ("user", "assistant", "user")
    messages = [
        {"role": role, "content": [{"type": "text", "text": text}]} for role, text in zip(roles, parts, strict=True)
    ]
    answer = "".join(vlm.stream_messages(messages, max_new_tokens=new))
    assert vlm.last_answer.dropped_turns == dropped
    assert vlm.last_answer.prompt_tokens == (said - 40 if dropped else said)
    assert answer == "x" * min(new, CONTEXT - vlm.last_answer.prompt_tokens)


@pytest.mark.parametrize(("could", "does"), [(512, 512), (4096, 4096), (4097, 4096), (131072, 4096)])
def test_a_context_is_as_the_model_has_it_up_to_the_default(could: int, does: int) -> None:
    config = {
        "model_type": "llama",
        "vocab_size": 256,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "eos_token_id": 0,
        "max_position_embeddings": could,
    }
    model = load_architecture(ModelFiles(config))
    assert DEFAULT_CONTEXT == 4096
    assert model.max_positions == does
    assert {shape.positions for shape in model.cache_shapes} == {does}


# ---- choices -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "script", "answer"),
    [
        (["red", "blue"], "blue", "blue"),
        (["red", " blue"], " blue", " blue"),
        (["\n blue\n"], "\n blue\n", "\n blue\n"),
        (["blue", " blue"], "blue", "blue"),
        (["day", "daylight"], "day", "day"),
        (["day", "daylight"], "daylight", "daylight"),
        (["red", "red"], "red", "red"),
        (["  "], "  ", "  "),
        (["\ud83d\ude00"], "😀", "\ud83d\ude00"),
        (["a \ud800"], "a \ufffd", "a \ud800"),
        (["one. two", "one"], "one. two", "one. two"),
    ],
)
def test_a_choice_comes_back_to_the_letter(choices: list[str], script: str, answer: str) -> None:
    vlm = scripted(script)
    assert list(vlm.stream(None, "Q?", choices=choices, max_new_tokens=1, stop=[".", "l"])) == [answer]
    assert vlm.last_answer.finish_reason == "stop"
    assert scripted(script).conversation().ask("Q?", choices=tuple(choices)) == answer


def test_choices_that_the_context_cuts_are_told() -> None:
    with pytest.raises(InputError) as caught:
        ask("y" * 60, question="q" * 50, choices=["y" * 60])
    assert (caught.value.code, caught.value.details) == ("choices-too-long", {"limit": CONTEXT})


# ---- options -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("max_tokens", "max_new_tokens"),
        ("max_new_token", "max_new_tokens"),
        ("max_length", "max_new_tokens"),
        ("num_predict", "max_new_tokens"),
        ("temprature", "temperature"),
        ("repeat_penalty", "repetition_penalty"),
        ("topk", "top_k"),
        ("choice", "choices"),
        ("response_format", "schema"),
        ("stop_sequences", "stop"),
    ],
)
def test_an_option_by_another_name_is_told_the_right_one(option: str, meant: str) -> None:
    for action in (
        lambda: ask("yes", **{option: 1}),
        lambda: scripted("yes").stream(None, "Q?", **{option: 1}),
        lambda: scripted("yes").conversation().ask("Q?", **{option: 1}),
    ):
        with pytest.raises(InputError) as caught:
            action()
        assert (caught.value.code, caught.value.details) == ("sampling-misnamed", {"option": option, "meant": meant})


@pytest.mark.parametrize("option", ["heat", "params", "callback"])
def test_an_option_that_there_is_not_is_told(option: str) -> None:
    vlm = scripted("yes")
    options: dict[str, Any] = {option: 1}
    with pytest.raises(InputError) as caught:
        vlm.stream_messages([user_message("Q?", [])], **options)
    assert (caught.value.code, caught.value.details) == ("sampling-unknown", {"option": option})
