"""What the built site sends of its scripts and styles until a question about an example is answered."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from test_page_ui import open_page, wait_until_ready
from transfers import SHAPE
from website.first_visit import first_visit
from website.site_files import SiteFiles, prepare_site
from website.site_server import SiteServer


class SentFiles(dict[str, Path | bytes]):
    """A site's files, and the names of those that were asked for."""

    def __init__(self, files: SiteFiles) -> None:
        super().__init__(files)
        self.sent: set[str] = set()

    def __getitem__(self, name: str) -> Path | bytes:
        self.sent.add(name)
        return super().__getitem__(name)


@pytest.fixture(scope="module")
def built() -> Iterator[SiteServer]:
    """As scripts/build_site.py writes it."""
    server = SiteServer(SentFiles(prepare_site(Path(sys.executable), small=True))).start()
    yield server
    server.close()


def test_the_first_answer_comes_with_what_the_budget_counts(page: Page, built: SiteServer) -> None:
    """Which tests/unit/test_first_visit.py holds."""
    open_page(page, built.url)
    wait_until_ready(page)
    page.locator("#samples button").first.click()
    page.locator("#question").fill(SHAPE)
    page.locator("#question").press("Enter")
    expect(page.locator(".answer")).to_have_attribute("data-state", "done")
    page.evaluate("async () => { await window.tinyvlm.whole; }")
    assert isinstance(built.files, SentFiles)
    own = {name for name in built.files.sent if name.endswith((".js", ".css")) and not name.startswith("pyodide/")}
    assert own - {"sw.js"} == first_visit(built.files).keys()


@pytest.mark.allow_console_errors
def test_a_module_that_is_missing_is_told_by_its_name(page: Page, built: SiteServer) -> None:
    """Also where nothing stands between an import and its name."""
    page.route("**/engine/lead/stream.js", lambda route: route.fulfill(status=404, body=""))
    open_page(page, built.url)
    expect(page.locator("#progress [role=alert]")).to_contain_text("engine/lead/stream.js could not be downloaded")
