"""The folder that `quantize_model` writes, the command for it, and what is left when it fails. Logits: tests/parity."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from public_model import GOLDEN, TEMPLATE, smolvlm_files, write_smolvlm
from tinyvlm import InputError, LoadError, ModelError
from tinyvlm.cli import main
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.folder.quantizer import quantize_model
from tinyvlm.hub import open_model
from tinyvlm.weights import planes
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors


@pytest.fixture
def published(tmp_path: Path) -> LocalFolder:
    """A tiny SmolVLM as it is published."""
    return open_model(write_smolvlm(tmp_path / "published"))


def add_tensors(folder: Path, more: dict[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    """Write the weights again, with some more."""
    with open_safetensors(folder / "model.safetensors") as file:
        tensors = {name: (info.dtype, info.shape, bytes(file.read(name))) for name, info in file.tensors.items()}
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("__padding_")}
    write_safetensors(folder / "model.safetensors", {**kept, **more}, {})


def test_the_command_writes_a_folder(
    published: LocalFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new" / "tiny-q8"
    assert main(["quantize", str(published.path), str(target), "--to", "q8"]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{target}\n"
    tensors = len([name for name in open_model(target).weights().tensors if not name.startswith("__padding_")])
    assert f"{tensors} of {tensors}: lm_head.weight_rotated_scale" in shown.err
    assert main(["ask", "What?", "--model", str(target), "--max-new-tokens", "3"]) == 0
    assert capsys.readouterr().out.strip()


def test_small_files_come_along(published: LocalFolder, tmp_path: Path) -> None:
    target = quantize_model(published, tmp_path / "new", "q4")
    files = smolvlm_files()
    for name in ("preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"):
        assert json.loads((target / name).read_text()) == json.loads(files[name])
    config = json.loads(files["config.json"])
    config["quantization_config"] = {"quant_method": "q4"}
    assert json.loads((target / "config.json").read_text()) == config
    assert (target / "chat_template.jinja").read_text() == TEMPLATE


def test_the_part_list_is_true(published: LocalFolder, tmp_path: Path) -> None:
    target = quantize_model(published, tmp_path / "new", "q8")
    listed = json.loads((target / "parts.json").read_text())["files"]
    assert {file["name"] for file in listed} | {"parts.json"} == {path.name for path in target.iterdir()}
    assert listed[-1]["name"] == "model.safetensors"
    for file in listed:
        data = (target / file["name"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_tensors_are_in_the_order_of_execution(published: LocalFolder, tmp_path: Path) -> None:
    target = quantize_model(published, tmp_path / "new", "q8")
    with open_safetensors(target / "model.safetensors") as file:
        assert file.metadata == {"format": "tinyvlm-q8"}
        places = sorted(file.tensors.values(), key=lambda info: info.offset)
    parts = ["vision_model.embeddings", "vision_model.encoder", "post_layernorm", "connector", "embed_tokens"]
    parts += ["text_model.layers.0", "text_model.layers.1", "text_model.norm", "lm_head"]
    seen = [part for info in places for part in parts if part in info.name]
    assert list(dict.fromkeys(seen)) == parts
    assert seen == sorted(seen, key=parts.index)


def stage_of(name: str) -> str:
    sees = "vision_model" in name or "connector" in name
    if name.endswith("_low"):
        return "low of tower" if sees else "low of text"
    return "high of text" if name.endswith("_high") and not sees else "first"


def test_q8_is_written_in_planes_stage_by_stage(
    published: LocalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What encodes images and what is small, then the other high planes, then the low planes; parts end there."""
    monkeypatch.setattr(planes, "LEAST_VALUES", 1)
    target = quantize_model(published, tmp_path / "new", "q8")
    with open_safetensors(target / "model.safetensors") as file:
        places = sorted(file.tensors.values(), key=lambda info: info.offset)
    stages = dict[str, list[int]]()
    for info in places:
        if not info.name.startswith("__padding_"):
            stages.setdefault(stage_of(info.name), []).append(info.offset)
    assert list(stages) == ["first", "high of text", "low of tower", "low of text"]
    assert all(max(stage) < min(later) for stage, later in pairwise(stages.values()))
    parts = json.loads((target / "parts.json").read_text())["files"][-1]["parts"]
    starts = [part["offset"] for part in parts]
    assert starts == [0, min(stages["high of text"]), min(stages["low of tower"])]


