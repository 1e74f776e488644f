"""Published models through the front door: a tiny SmolVLM in a folder, against what transformers made of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from public_model import golden, write_smolvlm
from tinyvlm import VLM, EncodedImage, InputError, ModelError
from tinyvlm.backends import kernel_runner as kernel
from tinyvlm.weights.quantize import Scheme
from tinyvlm.weights.safetensors import write_safetensors

TOKENS = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_smolvlm(tmp_path_factory.mktemp("models") / "smolvlm")


@pytest.fixture(scope="module", params=["numpy", "wasm"])
def vlm(folder: Path, request: pytest.FixtureRequest) -> Iterator[VLM]:
    """In float32."""
    vlm = VLM.from_pretrained(folder, backend=request.param, quantization="float32", threads=2)
    yield vlm
    vlm.close()


def encoded(vlm: VLM, name: str) -> EncodedImage:
    return vlm.encode_image(golden()[name], profile="accuracy")


def parts(*contents: Any) -> list[dict[str, Any]]:
    """A user's message of texts and encoded images, in the order given."""
    kinds = [{"type": "text", "text": c} if isinstance(c, str) else {"type": c.kind, "image": c} for c in contents]
    return [{"role": "user", "content": kinds}]


@pytest.mark.parametrize("index", [1, 2])
def test_logits(vlm: VLM, index: int) -> None:
    """One image in tiles, and no image: within 1e-3 of the reference, 1e-4 of its norm."""
    image = encoded(vlm, "image1.0") if index == 1 else None
    ids, expected = golden()[f"ids{index}"].tolist(), golden()[f"logits{index}"]
    actual = vlm.logits(ids, image)[-len(expected) :]
    assert np.abs(actual - expected).max() < 1e-3
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


def test_prompts_are_the_processors(vlm: VLM) -> None:
    """Two images between words, one, and none: the ids that the processor gave, each image's own rows."""
    first, second = encoded(vlm, "image0.0"), encoded(vlm, "image0.1")
    cases = [parts(first, "and", second, "Same?"), parts(encoded(vlm, "image1.0"), "What?"), parts("Hello there")]
    mark = vlm._tokenizer.id_of("<image>")
    for index, messages in enumerate(cases):
        tokens = vlm._prompts.build(messages)
        size = vlm._model.vocab_size
        assert [mark if token >= size else token for token, _ in tokens] == golden()[f"ids{index}"].tolist()
        for image in {id(image): image for _, image in tokens if image}.values():
            rows = [token - size for token, of in tokens if of is image and token >= size]
            assert rows == list(range(4 * len(image.plan.views)))


def test_a_literal_image_token_is_text(vlm: VLM) -> None:
    """What a user types never stands for an image, nor ends a turn."""
    tokens = vlm._prompts.build(parts("What is <image>? <end_of_utterance>"))
    special = [token for token, _ in tokens if token in vlm._tokenizer.special_ids]
    assert [vlm._tokenizer.token_bytes(token) for token in special] == [b"<|im_start|>", b"<end_of_utterance>"]


