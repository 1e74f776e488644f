"""The text in the picture, as a person sees it: read, shown where it stands, selected, copied."""

from __future__ import annotations

import json
import math
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect

from fixtures.pages import page_layouts, sheet
from fixtures.pages.page import draw_page
from scripted_page import ScriptedPage
from test_page_access import CONTRASTS, EDGELESS
from tinyvlm import cli
from tinyvlm.reading.geometry import Corners
from tinyvlm.reading.reading import Line, Reading
from transfers import drop

WIDTH, HEIGHT = 400, 600
TOTAL = "What is the total?"


def box(left: float, top: float, width: float, height: float = 24, lean: float = 0) -> Corners:
    """Return the corners of a line that leans by `lean` degrees, clockwise."""
    angle = math.radians(lean)
    along, down = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * along[0] + y * down[0], top + x * along[1] + y * down[1]

    return at(0, 0), at(width, 0), at(width, height), at(0, height)


def line_of(text: str, corners: Corners, row: int, block: int = 0) -> Line:
    return Line(text, corners, 0.98, (), block, row)


LINES = (
    line_of("The corner shop", box(60, 40, 240), 0),
    line_of("Milk", box(40, 120, 60), 1, 1),
    line_of("1.20", box(300, 120, 60), 1, 1),
    line_of("Bread and butter", box(40, 160, 200), 2, 1),
    line_of("1.20", box(300, 160, 60), 2, 1),
    line_of("TOTAL", box(40, 240, 80), 3, 2),
    line_of("9.80", box(300, 240, 60), 3, 2),
    line_of("CASH 9.80", box(40, 280, 120), 4, 2),
    line_of("Come back soon", box(40, 400, 220, lean=12), 5, 3),
)
RECEIPT = Reading(LINES, WIDTH, HEIGHT)
TEXT = "The corner shop\n\nMilk\t1.20\nBread and butter\t1.20\n\nTOTAL\t9.80\nCASH 9.80\n\nCome back soon"
NOTHING = Reading((), WIDTH, HEIGHT)

# Where the picture's pixels are in the window, of the picture as it is seen whole within its element.
PIXELS = """() => {
  const image = document.querySelector("#preview");
  const { left, top, width, height } = image.getBoundingClientRect();
  const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  return [left + (width - scale * image.naturalWidth) / 2, top + (height - scale * image.naturalHeight) / 2, scale];
}"""
# The corners of each line's outline and of where its letters begin and end, in the window.
PLACES = """() => [...document.querySelectorAll(".line")].map((line) => {
  const [outline, text] = line.children;
  const at = (node, point) => {
    const { x, y } = DOMPoint.fromPoint(point).matrixTransform(node.getScreenCTM());
    return [x, y];
  };
  const last = text.getNumberOfChars() - 1;
  return {
    outline: [...outline.points].map((point) => at(outline, point)),
    letters: [at(text, text.getStartPositionOfChar(0)), at(text, text.getEndPositionOfChar(last))],
  };
})"""
STROKES = "(all) => all.map((one) => getComputedStyle(one).stroke)"


def picture() -> dict[str, Any]:
    """Return a file with something to see where the lines are."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    for each in LINES:
        draw.polygon(each.corners, fill=(225, 225, 215))
    file = BytesIO()
    image.save(file, "PNG")
    return {"name": "receipt.png", "mimeType": "image/png", "buffer": file.getvalue()}


def choose(page: ScriptedPage) -> None:
    """Choose the picture, and have it looked at."""
    page.page.set_input_files("#file-input", picture())  # type: ignore[arg-type]
    expect(page.locator("#image-name")).to_have_text("receipt.png")


@pytest.fixture
def receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A receipt of 37 lines, in Pillow's own typeface, which needs no network."""
    for module in (page_layouts, sheet):
        monkeypatch.setattr(module, "font", lambda _, size: ImageFont.load_default(size))
    path = tmp_path / "receipt.png"
    draw_page(13).image.save(path)
    return path


@pytest.fixture
def chosen(scripted: ScriptedPage) -> ScriptedPage:
    """The picture is chosen, and the model whole; the reader is still on its way."""
    scripted.open()
    choose(scripted)
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")
    expect(scripted.locator("#status")).to_contain_text("text reader loading")
    return scripted


