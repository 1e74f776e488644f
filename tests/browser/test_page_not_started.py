"""Where the page's scripts do not start, a line of its HTML says why, and it is gone where they do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from scripted_page import WEB, ScriptedPage, page_server

pytestmark = pytest.mark.slow
LINE = "#not-started"
DUE_MS = 6000

FRAME = '<!doctype html><iframe sandbox="{allowed}" src="{url}" width=900 height=600></iframe>'
WAITS = """
export const settle = () => new Promise((done) => (window.settled = done));
export const keepOffline = () => {};
"""


def expect_said(page: Page) -> None:
    """The line comes by itself, and says why."""
    line = page.locator(LINE)
    expect(line).to_be_visible(timeout=DUE_MS + 30_000)
    for words in ("not started", "JavaScript", "current browser", "from a file", "sandboxed frame", "extension"):
        expect(line).to_contain_text(words)


def test_a_started_page_has_no_such_line(scripted: ScriptedPage) -> None:
    scripted.open()
    expect(scripted.locator(LINE)).to_have_count(0)


BROKEN: dict[str, Callable[[Route], None]] = {
    "blocked": lambda route: route.abort("blockedbyclient"),
    "missing": lambda route: route.fulfill(status=404, body="Not found", content_type="text/html"),
    "of another kind": lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
    "too new": lambda route: route.fulfill(body="export const x = #;", content_type="text/javascript"),
    "throws": lambda route: route.fulfill(body="throw new Error('no');", content_type="text/javascript"),
}


@pytest.mark.allow_console_errors
@pytest.mark.parametrize("kind", BROKEN)
def test_one_module_that_does_not_load_is_explained(page: Page, scripted_url: str, kind: str) -> None:
    page.route("**/ui/common/format.js", BROKEN[kind])
    page.goto(scripted_url)
    expect(page.locator(LINE)).to_be_hidden()
    expect_said(page)


@pytest.mark.allow_console_errors
def test_it_is_explained_to_those_who_asked_for_less_motion(page: Page, scripted_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.route("**/ui/common/format.js", BROKEN["blocked"])
    page.goto(scripted_url)
    expect_said(page)


@pytest.mark.allow_console_errors
def test_a_page_that_fails_while_it_starts_is_explained(page: Page, scripted_url: str) -> None:
    page.add_init_script("delete window.ResizeObserver")
    page.goto(scripted_url)
    expect_said(page)


def test_without_scripts_it_is_said_at_once(browser: Browser, scripted_url: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(scripted_url)
    assert page.locator(LINE).is_visible()
    page.close()


@pytest.mark.allow_console_errors
def test_a_page_opened_as_a_file_is_explained(page: Page) -> None:
    page.goto((WEB / "index.html").as_uri())
    expect_said(page)


@pytest.mark.allow_console_errors
@pytest.mark.parametrize("allowed", ["", "allow-scripts"])
def test_a_sandboxed_frame_is_explained(page: Page, allowed: str) -> None:
    site = page_server()
    # Only a host that lets itself be framed gets so far.
    site.extra_headers["Content-Security-Policy"] = "default-src * blob:"
    site.start()
    page.route("**/frame.html", lambda route: route.fulfill(body=FRAME.format(allowed=allowed, url=site.url)))
    page.goto(f"{site.url}frame.html")
    line = page.frame_locator("iframe").locator(LINE)
    expect(line).to_be_visible(timeout=DUE_MS + 30_000)
    site.close()


def test_a_wait_for_the_service_worker_is_no_failure(page: Page, scripted_url: str) -> None:
    """The page waits for it up to ten seconds; the line's own time begins only then."""
    page.route("**/offline.js", lambda route: route.fulfill(body=WAITS, content_type="text/javascript"))
    page.goto(scripted_url)
    page.wait_for_function("() => window.settled")
    assert page.locator(LINE).evaluate("(line) => line.hidden")
    page.evaluate("() => window.settled()")
    expect(page.locator(LINE)).to_have_count(0)