@pytest.mark.parametrize("backend", ["numpy", "wasm"])
def test_a_conversation_is_the_whole_text_again(folder: Path, backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns through the KV cache, in chunks, answer as the same messages do from nothing."""
    vlm = VLM.from_pretrained(folder, backend=backend, quantization="float32", threads=1)
    image = encoded(vlm, "image1.0")
    conversation = vlm.conversation()
    conversation.ask("What is this?", image, max_new_tokens=TOKENS)
    assert vlm.last_answer.reused_tokens == 0
    second = conversation.ask("And that?", max_new_tokens=TOKENS)
    assert vlm.last_answer.reused_tokens > 50
    messages = conversation.messages[:-1]
    vlm.ask(None, "Something else", max_new_tokens=2)
    assert "".join(vlm.stream_messages(messages, max_new_tokens=TOKENS)) == second
    vlm.close()
    monkeypatch.setattr(kernel, "PREFILL_ROWS", 16)
    small = VLM.from_pretrained(folder, backend=backend, quantization="float32", threads=1)
    again = [
        {
            **m,
            "content": [
                {**p, "image": encoded(small, "image1.0")} if p["type"] == "image" else p for p in m["content"]
            ],
        }
        for m in messages
    ]
    assert "".join(small.stream_messages(again, max_new_tokens=TOKENS)) == second
    small.close()


def test_a_full_context_drops_the_oldest_turns(vlm: VLM) -> None:
    conversation = vlm.conversation("Be brief.")
    for turn in range(6):
        conversation.ask(f"Turn {turn}: " + "word " * 14, max_new_tokens=8)
    assert vlm.last_answer.dropped_turns > 0
    assert vlm.last_answer.prompt_tokens + 8 <= vlm._model.max_positions
    assert len(conversation.messages) == 13
    looking = vlm.conversation()
    looking.ask("What is this? " + "word " * 44, encoded(vlm, "image1.0"), max_new_tokens=8)
    looking.ask("And now? " + "word " * 44, max_new_tokens=8)
    assert vlm.last_answer.dropped_turns == 1
    assert any(token >= vlm._model.vocab_size for token, _ in vlm._generator._held), "the image is still seen"
    with pytest.raises(InputError, match="too long"):
        conversation.ask("word " * 200)


def test_a_cut_off_answer_counts_as_far_as_it_came(vlm: VLM) -> None:
    conversation = vlm.conversation()
    pieces = conversation.stream("Hello", max_new_tokens=TOKENS)
    begun = next(pieces)
    pieces.close()
    assert [message["role"] for message in conversation.messages] == ["user", "assistant"]
    assert conversation.messages[-1]["content"][0]["text"] == begun


@pytest.mark.parametrize("scheme", ["q8", "q4", "q2"])
@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_kernels_quantize_as_numpy_does(tmp_path: Path, scheme: Scheme, dtype: str) -> None:
    """Weights quantized on the way in, on the kernels and on the reference: the same model."""
    folder = write_smolvlm(tmp_path / "model", dtype)
    results = []
    for backend in ("numpy", "wasm"):
        vlm = VLM.from_pretrained(folder, backend=backend, quantization=scheme, threads=1)
        results.append(vlm.logits(golden()["ids1"].tolist(), encoded(vlm, "image1.0")))
        vlm.close()
    assert np.corrcoef(results[0].ravel(), results[1].ravel())[0, 1] > 0.995


def test_choices_and_schemas_bind_the_answer(vlm: VLM) -> None:
    """A model of random weights has nothing to say, and says one of two words, and JSON."""
    assert vlm.ask(None, "Is it?", choices=["yes", "no"]) in ("yes", "no")
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}}}
    answer = vlm.ask(None, "What?", schema={**schema, "required": ["n", "ok"]}, max_new_tokens=60)
    assert answer.startswith('{"n":')
    assert answer.endswith(("true}", "false}"))


def test_only_text_is_asked_without_an_image(vlm: VLM) -> None:
    with pytest.raises(InputError, match="choose an image"):
        VLM.from_pretrained(backend="numpy").ask(None, "What is this?")
    assert vlm.ask(None, "What is this?", max_new_tokens=3)


def test_a_video_is_frames_with_their_times(folder: Path, tmp_path: Path, vlm: VLM) -> None:
    """SmolVLM2's sampling: a view of each frame that is read, each an image of its own in the text."""
    with pytest.raises(InputError, match="does not read videos"):
        vlm.encode_video([golden()["image0.0"]], 1)
    preprocessor = json.loads((folder / "preprocessor_config.json").read_text())
    sampling = {"max_frames": 4, "fps": 1, "video_size": {"longest_edge": 32}}
    copy = Path(shutil.copytree(folder, tmp_path / "video"))
    (copy / "preprocessor_config.json").write_text(json.dumps({**preprocessor, "video_sampling": sampling}))
    backend: Any = vlm.stats()["backend"]
    watching = VLM.from_pretrained(copy, backend=backend, quantization="float32", threads=1)
    frames = [np.roll(golden()["image0.0"], 9 * i, axis=1) for i in range(6)]
    video = watching.encode_video(frames, 2)
    assert video.plan.frames == (0, 2, 5)
    tokens = watching._prompts.build(parts(video, "What happens?"))
    rows = [token - watching._model.vocab_size for token, _ in tokens if token >= watching._model.vocab_size]
    assert rows == list(range(3 * 4))
    text = watching._tokenizer.decode(token for token, _ in tokens if token < watching._model.vocab_size)
    assert "three frames from a 0:00:03" in text
    assert "Frame from 00:02:" in text
    assert watching.ask(video, "What happens?", max_new_tokens=4)
    watching.close()


@pytest.mark.parametrize(
    ("name", "shape", "code"),
    [
        ("model.text_model.layers.0.self_attn.q_proj.weight", (16, 32), "weights-misfit"),
        ("model.text_model.layers.0.self_attn.k_proj.weight", (32, 32), "weights-misfit"),
        ("model.text_model.layers.1.mlp.down_proj.weight", (16, 48), "weights-misfit"),
        ("model.text_model.norm.weight", (16,), "weights-misfit"),
        ("model.vision_model.embeddings.position_embedding.weight", (4, 16), "weights-misfit"),
        ("model.vision_model.embeddings.patch_embedding.weight", (16, 1, 8, 8), "weights-misfit"),
        ("model.vision_model.encoder.layers.0.mlp.fc1.bias", (39,), "tensor-size-wrong"),
        ("model.connector.modality_projection.proj.weight", (16, 64), "weights-misfit"),
        ("model.text_model.embed_tokens.weight", (2, 2, 2), "tensor-shape-wrong"),
        ("lm_head.weight", (0, 32), "tensor-shape-wrong"),
        ("lm_head.weight", (277, 32), "logits-wrong"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    folder: Path, tmp_path: Path, name: str, shape: tuple[int, ...], code: str
) -> None:
    """Kernels never get to read behind a tensor's end."""
    copy = Path(shutil.copytree(folder, tmp_path / "model"))
    arrays = {key[2:]: golden()[key] for key in golden().files if key.startswith("w:")}
    assert name in arrays
    arrays[name] = np.zeros(shape, np.float16)
    tensors = {key: ("F16", a.shape, a.astype(np.float16).tobytes()) for key, a in arrays.items()}
    write_safetensors(copy / "model.safetensors", tensors, {})
    with pytest.raises(ModelError) as caught:
        VLM.from_pretrained(copy, backend="wasm", threads=1)
    assert caught.value.code == code
