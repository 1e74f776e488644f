"""The states that the page can be in, for tests that hold for each of them; those of test_page_access.py come first."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import expect

import test_page_access
from reading_page import LINES, RECEIPT, begin, choose
from scripted_page import ScriptedPage
from test_page_conversations import SHAPE, answered
from test_page_looked import OWN, explained

LONG = "There is a red circle on the left. A blue square lies to its right, half in the shade. "


def picture(name: str, shade: int = 0) -> Any:
    """Return a small picture as a file to be chosen."""
    data = io.BytesIO()
    Image.new("RGB", (40 + shade, 30), (shade, 90, 200)).save(data, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": data.getvalue()}


def first_visit(page: ScriptedPage) -> None:
    expect(page.locator(".chat-empty")).to_be_visible()


def talked(page: ScriptedPage) -> None:
    page.choose_sample()
    looked_at(page)
    page.script("whole")
    answered(page, SHAPE, LONG)


def looked_at(page: ScriptedPage) -> None:
    page.script("vision")
    expect(page.locator("#image-state")).to_have_text("Looking at the image…")
    page.script("finish")


def several_images(page: ScriptedPage) -> None:
    talked(page)
    page.locator("#file-input").set_input_files([picture("a.png"), picture("b.png", 90)])
    expect(page.locator(".tray-image")).to_have_count(3)
    page.until_running("encode")
    page.script("finish")
    answered(page, "And this one?", "blue")
    expect(page.locator(".asked-picture")).to_have_count(2)


def streaming(page: ScriptedPage) -> None:
    talked(page)
    page.ask("What else?")
    page.until_running("ask")
    page.script("token", LONG)
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator(".answer .text").last).to_have_text(LONG.strip())


def not_answered(page: ScriptedPage) -> None:
    talked(page)
    page.ask("What else?")
    page.until_running("ask")
    page.script("failRequest", "question-too-long", "It is too long.")
    expect(page.locator(".answer").last).to_have_attribute("data-state", "error")


def not_read(page: ScriptedPage) -> None:
    file: Any = {"name": "picture.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.page.set_input_files("#file-input", file)
    expect(page.locator("#image-message")).not_to_be_empty()


def explanation(page: ScriptedPage) -> None:
    talked(page)
    explained(page, OWN)
    expect(page.locator("#picture .heat-layer")).to_be_visible()


def text_found(page: ScriptedPage) -> None:
    choose(page)
    looked_at(page)
    page.script("whole")
    page.script("reader")
    begin(page)
    page.script("finishReading", RECEIPT.to_json())
    expect(page.locator(".line")).to_have_count(len(LINES))
    page.locator("#found-text summary").click()
    expect(page.locator("#found-words")).to_be_visible()


def image_view(page: ScriptedPage) -> None:
    talked(page)
    page.locator("#view-image-button").click()
    expect(page.locator("#image-view")).to_be_visible()


def history(page: ScriptedPage) -> None:
    talked(page)
    page.locator("#history-button").click()
    page.locator(".history-more").click()
    expect(page.locator(".history-actions button")).not_to_have_count(0)


def history_deleting(page: ScriptedPage) -> None:
    history(page)
    page.locator(".history-actions .danger").click()
    page.locator("#history-delete-all").click()
    expect(page.locator("#history-confirm-delete")).to_be_visible()


def models(page: ScriptedPage) -> None:
    talked(page)
    page.locator("#model-button").click()
    page.locator("#model-compare summary").click()
    expect(page.locator("#model-table tr")).not_to_have_count(0)


def settings(page: ScriptedPage) -> None:
    page.locator("#settings-button").click()
    expect(page.locator("#settings-dialog")).to_be_visible()


def speed(page: ScriptedPage) -> None:
    talked(page)
    answered(page, "And now?", "red")
    page.locator("#speed-button").click()
    expect(page.locator("#speed-runs")).not_to_be_empty()


def shortcuts(page: ScriptedPage) -> None:
    page.locator("#shortcuts-button").click()
    expect(page.locator("#shortcuts-dialog")).to_be_visible()


def table_empty(page: ScriptedPage) -> None:
    page.locator("#table-button").click()
    expect(page.locator("#table-dialog")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#table-empty")).to_be_visible()


def table_filling(page: ScriptedPage) -> None:
    """A row that is answered, one that failed, one that is looked at, and one that waits."""
    page.script("vision")
    page.script("whole")
    table_empty(page)
    page.locator("#table-files-input").set_input_files([picture(f"{at}.png", 30 * at) for at in range(4)])
    rows = page.locator("#table-rows tr")
    expect(rows).to_have_count(4)
    page.locator("#table-question").fill(SHAPE)
    page.locator("#table-start").click()
    for at, step in enumerate((["finish", "circle"], ["failRequest", "image-unreadable", "English"])):
        expect(rows.nth(at)).to_have_attribute("data-state", "looking")
        page.script(*step)
    expect(rows.nth(2)).to_have_attribute("data-state", "looking")


def table_filled(page: ScriptedPage) -> None:
    table_filling(page)
    page.locator("#table-stop").click()
    page.locator("#table-delete").click()
    expect(page.locator("#table-confirm-delete")).to_be_visible()


State = Callable[[ScriptedPage], None]
_MORE: tuple[State, ...] = (
    *(first_visit, talked, several_images, streaming, not_answered, not_read),
    *(explanation, text_found, image_view, history, history_deleting),
    *(models, settings, speed, shortcuts, table_empty, table_filling, table_filled),
)
ALL_STATES: dict[str, State] = {**test_page_access.STATES, **{state.__name__: state for state in _MORE}}
