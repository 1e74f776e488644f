"""The site on a free port, and Chromium; every test also asserts that its page logged no error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, expect

import models_page
from download_site import INSECURE_HOST, bare_site
from history_page import HistoryTab, history_server
from reading_page import LINES, RECEIPT, begin, choose
from scripted_page import ScriptedPage, page_server
from support.chromium import chromium_flags, find_chromium
from table_page import MESSAGE, START, answer, filled, opened, pictures, ready
from transfers import SHAPE
from unreliable_server import UnreliableServer
from website.site_files import SiteFiles, prepare_site
from website.site_server import SiteServer

# Nothing waits longer than it has to; a busy machine may.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium from wherever it is installed, with quiet flags."""
    path = find_chromium()
    if path is None:
        pytest.fail("Browser tests need Chromium; scripts/test.py installs it.")
    return {**browser_type_launch_args, "executable_path": path, "args": chromium_flags()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """No service worker: it would answer what tests route elsewhere, and give threads where they must be missing."""
    return {**browser_context_args, "service_workers": "block"}


@pytest.fixture(scope="session")
def site_files() -> SiteFiles:
    """What the site serves; fetched and built where missing."""
    return prepare_site(Path(sys.executable))


@pytest.fixture(scope="session")
def site(site_files: SiteFiles) -> Iterator[SiteServer]:
    """The site with the headers that give threads."""
    server = SiteServer(site_files).start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def site_url(site: SiteServer) -> str:
    """Its address, with a slash at the end."""
    return site.url


@pytest.fixture(scope="session")
def plain_site_url(site_files: SiteFiles) -> Iterator[str]:
    """The site as a host serves it that cannot set headers: the page has one thread."""
    server = SiteServer(site_files, isolated=False).start()
    yield server.url
    server.close()


@pytest.fixture(scope="module")
def profile(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that keeps its files, as people's do; INSECURE_HOST is this machine, but not trusted as such."""
    arguments = [*browser_type_launch_args["args"], f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1"]
    options = {**browser_type_launch_args, "args": arguments}
    context = playwright.chromium.launch_persistent_context(tmp_path_factory.mktemp("profile"), **options)
    yield context
    context.close()


@pytest.fixture
def tab(profile: BrowserContext, server: UnreliableServer) -> Iterator[Page]:
    """A bare page that downloads from the module's `server`."""
    site = bare_site(server)
    page = profile.new_page()
    page.goto(site.url)
    yield page
    page.close()
    site.close()


@pytest.fixture
def page(page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """pytest-playwright's page; unless the test is marked `allow_console_errors`, it may log no error."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if request.node.get_closest_marker("allow_console_errors") is None:
        assert errors == []


@pytest.fixture(scope="session")
def scripted_url() -> Iterator[str]:
    """The page beside a double of the engine."""
    server = page_server().start()
    yield server.url
    server.close()


@pytest.fixture
def scripted(page: Page, scripted_url: str) -> ScriptedPage:
    """A page whose engine does what the test says; not opened yet."""
    return ScriptedPage(page, scripted_url)


@pytest.fixture
def talked(scripted: ScriptedPage) -> ScriptedPage:
    """A sample is asked about, and one question was answered."""
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")
    scripted.ask(SHAPE)
    scripted.until_running("ask")
    scripted.script("finish", "circle")
    expect(scripted.locator(".answer .text")).to_have_text("circle")
    return scripted


@pytest.fixture
def table(scripted: ScriptedPage) -> ScriptedPage:
    """The dialog, empty; the model is there."""
    scripted.open()
    ready(scripted)
    return opened(scripted)


@pytest.fixture
def three_rows(table: ScriptedPage, tmp_path: Path) -> ScriptedPage:
    """Three pictures and a question."""
    return filled(table, pictures(tmp_path, 3))


@pytest.fixture
def answered_table(three_rows: ScriptedPage) -> ScriptedPage:
    """Three pictures with their answers."""
    three_rows.locator(START).click()
    for at, (text, ms) in enumerate([("b", 2000), ("a", 3500), ("b", 400)]):
        answer(three_rows, at, text, ms)
    expect(three_rows.locator(MESSAGE)).to_have_text("All 3 pictures are answered.")
    return three_rows


@pytest.fixture
def receipt_chosen(scripted: ScriptedPage) -> ScriptedPage:
    """The receipt is chosen, and the model whole; the reader is still on its way."""
    scripted.open()
    choose(scripted)
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")
    expect(scripted.locator("#status")).to_contain_text("text reader loading")
    return scripted


@pytest.fixture
def receipt_read(receipt_chosen: ScriptedPage) -> ScriptedPage:
    """The receipt was read."""
    receipt_chosen.script("reader")
    begin(receipt_chosen)
    receipt_chosen.script("finishReading", RECEIPT.to_json())
    expect(receipt_chosen.locator(".line")).to_have_count(len(LINES))
    return receipt_chosen


@pytest.fixture
def model_ready(scripted: ScriptedPage) -> ScriptedPage:
    """The page's own model answers."""
    scripted.open(stored=[models_page.stored(models_page.OWN, 14)]).script("whole")
    expect(scripted.locator("#model-button")).to_have_text("Tiny-VLM 13M")
    return scripted


@pytest.fixture
def model_talked(model_ready: ScriptedPage) -> ScriptedPage:
    """An image is asked about, and one question was answered."""
    model_ready.choose_sample()
    model_ready.script("vision")
    expect(model_ready.locator("#image-state")).to_have_text("Looking at the image…")
    model_ready.script("finish")
    models_page.answer(model_ready, SHAPE, "circle")
    return model_ready


@pytest.fixture(scope="session")
def history_url() -> Iterator[str]:
    """The history's modules on a bare page."""
    server = history_server()
    yield server.url
    server.close()


@pytest.fixture
def history_tab(page: Page, history_url: str) -> HistoryTab:
    """A tab that has the history open."""
    return HistoryTab(page, history_url)


@pytest.fixture
def make(tmp_path: Path) -> Callable[[dict[str, bytes]], list[Path]]:
    """Write files under a new folder; returns what lies at its top, as it was named."""

    def write(files: dict[str, bytes]) -> list[Path]:
        for name, data in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        return [tmp_path / top for top in dict.fromkeys(name.split("/")[0] for name in files)]

    return write
