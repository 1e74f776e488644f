"""The `tinyvlm` command. Its `download` is in test_repository.py, its `quantize` in test_quantizer.py."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fixtures.shapes import shape_image
from public_model import write_smolvlm
from tinyvlm import VLM, cli, terminal

QUESTION = "What color is the shape?"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A blue circle."""
    shape_image("circle", "blue").save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def type_in(monkeypatch: pytest.MonkeyPatch, data: bytes, encoding: str = "utf-8") -> None:
    """Let standard input be a pipe that holds `data`."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Images and question of every `ask`; no model is loaded, and the answer is "café ☕ €"."""
    seen: list[tuple[object, ...]] = []

    class Answerer:
        def conversation(self) -> Answerer:
            return self

        def encode_image(self, image: object, **_: object) -> object:
            return image

        def stream(self, question: str, *images: object, **_: object) -> Iterator[str]:
            seen.append((*images, question))
            yield "café "
            yield "☕ €"

        def close(self) -> None:
            pass

    monkeypatch.setattr(cli.VLM, "from_pretrained", lambda *_, **__: Answerer())
    return seen


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


@pytest.mark.slow
def test_an_explanation_is_a_word_a_line(photo: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", photo, QUESTION, "--backend", "numpy"]) == 0
    word, share, first, *_ = capsys.readouterr().out.split()
    assert (word, first) == ("blue", "blue")
    assert 50 < int(share.removesuffix("%")) <= 100
    assert cli.main(["explain", photo, QUESTION, "--backend", "numpy", "--json"]) == 0
    explanation = json.loads(capsys.readouterr().out)
    assert explanation["text"] == explanation["words"][0]["text"] == "blue"
    assert len(explanation["words"][0]["heat"]) == 14
    assert cli.main(["explain", photo, "Write a poem.", "--backend", "numpy"]) == 0
    assert capsys.readouterr().out.endswith("(unserved: not the model's own words)\n")


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
    [
        ["ask"],
        ["ask", "a.png"],
        ["ask", "a.png", "Why?", "How?"],
        ["ask", "Why?", "--loud"],
        ["ask", "a.png", "--seed", "1", "Why?", "--loud"],
        ["ask", "-", "-"],
        ["info", "Why?"],
        ["quantize", "a"],
    ],
)
def test_wrong_usage_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    type_in(monkeypatch, b"")
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
    type_in(monkeypatch, f"{QUESTION}\n\n{'why ' * 5000}\nAnd now?\n".encode())
    assert cli.main(["chat", photo, "--model", str(write_smolvlm(tmp_path / "model")), "--max-new-tokens", "3"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("> ") == 5
    assert captured.err.count("tinyvlm: ") == 1
    assert "too long" in captured.err


@pytest.mark.slow
def test_a_seed_repeats_a_random_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write_smolvlm(tmp_path / "model"))
    with_seed = ["ask", "Why?", "--model", folder, "--max-new-tokens", "6", "--temperature", "3", "--seed"]
    answers = []
    for seed in ("5", "5", "6"):
        assert cli.main([*with_seed, seed]) == 0
        answers.append(capsys.readouterr().out)
    vlm = VLM.from_pretrained(folder)
    expected = [vlm.ask(None, "Why?", max_new_tokens=6, temperature=3, seed=seed) + "\n" for seed in (5, 5, 6)]
    vlm.close()
    assert answers == expected
    assert answers[1] != answers[2]


@pytest.mark.parametrize(
    ("words", "piped", "expected"),
    [
        (["PHOTO", "Why?"], b"How?", ("PHOTO", "Why?")),
        (["Why?"], b"How?", ("Why?",)),
        (["PHOTO"], "Größe?\n".encode(), ("PHOTO", "Größe?")),
        (["PHOTO"], "\ufeffGröße?\r\n".encode(), ("PHOTO", "Größe?")),
        (["PHOTO"], "Größe?".encode("cp1252"), ("PHOTO", "Größe?")),
        (["PHOTO", "-"], b"How?", ("PHOTO", "How?")),
        (["no such photo.jpg"], b"How?", ("no such photo.jpg",)),
        (["no-such-photo.JPG"], b"How?", ("no-such-photo.JPG", "How?")),
        (["PHOTO", "--seed", "1", "-"], b"How?", ("PHOTO", "How?")),
        (["-"], b"How?", ("How?",)),
        ([], b"How?", ("How?",)),
        (["-", "Why?"], b"\x89PNG...", (b"\x89PNG...", "Why?")),
        (["-", "--seed", "1", "Why?"], b"\x89PNG...", (b"\x89PNG...", "Why?")),
    ],
)
def test_what_is_not_named_comes_from_standard_input(
    asked: list[tuple[object, ...]],
    photo: str,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    piped: bytes,
    expected: tuple[object, ...],
) -> None:
    type_in(monkeypatch, piped, "cp1252")
    assert cli.main(["ask", *(photo if word == "PHOTO" else word for word in words)]) == 0
    assert asked == [tuple(photo if word == "PHOTO" else word for word in expected)]


def test_nobody_waits_for_a_terminal(
    asked: list[tuple[object, ...]], photo: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, b"How?")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["ask", photo])
    assert stopped.value.code == 2
    assert "the question is missing" in capsys.readouterr().err


