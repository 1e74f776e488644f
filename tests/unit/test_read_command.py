"""`tinyvlm read`: what it is given, what it writes. What the reader reads is in test_read.py; here a stand-in reads."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from test_cli import Broken, type_in

from tinyvlm import InputError, Line, LoadError, Reader, Reading, Word, cli, read_command
from tinyvlm.media.images import load_image

XHTML = "{http://www.w3.org/1999/xhtml}"


class SizeReader:
    """Reads of every picture how wide it is, and how high in a second line: <5> & 4."""

    def __init__(self) -> None:
        self.closed = False

    def read(self, image: object) -> Reading:
        """See TextReader."""
        picture = load_image(image)
        texts = (f"<{picture.width}>", f"& {picture.height}")
        corners = ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0))
        lines = (Line(text, corners, 0.5, (Word(text, corners, 0.5),), 0, row) for row, text in enumerate(texts))
        return Reading(tuple(lines), picture.width, picture.height)

    def stats(self) -> dict[str, Any]:
        """See TextReader."""
        return {}

    def close(self) -> None:
        """See TextReader."""
        self.closed = True


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> SizeReader:
    """The reader that the command opens."""
    reader = SizeReader()
    monkeypatch.setattr(read_command.Reader, "from_pretrained", lambda **_: Reader(reader))
    return reader


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """scans/: two images, one of them deeper; a broken one; what is no image; what is hidden. It is where one is."""
    scans = tmp_path / "scans"
    for name, size in (("a.png", (5, 4)), ("deep/b.JPG", (7, 6)), (".hidden/c.png", (1, 1))):
        (scans / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(scans / name)
    (scans / "broken.png").write_bytes(b"no image at all")
    (scans / "notes.txt").write_text("no image by its name")
    (scans / ".DS_Store").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return scans


def hocr_lines(page: str) -> list[str]:
    """Return the lines of an hOCR page."""
    spans = ElementTree.fromstring(page.encode()).iter(f"{XHTML}span")
    return ["".join(span.itertext()) for span in spans if span.get("class") == "ocr_line"]


def test_the_text_of_one_image_is_printed_alone(
    folder: Path, reader: SizeReader, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["read", "scans/a.png"]) == 0
    assert capsys.readouterr() == ("<5>\n& 4\n", "")
    assert reader.closed


def test_one_image_is_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "scans/a.png", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["image"] == "scans/a.png"
    assert Reading.from_json(value) == SizeReader().read("scans/a.png")


def test_one_image_is_an_hocr_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "scans/a.png", "--hocr"]) == 0
    page = capsys.readouterr().out
    assert hocr_lines(page) == ["<5>", "& 4"]
    assert 'image "scans/a.png"' in ElementTree.fromstring(page.encode()).find(f".//{XHTML}div").get("title", "")  # type: ignore[union-attr]


def test_of_several_images_each_has_a_heading(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "scans/deep/b.JPG", "scans/a.png"]) == 0
    assert capsys.readouterr().out == "==> scans/deep/b.JPG <==\n<7>\n& 6\n\n==> scans/a.png <==\n<5>\n& 4\n"


def test_a_folder_is_read_whatever_lies_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "scans", "--json"]) == 1
    captured = capsys.readouterr()
    names = {os.path.join("scans", "a.png"): 5, os.path.join("scans", "deep", "b.JPG"): 7}
    assert {value["image"]: value["width"] for value in json.loads(captured.out)} == names
    skipped, broken = captured.err.splitlines()
    assert skipped == f"tinyvlm: not read, as no image by its name: {os.path.join('scans', 'notes.txt')}"
    expected = InputError("image-unknown-type")
    assert broken == f"tinyvlm: {os.path.join('scans', 'broken.png')}: {expected}"


def test_many_files_that_are_no_images_are_not_all_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(9):
        (folder / f"{number}.csv").write_text("1")
    assert cli.main(["read", "scans"]) == 1
    assert "2.csv and 7 more\n" in capsys.readouterr().err


def test_what_is_not_there_is_said_and_the_others_are_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "empty").mkdir()
    assert cli.main(["read", "nothing.png", "empty", "scans/a.png"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "==> scans/a.png <==\n<5>\n& 4\n"
    missing = InputError("image-not-found", path="'nothing.png'")
    assert captured.err == f"tinyvlm: empty: There is no image in this folder.\ntinyvlm: nothing.png: {missing}\n"


def test_a_list_of_nothing_is_json_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "nothing.png", "no.png", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_an_image_may_come_from_standard_input(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, (folder / "a.png").read_bytes())
    assert cli.main(["read", "-", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["image"], value["text"]) == ("-", "<5>\n& 4")


@pytest.mark.parametrize(
    ("option", "ending"), [((), ".txt"), (("--json",), ".json"), (("--hocr",), ".hocr")], ids=["text", "json", "hocr"]
)
def test_files_are_written_where_the_images_were(
    folder: Path, capsys: pytest.CaptureFixture[str], option: Sequence[str], ending: str
) -> None:
    assert cli.main(["read", "scans", "--output", "out/here", *option]) == 1
    paths = [Path("out", "here", f"a.png{ending}"), Path("out", "here", "deep", f"b.JPG{ending}")]
    assert capsys.readouterr().out.splitlines() == [str(path) for path in paths]
    assert sorted(path for path in Path("out").rglob("*") if path.is_file()) == paths
    for path, lines in zip(paths, (["<5>", "& 4"], ["<7>", "& 6"]), strict=True):
        text = path.read_text(encoding="utf-8")
        read = {".txt": str.splitlines, ".json": lambda text: json.loads(text)["text"].split("\n"), ".hocr": hocr_lines}
        assert read[ending](text) == lines


@pytest.mark.parametrize(
    "arguments",
    [
        ["scans", "--hocr"],
        ["scans/a.png", "scans/deep/b.JPG", "--hocr"],
        ["scans/a.png", "--hocr", "--json"],
        ["-", "-"],
        ["scans", "scans/a.png", "--output", "out"],
        [],
    ],
)
def test_wrong_usage_is_said(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["read", *arguments])
    assert stopped.value.code == 2
    assert "usage: tinyvlm read" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize("option", [(), ("--json",)])
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device."),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, None),
    ],
)
def test_an_output_that_fails_ends_the_command(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reader: SizeReader,
    option: Sequence[str],
    error: OSError,
    status: int,
    said: str | None,
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Broken(error), "utf-8", write_through=True))
    assert cli.main(["read", "scans/a.png", "scans/broken.png", *option]) == status
    assert capsys.readouterr().err == (f"tinyvlm: standard output cannot be written: {said}\n" if said else "")
    assert reader.closed


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "target-disk-full"), (errno.EACCES, "target-not-writable")]
)
def test_a_file_that_cannot_be_written_ends_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, code: str
) -> None:
    """What lies there stays, except the beginning of a text that the disk had no room for."""
    target = Path("out", "a.png.txt")
    target.parent.mkdir()
    target.write_text("from yesterday")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "Why not")

    monkeypatch.setattr(Path, "write_text", fail)
    assert cli.main(["read", "scans/a.png", "--output", "out"]) == 1
    reason = {} if code == "target-disk-full" else {"reason": "Why not"}
    assert capsys.readouterr().err == f"tinyvlm: {LoadError(code, path=str(target), **reason)}\n"
    assert target.exists() == (code == "target-not-writable")


def test_ctrl_c_closes_the_reader(folder: Path, monkeypatch: pytest.MonkeyPatch, reader: SizeReader) -> None:
    def interrupt(_: object) -> Reading:
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "read", interrupt)
    assert cli.main(["read", "scans"]) == 130
    assert reader.closed


def test_a_folder_that_cannot_be_opened_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may open every folder, so the system's word is put in its mouth."""
    scanned = os.scandir

    def refuse(path: str) -> Any:
        if os.path.basename(path) == "deep":
            raise PermissionError(13, "Permission denied", path)
        return scanned(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert cli.main(["read", "scans"]) == 1
    assert "deep: " in capsys.readouterr().err
