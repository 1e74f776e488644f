"""`tinyvlm read`: the text of images, and of folders of them, as text, JSON or hOCR."""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from . import terminal
from .errors import LoadError, TinyVLMError
from .media.image_sources import MAX_FILE_BYTES
from .reader import Reader
from .reading.formats import hocr
from .reading.reading import Reading

IMAGE_NAME = re.compile(r".+\.(avif|bmp|gif|hei[cf]|ico|jpe?g|jp2|png|ppm|tiff?|webp)", re.IGNORECASE | re.DOTALL)
"""What in a folder is an image, as people name them."""

_STDIN = "-"
_FROM_STDIN = "standard-input"
_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Source:
    """An image to be read."""

    path: str
    """Where it lies, as people named it; "-" for standard input."""
    target: PurePath
    """Its place in a folder of outputs, without the ending that says the format."""

    def content(self) -> str | bytes:
        """Return what Reader.read takes."""
        return terminal.read_bytes(MAX_FILE_BYTES + 1) if self.path == _STDIN else self.path


class Reports:
    """What could not be read: said as it comes, and remembered."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self.failed = False

    def fail(self, path: str, sentence: str) -> None:
        """Say what is wrong with a file; the others are read all the same."""
        self.failed = True
        terminal.complain(f"{path}: {sentence}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let `parser` know what can be asked for."""
    parser.add_argument("images", nargs="+", metavar="image", help="an image; a folder of them; - for standard input")
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help="lines, words and corners; a list, if of several images")
    formats.add_argument("--hocr", action="store_true", help="hOCR, which tools for scanned text take")
    parser.add_argument("--output", metavar="FOLDER", help="write a file for each image there, and say where")
    parser.set_defaults(run=read_images, wrong=parser.error)


def read_images(options: argparse.Namespace) -> int:
    """Read what is named; returns the exit status: 1 where an image could not be read."""
    several = len(options.images) > 1 or os.path.isdir(options.images[0])
    if options.images.count(_STDIN) > 1:
        options.wrong("only one image can come from standard input")
    if options.hocr and several and not options.output:
        options.wrong("--hocr of several images needs --output FOLDER: each has a file of its own")
    reports = Reports()
    sources = list(_sources(options.images, reports))
    if options.output:
        _check_targets(options, sources)
    if sources:
        with Reader.from_pretrained(backend=options.backend, threads=options.threads) as reader:
            _tell(options, several, _readings(reader, sources, reports))
    return int(reports.failed)


def _sources(images: Sequence[str], reports: Reports) -> Iterator[Source]:
    for image in images:
        if image == _STDIN:
            yield Source(_STDIN, PurePath(_FROM_STDIN))
        elif os.path.isdir(image):
            yield from _in_folder(image, reports)
        else:
            yield Source(image, PurePath(PurePath(image).name or image))


def _in_folder(folder: str, reports: Reports) -> Iterator[Source]:
    """Give the images in a folder and below, by name; hidden files and folders are nobody's images."""
    count = 0
    others: list[str] = []

    def unreadable(error: OSError) -> None:
        reports.fail(str(error.filename), str(LoadError("file-unreadable", path=folder, reason=error.strerror)))

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".")):
            path = os.path.join(where, name)
            if IMAGE_NAME.fullmatch(name):
                count += 1
                yield Source(path, PurePath(os.path.relpath(path, folder)))
            else:
                others.append(path)
    if others:
        more = f" and {len(others) - _NAMES_SHOWN} more" if len(others) > _NAMES_SHOWN else ""
        terminal.complain(f"not read, as no image by its name: {', '.join(others[:_NAMES_SHOWN])}{more}")
    if not count:
        reports.fail(folder, "There is no image in this folder.")


def _check_targets(options: argparse.Namespace, sources: Sequence[Source]) -> None:
    for target, count in Counter(source.target for source in sources).items():
        if count > 1:
            options.wrong(f"{count} images are called {target}: read them into folders of their own")


def _readings(reader: Reader, sources: Sequence[Source], reports: Reports) -> Iterator[tuple[Source, Reading]]:
    for source in sources:
        try:
            reading = reader.read(source.content())
        except TinyVLMError as error:
            reports.fail(source.path, str(error))
        else:
            yield source, reading


def _tell(options: argparse.Namespace, several: bool, readings: Iterator[tuple[Source, Reading]]) -> None:
    if options.output:
        for source, reading in readings:
            terminal.write(f"{_write(Path(options.output), source, _file(options, source, reading))}\n")
    elif options.json and several:
        _tell_list(readings)
    else:
        for number, (source, reading) in enumerate(readings):
            heading = f"{chr(10) * bool(number)}==> {source.path} <==\n" if several else ""
            terminal.write(heading + _file(options, source, reading)[1])


def _tell_list(readings: Iterator[tuple[Source, Reading]]) -> None:
    """Write a JSON list, each image as it is read."""
    before = "[\n"
    for source, reading in readings:
        terminal.write(before + _json(source, reading))
        before = ",\n"
    terminal.write("[]\n" if before == "[\n" else "\n]\n")


def _file(options: argparse.Namespace, source: Source, reading: Reading) -> tuple[str, str]:
    """Return the ending of a file's name, and the file."""
    if options.json:
        return ".json", f"{_json(source, reading)}\n"
    if options.hocr:
        return ".hocr", hocr(reading, "" if source.path == _STDIN else source.path)
    return ".txt", f"{reading.text}\n"


def _json(source: Source, reading: Reading) -> str:
    return json.dumps({"image": source.path, **reading.to_json()})


def _write(folder: Path, source: Source, file: tuple[str, str]) -> Path:
    """Write a file; raises LoadError ("target-disk-full", "target-not-writable")."""
    ending, text = file
    path = folder / source.target.with_name(source.target.name + ending)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            with suppress(OSError):
                path.unlink()  # a part of the text would look like all of it
            raise LoadError("target-disk-full", path=str(path)) from error
        raise LoadError("target-not-writable", path=str(path), reason=error.strerror or str(error)) from error
    return path
