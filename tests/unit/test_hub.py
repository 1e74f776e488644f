"""What names a model on this machine: the bundled one, folders, files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hub_server import HubServer
from tinyvlm.errors import LoadError
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.hub.open import DEFAULT_MODEL, open_model
from tinyvlm.weights.safetensors import open_safetensors


def test_the_bundled_model_is_found_by_name() -> None:
    folder = open_model()
    assert folder.name == DEFAULT_MODEL
    assert folder.has("config.json")
    assert not folder.has("nothing.json")
    assert json.loads(folder.read_text("config.json"))["model_type"] == "tinyvlm"
    assert [(file.kind, file.role, file.name) for file in folder.weight_files()] == [
        ("safetensors", "model", "model.safetensors")
    ]


def test_the_bundled_part_list_is_true() -> None:
    """Sizes and sums of every file, parts without a gap."""
    folder = open_model()
    for file in json.loads(folder.read_text("parts.json"))["files"]:
        data = (folder.path / file["name"]).read_bytes()
        assert len(data) == file["size"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        end = 0
        for part in file.get("parts", []):
            assert part["offset"] == end
            end += part["length"]
            assert hashlib.sha256(data[part["offset"] : end]).hexdigest() == part["sha256"]
        assert end in (0, file["size"])


def test_folders_that_are_no_models(tmp_path: Path, opener: Any) -> None:
    assert opener.code(tmp_path) == "folder-not-a-model"
    assert opener.code("no-such-model") == "model-not-found"
    assert opener.code("../etc/passwd") == "path-not-found"
    (tmp_path / "config.json").write_text("{}")
    folder = open_model(tmp_path)
    with pytest.raises(LoadError) as caught:
        folder.weights()
    assert caught.value.code == "weights-file-missing"
    with pytest.raises(LoadError) as caught:
        folder.read_text("tokenizer.json")
    assert caught.value.code == "model-incomplete"


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"\xff")
    (tmp_path / "tokenizer.json").mkdir()
    for file, reason in (("config.json", "invalid start byte"), ("tokenizer.json", "directory")):
        with pytest.raises(LoadError, match=reason) as caught:
            LocalFolder(tmp_path).read_text(file)
        assert caught.value.code == "file-unreadable"
    with pytest.raises(LoadError, match="No such file") as caught:
        open_safetensors(tmp_path / "model.safetensors")
    assert caught.value.code == "file-unreadable"


def test_a_weight_file_stands_for_its_model(tmp_path: Path) -> None:
    for name in ("Toy-Q8_0.gguf", "Toy-F16.gguf", "mmproj-Toy-F16.gguf", "mmproj-Other-F16.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    folder = open_model(tmp_path / "Toy-F16.gguf")
    assert folder.name == "Toy-F16"
    assert [(file.role, file.name) for file in folder.weight_files()] == [
        ("model", "Toy-F16.gguf"),
        ("mmproj", "mmproj-Toy-F16.gguf"),
    ]
    tower = tmp_path / "elsewhere" / "tower.gguf"
    tower.parent.mkdir()
    tower.write_bytes(b"GGUF")
    files = open_model(tmp_path / "Toy-F16.gguf", mmproj=str(tower)).weight_files()
    assert [(file.role, file.name, file.path) for file in files[1:]] == [("mmproj", "tower.gguf", tower)]
    assert open_model(tmp_path).weight_files()[0].name == "Toy-Q8_0.gguf"


def test_files_that_are_no_weights(tmp_path: Path, opener: Any) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    assert opener.code(tmp_path / "photo.jpg") == "weight-name-invalid"
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    folder = open_model(tmp_path / "model.gguf", mmproj="nothing.gguf")
    with pytest.raises(LoadError) as caught:
        folder.weight_files()
    assert caught.value.code == "model-incomplete"


@pytest.mark.parametrize("name", ["~nobody-has-this-name/x", "a" * 5000, "null\0byte", ""])
def test_odd_paths_are_a_sentence(name: str, opener: Any) -> None:
    assert opener.code(name) in ("model-not-found", "path-not-found", "folder-not-a-model")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, and somebody's home: a model in it, and another one in a folder of them."""
    for folder in ("Model", "models/smolvlm-q8"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "config.json").write_text("{}")
    (tmp_path / "models" / "llama-Q8_0.gguf").write_bytes(b"GGUF")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("./modle", ["Model", "models"]),
        ("./model", ["Model", "models"]),
        ("./models/smolvml-q8", ["models/smolvlm-q8"]),
        ("./modles/smolvlm-q8", ["models", "Model"]),
        ("~/modle", ["{home}/Model", "{home}/models"]),
        ("{home}/modle", ["{home}/Model", "{home}/models"]),
        ("models/lama-Q8_0.gguf", ["models/llama-Q8_0.gguf"]),
        ("models/deeper/lama.gguf", []),
        ("models/LLAMA-q8_0.GGUF/x", ["models/llama-Q8_0.gguf"]),
        ("photo.gguf", []),
        ("owner/pytorch_model.bin", []),
        ("/nothing/at/all", []),
        ("..", None),
        ("C:\\models\\smolvlm", []),
        (".\\models\\smolvlm", []),
        ("models\\smolvlm", ["models"]),
        ("D:/models", []),
        ("~nobody-has-this-name/x", []),
    ],
)
def test_a_mistyped_path_is_not_asked_of_the_hub(
    hub: HubServer, home: Path, opener: Any, text: str, near: list[str] | None
) -> None:
    text = text.format(home=home)
    error = opener.error(text)
    if near is None:
        assert error.code == "folder-not-a-model"
    elif near:
        names = ", ".join(repr(name.format(home=home)) for name in near)
        assert (error.code, error.details) == ("path-not-found-near", {"path": repr(text), "names": names})
    else:
        assert (error.code, error.details) == ("path-not-found", {"path": repr(text)})
    assert hub.requests == []


@pytest.mark.parametrize("text", ["models/smolvml", "owner/model-v1.5", "owner/name/x.gguf", "owner/x@v1.gguf"])
def test_names_that_may_be_the_hubs_are_asked_for(hub: HubServer, home: Path, opener: Any, text: str) -> None:
    assert opener.code(text) == "repository-not-found"


@pytest.mark.parametrize(
    "name",
    ["model (1).gguf", "model [q8].GGUF", 'it\'s "the" model.gguf', "Größe.gguf", ".hidden.gguf", "a#b?c%20.gguf"],
)
def test_a_file_may_be_called_whatever_its_owner_likes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"GGUF")
    (file,) = open_model(tmp_path / name).weight_files()
    assert (file.kind, file.path) == ("gguf", tmp_path / name)


def test_a_file_that_may_not_be_looked_at(tmp_path: Path, opener: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    error = opener.error("./secret/model")
    assert (error.code, error.details) == ("file-unreadable", {"path": "./secret/model", "reason": "Permission denied"})
