"""The text in the picture where it stands: its lines, what is selected of them, and where answers are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from reading_page import (
    HEIGHT,
    LINES,
    NOTHING,
    PIXELS,
    PLACES,
    RECEIPT,
    TEXT,
    TOTAL,
    WIDTH,
    begin,
    box,
    clipboard,
    line_of,
    marked,
)
from scripted_page import ScriptedPage
from test_page_access import CONTRASTS, EDGELESS
from tinyvlm.reading.reading import Reading

STROKES = "(all) => all.map((one) => getComputedStyle(one).stroke)"


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_lines_lie_on_the_picture(receipt_read: ScriptedPage, size: tuple[int, int]) -> None:
    receipt_read.page.set_viewport_size({"width": size[0], "height": size[1]})
    receipt_read.locator("#preview").evaluate("(image) => image.decode()")
    left, top, scale = receipt_read.page.evaluate(PIXELS)
    places = receipt_read.page.evaluate(PLACES)
    assert len(places) == len(LINES)
    for each, place in zip(LINES, places, strict=True):
        expected = [(left + scale * x, top + scale * y) for x, y in each.corners]
        assert [pytest.approx(point, abs=1) for point in place["outline"]] == expected
        # The letters stand within, from the left end to the right one, however wide the font is.
        start, end, below = (each.corners[at] for at in (0, 1, 3))
        for corner, letters in zip((start, end), place["letters"], strict=True):
            foot = [corner[axis] + 0.77 * (below[axis] - start[axis]) for axis in (0, 1)]
            assert letters == pytest.approx((left + scale * foot[0], top + scale * foot[1]), abs=1)


def test_what_is_selected_is_copied_in_lines(receipt_read: ScriptedPage) -> None:
    receipt_read.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    select(receipt_read, 1, 6)
    assert copied(receipt_read) == "Milk\t1.20\nBread and butter\t1.20\n\nTOTAL\t9.80"
    receipt_read.locator(".line text").first.dblclick()
    assert copied(receipt_read) == "corner"
    select(receipt_read, 3, 4)
    assert copied(receipt_read) == "Bread and butter\t1.20"
    # What is selected elsewhere is the browser's to copy.
    receipt_read.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('#image-name'))")
    assert copied(receipt_read) == "receipt.png"


def select(page: ScriptedPage, first: int, last: int) -> None:
    """Drag from the beginning of a line to the end of another."""
    lines = page.locator(".line text")
    start, end = lines.nth(first).bounding_box(), lines.nth(last).bounding_box()
    assert start is not None
    assert end is not None
    page.page.mouse.move(start["x"] + 1, start["y"] + start["height"] / 2)
    page.page.mouse.down()
    page.page.mouse.move(end["x"] + end["width"] - 1, end["y"] + end["height"] / 2, steps=12)
    page.page.mouse.up()


def copied(page: ScriptedPage) -> str:
    """Copy what is selected, as people do."""
    page.page.keyboard.press("Control+c")
    return clipboard(page)


def test_an_answer_that_was_read_is_shown_where_it_stands(receipt_chosen: ScriptedPage) -> None:
    receipt_chosen.script("reader")
    receipt_chosen.ask(TOTAL)
    activity = receipt_chosen.locator(".answer .activity")
    expect(activity).to_have_text("Thinking…")
    receipt_chosen.script("phase", "waiting-for-reader")
    expect(activity).to_have_text("Loading the text reader…")
    receipt_chosen.script("phase", "reading")
    expect(activity).to_have_text("Reading the text…")
    receipt_chosen.script("finish", "9.80", RECEIPT.to_json())
    expect(receipt_chosen.locator(".line")).to_have_count(len(LINES))
    expect(receipt_chosen.locator(".line.marked")).to_have_text(["9.80"])
    assert receipt_chosen.locator(".line.marked").evaluate("(line) => line.querySelector('text').textContent") == "9.80"
    assert marked(receipt_chosen) == [6]
    expect(receipt_chosen.locator(".answer .meta")).to_contain_text("read in the image")
    receipt_chosen.ask("What color is it?")
    expect(activity.last).to_have_text("Thinking…")
    receipt_chosen.script("finish", "white")
    expect(receipt_chosen.locator(".answer .meta").last).not_to_contain_text("read in the image")
    assert marked(receipt_chosen) == [6]
    receipt_chosen.choose_sample()
    expect(receipt_chosen.locator(".line")).to_have_count(0)


def test_where_answers_stand(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.page.evaluate("""async () => {
      const { answerLines } = await import("/ui/image/answer_lines.js");
      window.linesOf = (reading, question, answer) => [...answerLines(reading, question, answer)].sort();
    }""")

    def lines_of(question: str, answer: str, reading: Reading = RECEIPT) -> list[int]:
        found: list[int] = scripted.page.evaluate(
            "([reading, question, answer]) => window.linesOf(reading, question, answer)",
            [reading.to_json(), question, answer],
        )
        return found

    assert lines_of(TOTAL, "9.80") == [6]
    assert lines_of("How much is the milk?", "1.20") == [2]
    assert lines_of("How much was paid in cash?", "9.80") == [7]
    assert lines_of("How much?", "9.80") == [6, 7]
    assert lines_of("What is the price of bread?", "Bread and butter\t1.20") == [3, 4]
    assert lines_of("How much?", "TOTAL\t9.80\nCASH 9.80") == [5, 6, 7]
    assert lines_of("Which shop?", "the CORNER  shop") == [0]
    assert lines_of("How many?", ".80") == []
    assert lines_of("How many?", "80") == []
    assert lines_of("How many?", "8") == []
    assert lines_of("Which?", "butt") == []
    assert lines_of(TOTAL, "I found no total in the text of the picture.") == []
    assert lines_of("What does it say?", TEXT) == []
    assert lines_of("What?", "") == []
    assert lines_of("What?", "9.80", NOTHING) == []


def test_three_hundred_lines_on_a_phone(receipt_chosen: ScriptedPage) -> None:
    receipt_chosen.page.set_viewport_size({"width": 390, "height": 844})
    words = "a-word-without-any-place-to-break " * 3
    lines = [line_of(f"{number} {words}", box(8, 2 * number, 380, 2), number) for number in range(299)]
    lines.append(line_of("ما هذا الشكل؟", box(8, 598, 380, 2), 299))
    receipt_chosen.script("reader")
    begin(receipt_chosen)
    receipt_chosen.script("finishReading", Reading(tuple(lines), WIDTH, HEIGHT).to_json())
    expect(receipt_chosen.locator(".line")).to_have_count(300)
    receipt_chosen.locator("#found-text summary").click()
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert receipt_chosen.page.evaluate(overflow) == 0
    box_of_words = receipt_chosen.locator("#found-words").bounding_box()
    assert box_of_words is not None
    assert box_of_words["height"] < 844 / 3
    right = """(words) => {
      const range = document.createRange();
      const { length } = words.textContent;
      range.setStart(words.firstChild, length - 13);
      range.setEnd(words.firstChild, length);
      return words.getBoundingClientRect().right - range.getBoundingClientRect().right;
    }"""
    assert receipt_chosen.locator("#found-words").evaluate(right) < 40


def test_it_is_for_everyone(receipt_chosen: ScriptedPage) -> None:
    receipt_chosen.script("reader")
    receipt_chosen.ask(TOTAL)
    expect(receipt_chosen.locator(".answer .activity")).to_have_text("Thinking…")
    receipt_chosen.script("finish", "9.80", RECEIPT.to_json())
    expect(receipt_chosen.locator(".line")).to_have_count(len(LINES))
    receipt_chosen.locator("#found-text summary").click()
    tree = receipt_chosen.page.context.new_cdp_session(receipt_chosen.page).send("Accessibility.getFullAXTree")
    names = {
        (node["role"]["value"], node.get("name", {}).get("value")) for node in tree["nodes"] if not node["ignored"]
    }
    assert {("image", "Text in the image, 9 lines"), ("region", "Text of the image"), ("button", "Hide text")} <= names
    for scheme in ("light", "dark"):
        receipt_chosen.page.emulate_media(color_scheme=scheme, forced_colors="none")  # type: ignore[arg-type]
        assert [found for found in receipt_chosen.page.evaluate(CONTRASTS) if found[1] < 4.5] == []
        receipt_chosen.page.emulate_media(color_scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
        assert receipt_chosen.page.evaluate(EDGELESS) == []
        # Lines are seen on white paper and on black alike.
        strokes = receipt_chosen.locator(".line polygon").evaluate_all(STROKES)
        assert len(set(strokes)) == 2
        for light in map(luminance, strokes):
            assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) >= 3


def luminance(color: str) -> float:
    """Return how light a colour is, 0 to 1, as WCAG has it."""
    values = [int(value) / 255 for value in re.findall(r"\d+", color)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
