"""How each state of the page is come to, as a person would, with the real model and pictures of our own."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import FilePayload, Route, expect

from endurance.shown_drawings import picture
from endurance.tab import Tab
from fixtures.pages.page import draw_page
from fixtures.shapes import COLORS, shape_image
from fixtures.two_shapes import two_shapes
from support.environment import ROOT

SAMPLES = ROOT / "web" / "samples"
TRIANGLE, CARD, CHART, LANDSCAPE = range(1, 5)
"""Of the samples, in the page's order."""
WEIGHTS = "**/models/tinyvlm-13m/model.safetensors"
RECEIPT_SEED = 9_000_001
SHAPES = "circle", "rectangle", "triangle"
NO_PICTURE = b"no picture"
SEEN_ROWS = 3
"""Of the table's, in the lowest window."""
TALL = 860
"""A window in which all of a short conversation is seen."""
DAY_MS = 86_400_000
CLOCK = """(() => {
  const Own = Date;
  window.clockShift = Own.UTC(2026, 4, 20, 10, 24) - Own.now();
  const now = () => Own.now() + window.clockShift;
  window.Date = class extends Own {
    constructor(...rest) { super(...(rest.length ? rest : [now()])); }
    static now() { return now(); }
  };
})();"""
"""Every visit begins on the same day, at the same time."""


@dataclass(frozen=True)
class Scene:
    """A state of the page."""

    reach: Callable[[Tab], None]
    """From a page that has not been opened."""
    is_phone: bool = False
    height: int = 720
    """Of the window, on a desktop."""


def begun(tab: Tab) -> None:
    """All is there; what came last, the text reader, slows no answer down any more."""
    tab.open()
    tab.page.evaluate("() => window.tinyvlm.canRead")
    expect(tab.page.locator("#progress")).to_be_hidden()


def first_visit(tab: Tab) -> None:
    begun(tab)


