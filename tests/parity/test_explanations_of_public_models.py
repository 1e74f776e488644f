"""Explanations where the image stands among the text: a tiny SmolVLM in a folder, and a model that reads text only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from public_model import golden, llama_files, write_smolvlm
from streamed import Stream, ok
from tinyvlm import VLM, InputError
from tinyvlm.backends.reference_ops import ReferenceOps
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import TinyVLMError
from tinyvlm.media.images import load_image
from tinyvlm.page.engine import Session
from tinyvlm.text.prompts import user_message

pytestmark = pytest.mark.slow

QUESTION = "What is in the picture?"
TOKENS = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_smolvlm(tmp_path_factory.mktemp("models") / "smolvlm")


@pytest.fixture(scope="module")
def reference(folder: Path) -> VLM:
    return VLM.from_pretrained(folder, backend="numpy", quantization="float32")


def explained(vlm: VLM, profile: Any = "accuracy") -> tuple[Any, np.ndarray, np.ndarray]:
    """An explanation, its maps (words, rows, columns), and the shares of attention that lie on them (words,)."""
    image = vlm.encode_image(golden()["image1.0"], profile=profile)
    explanation = vlm.explain(image, QUESTION, max_new_tokens=TOKENS)
    maps = np.array([word.heat for word in explanation.words])
    return explanation, maps, np.array([1 - word.elsewhere for word in explanation.words])


@pytest.mark.parametrize("profile", ["accuracy", "fast"])
def test_maps_are_the_attention_to_the_image_s_tokens(
    reference: VLM, monkeypatch: pytest.MonkeyPatch, profile: Any
) -> None:
    """Against the softmax weights of one pass over prompt and answer, cut and summed up here."""
    _, maps, placed = explained(reference, profile)
    ids = reference.last_answer.ids
    image = reference.encode_image(golden()["image1.0"], profile=profile)
    prompt = [token for token, _ in reference._prompts.build([user_message(QUESTION, [image])])]
    model: Any = reference._model
    layers: list[np.ndarray] = []
    softmax_weights = ReferenceOps._softmax_weights

    def spy(self: ReferenceOps, *arguments: Any) -> Any:
        found = softmax_weights(self, *arguments)
        layers.append(found[0])
        return found

    text = [*prompt, *ids[:-1]]
    reference._generator.forget()
    with monkeypatch.context() as patch:
        patch.setattr(ReferenceOps, "_softmax_weights", spy)
        reference._runner.extend(image.state, text, 0)
    count = model.config.text.num_hidden_layers
    middle = layers[count // 3 : max(2 * count // 3, 1)]
    assert len(layers) == count
    at_image = [token >= model.vocab_size for token in text]
    weights = np.mean(middle, axis=(0, 1))[len(prompt) - 1 :, : len(text)][:, at_image]
    side = round(model.config.view_rows**0.5)
    rows, columns = max(image.plan.rows, 1), max(image.plan.columns, 1)
    expected = np.zeros((len(ids), rows * side, columns * side))
    views = weights.reshape(len(ids), -1, side, side)
    if image.plan.rows:
        tiles = views[:, :-1].reshape(len(ids), rows, columns, side, side)
        expected += tiles.transpose(0, 1, 3, 2, 4).reshape(expected.shape)
    expected += np.kron(views[:, -1], np.ones((1, rows, columns))) / (rows * columns)
    share = expected.sum(axis=(1, 2))
    words = [*_tokens_by_word(reference, ids)]
    for word, (heat, on_image) in enumerate(zip(maps, placed, strict=True)):
        tokens = words[word]
        np.testing.assert_allclose(on_image, share[tokens].mean(), atol=1e-5)
        np.testing.assert_allclose(heat, expected[tokens].sum(axis=0) / share[tokens].sum(), atol=1e-5)


def _tokens_by_word(vlm: VLM, ids: list[int]) -> Iterator[list[int]]:
    """The numbers of each word's tokens, by how often `explain` hands its probability on."""
    from tinyvlm.answers.explanation import _words

    for spelled, tokens in _words(ids, vlm._tokenizer):
        if spelled.strip() or tokens.start:
            yield list(tokens)


