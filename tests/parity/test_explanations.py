"""Answers of the bundled model, explained: what is told of them is what the model did, on both backends."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.shapes import shape_image
from fixtures.two_shapes import two_shapes
from tinyvlm import VLM, Explanation, InputError
from tinyvlm.answers import generation
from tinyvlm.answers.unsure import Unsure
from tinyvlm.backends.opcodes import OPCODES
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.recording import Recording
from tinyvlm.backends.reference_ops import ReferenceOps

pytestmark = pytest.mark.slow

QUESTION = "Describe the image."
USUAL_INSTRUCTIONS = [114, 121, 120]
"""Of the programs encode, prefill and step, before anything could be explained."""


@pytest.fixture(scope="module")
def reference() -> VLM:
    return VLM.from_pretrained(backend="numpy")


@pytest.fixture(scope="module")
def wasm() -> Iterator[VLM]:
    vlm = VLM.from_pretrained(backend="wasm", threads=2)
    yield vlm
    vlm.close()


@pytest.fixture(params=["numpy", "wasm"])
def vlm(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("reference" if request.param == "numpy" else "wasm")


def heats(explanation: Explanation) -> np.ndarray:
    """All words' maps (words, rows, columns)."""
    return np.array([word.heat for word in explanation.words])


def test_an_explanation_is_of_the_answer_that_is_given(vlm: VLM) -> None:
    image = vlm.encode_image(shape_image("circle", "red", 200))
    answer = vlm.ask(image, QUESTION)
    explanation = vlm.explain(image, QUESTION)
    assert explanation.text == answer == "".join(word.text for word in explanation.words)
    assert (explanation.kind, explanation.draft) == ("own", False)
    assert heats(explanation).shape == (len(explanation.words), 14, 14)
    np.testing.assert_allclose(heats(explanation).sum(axis=(1, 2)), 1, atol=1e-6)
    assert heats(explanation).min() >= 0
    assert all(0 < word.elsewhere < 1 for word in explanation.words)
    prompt = vlm.last_answer.prompt_tokens
    assert len(vlm._generator._held) == prompt - 1, "what was run again is not taken for what was said"
    assert vlm.ask(image, QUESTION) == answer
    assert vlm.last_answer.reused_tokens == prompt - 1, "the prompt is still held"


def test_probabilities_are_the_softmax_of_the_logits(vlm: VLM) -> None:
    """Of a text that is taken in at once, in another program."""
    image = vlm.encode_image(shape_image("circle", "red", 200))
    explanation = vlm.explain(image, QUESTION)
    prompt, ids = vlm.prompt_ids(QUESTION), vlm.last_answer.ids
    logits = vlm.logits([*prompt, *ids[:-1]], image)[len(prompt) - 1 :].astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    words = explanation.words
    assert len(ids) == len(words), "here each token is a word"
    for word, token, row in zip(words, ids, shares, strict=True):
        assert word.probability == pytest.approx(row[token], abs=1e-3)
        best = np.argsort(-row)[:8]
        np.testing.assert_allclose([p for _, p in word.alternatives], row[best], atol=1e-3)
        assert word.alternatives[0][0] == vlm._tokenizer.token_bytes(int(best[0])).decode()


def test_backends_look_alike(reference: VLM, wasm: VLM) -> None:
    """Up to the rounding of activations, which the kernels hold in fewer bits."""
    image = two_shapes(3)[0]
    mine, theirs = (one.explain(image, QUESTION, max_new_tokens=6, unsure=False) for one in (wasm, reference))
    assert mine.text == theirs.text
    assert np.corrcoef(heats(mine).ravel(), heats(theirs).ravel())[0, 1] > 0.97
    for a, b in zip(mine.words, theirs.words, strict=True):
        assert a.probability == pytest.approx(b.probability, abs=0.1)
        assert a.elsewhere == pytest.approx(b.elsewhere, abs=0.1)


def test_the_map_of_a_colour_lies_on_the_shape_that_was_asked_about(wasm: VLM) -> None:
    """Both shapes of twelve pictures: 23 of 24, where half would be chance."""
    found = []
    for seed in range(12):
        picture, shapes = two_shapes(seed)
        image = wasm.encode_image(picture)
        for shape in shapes:
            explanation = wasm.explain(image, f"What color is the {shape.kind}?", unsure=False)
            heat = explanation.words[0].heat
            assert heat is not None
            found.append(shape.share_on_its_side(heat) > 0.5)
    assert len(found) == 24
    assert sum(found) >= 23