@pytest.fixture
def read(chosen: ScriptedPage) -> ScriptedPage:
    """The picture was read."""
    chosen.script("reader")
    begin(chosen)
    chosen.script("finishReading", RECEIPT.to_json())
    expect(chosen.locator(".line")).to_have_count(len(LINES))
    return chosen


def begin(page: ScriptedPage) -> None:
    """Press the button, and wait until reading has begun."""
    page.locator("#read-text").click()
    expect(page.locator("#read-text")).to_have_text("Reading the text…")


def clipboard(page: ScriptedPage) -> str:
    text: str = page.page.evaluate("() => navigator.clipboard.readText()")
    return text


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


def test_a_press_is_remembered_until_the_reader_is_there(chosen: ScriptedPage) -> None:
    button, message = chosen.locator("#read-text"), chosen.locator("#reading-message")
    expect(button).to_have_text("Read text")
    for hidden in ("#show-text", "#copy-text", "#found-text", ".reading-layer"):
        expect(chosen.locator(hidden)).to_be_hidden()
    button.press("Enter")
    expect(button).to_have_text("Loading the text reader…")
    chosen.progress("reader", loaded=1.9, total=3.8)
    chosen.progress("model", loaded=14, total=14)
    expect(button).to_have_text("Loading the text reader… 50%")
    expect(button).to_be_disabled()
    button.press("Enter")
    assert chosen.calls("read") == []
    # Meanwhile questions are answered.
    chosen.ask("What is it?")
    expect(chosen.locator(".answer .activity")).to_have_text("Thinking…")
    chosen.script("finish", "a receipt")
    expect(chosen.locator(".answer .text")).to_have_text("a receipt")
    button.focus()
    chosen.script("reader")
    expect(button).to_have_text("Reading the text…")
    expect(chosen.locator("#status")).to_contain_text("reads text")
    button.press("Enter")
    assert len(chosen.calls("read")) == 1
    chosen.script("phase", "waiting-for-reader")  # it was lost, and is tried for again
    expect(button).to_have_text("Loading the text reader…")
    chosen.script("phase", "reading")
    expect(button).to_have_text("Reading the text…")
    chosen.script("finishReading", RECEIPT.to_json())
    expect(message).to_contain_text("9 lines of text were found")
    expect(button).to_be_hidden()
    expect(chosen.locator("#show-text")).to_be_focused()
    assert len(chosen.calls("read")) == 1


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_lines_lie_on_the_picture(read: ScriptedPage, size: tuple[int, int]) -> None:
    read.page.set_viewport_size({"width": size[0], "height": size[1]})
    read.locator("#preview").evaluate("(image) => image.decode()")
    left, top, scale = read.page.evaluate(PIXELS)
    places = read.page.evaluate(PLACES)
    assert len(places) == len(LINES)
    for each, place in zip(LINES, places, strict=True):
        expected = [(left + scale * x, top + scale * y) for x, y in each.corners]
        assert [pytest.approx(point, abs=1) for point in place["outline"]] == expected
        # The letters stand within, from the left end to the right one, however wide the font is.
        start, end, below = (each.corners[at] for at in (0, 1, 3))
        for corner, letters in zip((start, end), place["letters"], strict=True):
            foot = [corner[axis] + 0.77 * (below[axis] - start[axis]) for axis in (0, 1)]
            assert letters == pytest.approx((left + scale * foot[0], top + scale * foot[1]), abs=1)


def test_what_is_selected_is_copied_in_lines(read: ScriptedPage) -> None:
    read.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    select(read, 1, 6)
    assert copied(read) == "Milk\t1.20\nBread and butter\t1.20\n\nTOTAL\t9.80"
    read.locator(".line text").first.dblclick()
    assert copied(read) == "corner"
    select(read, 3, 4)
    assert copied(read) == "Bread and butter\t1.20"
    # What is selected elsewhere is the browser's to copy.
    read.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('#image-name'))")
    assert copied(read) == "receipt.png"


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


