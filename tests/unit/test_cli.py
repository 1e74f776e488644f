"""The `tinyvlm` command. Its `download` is in test_repository.py, its `quantize` in test_quantizer.py."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fixtures.shapes import shape_image
from public_model import write_smolvlm
from tinyvlm import cli

QUESTION = "What color is the shape?"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A blue circle."""
    shape_image("circle", "blue").save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


@pytest.mark.slow
def test_the_command_answers(photo: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", photo, QUESTION, "--backend", "numpy"]) == 0
    assert capsys.readouterr().out == "blue\n"
    assert cli.main(["ask", photo, QUESTION, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["answer"] == "blue"
    assert answer["backend"] == "wasm"
    assert cli.main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "tinyvlm-13m"


def test_the_command_reports_errors_as_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", "no-such-file.png", "What?", "--backend", "numpy"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tinyvlm: ")
    assert "Traceback" not in captured.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "order", [["IMAGE", "QUESTION", "OPTIONS"], ["OPTIONS", "IMAGE", "QUESTION"], ["IMAGE", "OPTIONS", "QUESTION"]]
)
def test_options_may_stand_anywhere(photo: str, capsys: pytest.CaptureFixture[str], order: Sequence[str]) -> None:
    words = {"IMAGE": [photo], "QUESTION": [QUESTION], "OPTIONS": ["--backend", "numpy"]}
    assert cli.main(["ask", *(word for part in order for word in words[part])]) == 0
    assert capsys.readouterr().out == "blue\n"


@pytest.mark.parametrize(
    "arguments",
    [["ask"], ["ask", "a.png", "Why?", "How?"], ["ask", "Why?", "--loud"], ["info", "Why?"], ["quantize", "a"]],
)
def test_wrong_usage_is_said(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("usage: tinyvlm")


def test_a_question_may_come_without_an_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write_smolvlm(tmp_path / "model"))
    options = ["--model", folder, "--max-new-tokens", "4", "--quantization", "q4", "--json"]
    assert cli.main(["ask", "What is a cube?", *options]) == 0
    assert json.loads(capsys.readouterr().out)["answer"]
    assert cli.main(["ask", "What is it?"]) == 1
    assert "choose an image" in capsys.readouterr().err


def test_profiles_look_more_or_less_closely(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    encode = cli.VLM.encode_image
    monkeypatch.setattr(cli.VLM, "encode_image", lambda *a, **k: seen.append(encode(*a, **k)) or seen[-1])
    folder = str(write_smolvlm(tmp_path / "model"))
    for profile in ("fast", "accuracy"):
        assert cli.main(["ask", photo, "What?", "--model", folder, "--profile", profile, "--max-new-tokens", "1"]) == 0
    assert [len(image.plan.views) for image in seen] == [1, 10]


def test_a_chat_goes_on_until_its_input_ends(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{QUESTION}\n\n{'why ' * 5000}\nAnd now?\n"))
    assert cli.main(["chat", photo, "--model", str(write_smolvlm(tmp_path / "model")), "--max-new-tokens", "3"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("> ") == 5
    assert captured.err.count("tinyvlm: ") == 1
    assert "too long" in captured.err
