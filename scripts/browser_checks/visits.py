"""Which browsers are visited, and what was seen in each, as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from support.environment import note
from website.site_server import SiteServer

from .checks import CHECKS, MODULE, Visit, Wrong
from .firefox import FIREFOX_PACKAGES, find_firefox, open_firefox
from .session import PageError, Session
from .webkit import WEBKIT_PACKAGES, find_webkit, open_webkit

NAME_COLUMNS = max(map(len, CHECKS)) + 2
SEEN_COLUMNS = 118 - NAME_COLUMNS - 8


@dataclass(frozen=True)
class Browser:
    """A way to open one, and what is to be expected there."""

    name: str
    find: Callable[[], str | None]
    open: Callable[[Mapping[str, bool]], AbstractContextManager[Session]]
    packages: tuple[str, ...]
    """What Debian calls what is needed."""
    simd: str
    preferences: Mapping[str, bool] = field(default_factory=dict)
    may_refuse: bool = False

    @property
    def missing(self) -> str:
        """What is said where it cannot be found."""
        return f"{self.name}: not installed. On Debian: apt install {' '.join(self.packages)}"


@dataclass(frozen=True)
class Row:
    """What a check saw."""

    check: str
    is_right: bool
    seen: str


BROWSERS = {
    "firefox": Browser("Firefox", find_firefox, open_firefox, FIREFOX_PACKAGES, "relaxed"),
    "resist": Browser(
        "Firefox that resists fingerprinting",
        find_firefox,
        open_firefox,
        FIREFOX_PACKAGES,
        "relaxed",
        preferences={"privacy.resistFingerprinting": True},
        may_refuse=True,
    ),
    # A driver's windows are private there: they store no files.
    "webkit": Browser("WebKitGTK", find_webkit, open_webkit, WEBKIT_PACKAGES, "simd128"),
}


def serve(files: Mapping[str, Path | bytes]) -> SiteServer:
    """The site, with page.js beside it."""
    return SiteServer({**files, MODULE: Path(__file__).with_name("page.js")}).start()


def visit(browser: Browser, url: str) -> tuple[str, list[Row]]:
    """Return its version, and what was seen."""
    with browser.open(browser.preferences) as session:
        page = Visit(session, url, browser.simd, browser.may_refuse)
        return session.version, [_look(name, check, page) for name, check in CHECKS.items()]


def _look(name: str, check: Callable[[Visit], str], page: Visit) -> Row:
    note(f"    {name} ...")
    try:
        return Row(name, True, check(page))
    except (Wrong, PageError, RuntimeError) as error:
        return Row(name, False, str(error))


def table(title: str, rows: list[Row]) -> str:
    """A line for each check, continued below its beginning where it is long."""
    lines = [f"\n{title}"]
    for row in rows:
        first, *others = textwrap.wrap(row.seen, SEEN_COLUMNS) or [""]
        lines.append(f"    {row.check:{NAME_COLUMNS}}{'' if row.is_right else 'WRONG: '}{first}")
        lines += [" " * (NAME_COLUMNS + 4) + other for other in others]
    return "\n".join(lines)