def test_all_of_the_text_is_shown_hidden_and_copied(read: ScriptedPage) -> None:
    read.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    toggle, layer = read.locator("#show-text"), read.locator(".reading-layer")
    message = read.locator("#reading-message")
    expect(layer).to_be_visible()
    expect(toggle).to_have_text("Hide text")
    toggle.press("Space")
    expect(layer).to_be_hidden()
    expect(toggle).to_have_text("Show text")
    toggle.press("Space")
    expect(layer).to_be_visible()
    read.locator("#copy-text").press("Enter")
    expect(message).to_have_text("The text was copied.")
    assert RECEIPT.text == TEXT
    assert clipboard(read) == TEXT
    read.locator("#found-text summary").press("Enter")
    assert read.locator("#found-words").inner_text() == TEXT
    # Refused: the way of pages without a clipboard.
    read.page.evaluate("""() => {
      navigator.clipboard.writeText("");
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
    }""")
    read.locator("#copy-text").click()
    expect(message).to_have_text("The text was copied.")
    assert clipboard(read) == TEXT
    # That is refused as well.
    read.page.evaluate("""() => {
      getSelection().removeAllRanges();
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      document.execCommand = () => false;
    }""")
    read.locator("#found-text summary").click()
    read.locator("#copy-text").click()
    expect(message).to_contain_text("copy it from there")
    expect(read.locator("#found-words")).to_be_visible()
    assert read.page.evaluate("() => getSelection().toString()") == TEXT


def test_an_answer_that_was_read_is_shown_where_it_stands(chosen: ScriptedPage) -> None:
    chosen.script("reader")
    chosen.ask(TOTAL)
    activity = chosen.locator(".answer .activity")
    expect(activity).to_have_text("Thinking…")
    chosen.script("phase", "waiting-for-reader")
    expect(activity).to_have_text("Loading the text reader…")
    chosen.script("phase", "reading")
    expect(activity).to_have_text("Reading the text…")
    chosen.script("finish", "9.80", RECEIPT.to_json())
    expect(chosen.locator(".line")).to_have_count(len(LINES))
    expect(chosen.locator(".line.marked")).to_have_text(["9.80"])
    assert chosen.locator(".line.marked").evaluate("(line) => line.querySelector('text').textContent") == "9.80"
    assert marked(chosen) == [6]
    expect(chosen.locator(".answer .meta")).to_contain_text("read in the image")
    chosen.ask("What color is it?")
    expect(activity.last).to_have_text("Thinking…")
    chosen.script("finish", "white")
    expect(chosen.locator(".answer .meta").last).not_to_contain_text("read in the image")
    assert marked(chosen) == [6]
    chosen.choose_sample()
    expect(chosen.locator(".line")).to_have_count(0)


def marked(page: ScriptedPage) -> list[int]:
    """Return which lines stand out."""
    indices: list[int] = page.page.evaluate(
        "() => [...document.querySelectorAll('.line')].flatMap((line, at) => line.matches('.marked') ? [at] : [])"
    )
    return indices


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


def test_what_comes_of_it_is_said_and_can_be_tried_again(chosen: ScriptedPage) -> None:
    button, message = chosen.locator("#read-text"), chosen.locator("#reading-message")
    chosen.script("failReader", "reader-unavailable", "The text reader could not be loaded.")
    expect(chosen.locator("#notices")).to_contain_text("could not be loaded")
    expect(chosen.locator("#status")).not_to_contain_text("text")
    button.click()
    expect(message).to_have_text("The text reader could not be loaded.")
    expect(button).to_have_text("Try again")
    expect(button).to_be_enabled()
    button.click()
    expect(message).to_have_text("The text reader could not be loaded.")
    chosen.script("restart")
    button.click()
    for says in (button, message):  # seen, and told
        expect(says).to_have_text("Loading the text reader…")
    chosen.script("reader")
    expect(button).to_have_text("Reading the text…")
    chosen.script("restart")
    expect(message).to_contain_text("The engine stopped")
    expect(button).to_have_text("Try again")
    chosen.script("reader")
    begin(chosen)
    chosen.script("finishReading", NOTHING.to_json())
    expect(message).to_have_text("No text was found in the image.")
    expect(button).to_have_text("Read text")
    expect(button).to_be_focused()
    expect(chosen.locator(".reading-layer")).to_be_hidden()
    expect(chosen.locator("#copy-text")).to_be_hidden()


