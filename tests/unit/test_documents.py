"""What the documents say runs as it stands, and counts right; a hub here has tiny models under the real names.

docs/add_an_architecture.md is followed in tests/parity, what the page offers in tests/browser.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from fixtures.shapes import shape_image
from hub_server import HubServer, Repository
from public_model import smolvlm_files
from tinyvlm.cli import main

ROOT = Path(__file__).resolve().parents[2]
RUNNABLE = ["README.md", "docs/python.md"]
CODE = {".py", ".js", ".c", ".h", ".css", ".html", ".webmanifest"}


@pytest.fixture
def surroundings(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo, a receipt and a folder in the working directory, and the repositories that the documents name."""
    monkeypatch.chdir(tmp_path)
    shape_image().save("photo.jpg")
    receipt = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(receipt).text((40, 80), "Total 3.55", "black", ImageFont.load_default(24))
    receipt.save("receipt.jpg")
    Path("scans").mkdir()
    receipt.save("scans/a.png")
    for name in ("SmolVLM-256M-Instruct", "SmolLM2-135M-Instruct"):
        hub.repositories[f"HuggingFaceTB/{name}"] = Repository(smolvlm_files())


@pytest.mark.slow
@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize("document", RUNNABLE)
def test_python(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, document, "exec"), {})
        assert capsys.readouterr().out.strip()


@pytest.mark.slow
@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize("document", RUNNABLE)
def test_commands(document: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commands = re.findall(r"^    tinyvlm ([^<|\n]*)", (ROOT / document).read_text(encoding="utf-8"), re.M)
    assert commands
    for command in commands:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"What is it?\n")))
        assert main(shlex.split(command)) == 0, capsys.readouterr().err
        assert capsys.readouterr().out.strip()


def test_the_map_counts_right() -> None:
    """Within a tenth: a map that is wrong by more leads nobody."""
    rows = re.findall(r"^\| \[`(.+?)`\]\(.+?\) \| (\d+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert len(rows) == 5
    for folder, stated in rows:
        files = (path for path in (ROOT / folder).rglob("*") if path.suffix in CODE and path.is_file())
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
        assert int(stated) == pytest.approx(lines, rel=0.1), folder