def test_a_q8_folder_is_written_again_with_the_same_weights(
    published: LocalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one without planes, as they were written before, and from one with."""
    plain = open_model(quantize_model(published, tmp_path / "plain", "q8"))
    assert not any(name.endswith("_high") for name in open_safetensors(plain.path / "model.safetensors").tensors)
    monkeypatch.setattr(planes, "LEAST_VALUES", 1)
    split = open_model(quantize_model(plain, tmp_path / "split", "q8"))
    assert any(name.endswith("_high") for name in open_safetensors(split.path / "model.safetensors").tensors)
    before, after = plain.weights(), split.weights()
    names = {name for name in before.tensors if not name.startswith("__padding_")}
    assert names == {name for name in after.tensors if not name.startswith("__padding_")}
    assert all(bytes(before.read(name)) == bytes(after.read(name)) for name in names)
    for name in ("config.json", "tokenizer.json", "chat_template.jinja"):
        assert (plain.path / name).read_bytes() == (split.path / name).read_bytes()
    again = quantize_model(split, tmp_path / "again", "q8")
    assert (again / "model.safetensors").read_bytes() == (split.path / "model.safetensors").read_bytes()
    assert (again / "parts.json").read_bytes() == (split.path / "parts.json").read_bytes()


def test_a_gguf_file_says_its_small_files(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "tiny_text.gguf", tmp_path / "text.gguf")  # away from the tower that lies beside it
    target = quantize_model(open_model(tmp_path / "text.gguf"), tmp_path / "new", "q8")
    assert json.loads((target / "config.json").read_text())["model_type"] == "llama"
    assert json.loads((target / "tokenizer_config.json").read_text())["eos_token"] == "<|im_end|>"
    assert "<|im_start|>" in (target / "chat_template.jinja").read_text()
    assert not (target / "preprocessor_config.json").exists()


@pytest.mark.slow
def test_one_matrix_is_in_memory_at_a_time(tmp_path: Path) -> None:
    """However many there are."""
    rows, peaks = np.random.default_rng(0).standard_normal((512, 512), np.float32), list[int]()
    for count in (16, 16, 48):  # modules are imported the first time
        folder = write_smolvlm(tmp_path / "published")
        add_tensors(folder, {f"model.extra.{i}.weight": ("F32", rows.shape, rows.tobytes()) for i in range(count)})
        tracemalloc.start()
        shutil.rmtree(quantize_model(open_model(folder), tmp_path / "new", "q8"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + rows.nbytes


def test_whole_numbers_on_the_side_are_left_out(tmp_path: Path) -> None:
    folder = write_smolvlm(tmp_path / "published")
    add_tensors(folder, {"model.position_ids": ("I64", (2,), bytes(16))})
    assert "model.position_ids" in open_model(folder).weights().tensors
    target = quantize_model(open_model(folder), tmp_path / "new", "q8")
    assert "model.position_ids" not in open_model(target).weights().tensors


BAD_TENSORS = {
    "a type that is not read": ("F8_E4M3", (4, 4), bytes(16)),
    "not finite": ("F32", (1, 4), np.float32([1, np.nan, 2, 3]).tobytes()),
}


@pytest.mark.parametrize("case", BAD_TENSORS)
def test_a_broken_run_leaves_nothing(tmp_path: Path, case: str) -> None:
    folder = write_smolvlm(tmp_path / "published")
    add_tensors(folder, {"model.extra.weight": BAD_TENSORS[case]})
    with pytest.raises(ModelError):
        quantize_model(open_model(folder), tmp_path / "new", "q8")
    assert [path.name for path in tmp_path.iterdir()] == ["published"]


def test_a_full_disk_is_a_sentence(published: LocalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tinyvlm.folder.quantizer.write_part_list", fail)
    with pytest.raises(LoadError, match="disk is full") as caught:
        quantize_model(published, tmp_path / "new", "q8")
    assert caught.value.code == "target-disk-full"
    assert [path.name for path in tmp_path.iterdir()] == ["published"]


def test_a_folder_in_the_way_stays_as_it_is(published: LocalFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert quantize_model(published, tmp_path / "empty", "q8") == tmp_path / "empty"
    before = (tmp_path / "empty" / "model.safetensors").read_bytes()
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "empty", tmp_path / "file"):
        with pytest.raises(InputError, match="is there already") as caught:
            quantize_model(published, target, "q4")
        assert caught.value.code == "target-not-empty"
    assert (tmp_path / "empty" / "model.safetensors").read_bytes() == before
    with pytest.raises(LoadError) as failed:
        quantize_model(published, tmp_path / "file" / "new", "q4")
    assert failed.value.code == "target-not-writable"


def test_what_is_quantized_is_refused(published: LocalFolder, tmp_path: Path) -> None:
    quantize_model(published, tmp_path / "new", "q8")
    for folder in (open_model(), open_model(tmp_path / "new")):
        with pytest.raises(ModelError, match="quantized already"):
            quantize_model(folder, tmp_path / "again", "q4")
