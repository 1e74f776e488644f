"""The list of keyboard shortcuts, and the arrow that brings the last question back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_keys import compose

SHAPE = "What shape is in the image?"


def press(page: ScriptedPage, selector: str, key: str) -> None:
    page.locator(selector).focus()
    page.page.keyboard.press(key)


@pytest.mark.parametrize("focus", ["body", "button", "checkbox"])
def test_a_question_mark_opens_the_list(scripted: ScriptedPage, focus: str) -> None:
    scripted.open().script("whole", {"remembers": True, "needs_image": False})
    scripted.script("reader")
    expect(scripted.locator("#with-text-line")).to_be_visible()
    if focus == "body":
        scripted.page.evaluate("() => document.activeElement.blur()")
        scripted.page.keyboard.press("?")
    else:
        press(scripted, "#model-button" if focus == "button" else "#with-text", "?")
    dialog = scripted.locator("#shortcuts-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("kbd", has_text="Shift + Enter")).to_be_visible()
    scripted.page.keyboard.press("?")  # once more opens nothing, and is no error
    scripted.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_button_opens_the_list_and_gets_the_focus_back(scripted: ScriptedPage) -> None:
    scripted.open()
    press(scripted, "#shortcuts-button", "Enter")
    expect(scripted.locator("#shortcuts-dialog")).to_be_visible()
    scripted.locator("#shortcuts-close").click()
    expect(scripted.locator("#shortcuts-button")).to_be_focused()


def test_a_question_mark_is_written_where_text_is(scripted: ScriptedPage) -> None:
    scripted.open()
    press(scripted, "#question", "?")
    expect(scripted.locator("#question")).to_have_value("?")
    scripted.locator("#history-button").click()
    expect(scripted.locator("#history-dialog")).to_be_visible()
    press(scripted, "#history-search", "?")
    expect(scripted.locator("#history-search")).to_have_value("?")
    scripted.page.keyboard.press("Escape")
    press(scripted, "#language", "?")
    scripted.page.keyboard.press("Control+?")
    expect(scripted.locator("#shortcuts-dialog")).to_be_hidden()


def test_a_question_mark_leaves_an_open_dialog_alone(scripted: ScriptedPage) -> None:
    scripted.open().locator("#storage-button").click()
    expect(scripted.locator("#storage-dialog")).to_be_visible()
    press(scripted, "#storage-close", "?")
    expect(scripted.locator("#storage-dialog")).to_be_visible()
    expect(scripted.locator("#shortcuts-dialog")).to_be_hidden()


def test_the_arrow_up_brings_the_last_question_back(talked: ScriptedPage) -> None:
    box = talked.locator("#question")
    press(talked, "#question", "ArrowUp")
    expect(box).to_have_value(SHAPE)
    assert box.evaluate("(node) => node.selectionStart") == len(SHAPE)
    talked.page.keyboard.press("Control+z")
    expect(box).to_have_value("")
    talked.page.keyboard.press("ArrowUp")
    talked.page.keyboard.type(" Really?")
    talked.page.keyboard.press("Enter")
    expect(talked.locator(".question .text").last).to_have_text(f"{SHAPE} Really?")


def test_what_came_back_is_kept_as_a_draft(talked: ScriptedPage) -> None:
    press(talked, "#question", "ArrowUp")
    expect(talked.locator("#question")).to_have_value(SHAPE)
    talked.reload()
    expect(talked.locator("#question")).to_have_value(SHAPE)


@pytest.mark.parametrize("key", ["Shift+ArrowUp", "Control+ArrowUp", "Alt+ArrowUp", "ArrowDown"])
def test_other_keys_bring_nothing_back(talked: ScriptedPage, key: str) -> None:
    press(talked, "#question", key)
    expect(talked.locator("#question")).to_have_value("")


def test_the_arrow_up_moves_in_what_is_written(talked: ScriptedPage) -> None:
    talked.locator("#question").fill("Is it")
    press(talked, "#question", "ArrowUp")
    expect(talked.locator("#question")).to_have_value("Is it")


def test_the_arrow_up_chooses_words_while_composing(talked: ScriptedPage) -> None:
    compose(talked, "な")
    talked.page.keyboard.press("ArrowUp")
    expect(talked.locator("#question")).to_have_value("な")


def test_before_the_first_question_there_is_none(scripted: ScriptedPage) -> None:
    scripted.open()
    press(scripted, "#question", "ArrowUp")
    expect(scripted.locator("#question")).to_have_value("")
