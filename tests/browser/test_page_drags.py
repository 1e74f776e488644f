"""What is dragged over the page, from elsewhere and from itself, and what is pasted into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_ui import TINY_PNG, png
from transfers import COUNT_INVITATIONS, LETTER, SAMPLE, Dragging, drop, expect_kept, expect_taken, paste

# Drags from one place of the page to another, with a file on the way as browsers with a window have it for images.
DRAG_WITH_FILE = """([from, to]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], "dragged.png", { type: "image/png" }));
  const tell = (selector, type) => {
    const init = { bubbles: true, cancelable: true, dataTransfer };
    return document.querySelector(selector).dispatchEvent(new DragEvent(type, init));
  };
  tell(from, "dragstart");
  for (const type of ["dragenter", "dragover"]) tell(to, type);
  const invited = document.body.classList.contains("dragging");
  tell(to, "drop");
  tell(from, "dragend");
  return invited;
}"""
OFFICE = {"text": "Q1\t42\r\nQ2\t43", "html": "<table><tr><td>Q1</td></tr></table>"}
COPIED: list[dict[str, str]] = [
    {},
    {"html": "<img src='https://example.org/cat.png'>"},
    {"text": "cat.png"},
    {"text": "/home/me/cat.png\n"},
    {"text": r"C:\Users\me\cat.png"},
    {"text": "file:///home/me/c%61t.png"},
]

Make = Callable[[dict[str, bytes]], list[Path]]


def test_text_of_elsewhere_is_dropped_into_the_question_and_nowhere_else(talked: ScriptedPage) -> None:
    drop(talked, texts={"text/plain": "What color?"}, at="#question")
    expect(talked.locator("#question")).to_have_value("What color?")
    expect(talked.locator("#image-message")).to_be_empty()
    drop(talked, texts={"text/plain": "What color?"}, at="#preview")
    expect(talked.locator("#image-message")).to_contain_text("text or a link")
    expect_kept(talked)


def test_an_answer_can_be_dragged_into_the_question(talked: ScriptedPage) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    talked.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.answer .text'))")
    talked.locator(".answer .text").drag_to(talked.locator("#question"))
    expect(talked.locator("#question")).to_have_value("circle")
    assert talked.page.evaluate("() => window.invitations") == 0
    expect(talked.locator("#image-message")).to_be_empty()
    expect_kept(talked)


def test_what_is_dragged_from_the_page_is_nothing_new(talked: ScriptedPage) -> None:
    for source in ("#preview", "#samples img"):
        for target in ("#preview", "#chat", "#question"):
            assert talked.page.evaluate(DRAG_WITH_FILE, [source, target]) is False, (source, target)
            expect_kept(talked)
            expect(talked.locator("#image-message")).to_be_empty()


def test_a_slight_drag_of_a_sample_is_a_click(talked: ScriptedPage) -> None:
    box = talked.locator("#samples button").nth(1).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    talked.page.mouse.move(x, y)
    talked.page.mouse.down()
    talked.page.mouse.move(x + 12, y + 9, steps=4)
    talked.page.mouse.up()
    expect(talked.locator("#image-name")).not_to_have_text(SAMPLE)


def test_a_real_drag_of_the_preview_changes_nothing_and_the_next_drop_counts(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    talked.locator("#preview").drag_to(talked.locator("#chat"))
    assert talked.page.evaluate("() => window.invitations") == 0
    expect_kept(talked)
    expect(talked.locator("#image-message")).to_be_empty()
    drop(talked, *make({"cat.png": TINY_PNG}))
    expect_taken(talked, "cat.png")


def test_a_drag_whose_source_is_gone_does_not_keep_the_next_out(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(
        "() => document.querySelector('.answer').dispatchEvent(new DragEvent('dragstart', { bubbles: true }))"
    )
    talked.locator("#history-button").click()
    talked.locator("#history-new").click()
    expect(talked.locator(".message")).to_have_count(0)
    drop(talked, *make({"cat.png": TINY_PNG}))
    expect(talked.locator("#image-name")).to_have_text("cat.png")


def test_the_page_invites_files_once_and_until_they_leave(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    dragging = Dragging(talked, *make({"cat.png": TINY_PNG}))
    overlay = talked.locator(".drop-overlay")
    for selector in ("#chat", "#question", "#preview", "#samples button:first-child", ".site-header h1", "#chat"):
        dragging.over(selector)
        expect(overlay).to_be_visible()
    dragging.leave()
    expect(overlay).to_be_hidden()
    assert talked.page.evaluate("() => window.invitations") == 1


def test_text_is_not_invited(talked: ScriptedPage) -> None:
    Dragging(talked, texts={"text/plain": "What color?"}).over("#chat").over("#preview")
    expect(talked.locator(".drop-overlay")).to_be_hidden()


def test_text_beside_a_picture_of_it_goes_where_one_writes(talked: ScriptedPage) -> None:
    assert paste(talked, png("image.png"), at="#question", **OFFICE)
    expect_kept(talked)
    assert not paste(talked, png("image.png"), **OFFICE)
    expect_taken(talked, "image.png")


@pytest.mark.parametrize("at", ["#question", "#chat", None])
def test_a_copied_picture_or_file_is_pasted_anywhere(talked: ScriptedPage, at: str | None) -> None:
    for texts in COPIED:
        assert not paste(talked, png("cat.png"), at=at, **texts), texts
        expect_taken(talked, "cat.png")
        expect(talked.locator("#question")).to_have_value("")
        talked.choose_sample()
        expect(talked.locator("#image-name")).to_have_text(SAMPLE)


def test_pasted_text_is_left_to_the_question_and_explained_elsewhere(talked: ScriptedPage) -> None:
    assert paste(talked, at="#question", text="What color?")
    expect(talked.locator("#image-message")).to_be_empty()
    assert paste(talked, text="What color?")
    expect(talked.locator("#image-message")).to_contain_text("text or a link")
    expect_kept(talked)


def test_a_pasted_text_file_changes_nothing(talked: ScriptedPage) -> None:
    paste(talked, {"name": "notes.txt", "type": "text/plain", "hex": LETTER.hex()}, at="#question", text="notes.txt")
    expect(talked.locator("#image-message")).to_contain_text("notes.txt: This file is not an image")
    expect_kept(talked)


def test_nothing_is_pasted_behind_a_dialog(talked: ScriptedPage) -> None:
    talked.locator("#model-button").click()
    expect(talked.locator("#model-dialog")).to_be_visible()
    for at in ("#model-source", "#model-load, #model-cancel"):
        assert paste(talked, png("cat.png"), at=at)
    expect_kept(talked)
