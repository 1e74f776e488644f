"""The engine starts before the interface's modules are there, and what it tells until then is not lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from scripted_page import ScriptedPage
from website.site_server import SiteServer

STARTED = "async () => { window.early = await (await import('/engine_start.js')).started; }"
LATE = "**/ui/ask/chat.js"
"""A module of the interface; any would do."""


def hold(page: Page) -> list[Route]:
    held: list[Route] = []
    page.route(LATE, lambda route: held.append(route))
    return held


def test_python_comes_while_the_interface_does(page: Page, site: SiteServer) -> None:
    held = hold(page)
    with page.expect_request(LATE), page.expect_request("**/pyodide.asm.wasm"):
        page.goto(site.url, wait_until="commit")
    held[0].continue_()
    page.wait_for_function("() => window.tinyvlm")
    page.evaluate("async () => { await window.tinyvlm.ready; }")
    expect(page.locator("#progress")).to_be_hidden()


@pytest.mark.parametrize("has_failed", [False, True])
def test_what_it_tells_before_is_told_again(scripted: ScriptedPage, scripted_url: str, has_failed: bool) -> None:
    held = hold(scripted.page)
    with scripted.page.expect_request(LATE):
        scripted.page.goto(scripted_url, wait_until="commit")
    scripted.page.evaluate(STARTED)
    scripted.page.evaluate(
        """(hasFailed) => {
        const { script } = window.early;
        script.progress({ step: "model", file: "", remaining_s: null, done: false, loaded: 3e6, total: 4e6 });
        script.notice("storage-missing", "Nothing is kept.");
        script.vision();
        return hasFailed ? script.fail("engine-stopped", "It stopped.") : script.draft();
    }""",
        has_failed,
    )
    held[0].continue_()
    expect(scripted.locator("#notices .notice")).to_have_count(1)
    if has_failed:
        expect(scripted.locator("#progress [role=alert]")).to_be_visible()
        return
    expect(scripted.locator("#progress")).to_have_attribute("data-mode", "line")
    expect(scripted.locator("[data-step=model] .state")).to_have_text("75%")
    scripted.choose_sample()
    scripted.until_running("encode")
    scripted.script("notice", "part-late", "Said once.")
    expect(scripted.locator("#notices .notice")).to_have_count(2)