@pytest.mark.parametrize(("quantization", "likeness"), [("float32", 0.9999), ("q8", 0.9)])
def test_kernels_look_as_numpy_does(folder: Path, reference: VLM, quantization: Any, likeness: float) -> None:
    """In float32 up to its rounding; with weights and KV cache in 8 bits nearly so."""
    theirs, their_maps, their_shares = explained(reference)
    with VLM.from_pretrained(folder, backend="wasm", quantization=quantization, threads=2) as vlm:
        mine, my_maps, my_shares = explained(vlm)
    assert my_maps.shape[1:] == their_maps.shape[1:]
    np.testing.assert_allclose(my_maps.sum(axis=(1, 2)), 1, atol=1e-5)
    assert np.corrcoef(my_maps[0].ravel(), their_maps[0].ravel())[0, 1] > likeness
    assert my_shares[0] == pytest.approx(their_shares[0], abs=0.05)
    if quantization == "float32":
        assert mine.text == theirs.text
        np.testing.assert_allclose(my_maps, their_maps, atol=1e-4)


def test_a_model_that_reads_text_only_says_so(tmp_path: Path) -> None:
    for name, data in llama_files().items():
        (tmp_path / name).write_bytes(data)
    vlm = VLM.from_pretrained(tmp_path, backend="numpy")
    for image in (None, golden()["image1.0"]):
        with pytest.raises(InputError) as caught:
            vlm.explain(image, QUESTION)
        assert caught.value.code == "image-unsupported"


@pytest.fixture(scope="module")
def session(folder: Path) -> Iterator[Session]:
    """The model in the page's room."""
    kernels = WasmtimeKernels(threads=1)
    stream = Stream(folder, kernels)
    stream.until("whole")
    yield stream.session
    kernels.close()


def show(session: Session) -> None:
    image = load_image(golden()["image1.0"])
    ok(session.encode(image.data, image.width, image.height, "balanced"))


def pieces(session: Session) -> str:
    text = ""
    while (piece := ok(session.next_piece())) is not None:
        text += piece
    return text


OPTIONS = json.dumps({"max_new_tokens": TOKENS})


def test_the_page_explains_a_turn_where_it_was_asked(session: Session) -> None:
    """The second answer is explained as it was given, behind the first; and the conversation goes on as if not."""
    show(session)
    answers = []
    for question in (QUESTION, "And behind it?"):
        ok(session.ask(question, OPTIONS))
        answers.append(pieces(session))
    said = [dict(message) for message in session._conversation.messages]  # type: ignore[union-attr]
    for question, answer in zip((QUESTION, "And behind it?"), answers, strict=True):
        assert ok(session.explain(question, OPTIONS)) == {"reads": False}
        assert pieces(session) == answer
        explanation = ok(session.explanation())
        assert explanation["text"] == answer == "".join(word["text"] for word in explanation["words"])
        assert sum(map(sum, explanation["words"][0]["heat"])) == pytest.approx(1, abs=1e-3)
    assert session._conversation.messages == said  # type: ignore[union-attr]
    ok(session.explain("Never asked?", OPTIONS))
    alone = pieces(session)
    assert ok(session.explanation())["text"] == alone


def test_the_page_is_told_why_not(session: Session) -> None:
    ok(session.forget())
    with pytest.raises(TinyVLMError) as caught:
        ok(session.explain(QUESTION, OPTIONS))
    assert caught.value.code == "image-missing"
    show(session)
    ok(session.explain(QUESTION, OPTIONS))
    assert ok(session.explanation()) is None, "before its end"
    pieces(session)
    assert ok(session.explanation())["kind"] == "own"