def test_the_heads_that_were_taught_to_look_are_read(reference: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of layers 2 and 4, and those layers' own keys: cross-attention's, of the image's 247 tokens.

    A map is their mean over the 14 x 14 cells and, shared out among these, the 7 x 7; the last two are nowhere.
    """
    image = reference.encode_image(shape_image())
    seen = []
    weights: list[np.ndarray] = []
    told = ReferenceOps.attention_weights

    def spy(self: ReferenceOps, q: Any, keys_values: Any, **options: Any) -> Any:
        seen.append((keys_values.keys.reshape(-1, 256), options["of"], options["causal"]))
        weights.append(told(self, q, keys_values, **options))
        return weights[-1]

    monkeypatch.setattr(ReferenceOps, "attention_weights", spy)
    explanation = reference.explain(image, "What shape is it?", unsure=False)
    assert [(keys.shape, of, causal) for keys, of, causal in seen] == [((247, 256), range(1), False)] * 2
    for (keys, _, _), layer in zip(seen, (2, 4), strict=True):
        np.testing.assert_array_equal(keys, image.state[layer][:, :256])
    first = (weights[0][0] + weights[1][0]) / 2
    cells = first[:196].reshape(14, 14) + np.kron(first[196:245].reshape(7, 7), np.full((2, 2), 0.25))
    assert explanation.words[0].elsewhere == pytest.approx(first[245:].sum(), abs=1e-6)
    np.testing.assert_allclose(explanation.words[0].heat, cells / cells.sum(), atol=1e-6)


def test_an_answer_in_pieces_is_looked_at_as_at_once(wasm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    image = wasm.encode_image(shape_image("triangle", "blue", 200))
    whole = wasm.explain(image, QUESTION)
    monkeypatch.setattr(generation, "LOOK_ROWS", 2)
    parts = wasm.explain(image, QUESTION)
    assert len(whole.words) > 2
    np.testing.assert_allclose(heats(parts), heats(whole), atol=1e-5)
    assert [word.probability for word in parts.words] == pytest.approx([word.probability for word in whole.words])


def test_answers_that_are_not_the_model_s_words_have_no_maps(wasm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    image = wasm.encode_image(shape_image())
    naming = wasm.instead.naming
    assert naming
    for question, kind in [("Write a poem.", "unserved"), ("What does the text say?", "read"), (QUESTION, "own")]:
        explanation = wasm.explain(image, question)
        assert (explanation.kind, bool(explanation.words)) == (kind, kind == "own"), question
        assert explanation.text == wasm.ask(image, question)
    monkeypatch.setattr(wasm.instead, "unsure", Unsure(2, "I am not sure."))
    assert wasm.explain(image, "Is it red?") == Explanation("I am not sure.", "unsure", False, ())
    monkeypatch.setattr(wasm.instead, "naming", replace(naming, below=2, guessed=0))
    named = wasm.explain(image, "What is this?")
    assert (named.kind, named.words) == ("named", ())
    own = wasm.explain(image, "What is this?", unsure=False)
    assert own.kind == "own"
    assert own.words
    assert own.words[0].heat


def test_answers_that_are_bound_are_explained(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image("circle", "red"))
    chosen = wasm.explain(image, "What color is it?", choices=["blue", "light green"])
    assert "".join(word.text for word in chosen.words) == chosen.text
    assert chosen.words[0].probability < 0.1, "what it would have been unbound"
    assert chosen.words[0].alternatives[0][0] == " red"


def test_what_cannot_be_explained_is_said(wasm: VLM) -> None:
    def code(*arguments: Any, **options: Any) -> str:
        with pytest.raises(InputError) as caught:
            wasm.explain(*arguments, **options)
        return caught.value.code

    image = wasm.encode_image(shape_image())
    assert code(None, QUESTION) == "image-missing"
    assert code("no-such-file.png", "  ") == "question-empty", "before anything is encoded"
    assert code(image, 5) == "bad-question"
    assert code(image, QUESTION, depth=3) == "sampling-unknown"
    assert code(replace(image, kind="video"), QUESTION) == "bad-argument"
    assert code(replace(image, encoder=None), QUESTION) == "image-of-another-model"


def test_another_question_ends_an_explanation(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    steps = wasm.explaining(image, QUESTION)
    assert next(steps)
    answer = wasm.ask(image, QUESTION)
    with pytest.raises(InputError) as caught:
        next(steps)
    assert caught.value.code == "stream-replaced"
    assert wasm.explain(image, QUESTION).text == answer


def test_an_explanation_leaves_no_memory_behind(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    wasm.ask(image, QUESTION)
    gc.collect()  # images of other tests, which would be given back meanwhile
    before = wasm.stats()["kernel_memory_bytes"]
    for tokens in (3, 5, 7):
        wasm.explain(image, QUESTION, max_new_tokens=tokens)
    assert wasm.stats()["kernel_memory_bytes"] == before


def test_usual_answers_are_made_by_the_programs_that_they_always_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is asked records a look: only an explanation does, in a program of its own."""
    recorded: list[list[str]] = []
    begin = Recording.__init__

    def spy(self: Recording, recorder: Recorder, outputs: Any = ()) -> None:
        recorded.append([OPCODES[instruction.opcode] for instruction in recorder.instructions])
        begin(self, recorder, outputs)

    monkeypatch.setattr(Recording, "__init__", spy)
    with VLM.from_pretrained(backend="wasm", threads=1) as vlm:
        programs = len(recorded)
        image = vlm.encode_image(shape_image())
        cutting = len(recorded)
        vlm.ask(image, QUESTION)
        assert [len(program) for program in recorded[:programs]] == USUAL_INSTRUCTIONS
        assert len(recorded) == cutting == programs + 1, "an image is cut by a program of its size"
        assert not any("attention_weights" in program for program in recorded)
        vlm.explain(image, QUESTION)
        assert len(recorded) == cutting + 1
        assert recorded[-1].count("attention_weights") == 2
