"""The library that the page zips with: pinned bytes alone, from whichever source has them, and in the site."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from support.environment import ScriptError
from support.packages import SourceError
from website import zip_library
from website.site_files import PythonFiles, list_site, vendored_files
from website.zip_library import FFLATE, FILES, TYPES, NodeEnvironment, default_sources, fetch

CONTENT = {"umd/index.js": b"self.fflate = {}", "LICENSE": b"MIT", "lib/index.d.ts": b"export {}"}
PINS = {name: (file, hashlib.sha256(CONTENT[file]).hexdigest()) for name, (file, _) in FILES.items()}


class Memory:
    """A source that gives what it is told to."""

    def __init__(self, name: str, files: dict[str, bytes]) -> None:
        self.name, self.files = name, files

    def read(self, file: str) -> bytes:
        if file not in self.files:
            raise SourceError("it does not carry this file")
        return self.files[file]


def test_the_first_source_with_the_pinned_bytes_wins(tmp_path: Path) -> None:
    wrong, right = Memory("wrong", dict.fromkeys(CONTENT, b"x")), Memory("right", CONTENT)
    paths = fetch(tmp_path, [wrong, right], PINS)
    assert {name: path.read_bytes() for name, path in paths.items()} == {
        name: CONTENT[file] for name, (file, _) in FILES.items()
    }
    (tmp_path / "fflate.js").write_bytes(b"damaged")
    assert fetch(tmp_path, [Memory("right", {"umd/index.js": CONTENT["umd/index.js"]})], PINS) == paths
    assert (tmp_path / "fflate.js").read_bytes() == CONTENT["umd/index.js"]


def test_where_nothing_has_it_each_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"umd/index.js of fflate 0.8.3 could not be fetched:\n  wrong: what it gave"):
        fetch(tmp_path, [Memory("wrong", dict.fromkeys(CONTENT, b"x")), Memory("none", {})], PINS)
    assert list(tmp_path.iterdir()) == []


def test_an_environment_s_npm_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [type(source).__name__ for source in default_sources(tmp_path)][-1] == "NodeEnvironment"
    (tmp_path / "LICENSE").write_bytes(b"MIT")
    monkeypatch.setattr(zip_library, "ensure_npm_package", {FFLATE: tmp_path}.__getitem__)
    assert NodeEnvironment().read("LICENSE") == b"MIT"

    def fail(_: object) -> Path:
        raise ScriptError("No network.")

    monkeypatch.setattr(zip_library, "ensure_npm_package", fail)
    with pytest.raises(SourceError, match="No network") as caught:
        NodeEnvironment().read("LICENSE")
    assert caught.value.lasting


def test_the_site_has_the_library_and_its_licence_offline_too(tmp_path: Path) -> None:
    vendored = vendored_files()
    python = PythonFiles(*(tmp_path / name for name in ("package.zip", "wheel.whl", "templates.zip")))
    for path in python:
        path.write_bytes(b"")
    files = list_site([], python, vendored=vendored)
    names = {f"vendor/{name}" for name in FILES if name != TYPES}
    assert {name for name in files if name.startswith("vendor/")} == names
    assert b"MIT License" in Path(str(files["vendor/fflate.LICENSE.txt"])).read_bytes()
    for name in names:
        assert f'"{name}": {{"size": '.encode() in bytes(files["sw.js"])