def test_another_picture_or_escape_ends_a_reading(chosen: ScriptedPage) -> None:
    button = chosen.locator("#read-text")
    button.click()
    expect(button).to_have_text("Loading the text reader…")
    chosen.choose_sample()
    expect(button).to_have_text("Read text")
    chosen.script("finish")
    chosen.script("reader")
    choose(chosen)
    expect(chosen.locator("#image-state")).to_have_attribute("data-state", "looking")
    chosen.script("finish")
    begin(chosen)
    assert [call.get("aborted") for call in chosen.calls("read")] == [None]
    chosen.choose_sample()
    expect(button).to_have_text("Read text")
    expect(chosen.locator("#reading-message")).to_be_empty()
    assert [call.get("aborted") for call in chosen.calls("read")] == [True]
    expect(chosen.locator("#image-state")).to_have_attribute("data-state", "looking")
    chosen.script("finish")
    begin(chosen)
    chosen.page.keyboard.press("Escape")
    expect(button).to_have_text("Read text")
    assert [call.get("aborted") for call in chosen.calls("read")] == [True, True]
    begin(chosen)
    chosen.script("finishReading", RECEIPT.to_json())
    expect(chosen.locator(".reading-layer")).to_be_visible()
    chosen.locator("#found-text summary").click()
    chosen.page.keyboard.press("Escape")
    expect(chosen.locator(".line")).to_have_count(len(LINES))
    expect(chosen.locator("#reading-message")).to_contain_text("9 lines of text were found")
    choose(chosen)
    expect(chosen.locator(".line")).to_have_count(0)
    expect(chosen.locator("#show-text")).to_be_hidden()
    expect(chosen.locator("#found-text")).to_be_hidden()
    assert chosen.locator("#found-text").get_attribute("open") is None


def test_three_hundred_lines_on_a_phone(chosen: ScriptedPage) -> None:
    chosen.page.set_viewport_size({"width": 390, "height": 844})
    words = "a-word-without-any-place-to-break " * 3
    lines = [line_of(f"{number} {words}", box(8, 2 * number, 380, 2), number) for number in range(299)]
    lines.append(line_of("ما هذا الشكل؟", box(8, 598, 380, 2), 299))
    chosen.script("reader")
    begin(chosen)
    chosen.script("finishReading", Reading(tuple(lines), WIDTH, HEIGHT).to_json())
    expect(chosen.locator(".line")).to_have_count(300)
    chosen.locator("#found-text summary").click()
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert chosen.page.evaluate(overflow) == 0
    box_of_words = chosen.locator("#found-words").bounding_box()
    assert box_of_words is not None
    assert box_of_words["height"] < 844 / 3
    right = """(words) => {
      const range = document.createRange();
      const { length } = words.textContent;
      range.setStart(words.firstChild, length - 13);
      range.setEnd(words.firstChild, length);
      return words.getBoundingClientRect().right - range.getBoundingClientRect().right;
    }"""
    assert chosen.locator("#found-words").evaluate(right) < 40


def test_it_is_for_everyone(chosen: ScriptedPage) -> None:
    chosen.script("reader")
    chosen.ask(TOTAL)
    expect(chosen.locator(".answer .activity")).to_have_text("Thinking…")
    chosen.script("finish", "9.80", RECEIPT.to_json())
    expect(chosen.locator(".line")).to_have_count(len(LINES))
    chosen.locator("#found-text summary").click()
    tree = chosen.page.context.new_cdp_session(chosen.page).send("Accessibility.getFullAXTree")
    names = {
        (node["role"]["value"], node.get("name", {}).get("value")) for node in tree["nodes"] if not node["ignored"]
    }
    assert {("image", "Text in the image, 9 lines"), ("region", "Text of the image"), ("button", "Hide text")} <= names
    for scheme in ("light", "dark"):
        chosen.page.emulate_media(color_scheme=scheme, forced_colors="none")  # type: ignore[arg-type]
        assert [found for found in chosen.page.evaluate(CONTRASTS) if found[1] < 4.5] == []
        chosen.page.emulate_media(color_scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
        assert chosen.page.evaluate(EDGELESS) == []
        # Lines are seen on white paper and on black alike.
        strokes = chosen.locator(".line polygon").evaluate_all(STROKES)
        assert len(set(strokes)) == 2
        for light in map(luminance, strokes):
            assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) >= 3


def luminance(color: str) -> float:
    """Return how light a colour is, 0 to 1, as WCAG has it."""
    values = [int(value) / 255 for value in re.findall(r"\d+", color)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
