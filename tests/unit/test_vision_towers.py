"""Which vision tower a GGUF model gets: the one that was named, or the one that fits by what is inside."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.shapes import shape_image
from gguf_pieces import write_pieces
from tinyvlm import VLM, cli
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import InputError, LoadError, ModelError
from tinyvlm.page.streamed_model import StreamedModel

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture
def apart(tmp_path: Path) -> tuple[str, str]:
    """A text model, and its tower elsewhere under a name that says nothing."""
    model = tmp_path / "model" / "toy.gguf"
    tower = tmp_path / "elsewhere" / "eyes.gguf"
    for path, golden in ((model, "tiny_text.gguf"), (tower, "tiny_mmproj.gguf")):
        path.parent.mkdir()
        shutil.copy(GOLDEN / golden, path)
    return str(model), str(tower)


def test_python_takes_the_tower_that_is_named(apart: tuple[str, str]) -> None:
    model, tower = apart
    with closing(VLM.from_pretrained(model, backend="numpy")) as vlm:
        assert not vlm.sees
    with closing(VLM.from_pretrained(model, backend="numpy", mmproj=tower)) as vlm:
        assert vlm.sees


def test_the_command_takes_the_tower_that_is_named(
    apart: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, tower = apart
    photo = tmp_path / "shape.png"
    shape_image().save(photo)
    options = ["--model", model, "--backend", "numpy", "--max-new-tokens", "2", "--profile", "fast"]
    assert cli.main(["ask", str(photo), "abc", *options]) == 1
    assert cli.main(["ask", str(photo), "abc", *options, "--mmproj", tower]) == 0
    target = tmp_path / "quantized"
    assert cli.main(["quantize", model, str(target), "--to", "q8", "--mmproj", tower]) == 0
    assert json.loads((target / "config.json").read_text())["model_type"] == "smolvlm"
    assert "toy sees images only with its vision tower" in capsys.readouterr().err


def beside(folder: Path, **files: str | bytes) -> Path:
    """Put golden files, or bytes, into a folder under other names ("." for "__"); return the first."""
    for name, content in files.items():
        data = (GOLDEN / content).read_bytes() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder / next(iter(files)).replace("__", ".")


def code_of_seeing(model: Path) -> str:
    """Whether a model sees, or the code with which it refuses an image."""
    with closing(VLM.from_pretrained(model, backend="numpy")) as vlm:
        try:
            vlm.encode_image(shape_image(), profile="fast")
        except InputError as error:
            return error.code
        return "sees"


@pytest.mark.parametrize("name", ["eyes__gguf", "vision_f16__GGUF", "model_mmproj__gguf", "MMPROJ__GGUF"])
def test_a_tower_is_known_by_what_is_inside(tmp_path: Path, name: str) -> None:
    model = beside(tmp_path, **{"toy__GGUF": "tiny_text.gguf", name: "tiny_mmproj.gguf"})
    assert code_of_seeing(model) == code_of_seeing(tmp_path) == "sees"


def test_a_text_model_may_be_called_mmproj(tmp_path: Path) -> None:
    assert code_of_seeing(beside(tmp_path, no_mmproj__gguf="tiny_text.gguf")) == "tower-missing"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("mmproj", b"clip.vision.projection_dim\x04\0\0\0\x20", b"clip.vision.projection_dim\x04\0\0\0\x30"),
        ("mmproj", b"idefics3", b"internvl"),
        ("text", b"<image>", b"<ixage>"),
    ],
)
def test_a_stray_tower_does_not_block_a_text_model(
    apart: tuple[str, str], tmp_path: Path, part: str, old: bytes, new: bytes
) -> None:
    files: dict[str, str | bytes] = {"toy__gguf": "tiny_text.gguf", "mmproj_toy__gguf": "tiny_mmproj.gguf"}
    changed = next(name for name, golden in files.items() if part in str(golden))
    data = (GOLDEN / str(files[changed])).read_bytes()
    assert old in data
    model = beside(tmp_path, **{**files, changed: data.replace(old, new)})
    assert code_of_seeing(model) == "tower-misfit"
    with pytest.raises(ModelError):
        VLM.from_pretrained(model, backend="numpy", mmproj=str(tmp_path / "mmproj_toy.gguf"))


def test_pieces_are_one_model(tmp_path: Path) -> None:
    pieces = write_pieces(GOLDEN / "tiny_text.gguf", tmp_path, 3)
    shutil.copy(GOLDEN / "tiny_text.gguf", tmp_path / "whole.gguf")
    logits = []
    for model in (tmp_path / "whole.gguf", pieces[0], pieces[2]):
        with closing(VLM.from_pretrained(model, backend="numpy")) as vlm:
            logits.append(vlm.logits([1, 7, 9, 20]).tolist())
    assert logits[0] == logits[1] == logits[2]
    shutil.copy(pieces[0], pieces[1])
    with pytest.raises(ModelError) as caught:
        VLM.from_pretrained(pieces[0], backend="numpy")
    assert caught.value.code == "gguf-split"
    pieces[1].unlink()
    with pytest.raises(LoadError) as missing:
        VLM.from_pretrained(pieces[0], backend="numpy")
    assert (missing.value.code, missing.value.details["file"]) == ("model-incomplete", pieces[1].name)


@pytest.mark.parametrize(("old", "sees"), [(b"idefics3", True), (b"idefics9", False)])
def test_the_page_leaves_a_stray_tower_out(old: bytes, sees: bool) -> None:
    """Its bytes are then not asked for."""
    data = [(GOLDEN / name).read_bytes() for name in ("tiny_text.gguf", "tiny_mmproj.gguf")]
    data[1] = data[1].replace(b"idefics3", old)
    kernels = WasmtimeKernels(threads=1)
    files = [{"name": f"{index}.gguf", "kind": "gguf", "size": len(content)} for index, content in enumerate(data)]
    model = StreamedModel(kernels, "toy", {}, files)
    for index, content in enumerate(data):
        assert model.header(index, content) == 0
    model.prepare()
    asked = set()
    while fill := model.next_fill():
        asked.add(fill["file"])
        kernels.write(fill["address"], data[fill["file"]][fill["offset"] : fill["offset"] + fill["nbytes"]])
        model.filled()
    assert model.vlm.sees == sees
    assert asked == ({0, 1} if sees else {0})
    if not sees:
        with pytest.raises(InputError) as caught:
            model.vlm.encode_image(shape_image())
        assert caught.value.code == "tower-misfit"
