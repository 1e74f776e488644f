"""Several files of weights as one, whether they lie here or their bytes are still to come; and what a page lacks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinyvlm.errors import LoadError, ModelError
from tinyvlm.page.streamed_folder import PageFolder
from tinyvlm.page.streamed_model import StreamedModel
from tinyvlm.weights.pending import PendingFile, PendingWeights
from tinyvlm.weights.safetensors import open_safetensors, parse_header, write_safetensors
from tinyvlm.weights.shards import ShardedWeights, open_shards

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def written(folder: Path, **values: float) -> Path:
    """A file of tensors of one number."""
    path = folder / f"{'-'.join(values)}.safetensors"
    write_safetensors(path, {name: ("F32", (1,), np.float32([value]).tobytes()) for name, value in values.items()}, {})
    return path


def pending(path: Path) -> PendingFile:
    header = parse_header(path.read_bytes(), path.stat().st_size)
    return PendingFile(header.tensors, header.metadata)


def test_shards_are_read_as_one_file(tmp_path: Path) -> None:
    paths = [written(tmp_path, a=1, b=2), written(tmp_path, c=3)]
    names = {"a": paths[0].name, "b": paths[0].name, "c": paths[1].name}
    weights = open_shards(paths, names)
    assert {name: float(np.frombuffer(weights.read(name), np.float32)[0]) for name in "abc"} == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(ModelError) as caught:
        open_shards(paths, {**names, "b": paths[1].name})
    assert (caught.value.code, caught.value.details) == ("index-wrong", {"file": "a-b.safetensors", "tensor": "'b'"})


def test_no_tensor_is_in_two_files(tmp_path: Path) -> None:
    paths = [written(tmp_path, a=1, b=2), written(tmp_path, b=3)]
    with pytest.raises(ModelError) as here:
        ShardedWeights([open_safetensors(path) for path in paths])
    with pytest.raises(ModelError) as on_its_way:
        PendingWeights([pending(path) for path in paths])
    for caught in (here, on_its_way):
        assert (caught.value.code, caught.value.details) == ("tensor-in-two-files", {"tensor": "'b'"})


def test_two_files_may_be_padded_alike(tmp_path: Path) -> None:
    paths = [written(tmp_path, a=1, b=2), written(tmp_path, c=3, d=4)]
    files = [pending(path) for path in paths]
    assert set(files[0].tensors) & set(files[1].tensors) == {"__padding_1"}
    for weights in (PendingWeights(files), ShardedWeights([open_safetensors(path) for path in paths])):
        assert list(weights.tensors) == ["a", "b", "c", "d"]


def test_what_is_on_its_way_says_which_file_it_comes_in_and_cannot_be_read(tmp_path: Path) -> None:
    files = [pending(written(tmp_path, a=1, b=2)), pending(written(tmp_path, c=3))]
    weights = PendingWeights(files)
    assert [weights.file_of(name) for name in "abc"] == [0, 0, 1]
    for source in (weights, files[0]):
        with pytest.raises(NotImplementedError):
            source.read("a")


def test_a_small_file_that_the_page_did_not_bring_is_a_sentence() -> None:
    folder = PageFolder("mine", {"config.json": "{}"}, PendingWeights([]))
    assert (folder.has("config.json"), folder.has("tokenizer.json")) == (True, False)
    assert folder.read_text("config.json") == "{}"
    with pytest.raises(LoadError) as caught:
        folder.read_text("tokenizer.json")
    assert (caught.value.code, caught.value.details) == (
        "model-incomplete",
        {"model": "mine", "file": "tokenizer.json"},
    )


def needed(model: StreamedModel, data: bytes) -> list[int]:
    """What the model asks for, one answer after the other, when it is always given that much."""
    asked = [model.header(0, data[:8])]
    while asked[-1]:
        asked.append(model.header(0, data[: asked[-1]]))
    return asked


def test_a_header_is_asked_for_until_it_is_whole(tmp_path: Path) -> None:
    data = written(tmp_path, a=1, b=2).read_bytes()
    length = 8 + int.from_bytes(data[:8], "little")
    model = StreamedModel(None, "mine", {}, [{"name": "m.safetensors", "kind": "safetensors", "size": len(data)}])  # type: ignore[arg-type]
    assert model.header(0, data[:7]) == 8
    assert model.header(0, data[: length - 1]) == length
    assert needed(model, data) == [length, 0]


def test_a_gguf_header_is_asked_for_until_it_is_whole() -> None:
    data = (GOLDEN / "tiny_text.gguf").read_bytes()
    model = StreamedModel(None, "mine", {}, [{"name": "m.gguf", "kind": "gguf", "size": len(data)}])  # type: ignore[arg-type]
    asked = needed(model, data)
    assert asked[-1] == 0
    assert len(asked) > 1
    assert asked[:-1] == sorted(set(asked[:-1]))  # each time for more
    assert model.header(0, data) == 0
