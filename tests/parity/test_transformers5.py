"""Folders as transformers 5 saves them (scripts/golden/make_transformers5.py), against the logits that it computes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamed import Stream
from tinyvlm import VLM, ModelError
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.folder.quantizer import quantize_model

FOLDERS = Path(__file__).resolve().parents[1] / "golden" / "transformers5"
NAMES = ["smolvlm", "idefics3", "llama"]
SEEING = ["smolvlm", "idefics3"]


def golden(name: str) -> Any:
    return np.load(FOLDERS / name / "golden.npz")


def logits(vlm: VLM, name: str) -> np.ndarray:
    file = golden(name)
    image = vlm.encode_image(file["image"], profile="accuracy") if "image" in file.files else None
    return vlm.logits(file["ids"].tolist(), image)[-len(file["logits"]) :]


def changed(tmp_path: Path, name: str, file: str, **values: Any) -> Path:
    """A copy of a folder in which a file's object has other values; None leaves one out."""
    folder = shutil.copytree(FOLDERS / name, tmp_path / name)
    content = json.loads((folder / file).read_text()) if (folder / file).exists() else {}
    content = {key: value for key, value in {**content, **values}.items() if value is not None}
    (folder / file).write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("backend", ["numpy", "wasm"])
@pytest.mark.parametrize("name", NAMES)
def test_logits(name: str, backend: Any) -> None:
    vlm = VLM.from_pretrained(FOLDERS / name, backend=backend, quantization="float32", threads=1)
    np.testing.assert_allclose(logits(vlm, name), golden(name)["logits"], rtol=0, atol=1e-4)
    vlm.close()


@pytest.mark.parametrize(("name", "picture"), [("smolvlm", "<picture>"), ("idefics3", "<image>")])
def test_prompts_are_the_processors(name: str, picture: str) -> None:
    """The tokens that stand for an image are those that tokenizer_config.json names, or the usual ones."""
    vlm = VLM.from_pretrained(FOLDERS / name, backend="numpy")
    file = golden(name)
    image = vlm.encode_image(file["image"], profile="accuracy")
    content = [{"type": "image", "image": image}, {"type": "text", "text": "Why?"}]
    tokens = vlm._prompts.build([{"role": "user", "content": content}])
    size = vlm._model.vocab_size
    mark = vlm._tokenizer.id_of(picture)
    assert [mark if token >= size else token for token, _ in tokens] == file["ids"].tolist()


@pytest.mark.parametrize("name", NAMES)
def test_a_quantized_folder_has_the_processor_too(name: str, tmp_path: Path) -> None:
    """What quantizing writes answers as the folder it was made of does, quantized on the way in."""
    target = quantize_model(LocalFolder(FOLDERS / name), tmp_path / "q8", "q8")
    listed = {file["name"] for file in json.loads((target / "parts.json").read_text())["files"]}
    assert ("processor_config.json" in listed) == (name in SEEING)
    fresh = VLM.from_pretrained(FOLDERS / name, backend="numpy", quantization="q8")
    written = VLM.from_pretrained(target, backend="numpy")
    np.testing.assert_array_equal(logits(written, name), logits(fresh, name))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_opens_it(name: str) -> None:
    """As its worker does: texts first, then bytes as they are asked for."""
    kernels = WasmtimeKernels(threads=1)
    stream = Stream(FOLDERS / name, kernels)
    assert stream.total > 0
    kernels.close()


def test_the_processor_inside_goes_before_the_file_beside_it(tmp_path: Path) -> None:
    """As in transformers 5: a file left behind by an older release does not count."""
    folder = changed(tmp_path, "smolvlm", "preprocessor_config.json", size={"longest_edge": 7}, max_image_size=None)
    vlm = VLM.from_pretrained(folder, backend="numpy")
    assert vlm._model.processor.longest_edge == 32  # type: ignore[attr-defined]


def test_videos_are_sampled_as_their_own_processor_says() -> None:
    vlm = VLM.from_pretrained(FOLDERS / "smolvlm", backend="numpy")
    assert len(vlm._model.plan_video(20, 1.0).frames) == 8
    assert vlm._model.plan_video(4, 1.0).frames == (0, 1, 2, 3)


def test_who_says_that_embeddings_are_tied(tmp_path: Path) -> None:
    """Up to transformers 4 text_config, from 5 on the model: there text_config says what nobody asks."""
    config = json.loads((FOLDERS / "idefics3" / "config.json").read_text())
    assert (config["tie_word_embeddings"], config["text_config"]["tie_word_embeddings"]) == (True, False)
    older = changed(tmp_path, "idefics3", "config.json", transformers_version="4.57.1")
    assert not VLM.from_pretrained(older, backend="numpy")._model.config.text.tie_word_embeddings  # type: ignore[attr-defined]
    newer = VLM.from_pretrained(FOLDERS / "idefics3", backend="numpy")
    assert newer._model.config.text.tie_word_embeddings  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "values",
    [
        {"head_dim": 4},
        {"rope_parameters": {"rope_type": "default", "rope_theta": 5000.0, "partial_rotary_factor": 0.5}},
        {"rope_parameters": {"rope_type": "llama3", "rope_theta": 5000.0, "factor": 8.0}},
    ],
)
def test_what_it_can_say_and_we_cannot_do_is_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="config is not usable"):
        VLM.from_pretrained(changed(tmp_path, "llama", "config.json", **values), backend="numpy")
