"""The text in the picture, as a person has it read, shown, hidden and copied."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import ImageFont
from playwright.sync_api import Page, expect

from fixtures.pages import page_layouts, sheet
from fixtures.pages.page import draw_page
from reading_page import LINES, NOTHING, PIXELS, PLACES, RECEIPT, TEXT, TOTAL, begin, choose, clipboard, marked
from scripted_page import ScriptedPage
from tinyvlm import cli
from transfers import drop


@pytest.fixture
def receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A receipt of 37 lines, in Pillow's own typeface, which needs no network."""
    for module in (page_layouts, sheet):
        monkeypatch.setattr(module, "font", lambda _, size: ImageFont.load_default(size))
    path = tmp_path / "receipt.png"
    draw_page(13).image.save(path)
    return path


def test_a_dropped_receipt_is_read_asked_about_and_copied_as_natively(
    page: Page, site_url: str, receipt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the engine that ships, from a press before anything was there."""
    real = ScriptedPage(page, site_url).open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    drop(real, receipt)
    expect(real.locator("#image-name")).to_have_text("receipt.png")
    real.locator("#read-text").click()
    expect(real.locator("#read-text")).to_have_text(re.compile("^Loading the text reader"))
    expect(real.locator("#show-text")).to_be_visible(timeout=120_000)
    expect(real.locator("#status")).to_contain_text("reads text")
    assert cli.main(["read", str(receipt)]) == 0
    native = capsys.readouterr().out
    assert len(native.splitlines()) == 25
    real.locator("#copy-text").click()
    expect(real.locator("#reading-message")).to_have_text("The text was copied.")
    assert clipboard(real) + "\n" == native
    assert cli.main(["read", "--json", str(receipt)]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    left, top, scale = page.evaluate(PIXELS)
    places = page.evaluate(PLACES)
    for line, place in zip(lines, places, strict=True):
        for (x, y), corner in zip(line["corners"], place["outline"], strict=True):
            assert corner == pytest.approx([left + scale * x, top + scale * y], abs=1)
    real.ask(TOTAL)
    expect(real.locator(".answer .text")).to_have_text("127.69")
    expect(real.locator(".answer .meta")).to_contain_text("read in the image")
    (at,) = marked(real)
    row = [line["text"] for line in lines if line["row"] == lines[at]["row"]]
    assert lines[at]["text"] == "127.69"
    assert "TOTAL" in [text.upper() for text in row]
    real.locator("#storage-button").click()
    expect(real.locator(".stored li")).to_have_count(2)
    reader = real.locator(".stored li").filter(has_text="Text reader")
    assert reader.get_by_role("button").all_inner_texts() == ["Delete"]


def test_a_press_is_remembered_until_the_reader_is_there(receipt_chosen: ScriptedPage) -> None:
    button, message = receipt_chosen.locator("#read-text"), receipt_chosen.locator("#reading-message")
    expect(button).to_have_text("Read text")
    for hidden in ("#show-text", "#copy-text", "#found-text", ".reading-layer"):
        expect(receipt_chosen.locator(hidden)).to_be_hidden()
    button.press("Enter")
    expect(button).to_have_text("Loading the text reader…")
    receipt_chosen.progress("reader", loaded=1.9, total=3.8)
    receipt_chosen.progress("model", loaded=14, total=14)
    expect(button).to_have_text("Loading the text reader… 50%")
    expect(button).to_be_disabled()
    button.press("Enter")
    assert receipt_chosen.calls("read") == []
    # Meanwhile questions are answered.
    receipt_chosen.ask("What is it?")
    expect(receipt_chosen.locator(".answer .activity")).to_have_text("Thinking…")
    receipt_chosen.script("finish", "a receipt")
    expect(receipt_chosen.locator(".answer .text")).to_have_text("a receipt")
    button.focus()
    receipt_chosen.script("reader")
    expect(button).to_have_text("Reading the text…")
    expect(receipt_chosen.locator("#status")).to_contain_text("reads text")
    button.press("Enter")
    assert len(receipt_chosen.calls("read")) == 1
    receipt_chosen.script("phase", "waiting-for-reader")  # it was lost, and is tried for again
    expect(button).to_have_text("Loading the text reader…")
    receipt_chosen.script("phase", "reading")
    expect(button).to_have_text("Reading the text…")
    receipt_chosen.script("finishReading", RECEIPT.to_json())
    expect(message).to_contain_text("9 lines of text were found")
    expect(button).to_be_hidden()
    expect(receipt_chosen.locator("#show-text")).to_be_focused()
    assert len(receipt_chosen.calls("read")) == 1


def test_all_of_the_text_is_shown_hidden_and_copied(receipt_read: ScriptedPage) -> None:
    receipt_read.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    toggle, layer = receipt_read.locator("#show-text"), receipt_read.locator(".reading-layer")
    message = receipt_read.locator("#reading-message")
    expect(layer).to_be_visible()
    expect(toggle).to_have_text("Hide text")
    toggle.press("Space")
    expect(layer).to_be_hidden()
    expect(toggle).to_have_text("Show text")
    toggle.press("Space")
    expect(layer).to_be_visible()
    receipt_read.locator("#copy-text").press("Enter")
    expect(message).to_have_text("The text was copied.")
    assert RECEIPT.text == TEXT
    assert clipboard(receipt_read) == TEXT
    receipt_read.locator("#found-text summary").press("Enter")
    assert receipt_read.locator("#found-words").inner_text() == TEXT
    # Refused: the way of pages without a clipboard.
    receipt_read.page.evaluate("""() => {
      navigator.clipboard.writeText("");
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
    }""")
    receipt_read.locator("#copy-text").click()
    expect(message).to_have_text("The text was copied.")
    assert clipboard(receipt_read) == TEXT
    # That is refused as well.
    receipt_read.page.evaluate("""() => {
      getSelection().removeAllRanges();
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      document.execCommand = () => false;
    }""")
    receipt_read.locator("#found-text summary").click()
    receipt_read.locator("#copy-text").click()
    expect(message).to_contain_text("copy it from there")
    expect(receipt_read.locator("#found-words")).to_be_visible()
    assert receipt_read.page.evaluate("() => getSelection().toString()") == TEXT


def test_what_comes_of_it_is_said_and_can_be_tried_again(receipt_chosen: ScriptedPage) -> None:
    button, message = receipt_chosen.locator("#read-text"), receipt_chosen.locator("#reading-message")
    receipt_chosen.script("failReader", "reader-unavailable", "The text reader could not be loaded.")
    expect(receipt_chosen.locator("#notices")).to_contain_text("could not be loaded")
    expect(receipt_chosen.locator("#status")).not_to_contain_text("text")
    button.click()
    expect(message).to_have_text("The text reader could not be loaded.")
    expect(button).to_have_text("Try again")
    expect(button).to_be_enabled()
    button.click()
    expect(message).to_have_text("The text reader could not be loaded.")
    receipt_chosen.script("restart")
    button.click()
    for says in (button, message):  # seen, and told
        expect(says).to_have_text("Loading the text reader…")
    receipt_chosen.script("reader")
    expect(button).to_have_text("Reading the text…")
    receipt_chosen.script("restart")
    expect(message).to_contain_text("The engine stopped")
    expect(button).to_have_text("Try again")
    receipt_chosen.script("reader")
    begin(receipt_chosen)
    receipt_chosen.script("finishReading", NOTHING.to_json())
    expect(message).to_have_text("No text was found in the image.")
    expect(button).to_have_text("Read text")
    expect(button).to_be_focused()
    expect(receipt_chosen.locator(".reading-layer")).to_be_hidden()
    expect(receipt_chosen.locator("#copy-text")).to_be_hidden()


def test_another_picture_or_escape_ends_a_reading(receipt_chosen: ScriptedPage) -> None:
    button = receipt_chosen.locator("#read-text")
    button.click()
    expect(button).to_have_text("Loading the text reader…")
    receipt_chosen.choose_sample()
    expect(button).to_have_text("Read text")
    receipt_chosen.script("finish")
    receipt_chosen.script("reader")
    choose(receipt_chosen)
    expect(receipt_chosen.locator("#image-state")).to_have_attribute("data-state", "looking")
    receipt_chosen.script("finish")
    begin(receipt_chosen)
    assert [call.get("aborted") for call in receipt_chosen.calls("read")] == [None]
    receipt_chosen.choose_sample()
    expect(button).to_have_text("Read text")
    expect(receipt_chosen.locator("#reading-message")).to_be_empty()
    assert [call.get("aborted") for call in receipt_chosen.calls("read")] == [True]
    expect(receipt_chosen.locator("#image-state")).to_have_attribute("data-state", "looking")
    receipt_chosen.script("finish")
    begin(receipt_chosen)
    receipt_chosen.page.keyboard.press("Escape")
    expect(button).to_have_text("Read text")
    assert [call.get("aborted") for call in receipt_chosen.calls("read")] == [True, True]
    begin(receipt_chosen)
    receipt_chosen.script("finishReading", RECEIPT.to_json())
    expect(receipt_chosen.locator(".reading-layer")).to_be_visible()
    receipt_chosen.locator("#found-text summary").click()
    receipt_chosen.page.keyboard.press("Escape")
    expect(receipt_chosen.locator(".line")).to_have_count(len(LINES))
    expect(receipt_chosen.locator("#reading-message")).to_contain_text("9 lines of text were found")
    choose(receipt_chosen)
    expect(receipt_chosen.locator(".line")).to_have_count(0)
    expect(receipt_chosen.locator("#show-text")).to_be_hidden()
    expect(receipt_chosen.locator("#found-text")).to_be_hidden()
    assert receipt_chosen.locator("#found-text").get_attribute("open") is None
