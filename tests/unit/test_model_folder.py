"""Which of a model's files hold its weights, and safetensors in several shards."""

from __future__ import annotations

import json
import struct
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.shapes import shape_image
from tinyvlm.errors import InputError, LoadError, ModelError
from tinyvlm.folder import model_folder
from tinyvlm.folder.model_folder import INDEX, WEIGHTS, LocalFolder, check_weight_name, choose_weights, read_index
from tinyvlm.folder.part_list import PART_LIST, write_part_list
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
SMOLVLM = [
    f"{prefix}SmolVLM-256M-Instruct-{kind}.gguf" for prefix in ("", "mmproj-") for kind in ("Q4_K_M", "f16", "Q8_0")
]


def index_text(weight_map: Any) -> str:
    return json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map})


INDEX_TEXT = index_text({"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[0]})


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([WEIGHTS, INDEX, *SHARDS], [WEIGHTS]),
        ([INDEX, *SHARDS], SHARDS),
        (SMOLVLM, ["SmolVLM-256M-Instruct-Q8_0.gguf", "mmproj-SmolVLM-256M-Instruct-Q8_0.gguf"]),
        (["a-Q4_0.gguf", "a-Q4_K_M.gguf", "a-IQ2_XS.gguf"], ["a-Q4_K_M.gguf"]),
        (["model.gguf", "mmproj-F16.gguf", "mmproj-BF16.gguf"], ["model.gguf", "mmproj-F16.gguf"]),
        (["Toy.Q8_0.gguf", "Toy.mmproj-Q8_0.gguf"], ["Toy.Q8_0.gguf", "Toy.mmproj-Q8_0.gguf"]),
        (["Toy-Q8_0.gguf", "mmproj-Other-Q8_0.gguf"], ["Toy-Q8_0.gguf"]),
        ([WEIGHTS, "a-Q8_0.gguf"], [WEIGHTS]),
        (["a-Q4_0-00001-of-00002.gguf", "a-Q4_0-00002-of-00002.gguf", "a-F32.gguf"], ["a-F32.gguf"]),
    ],
)
def test_weights_are_chosen(names: list[str], chosen: list[str]) -> None:
    for order in (names, names[::-1]):
        assert choose_weights(order, lambda _: INDEX_TEXT) == chosen


def test_an_explicit_name_wins() -> None:
    names = [WEIGHTS, *SMOLVLM]
    chosen = choose_weights(names, lambda _: "", "SmolVLM-256M-Instruct-f16.gguf")
    assert chosen == ["SmolVLM-256M-Instruct-f16.gguf", "mmproj-SmolVLM-256M-Instruct-Q8_0.gguf"]
    assert choose_weights(SMOLVLM, lambda _: "", None, SMOLVLM[3]) == ["SmolVLM-256M-Instruct-Q8_0.gguf", SMOLVLM[3]]
    assert choose_weights([], lambda _: "", "other.safetensors") == ["other.safetensors"]


def test_nothing_to_choose_is_a_sentence() -> None:
    for names in ([], ["config.json"], ["mmproj-a.gguf"]):
        with pytest.raises(LoadError) as caught:
            choose_weights(names, lambda _: "")
        assert caught.value.code == "weights-file-missing"
    with pytest.raises(LoadError, match="vision tower"):
        choose_weights(SMOLVLM, lambda _: "", SMOLVLM[-1])


@pytest.mark.parametrize("file", ["../evil.safetensors", "a/b.safetensors", ".a.safetensors", "a.bin", "", 1, None])
def test_an_index_may_not_name_anything_else(file: Any) -> None:
    with pytest.raises(ModelError) as caught:
        read_index(index_text({"a": file}))
    assert caught.value.code == "index-invalid"


def test_on_windows_a_drive_is_no_part_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a cache's folder, "C:model.gguf" is a file in drive C's current folder."""
    assert check_weight_name("C:model (1).gguf") == "C:model (1).gguf"
    monkeypatch.setattr(model_folder, "PurePath", PureWindowsPath)
    assert check_weight_name("model (1).gguf") == "model (1).gguf"
    with pytest.raises(InputError) as caught:
        check_weight_name("C:model (1).gguf")
    assert caught.value.code == "weight-name-invalid"


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_is_an_index_or_refused(value: Any) -> None:
    for text in (json.dumps(value), json.dumps({"weight_map": value})):
        try:
            assert all(file.endswith(".safetensors") for file in read_index(text).values())
        except ModelError as error:
            assert error.code == "index-invalid"  # noqa: PT017


def write(folder: Path, weight_map: dict[str, str], **shards: list[str]) -> None:
    """Write a config, an index and shards: names of tensors by shard; a tensor's value is its first letter."""
    (folder / "config.json").write_text("{}")
    (folder / INDEX).write_text(index_text(weight_map))
    for file, names in zip(SHARDS, shards.values(), strict=True):
        data = {name: ("F32", (1,), struct.pack("<f", ord(name[0]))) for name in names}
        write_safetensors(folder / file, data, {})


def test_shards_are_read_as_one(tmp_path: Path) -> None:
    write(tmp_path, {"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[0]}, first=["a", "c"], second=["b"])
    folder = open_model(tmp_path)
    assert [file.name for file in folder.weight_files()] == SHARDS
    weights = folder.weights()
    named = {name for name in weights.tensors if not name.startswith("__padding")}
    assert named == {"a", "b", "c"}
    assert [struct.unpack("<f", weights.read(name))[0] for name in "abc"] == [97, 98, 99]


@pytest.mark.parametrize(
    ("first", "second"),
    [(["a", "c"], ["b", "a"]), (["a"], ["b"]), (["a", "c", "d"], ["b"]), (["a", "b", "c"], [])],
    ids=["twice", "missing", "more", "elsewhere"],
)
def test_shards_have_to_agree_with_the_index(tmp_path: Path, first: list[str], second: list[str]) -> None:
    write(tmp_path, {"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[0]}, first=first, second=second)
    with pytest.raises(ModelError) as caught:
        open_model(tmp_path).weights()
    assert caught.value.code == "index-wrong"


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a": SHARDS[0], "b": SHARDS[1]}, first=["a"], second=["b"])
    (tmp_path / SHARDS[1]).unlink()
    with pytest.raises(LoadError, match=SHARDS[1]) as caught:
        open_model(tmp_path).weights()
    assert caught.value.code == "model-incomplete"


def test_gguf_weights_are_found_and_checked(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf").write_bytes(b"GGUF")
    folder = open_model(tmp_path)
    assert [(file.kind, file.name) for file in folder.weight_files()] == [("gguf", "toy.gguf")]
    with pytest.raises(ModelError) as caught:
        folder.weights()
    assert caught.value.code == "weights-truncated"


class Somewhere:
    """A path that is neither a string nor a Path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


def test_paths_may_be_any_pathlike(tmp_path: Path) -> None:
    folder, file = Somewhere(tmp_path), Somewhere(tmp_path / WEIGHTS)
    write_safetensors(file, {"a": ("U8", (1,), b"x")}, {})
    with open_safetensors(file) as weights:
        assert bytes(weights.read("a")) == b"x"
    (tmp_path / "config.json").write_text("{}")
    assert open_model(folder).path == LocalFolder(folder).path == tmp_path
    write_part_list(folder, [WEIGHTS])
    assert (tmp_path / PART_LIST).exists()
    shape_image().save(tmp_path / "shape.png")
    assert load_image(Somewhere(tmp_path / "shape.png")).height > 0