def test_an_endless_image_is_not_read_to_its_end(photo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/zero", "rb") as zeros:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(zeros))
        assert len(terminal.read_bytes((1 << 20) + 1)) == (1 << 20) + 1


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", "caf? ? ?\n"), ("cp1252", "café ? €\n"), ("utf-8", "café ☕ €\n")]
)
def test_what_the_terminal_cannot_show_is_a_question_mark(
    asked: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str
) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding))
    assert cli.main(["ask", "Why?"]) == 0
    assert out.getvalue().decode(encoding) == shown


class Broken(io.RawIOBase):
    """A file that every write to fails."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def writable(self) -> bool:
        """Say so."""
        return True

    def write(self, data: object) -> int:
        """Fail, but for nothing at all."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device."),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, None),
    ],
)
@pytest.mark.parametrize("arguments", [["ask", "Why?"], ["chat"], ["--help"]])
def test_an_output_that_fails_is_no_traceback(
    asked: list[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: OSError,
    status: int,
    said: str | None,
    arguments: list[str],
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Broken(error), "utf-8", write_through=True))
    assert cli.main(arguments) == status
    expected = f"tinyvlm: standard output cannot be written: {said}\n" if said else ""
    assert capsys.readouterr().err == expected


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Run the command as a shell does."""
    command = [sys.executable, "-m", "tinyvlm.cli", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files and signals")
@pytest.mark.parametrize(
    ("arguments", "output", "status", "said"),
    [
        (["info"], "closed pipe", 141, b""),
        (["info", "--json"], "closed pipe", 141, b""),
        (["info"], "/dev/full", 1, b"tinyvlm: standard output cannot be written: No space left on device.\n"),
        (["--help"], "/dev/full", 1, b"tinyvlm: standard output cannot be written: No space left on device.\n"),
        (["info"], "closed", 1, b"tinyvlm: standard output cannot be written: Bad file descriptor.\n"),
    ],
)
def test_real_outputs_that_fail(arguments: list[str], output: str, status: int, said: bytes) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    target = os.open("/dev/full", os.O_WRONLY) if output == "/dev/full" else writer
    close = (lambda: os.close(1)) if output == "closed" else None
    with start(*arguments, stdout=target, preexec_fn=close) as process:
        assert process.communicate(timeout=120)[1] == said
    assert process.returncode == status
    for file in {writer, target}:
        os.close(file)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_ends_a_chat() -> None:
    with start("chat", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"> "
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120) == (b"", b"")
    assert process.returncode == 130