def loading(tab: Tab) -> None:
    """All is there but the last part of the model, which does not come."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.headers.get("range", "bytes=0-").startswith("bytes=0-"):
            route.continue_()
        else:
            held.append(route)

    tab.page.route(WEIGHTS, hold)
    tab.page.goto(tab.url)
    expect(tab.page.locator("#progress")).to_be_visible()
    for step in ("python", "kernels", "package"):
        expect(tab.page.locator(f"[data-step={step}]")).to_have_attribute("data-state", "done")
    expect(tab.page.locator("[data-step=model]")).to_have_attribute("data-state", "loading")


def chat(tab: Tab) -> None:
    begun(tab)
    sample(tab, LANDSCAPE)
    for question in ("Is there a house in the picture?", "Is there a boat in the picture?"):
        answered(tab, question)


def several_images(tab: Tab) -> None:
    begun(tab)
    sample(tab, TRIANGLE)
    answered(tab, "What color is the shape?")
    bring(tab, "bar-chart.png", "landscape.png", "text-card.png")
    answered(tab, "Which bar is the tallest?")
    tab.turn_to(3)
    answered(tab, "What does the text say?")


def overlay(tab: Tab) -> None:
    begun(tab)
    image, _ = two_shapes(3)
    tab.bring("two-shapes.png", png(image))
    answered(tab, "Describe the image.")
    tab.page.locator(".answer .actions button").nth(2).click()
    expect(tab.page.locator(".looked-word").first).to_be_visible()
    tab.page.locator(".looked-word").nth(2).click()


def found_text(tab: Tab) -> None:
    begun(tab)
    tab.bring("receipt.png", png(draw_page(RECEIPT_SEED).image))
    tab.page.locator("#read-text").click()
    expect(tab.page.locator("#found-text summary")).to_be_visible()
    tab.page.locator("#found-text summary").click()
    answered(tab, "What is the total?")


def table_empty(tab: Tab) -> None:
    begun(tab)
    tab.page.locator("#table-button").click()
    expect(tab.page.locator("#table-dialog")).to_have_attribute("aria-busy", "false")


def table(tab: Tab) -> None:
    """Thirteen pictures, one of which is none."""
    table_empty(tab)
    drawn = [(color, shape) for shape in SHAPES for color in COLORS]
    random.Random(2).shuffle(drawn)
    files = [file(f"drawing-{at:02}.png", png(shape_image(shape, color))) for at, (color, shape) in enumerate(drawn, 1)]
    files.insert(3, file("holiday.png", NO_PICTURE))
    tab.page.locator("#table-files-input").set_input_files(files)
    tab.page.locator("#table-question").fill("What shape is it?")
    tab.page.locator("#table-choices").fill(", ".join(SHAPES))
    rows = tab.page.locator("#table-rows tr")
    expect(rows).to_have_count(len(files))
    tab.page.locator("#table-start").click()
    for row in rows.all():
        expect(row).to_have_attribute("data-state", re.compile("done|failed"))
    for image in tab.page.locator("#table-rows img").all()[:SEEN_ROWS]:  # one comes after the other
        expect(image).to_have_attribute("src", re.compile("blob:"))


def history(tab: Tab) -> None:
    begun(tab)
    chance = random.Random(4)
    for at, (days, question) in enumerate(
        (
            (40, "How many shapes are there?"),
            (8, "What color is it?"),
            (1, "Which bar is the tallest?"),
            (0, "Describe the image."),
        )
    ):
        tab.page.evaluate("(ms) => (window.clockShift -= ms)", days * DAY_MS)
        if at < 2:
            tab.bring(f"drawing-{at + 1}.png", picture(chance))
        else:
            sample(tab, CHART if at == 2 else LANDSCAPE)
        answered(tab, question)
        if days:
            tab.begin()
        tab.page.evaluate("(ms) => (window.clockShift += ms)", days * DAY_MS)
    tab.page.locator("#history-button").click()
    expect(tab.page.locator(".history-open")).to_have_count(4)


def models(tab: Tab) -> None:
    chat(tab)
    tab.page.locator("#model-button").click()
    tab.page.locator("#model-compare summary").click()
    expect(tab.page.locator("#model-table tr")).not_to_have_count(0)
    tab.page.locator("#model-dialog").evaluate("(dialog) => dialog.scrollTo(0, 0)")


def settings(tab: Tab) -> None:
    chat(tab)
    tab.page.locator("#settings-button").click()


def speed(tab: Tab) -> None:
    chat(tab)
    tab.page.locator("#speed-button").click()
    expect(tab.page.locator("#speed-runs")).not_to_be_empty()


def storage(tab: Tab) -> None:
    chat(tab)
    tab.page.locator("#storage-button").click()
    expect(tab.page.locator("#storage-usage")).to_be_visible()


def shortcuts(tab: Tab) -> None:
    chat(tab)
    tab.page.locator("#shortcuts-button").click()


def no_picture(tab: Tab) -> None:
    """What was brought is no picture; the one before is still there."""
    chat(tab)
    tab.page.set_input_files("#file-input", file("holiday.png", NO_PICTURE))
    expect(tab.page.locator("#image-message")).not_to_be_empty()


def no_model(tab: Tab) -> None:
    """The model cannot be fetched."""
    tab.page.route(WEIGHTS, Route.abort)
    tab.page.goto(tab.url)
    expect(tab.page.locator("#progress [role=alert]")).to_be_visible()


SCENES = {
    **{
        scene.__name__.replace("_", "-"): Scene(scene)
        for scene in (
            *(first_visit, loading, chat, several_images, overlay, found_text, table_empty, table, history),
            *(models, settings, speed, storage, shortcuts, no_picture, no_model),
        )
    },
    "chat": Scene(chat, height=TALL),
    "table": Scene(table, height=TALL),
    "phone": Scene(chat, is_phone=True),
    "phone-first-visit": Scene(first_visit, is_phone=True),
    "phone-table": Scene(table, is_phone=True),
    "phone-models": Scene(models, is_phone=True),
}


def sample(tab: Tab, index: int) -> None:
    tab.page.locator("#samples button").nth(index).click()
    expect(tab.page.locator("#preview")).to_be_visible()


def bring(tab: Tab, *samples: str) -> None:
    tab.page.set_input_files("#file-input", [SAMPLES / name for name in samples])
    expect(tab.page.locator("#image-name")).to_have_text(samples[0])


def answered(tab: Tab, question: str) -> None:
    state = tab.ask(question).state
    if state != "done":
        raise AssertionError(f"{question} ended as {state}")


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
