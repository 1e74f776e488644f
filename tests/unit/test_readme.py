"""README's Python and commands run as they stand; a hub on this machine has tiny models under the real names.

"Add an architecture" is followed in tests/parity, what the page offers in tests/browser.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from fixtures.shapes import shape_image
from hub_server import HubServer, Repository
from public_model import smolvlm_files
from tinyvlm.cli import main

SECTIONS = dict(
    re.findall(
        r"^## (.+?)\n(.*?)(?=^## |\Z)", (Path(__file__).resolve().parents[2] / "README.md").read_text(), re.M | re.S
    )
)


@pytest.fixture(autouse=True)
def surroundings(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo in the working directory, and the repositories that README names."""
    monkeypatch.chdir(tmp_path)
    shape_image().save("photo.jpg")
    for name in ("SmolVLM-256M-Instruct", "SmolLM2-135M-Instruct"):
        hub.repositories[f"HuggingFaceTB/{name}"] = Repository(smolvlm_files())


@pytest.mark.parametrize("section", ["From Python and the command line", "Public models"])
def test_python(section: str, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", SECTIONS[section], re.S)
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("section", ["From Python and the command line", "Public models"])
def test_commands(section: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commands = re.findall(r"^    tinyvlm (.*)$", SECTIONS[section], re.M)
    assert commands
    for command in commands:
        monkeypatch.setattr(sys, "stdin", io.StringIO("What is it?\n"))
        assert main(shlex.split(command)) == 0, capsys.readouterr().err
        assert capsys.readouterr().out.strip()
