"""A receipt on the page, beside a double of the engine: what tests of reading do, and look at."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from tinyvlm.reading.geometry import Corners
from tinyvlm.reading.reading import Line, Reading

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


def begin(page: ScriptedPage) -> None:
    """Press the button, and wait until reading has begun."""
    page.locator("#read-text").click()
    expect(page.locator("#read-text")).to_have_text("Reading the text…")


def clipboard(page: ScriptedPage) -> str:
    text: str = page.page.evaluate("() => navigator.clipboard.readText()")
    return text


def marked(page: ScriptedPage) -> list[int]:
    """Return which lines stand out, once there are any."""
    expect(page.locator(".line.marked").first).to_be_attached()
    indices: list[int] = page.page.evaluate(
        "() => [...document.querySelectorAll('.line')].flatMap((line, at) => line.matches('.marked') ? [at] : [])"
    )
    return indices
