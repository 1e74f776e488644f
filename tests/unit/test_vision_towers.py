"""Which vision tower a GGUF model gets: the one that was named, or the one that fits by what is inside."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.shapes import shape_image
from tinyvlm import VLM, cli

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
    assert "toy reads text only" in capsys.readouterr().err
