"""The box that gives a public model the text in the image, as a person meets it: a double of the engine answers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from reading_page import RECEIPT, TOTAL, marked
from scripted_page import ScriptedPage
from test_page_access import CONTRASTS, EDGELESS, image_rows

SEES = {"id": "a", "name": "owner/sees", "sees": True, "needs_image": False, "remembers": True, "suggestions": []}
READS = {**SEES, "id": "b", "name": "owner/reads", "sees": False}
IN_THE_IMAGE, IN_AN_IMAGE = "Give it the text in the image, too", "Give it the text in an image"
UNAVAILABLE = "The text reader could not be loaded."


@pytest.fixture
def shown(receipt_chosen: ScriptedPage) -> ScriptedPage:
    """The receipt is chosen and seen, by the bundled model; the reader is there."""
    receipt_chosen.script("reader")
    expect(receipt_chosen.locator("#status")).to_contain_text("reads text")
    return receipt_chosen


def load(page: ScriptedPage, card: dict[str, Any] | None) -> None:
    """Choose another model, and have it and the reader loaded; None: the bundled one."""
    page.locator("#model-button").click()
    if card is None:
        page.locator("#model-bundled").click()
    else:
        page.locator("#model-source").fill(card["name"])
        page.locator("#model-form button[type=submit]").click()
    begin(page, card or {})
    page.script("reader")
    expect(page.locator("#status")).to_contain_text("reads text")


def begin(page: ScriptedPage, card: dict[str, Any]) -> None:
    """Have the model loaded that was chosen, and look at the image if it can."""
    expect(page.locator("#status")).to_contain_text("Loading")
    if card.get("sees", True):
        page.script("vision")
        expect(page.locator("#image-state")).to_have_text("Looking at the image…")
        page.script("finish")
    page.script("whole", card)
    expect(page.locator("#status")).to_contain_text("text reader loading")


def asked(page: ScriptedPage, question: str, reading: Any = None) -> dict[str, Any]:
    """Ask, have it answered, and return how it was asked."""
    page.ask(question)
    answer = page.locator(".answer").last
    page.until_running("ask")
    page.script("finish", "9.80", reading)
    expect(answer.locator(".text")).to_have_text("9.80")
    return page.calls("ask")[-1]


def test_it_is_offered_with_a_public_model_once_text_can_be_read(shown: ScriptedPage) -> None:
    box = shown.page.get_by_role("checkbox", name=IN_THE_IMAGE)
    expect(shown.locator("#with-text-line")).to_be_hidden()
    assert asked(shown, TOTAL)["with_text"] is False
    shown.locator("#model-button").click()
    shown.locator("#model-source").fill("owner/sees")
    shown.locator("#model-form button[type=submit]").click()
    begin(shown, SEES)
    expect(shown.locator("#with-text-line")).to_be_hidden()
    shown.script("reader")
    expect(box).to_be_visible()
    expect(box).not_to_be_checked()
    assert asked(shown, TOTAL)["with_text"] is False
    for meta in shown.locator(".answer .meta").all():
        expect(meta).not_to_contain_text("text in the image")


def test_a_question_is_asked_with_the_text_and_the_tick_stays(shown: ScriptedPage) -> None:
    load(shown, SEES)
    box = shown.page.get_by_role("checkbox", name=IN_THE_IMAGE)
    shown.locator("#send").focus()
    shown.page.keyboard.press("Tab")
    expect(box).to_be_focused()
    shown.page.keyboard.press("Space")
    expect(box).to_be_checked()
    shown.ask(TOTAL)
    activity, meta = shown.locator(".answer .activity"), shown.locator(".answer .meta")
    expect(activity).to_have_text("Thinking…")
    for phase, sentence in (("waiting-for-reader", "Loading the text reader…"), ("reading", "Reading the text…")):
        shown.script("phase", phase)
        expect(activity).to_have_text(sentence)
    shown.script("finish", "9.80", RECEIPT.to_json())
    expect(meta).to_contain_text("with the text in the image")
    expect(meta).not_to_contain_text("read in the image")
    assert marked(shown) == [6]
    call = shown.calls("ask")[-1]
    assert call["with_text"] is True
    assert call["image"] == shown.calls("encode")[-1]["image"]
    load(shown, None)
    expect(shown.locator("#with-text-line")).to_be_hidden()
    assert asked(shown, TOTAL)["with_text"] is False
    load(shown, SEES)
    expect(box).to_be_checked()
    assert asked(shown, TOTAL)["with_text"] is True
    box.uncheck()
    assert asked(shown, "And now?")["with_text"] is False
    expect(shown.locator(".answer")).to_have_count(4)


def test_a_question_that_waits_for_the_model_keeps_the_tick(shown: ScriptedPage) -> None:
    """Whether the reader is there by then, the engine sees to."""
    load(shown, SEES)
    shown.locator("#with-text").check()
    shown.script("restart")
    expect(shown.locator("#with-text-line")).to_be_hidden()
    shown.ask(TOTAL)
    expect(shown.locator(".answer .activity")).to_contain_text("Waiting for the model")
    shown.script("whole", SEES)
    expect(shown.locator(".answer .activity")).to_have_text("Thinking…")
    assert shown.calls("ask")[-1]["with_text"] is True


def test_without_a_reader_it_is_not_offered_and_what_is_ticked_can_be_taken_back(shown: ScriptedPage) -> None:
    load(shown, SEES)
    box = shown.locator("#with-text")
    box.check()
    shown.script("restart")
    begin_again(shown)
    shown.script("failReader", "reader-unavailable", UNAVAILABLE)
    expect(shown.locator("#notices")).to_contain_text(UNAVAILABLE)
    expect(box).to_be_visible()
    shown.ask(TOTAL)
    expect(shown.locator(".answer .activity")).to_have_text("Thinking…")
    assert shown.calls("ask")[-1]["with_text"] is True
    shown.script("failRequest", "reader-unavailable", UNAVAILABLE)
    expect(shown.locator(".answer .activity")).to_have_text(UNAVAILABLE)
    expect(shown.locator("#question")).to_have_value(TOTAL)
    box.uncheck()
    assert asked(shown, TOTAL)["with_text"] is False
    shown.script("restart")
    begin_again(shown)
    shown.script("failReader", "reader-unavailable", UNAVAILABLE)
    expect(shown.locator("#status")).not_to_contain_text("text reader")
    expect(shown.locator("#with-text-line")).to_be_hidden()
    shown.script("reader")  # a later try has brought it
    expect(box).to_be_visible()


def begin_again(page: ScriptedPage) -> None:
    """Have the same model loaded after a restart."""
    expect(page.locator("#status")).to_contain_text("Loading")
    page.script("whole", SEES)
    expect(page.locator("#status")).to_contain_text("text reader loading")


def test_a_model_that_sees_nothing_is_given_the_text_of_an_image(shown: ScriptedPage) -> None:
    load(shown, READS)
    panel, box = shown.locator("#image-panel"), shown.page.get_by_role("checkbox", name=IN_AN_IMAGE)
    expect(panel).to_be_hidden()
    assert asked(shown, TOTAL)["image"] is None
    box.check()
    expect(panel).to_be_visible()
    call = asked(shown, TOTAL, RECEIPT.to_json())
    assert call["with_text"] is True
    assert call["image"] is not None
    looked = len(shown.calls("encode"))
    shown.choose_sample()
    expect(shown.locator("#image-name")).not_to_have_text("receipt.png")
    expect(shown.locator("#image-state")).to_be_empty()
    assert asked(shown, TOTAL)["image"] not in (None, call["image"])
    assert len(shown.calls("encode")) == looked
    box.uncheck()
    expect(panel).to_be_hidden()
    assert asked(shown, TOTAL)["image"] is None
    load(shown, SEES)
    expect(panel).to_be_visible()
    assert len(shown.calls("encode")) == looked + 1


def test_it_is_for_everyone_on_a_phone(shown: ScriptedPage) -> None:
    shown.page.set_viewport_size({"width": 390, "height": 844})
    load(shown, SEES)
    line, box = shown.locator("#with-text-line"), shown.locator("#with-text")
    line.click()
    expect(box).to_be_checked()
    assert shown.page.evaluate("() => document.documentElement.scrollWidth") == 390
    place = line.bounding_box()
    assert place is not None
    assert place["height"] >= 34
    assert 0 <= place["x"] <= place["x"] + place["width"] <= 390
    for scheme in ("light", "dark"):
        shown.page.emulate_media(color_scheme=scheme, forced_colors="none")  # type: ignore[arg-type]
        assert [found for found in shown.page.evaluate(CONTRASTS) if found[1] < 4.5] == []
        shown.page.emulate_media(color_scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
        assert set(shown.page.evaluate(EDGELESS)) <= {"with-text"}, "its edge is the browser's"
        assert len({tuple(pixel) for row in image_rows(box.screenshot()) for pixel in row}) > 2
