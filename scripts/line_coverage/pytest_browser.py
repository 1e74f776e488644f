"""A pytest plugin: which lines of web/ each browser test runs, in pages and their workers, as V8 counts them.

Counts are asked for before a page goes elsewhere and before it closes. What a worker ran that the page itself ended is
lost with it, and the workers of workers (helper.js) are not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Error, Page

from support.environment import ROOT

from .javascript_lines import covered_lines
from .recorded import write_json

WEB = ROOT / "web"
_PRECISE = {"callCount": True, "detailed": True}
_found: dict[str, dict[str, set[int]]] = {}
_watched: dict[Page, _Watch] = {}
_test = [""]


class _Watch:
    """A page and its workers, counted."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._workers: set[str] = set()
        self._asked = 1000
        self._session.on("Target.attachedToTarget", self._attached)
        self._session.on("Target.detachedFromTarget", lambda event: self._workers.discard(event["sessionId"]))
        self._session.on("Target.receivedMessageFromTarget", self._received)
        self._session.send("Profiler.enable")
        self._session.send("Profiler.startPreciseCoverage", _PRECISE)
        self._session.send(
            "Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        )

    def take(self) -> None:
        """Note what has been run since the last time."""
        _note(self._session.send("Profiler.takePreciseCoverage")["result"])
        for worker in list(self._workers):
            self._ask(worker, "Profiler.takePreciseCoverage")
        self._session.send("Profiler.takePreciseCoverage")  # workers' answers come meanwhile

    def _attached(self, event: dict[str, Any]) -> None:
        worker = event["sessionId"]
        self._workers.add(worker)
        self._ask(worker, "Profiler.enable")
        self._ask(worker, "Profiler.startPreciseCoverage", _PRECISE)
        self._ask(worker, "Runtime.runIfWaitingForDebugger")

    def _received(self, event: dict[str, Any]) -> None:
        result = json.loads(event["message"]).get("result", {}).get("result")
        if isinstance(result, list):
            _note(result)

    def _ask(self, worker: str, method: str, parameters: dict[str, Any] | None = None) -> None:
        self._asked += 1
        message = json.dumps({"id": self._asked, "method": method, "params": parameters or {}})
        self._session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What runs from here on is this test's."""
    _test[0] = item.nodeid


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Pages that outlive the test are asked too."""
    for page in list(_watched):
        _take(page)


def pytest_configure() -> None:
    """Watch every page that is opened through Playwright."""
    opened = BrowserContext.new_page

    def crashed(page: Page) -> None:
        _watched.pop(page, None)  # who is asked after that never answers

    def new_page(self: BrowserContext) -> Page:
        page = opened(self)
        _watched[page] = _Watch(page)
        page.on("crash", crashed)
        return page

    BrowserContext.new_page = new_page  # type: ignore[method-assign]
    for method in ("goto", "reload", "close"):
        setattr(Page, method, _taking_first(getattr(Page, method)))
    closed = BrowserContext.close

    def close(self: BrowserContext, *, reason: str | None = None) -> None:
        for page in self.pages:
            _take(page)
        closed(self, reason=reason)

    BrowserContext.close = close  # type: ignore[method-assign]


def pytest_sessionfinish() -> None:
    """Keep what was found."""
    content = {test: {file: sorted(lines) for file, lines in files.items()} for test, files in _found.items()}
    write_json("javascript", content)


def _taking_first(method: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(page: Page, *arguments: Any, **options: Any) -> Any:
        _take(page)
        return method(page, *arguments, **options)

    return wrapped


def _take(page: Page) -> None:
    watch = _watched.get(page)
    if watch is None:
        return
    try:
        watch.take()
    except Error:  # crashed or closed, which tests do
        _watched.pop(page, None)


def _note(scripts: list[dict[str, Any]]) -> None:
    for script in scripts:
        path = WEB / urlsplit(script["url"]).path.lstrip("/")
        if path.suffix == ".js" and path.is_file():
            lines = covered_lines(path.read_text(encoding="utf-8"), script["functions"])
            of_test = _found.setdefault(_test[0], {})
            of_test.setdefault(path.relative_to(ROOT).as_posix(), set()).update(lines)
