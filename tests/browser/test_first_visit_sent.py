"""What the built site sends of its scripts and styles until a question about an example is answered."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from test_offline import UNTIL_KEPT
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


def ask(page: Page, built: SiteServer) -> set[str]:
    """Visit the page until it has answered, and return what has been sent."""
    assert isinstance(built.files, SentFiles)
    built.files.sent.clear()
    open_page(page, built.url)
    wait_until_ready(page)
    page.locator("#samples button").first.click()
    page.locator("#question").fill(SHAPE)
    page.locator("#question").press("Enter")
    expect(page.locator(".answer")).to_have_attribute("data-state", "done")
    page.evaluate("async () => { await window.tinyvlm.whole; }")
    return built.files.sent


def test_the_first_answer_comes_with_what_the_budget_counts(page: Page, built: SiteServer) -> None:
    """Which tests/unit/test_first_visit.py holds."""
    sent = ask(page, built)
    own = {name for name in sent if name.endswith((".js", ".css")) and not name.startswith("pyodide/")}
    assert own - {"sw.js"} == first_visit(built.files).keys()
    assert "engine/download/worker.js" in own
    assert own & {"engine/download/any_model_worker.js", "engine/download/hub.js"} == set(), "for models of others"


def test_what_is_of_use_to_notebooks_alone_is_not_kept_either(browser: Browser, built: SiteServer) -> None:
    """With a service worker, which people have and most tests do without."""
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    sent = ask(page, built)
    page.evaluate(UNTIL_KEPT)
    assert {"sw.js", "engine/download/any_model_worker.js"} <= sent
    assert any(name.endswith(".whl") for name in built.files)
    assert [name for name in sent if name.endswith(".whl")] == []
    context.close()


@pytest.mark.allow_console_errors
def test_a_module_that_is_missing_is_told_by_its_name(page: Page, built: SiteServer) -> None:
    """Also where nothing stands between an import and its name."""
    page.route("**/engine/lead/stream.js", lambda route: route.fulfill(status=404, body=""))
    open_page(page, built.url)
    expect(page.locator("#progress [role=alert]")).to_contain_text("engine/lead/stream.js could not be downloaded")
