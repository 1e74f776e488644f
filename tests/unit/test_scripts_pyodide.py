"""Pyodide's files: only pinned bytes are taken, from whichever source has them, and trouble is told in a sentence."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.environment import ScriptError
from support.packages import PackageSource, SourceError
from website.archive_sources import Source, WebSource
from website.pyodide_files import fetch

NUMPY = b"numpy's wheel"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


LOCK = json.dumps({"packages": {"numpy": {"file_name": "numpy.whl", "sha256": sha256(NUMPY)}}}).encode()
FILES = {"pyodide-lock.json": LOCK, "pyodide.mjs": b"export {}", "numpy.whl": NUMPY}
CORE = {name: sha256(FILES[name]) for name in ("pyodide-lock.json", "pyodide.mjs")}


class Memory:
    """A source that gives what it is told to, and remembers what it was asked for."""

    def __init__(self, name: str, files: dict[str, bytes | SourceError]) -> None:
        self.name, self.files, self.asked = name, files, list[str]()

    def read(self, file: str) -> bytes:
        self.asked.append(file)
        content = self.files.get(file, SourceError("it does not carry this file"))
        if isinstance(content, SourceError):
            raise content
        return content


def get(folder: Path, *sources: Source) -> list[Path]:
    return fetch(folder, sources, sources, core=CORE, packages=["numpy"])


def test_the_first_source_with_the_pinned_bytes_wins(tmp_path: Path) -> None:
    wrong = Memory("wrong", dict.fromkeys(FILES, b"something else"))
    right = Memory("right", dict(FILES))
    paths = get(tmp_path, wrong, right)
    assert {path.name: path.read_bytes() for path in paths} == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_files_that_are_right_are_kept_and_damaged_ones_fetched_again(tmp_path: Path) -> None:
    get(tmp_path, Memory("first", dict(FILES)))
    (tmp_path / "pyodide.mjs").write_bytes(b"export {")
    second = Memory("second", dict(FILES))
    get(tmp_path, second)
    assert second.asked == ["pyodide.mjs"]
    assert (tmp_path / "pyodide.mjs").read_bytes() == FILES["pyodide.mjs"]


def test_a_source_that_cannot_be_reached_is_asked_once(tmp_path: Path) -> None:
    dead = Memory("dead", dict.fromkeys(FILES, SourceError("it cannot be reached", lasting=True)))
    get(tmp_path, dead, Memory("right", dict(FILES)))
    assert len(dead.asked) == 1


def test_when_nothing_works_each_source_is_named_with_its_reason(tmp_path: Path) -> None:
    sources = [
        Memory("the registry", {"pyodide-lock.json": b"wrong"}),
        Memory("the site", {"pyodide-lock.json": SourceError("it answered 404 Not Found")}),
    ]
    with pytest.raises(ScriptError) as caught:
        get(tmp_path, *sources)
    text = str(caught.value)
    assert "pyodide-lock.json" in text
    assert "the registry: what it gave is not the pinned file." in text
    assert "the site: it answered 404 Not Found." in text
    assert list(tmp_path.iterdir()) == []


class Flaky(http.server.BaseHTTPRequestHandler):
    """Gives half of cut.bin, then all of it; is busy for busy.bin once; has no other file."""

    seen: dict[str, int]

    def do_GET(self) -> None:
        count = self.seen[self.path] = self.seen.get(self.path, 0) + 1
        if self.path not in ("/cut.bin", "/busy.bin", "/always-cut.bin"):
            self.send_error(404)
        elif self.path == "/busy.bin" and count == 1:
            self.send_error(503)
        else:
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            cut = self.path == "/always-cut.bin" or (self.path == "/cut.bin" and count == 1)
            self.wfile.write(b"01234" if cut else b"0123456789")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def flaky() -> Iterator[tuple[WebSource, dict[str, int]]]:
    seen: dict[str, int] = {}
    handler = type("Handler", (Flaky,), {"seen": seen})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield WebSource("fake", f"http://127.0.0.1:{server.server_port}/", tries=3, pause_s=0.01), seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("file", ["cut.bin", "busy.bin"])
def test_passing_trouble_is_tried_again(flaky: tuple[WebSource, dict[str, int]], file: str) -> None:
    source, seen = flaky
    assert source.read(file) == b"0123456789"
    assert seen[f"/{file}"] == 2


def test_a_download_that_is_always_cut_off_fails(flaky: tuple[WebSource, dict[str, int]]) -> None:
    source, seen = flaky
    with pytest.raises(SourceError, match="3 times"):
        source.read("always-cut.bin")
    assert seen["/always-cut.bin"] == 3


def test_a_clear_no_is_not_tried_again(flaky: tuple[WebSource, dict[str, int]]) -> None:
    source, seen = flaky
    with pytest.raises(SourceError, match="404") as caught:
        source.read("nothing.bin")
    assert seen["/nothing.bin"] == 1
    assert not caught.value.lasting


def test_a_closed_port_is_told_at_once() -> None:
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        WebSource("closed", "http://127.0.0.1:9/", pause_s=60).read("x")
    assert caught.value.lasting


def archive(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "whl":
        with zipfile.ZipFile(buffer, "w") as wheel:
            wheel.writestr("inside/pyodide.mjs", FILES["pyodide.mjs"])
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            entry = tarfile.TarInfo("inside/pyodide.mjs")
            entry.size = len(FILES["pyodide.mjs"])
            tar.addfile(entry, io.BytesIO(FILES["pyodide.mjs"]))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["whl", "tgz"])
def test_packages_are_fetched_once(tmp_path: Path, kind: str) -> None:
    (tmp_path / "original").write_bytes(archive(kind))
    code = f"import shutil; shutil.copy({str(tmp_path / 'original')!r}, 'package.{kind}'); open('runs', 'a').write('x')"
    source = PackageSource("package", [sys.executable, "-c", code], f"*.{kind}", "inside", tmp_path / "scratch")
    for _ in range(2):
        assert source.read("pyodide.mjs") == FILES["pyodide.mjs"]
    with pytest.raises(SourceError, match="does not carry"):
        source.read("other")
    assert (tmp_path / "scratch/runs").read_text() == "x"


def test_a_client_that_fails_or_is_missing_says_so(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "import sys; sys.exit('ERROR: no such package')"]
    for command, reason in ((failing, "no such package"), (["no-such-client-anywhere"], "not installed")):
        with pytest.raises(SourceError, match=reason) as caught:
            PackageSource("package", command, "*.whl", "inside", tmp_path / "scratch").read("x")
        assert caught.value.lasting


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    code = "open('package.whl', 'wb').write(b'PK not really')"
    source = PackageSource("package", [sys.executable, "-c", code], "*.whl", "inside", tmp_path)
    with pytest.raises(SourceError, match="damaged"):
        source.read("x")
