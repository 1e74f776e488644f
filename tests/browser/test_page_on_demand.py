"""What is imported when it is first opened: at the first click, once, and again where it could not be had."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Route, expect

from scripted_page import LONGEST_WAIT_S, ScriptedPage

MISSING = "This part of the page could not be loaded."
PARTS = {
    "history": ("#history-button", "#history-dialog", "ui/history/history_dialog.js"),
    "models": ("#model-button", "#model-dialog", "ui/model/model_dialog.js"),
    "settings": ("#settings-button", "#settings-dialog", "ui/settings/settings_dialog.js"),
    "speed": ("#speed-button", "#speed-dialog", "ui/speed/speed_dialog.js"),
    "storage": ("#storage-button", "#storage-dialog", "ui/model/storage_dialog.js"),
    "shortcuts": ("#shortcuts-button", "#shortcuts-dialog", "ui/ask/shortcut_list.js"),
    "table": ("#table-button", "#table-dialog", "ui/table/table_dialog.js"),
}


def hold(scripted: ScriptedPage, file: str) -> list[Route]:
    """Keep a file back until the test goes on with its route."""
    held: list[Route] = []
    scripted.page.route(f"**/{file}", lambda route: held.append(route))
    return held


def until_asked(scripted: ScriptedPage, held: list[Route]) -> Route:
    deadline = time.monotonic() + LONGEST_WAIT_S
    while not held:
        assert time.monotonic() < deadline
        scripted.page.wait_for_timeout(20)
    return held[0]


def fetched(scripted: ScriptedPage) -> str:
    names: list[str] = scripted.page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    return "\n".join(names)


def test_nothing_of_them_comes_before(scripted: ScriptedPage) -> None:
    scripted.open()
    names = fetched(scripted)
    assert "/ui/ask/conversation.js" in names
    assert [file for *_, file in PARTS.values() if file in names] == []
    for late in ("i18n/dialogs/", "styles/dialogs.css", "styles/table.css", "late_errors.js"):
        assert late not in names


@pytest.mark.parametrize("part", PARTS)
def test_clicks_while_it_comes_open_it_once(scripted: ScriptedPage, part: str) -> None:
    button, dialog, file = PARTS[part]
    held = hold(scripted, file)
    scripted.open().locator(button).click()
    route = until_asked(scripted, held)
    scripted.locator(button).click()
    expect(scripted.locator(dialog)).to_be_hidden()
    route.continue_()
    expect(scripted.locator(dialog)).to_be_visible()
    assert len(held) == 1
    heading = scripted.locator(f"{dialog} h2")
    expect(heading).not_to_be_empty()
    assert heading.evaluate("(node) => getComputedStyle(node).fontSize") == "18px", "its styles are there"
    scripted.page.keyboard.press("Escape")
    expect(scripted.locator(dialog)).to_be_hidden()


@pytest.mark.allow_console_errors
@pytest.mark.parametrize(
    "file", ["ui/history/history_dialog.js", "ui/history/zip.js", "i18n/dialogs/en.js", "styles/history.css"]
)
def test_what_cannot_be_had_is_said_and_the_next_click_opens_it(scripted: ScriptedPage, file: str) -> None:
    """Whichever of its files it is."""
    scripted.open()
    scripted.page.route(f"**/{file}", lambda route: route.abort())
    scripted.locator("#history-button").click()
    expect(scripted.locator("#notices")).to_contain_text(MISSING)
    expect(scripted.locator("#history-dialog")).to_be_hidden()
    scripted.page.unroute(f"**/{file}")
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-heading")).to_have_text("Your conversations")
    expect(scripted.locator("#history-dialog")).to_be_visible()
    expect(scripted.locator("#notices")).not_to_contain_text(MISSING)


@pytest.mark.allow_console_errors
def test_a_reload_brings_it_to_browsers_that_keep_a_refusal(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.page.route("**/ui/history/zip.js", lambda route: route.abort())
    scripted.locator("#history-button").click()
    expect(scripted.locator("#notices")).to_contain_text(MISSING)
    scripted.page.unroute("**/ui/history/zip.js")
    with scripted.page.expect_navigation():
        scripted.locator("#notices").get_by_role("button", name="Reload").click()
    expect(scripted.locator("#samples button")).not_to_have_count(0)
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-dialog")).to_be_visible()
    expect(scripted.locator("#notices")).to_be_empty()


def test_of_two_that_are_wanted_the_later_one_opens(scripted: ScriptedPage) -> None:
    held = hold(scripted, "ui/model/storage_dialog.js")
    scripted.open().locator("#storage-button").click()
    route = until_asked(scripted, held)
    scripted.locator("#settings-button").click()
    expect(scripted.locator("#settings-dialog")).to_be_visible()
    route.continue_()
    scripted.page.evaluate("async () => { await import('/ui/model/storage_dialog.js'); }")
    scripted.page.evaluate("() => new Promise((go) => setTimeout(go))")
    expect(scripted.locator("#storage-dialog")).to_be_hidden()
    scripted.locator("#settings-close").click()
    scripted.locator("#storage-button").click()
    expect(scripted.locator("#storage-dialog")).to_be_visible()


def test_a_dialog_that_comes_late_knows_what_has_been(talked: ScriptedPage) -> None:
    """The answer and its times, and that nothing is kept."""
    talked.script("notice", "storage-missing", "Nothing is kept.")
    talked.locator("#speed-button").click()
    expect(talked.locator("#speed-last")).to_contain_text("480 ms")
    talked.locator("#speed-close").click()
    talked.locator("#storage-button").click()
    expect(talked.locator("#storage-message")).to_contain_text("gives the page no storage")


@pytest.mark.allow_console_errors
def test_an_explanation_that_cannot_be_shown_is_said_so(talked: ScriptedPage) -> None:
    talked.page.route("**/ui/ask/explained_answer.js", lambda route: route.abort())
    talked.page.get_by_role("button", name="What it looked at").click()
    expect(talked.locator(".answer [role=status]")).to_contain_text(MISSING)


@pytest.mark.allow_console_errors
def test_a_reading_that_cannot_be_shown_is_said_so(talked: ScriptedPage) -> None:
    talked.page.route("**/ui/image/reading_layer.js", lambda route: route.abort())
    talked.locator("#read-text").click()
    expect(talked.locator("#reading-message")).to_contain_text(MISSING)
    talked.page.unroute("**/ui/image/reading_layer.js")
    talked.locator("#read-text").click()
    expect(talked.locator("#reading-message")).not_to_contain_text(MISSING)
    expect(talked.locator("#read-text")).to_have_attribute("aria-disabled", "true")


def test_another_language_is_spoken_in_what_comes_late(scripted: ScriptedPage) -> None:
    scripted.open().locator("#language").select_option("de")
    expect(scripted.locator("#send")).to_have_text("Senden")
    scripted.locator("#settings-button").click()
    expect(scripted.locator("#settings-heading")).to_have_text("Einstellungen")
    expect(scripted.locator("#settings-reset")).not_to_be_empty()
    expect(scripted.locator("#settings-dialog")).to_be_visible()  # it speaks before it is shown
    scripted.page.keyboard.press("Escape")
    scripted.locator("#language").select_option("fr")
    expect(scripted.locator("#settings-close")).to_have_text("Fermer")
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-heading")).to_have_text("Vos conversations")
