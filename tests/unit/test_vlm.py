"""The front door's checks: arguments, questions, errors. Answers are in tests/parity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fixtures.shapes import shape_image
from tinyvlm import VLM, InputError, ModelError, TinyVLMError
from tinyvlm.models.architecture import ModelFiles, load_architecture


@pytest.fixture(scope="module")
def vlm() -> VLM:
    return VLM.from_pretrained(backend="numpy")


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00", "\x00 \x00"])
def test_an_empty_question_is_a_sentence(vlm: VLM, question: str) -> None:
    with pytest.raises(InputError, match="type a question") as caught:
        vlm.ask(shape_image(), question)
    assert caught.value.code == "question-empty"


@pytest.mark.parametrize("question", ["is there a dog " * 7_000, "a" * 100_000, "\U0001f600" * 1000])
def test_a_long_question_is_a_sentence(vlm: VLM, question: str) -> None:
    with pytest.raises(InputError, match="too long") as caught:
        vlm.ask(shape_image(), question)
    assert caught.value.code == "question-too-long"


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["What\x00 color is the shape?", "What color \ud800 is \udc00 this?", "¿Qué? 色は?"]
)
def test_odd_characters_are_answered(vlm: VLM, question: str) -> None:
    assert vlm.ask(shape_image(), question)


@pytest.mark.parametrize("question", [None, 5, b"what"])
def test_a_question_is_text(vlm: VLM, question: Any) -> None:
    with pytest.raises(InputError, match="must be text"):
        vlm.ask(shape_image(), question)


def test_a_bad_question_costs_no_encoding(vlm: VLM) -> None:
    with pytest.raises(InputError, match="type a question"):
        vlm.ask("no-such-file.png", "")


@pytest.mark.parametrize("options", [{"backend": "gpu"}, {"quantization": "q3"}])
def test_wrong_options_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="must be"):
        VLM.from_pretrained(**options)


@pytest.mark.parametrize("ids", [[], [4096], [-1], [1] * 97])
def test_logits_checks_its_ids(vlm: VLM, ids: list[int]) -> None:
    with pytest.raises(InputError):
        vlm.logits(ids)


@pytest.mark.slow
def test_logits_need_no_image(vlm: VLM) -> None:
    logits = vlm.logits([1, 5, 9])
    assert logits.shape == (3, 4096)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


@pytest.mark.slow
def test_an_answer_is_cut_at_max_new_tokens(vlm: VLM) -> None:
    vlm.ask(shape_image(), "Describe the image.", max_new_tokens=2)
    assert vlm.last_answer.tokens == 2
    assert vlm.last_answer.finish_reason == "length"


@pytest.mark.parametrize(
    "config",
    [{}, {"model_type": "unheard-of"}, {"model_type": "tinyvlm"}, {"model_type": "tinyvlm", "vision_config": 3}],
)
def test_unusable_configs_are_model_errors(config: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        load_architecture(ModelFiles(config))


def test_errors_carry_a_code(vlm: VLM) -> None:
    with pytest.raises(TinyVLMError) as caught:
        vlm.ask(b"", "What?")
    assert caught.value.code
