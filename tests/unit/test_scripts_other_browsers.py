"""What scripts/other_browsers.py prints, and how it leaves; the browsers themselves are visited by hand."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import other_browsers
from browser_checks import checks, visits
from browser_checks.checks import Wrong
from browser_checks.session import PageError, Session
from browser_checks.visits import Row, table
from website import site_files


class SilentSession(Session):
    """A browser that does nothing."""

    version = "Test 1.0"

    def navigate(self, url: str) -> None: ...

    def reload(self) -> None: ...

    def execute_async(self, script: str, args: list[Any]) -> Any: ...

    def send_keys(self, selector: str, text: str) -> None: ...


@contextlib.contextmanager
def open_silent(preferences: Mapping[str, bool]) -> Iterator[Session]:
    yield SilentSession()


def right(visit: checks.Visit) -> str:
    return "fine"


def wrong(visit: checks.Visit) -> str:
    raise Wrong("blue, not red")


def thrown(visit: checks.Visit) -> str:
    raise PageError("engine-stopped")


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with these checks, in browsers of which some are missing."""

    def run(looks: Mapping[str, Any], missing: tuple[str, ...] = ()) -> int:
        monkeypatch.setattr(visits, "CHECKS", looks)
        for name, browser in visits.BROWSERS.items():
            path = None if name in missing else "/usr/bin/browser"
            changed = replace(browser, find=lambda path=path: path, open=open_silent)
            monkeypatch.setitem(visits.BROWSERS, name, changed)
        monkeypatch.setattr(site_files, "prepare_site", lambda python: {})
        monkeypatch.setattr(other_browsers, "enter_venv", lambda name, requirements: Path(sys.executable))
        monkeypatch.setattr(sys, "argv", ["other_browsers.py", "firefox", "webkit"])
        return other_browsers.main()

    return run


def test_all_is_well(leave: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave({"start": right}) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^Firefox \(Test 1.0\)\n    start +fine$", printed, re.M)
    assert re.search(r"^WebKitGTK \(Test 1.0\)\n    start +fine$", printed, re.M)


@pytest.mark.parametrize(("look", "said"), [(wrong, "blue, not red"), (thrown, "engine-stopped")])
def test_what_is_wrong_is_said_and_the_rest_looked_at(
    leave: Any, capsys: pytest.CaptureFixture[str], look: Any, said: str
) -> None:
    assert leave({"answers": look, "stop": right}, missing=("webkit",)) == 1
    assert re.search(rf"answers +WRONG: {said}\n    stop +fine$", capsys.readouterr().out, re.M)


def test_a_browser_that_is_missing_is_named_with_its_package(leave: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave({"start": right}, missing=("webkit",)) == 2
    assert "WebKitGTK: not installed. On Debian: apt install webkit2gtk-driver xvfb xauth" in capsys.readouterr().out


def test_long_lines_go_on_below_their_beginning() -> None:
    lines = table("A browser", [Row("start", True, "word " * 60), Row("answers", False, "blue")]).splitlines()
    assert lines[1] == "A browser"
    column = lines[2].index("word")
    assert all(line[:column].isspace() and line[column:].startswith("word") for line in lines[3:-1])
    assert max(map(len, lines)) <= 120
    assert " ".join(line[column:] for line in lines[2:-1]).split() == ["word"] * 60
    assert lines[-1] == f"{'    answers':{column}}WRONG: blue"


def test_names_of_the_command_are_those_of_the_browsers() -> None:
    assert tuple(visits.BROWSERS) == other_browsers.NAMES
