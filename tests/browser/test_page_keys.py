"""Keys that are for something else than the page: the composition of a word, and open dialogs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage

SHAPE = "What shape is in the image?"

# What Safari tells of a key that ends a composition: it comes after compositionend, and its code alone marks it.
SAFARI = """([key, text]) => {
  const box = document.querySelector("#question");
  box.value = text;
  box.dispatchEvent(new CompositionEvent("compositionend", { data: text, bubbles: true }));
  const event = new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true });
  return box.dispatchEvent(event);
}"""


@pytest.fixture
def answering(scripted: ScriptedPage) -> ScriptedPage:
    """A question waits for the model."""
    scripted.open()
    scripted.choose_sample()
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "streaming")
    return scripted


def compose(page: ScriptedPage, text: str) -> Any:
    """Begin to compose a word, as an input method does."""
    page.locator("#question").focus()
    chromium = page.page.context.new_cdp_session(page.page)
    chromium.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    return chromium


def test_enter_while_composing_does_not_send(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    compose(scripted, "なに")
    scripted.page.keyboard.press("Enter")
    expect(scripted.locator(".message")).to_have_count(0)
    expect(scripted.locator("#question")).to_have_value(re.compile("^なに"))
    scripted.ask("何")
    expect(scripted.locator(".question .text")).to_have_text("何")


def test_enter_that_ends_a_composition_in_safari_does_not_send(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample()
    assert scripted.page.evaluate(SAFARI, ["Enter", "何"])
    expect(scripted.locator(".message")).to_have_count(0)
    expect(scripted.locator("#question")).to_have_value("何")
    scripted.locator("#question").press("Enter")
    expect(scripted.locator(".question .text")).to_have_text("何")


def test_escape_while_composing_does_not_stop(answering: ScriptedPage) -> None:
    chromium = compose(answering, "なに")
    answering.page.keyboard.press("Escape")
    expect(answering.locator(".answer")).to_have_attribute("data-state", "streaming")
    chromium.send("Input.insertText", {"text": "何"})
    answering.page.evaluate(SAFARI, ["Escape", "何"])
    expect(answering.locator(".answer")).to_have_attribute("data-state", "streaming")
    answering.locator("#question").press("Escape")
    expect(answering.locator(".answer")).to_have_attribute("data-state", "stopped")


@pytest.mark.parametrize("name", ["model", "storage"])
@pytest.mark.parametrize("focused", [True, False])
def test_escape_closes_a_dialog_and_stops_nothing(answering: ScriptedPage, name: str, focused: bool) -> None:
    answering.locator(f"#{name}-button").click()
    dialog = answering.locator(f"#{name}-dialog")
    expect(dialog).to_be_visible()
    if not focused:
        answering.page.evaluate("() => document.activeElement.blur()")
    answering.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(answering.locator(".answer")).to_have_attribute("data-state", "streaming")
    answering.page.keyboard.press("Escape")
    expect(answering.locator(".answer")).to_have_attribute("data-state", "stopped")


def test_escape_for_a_dialog_that_is_closed_by_then_stops_nothing(answering: ScriptedPage) -> None:
    """Some browsers close it before they tell the page of the key."""
    answering.page.evaluate(
        """() => {
          const key = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
          document.querySelector("#model-source").dispatchEvent(key);
        }"""
    )
    expect(answering.locator(".answer")).to_have_attribute("data-state", "streaming")
