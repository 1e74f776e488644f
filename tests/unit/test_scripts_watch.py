"""`scripts/run.py --watch`: new files are served, what cannot be built leaves the site as it was."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.environment import ScriptError
from website.site_files import SiteFiles
from website.site_server import SiteServer
from website.watch import Watcher


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout."""
    for name in ("web/app.js", "py/tinyvlm/__init__.py", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


@pytest.fixture
def server() -> Iterator[SiteServer]:
    """A server of nothing."""
    server = SiteServer({}).start()
    yield server
    server.close()


def test_new_and_changed_files_are_served(root: Path, server: SiteServer, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare() -> SiteFiles:
        return {path.name: path for path in (root / "web").iterdir()}

    watcher = Watcher(server, prepare, root)
    assert not watcher.check()
    (root / "web" / "new.js").write_text("two")
    assert watcher.check()
    assert "web/new.js" in capsys.readouterr().err
    with urllib.request.urlopen(f"{server.url}new.js") as reply:
        assert reply.read() == b"two"
    assert not watcher.check()
    (root / "web" / "new.js").unlink()
    assert watcher.check()
    assert set(server.files) == {"app.js"}


@pytest.mark.parametrize("name", ["py/tinyvlm/more.py", "pyproject.toml", "web/deep/er/style.css"])
def test_all_that_the_site_is_made_of_is_watched(root: Path, server: SiteServer, name: str) -> None:
    prepared = []
    watcher = Watcher(server, lambda: prepared.append(name) or {}, root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("changed")
    assert watcher.check()
    assert prepared == [name]


def test_a_site_that_cannot_be_built_stays(root: Path, server: SiteServer, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare() -> SiteFiles:
        raise ScriptError("The Python package could not be built.")

    server.files = {"app.js": b"before"}
    watcher = Watcher(server, prepare, root)
    (root / "py" / "tinyvlm" / "__init__.py").write_text("a syntax error")
    assert watcher.check()
    assert "could not be built" in capsys.readouterr().err
    assert server.files == {"app.js": b"before"}
