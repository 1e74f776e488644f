"""The page begins before its language is there, as on a slow network, and says everything once it is."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from scripted_page import ScriptedPage


def test_the_page_begins_before_its_language_is_there(scripted: ScriptedPage, scripted_url: str) -> None:
    held: list[Route] = []
    scripted.page.route("**/i18n/en.js", lambda route: held.append(route))
    scripted.page.goto(scripted_url)
    scripted.page.wait_for_function("() => window.tinyvlm")
    expect(scripted.locator("#history-button")).to_have_text("")
    assert held
    for route in held:
        route.continue_()
    expect(scripted.locator("#history-button")).to_have_text("Conversations")
    expect(scripted.locator("#question")).to_have_attribute("placeholder", "Ask about the image…")
    expect(scripted.locator("#not-started")).to_have_count(0)
