"""Folders that `quantize_model` writes answer to the last bit as the originals do when quantized while they load."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from fixtures import random_model
from public_model import GOLDEN, golden, smolvlm_files, write_smolvlm
from tinyvlm import VLM
from tinyvlm.folder.quantizer import quantize_model
from tinyvlm.hub import open_model
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

Scheme = Literal["q8", "q4", "q2"]
Logits = Callable[[Path, Any], np.ndarray]


def smolvlm_logits(model: Path, options: Any) -> np.ndarray:
    """Of a prompt with an image in tiles."""
    with closing(VLM.from_pretrained(str(model), **options)) as vlm:
        image = vlm.encode_image(golden()["image1.0"], profile="accuracy")
        return vlm.logits(golden()["ids1"].tolist(), image)


def gguf_logits(model: Path, options: Any) -> np.ndarray:
    """Of a prompt with an image of four tokens."""
    with closing(VLM.from_pretrained(str(model), **options)) as vlm:
        image = vlm.encode_image(np.arange(768, dtype=np.uint32).astype(np.uint8).reshape(16, 16, 3), profile="fast")
        return vlm.logits([1, 7, 3, 3, 3, 3, 9, 20, 2], image)


def text_logits(model: Path, options: Any) -> np.ndarray:
    """Of a text."""
    with closing(VLM.from_pretrained(str(model), **options)) as vlm:
        return vlm.logits([1, 7, 9, 20, 39])


def tinyvlm_logits(model: Path, options: Any) -> np.ndarray:
    """Of the bundled architecture."""
    with closing(VLM.from_pretrained(str(model), **options)) as vlm:
        pixels, ids = random_model.inputs()
        return vlm.logits(ids.tolist(), pixels)


def write_tinyvlm(folder: Path) -> Path:
    """Write the bundled architecture with random float32 weights."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(random_model.CONFIG))
    (folder / "preprocessor_config.json").write_text(json.dumps(random_model.PREPROCESSOR))
    (folder / "tokenizer.json").write_bytes(smolvlm_files()["tokenizer.json"])
    tensors = {name: ("F32", value.shape, value.tobytes()) for name, value in random_model.weights().items()}
    write_safetensors(folder / "model.safetensors", tensors, {})
    return folder


@pytest.fixture(params=["F16 safetensors", "BF16 safetensors", "GGUF and mmproj", "GGUF", "F32 tinyvlm"])
def original(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Logits]:
    """A published model, and what to compare of it."""
    dtype, kind = request.param.split()[0], request.param.split()[-1]
    if kind == "safetensors":
        return write_smolvlm(tmp_path / "model", dtype), smolvlm_logits
    if kind == "tinyvlm":
        return write_tinyvlm(tmp_path / "model"), tinyvlm_logits
    shutil.copyfile(GOLDEN / "tiny_text.gguf", tmp_path / "tiny.gguf")
    if kind == "mmproj":
        shutil.copyfile(GOLDEN / "tiny_mmproj.gguf", tmp_path / "mmproj-tiny.gguf")
        return tmp_path / "tiny.gguf", gguf_logits
    return tmp_path / "tiny.gguf", text_logits


@pytest.mark.parametrize("scheme", ["q8", "q4", "q2"])
def test_a_folder_has_the_logits_of_its_original(tmp_path: Path, original: tuple[Path, Logits], scheme: Scheme) -> None:
    model, logits = original
    quantize_model(open_model(model), tmp_path / "quantized", scheme)
    for backend in ("numpy", "wasm"):
        expected = logits(model, {"backend": backend, "quantization": scheme})
        np.testing.assert_array_equal(logits(tmp_path / "quantized", {"backend": backend}), expected)
    assert not np.array_equal(logits(model, {"backend": "numpy", "quantization": "float32"}), expected)
    types = {"q8": {"I8", "F32"}, "q4": {"I8", "U8", "BF16", "F32"}, "q2": {"I8", "U8", "BF16", "F32"}}
    with open_safetensors(tmp_path / "quantized" / "model.safetensors") as file:
        held = {info.dtype for name, info in file.tensors.items() if not name.startswith("__padding_")}
    assert held == types[scheme]


def test_tables_and_the_first_layer_stay_float32(tmp_path: Path) -> None:
    model = write_tinyvlm(tmp_path / "model")
    quantize_model(open_model(model), tmp_path / "quantized", "q4")
    with open_safetensors(tmp_path / "quantized" / "model.safetensors") as file:
        types = {name: info.dtype for name, info in file.tensors.items()}
    assert types["text.embed_positions.weight"] == types["vision.stem.weight"] == "F32"
    assert types["vision.stages.1.0.expand.weight"] == types["text.embed_tokens.weight"] == "I8"
    assert types["text.layers.0.mlp.up.weight"] == "U8"
