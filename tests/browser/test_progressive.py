"""The page before all of the model is there: images first, then drafts, then exact answers; nothing comes twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from fixtures.shapes import shape_image
from test_answers import KEEP, open_page, png
from tinyvlm.hub.open import DEFAULT_MODEL

PARTS = Path(__file__).resolve().parents[2] / "web" / "models" / DEFAULT_MODEL / "parts.json"
QUESTIONS = ["What color is the shape?", "What shape is in the image?", "Describe the image."]

ASK = """async (question) => {
  const text = await window.tinyvlm.ask(window.kept, question);
  return [text, window.tinyvlm.lastAnswer.draft];
}"""
IS_READY = """() => Promise.race([
  window.tinyvlm.ready.then(() => true), new Promise((resolve) => { setTimeout(resolve, 0, false); }),
])"""
ASK_UNTIL_WHOLE = """async (question) => {
  const flags = [];
  do {
    await window.tinyvlm.ask(window.kept, question);
    flags.push(window.tinyvlm.lastAnswer.draft);
  } while (flags.at(-1));
  return flags;
}"""


class Gate:
    """Holds back the weights from a stage on, until it is opened."""

    def __init__(self, page: Page) -> None:
        (weights,) = [file for file in json.loads(PARTS.read_text())["files"] if "parts" in file]
        self._stages = {part["offset"]: part["stage"] for part in weights["parts"]}
        self._passes, self._held = 0, list[tuple[int, Route]]()
        self.asked: list[int] = []
        """The stages of the parts that were asked for."""
        page.route("**/model.safetensors", self._meet)

    def open(self, stage: int) -> None:
        """Let the parts of `stage` and of those before through."""
        self._passes = stage
        held, self._held = self._held, []
        for part, route in held:
            self._pass(part, route)

    def forget(self) -> None:
        """What was held back belongs to a page that goes away."""
        self._held.clear()

    def _meet(self, route: Route) -> None:
        first = re.match(r"bytes=(\d+)-", route.request.headers["range"])
        stage = self._stages[int(first[1])] if first else 0
        self.asked.append(stage)
        self._pass(stage, route)

    def _pass(self, stage: int, route: Route) -> None:
        if stage <= self._passes:
            route.continue_()
        else:
            self._held.append((stage, route))


@pytest.fixture
def gate(page: Page) -> Gate:
    return Gate(page)


@pytest.fixture(scope="module")
def exact() -> dict[str, str]:
    """What the model answers natively, through the same kernels."""
    from tinyvlm import VLM

    vlm = VLM.from_pretrained()
    image = vlm.encode_image(shape_image())
    return {question: vlm.ask(image, question) for question in QUESTIONS}


def test_an_image_is_seen_before_the_language_part_has_come(page: Page, site_url: str, gate: Gate) -> None:
    page.goto(site_url)
    page.evaluate(KEEP, [png(shape_image())])
    page.evaluate("() => window.tinyvlm.canSee")
    seen = page.evaluate("() => window.tinyvlm.encode(window.kept)")
    assert seen["encode_ms"] > 0
    assert page.evaluate(IS_READY) is False
    expect(page.locator("#progress")).to_be_visible()
    gate.open(1)
    page.evaluate("() => window.tinyvlm.ready")
    assert page.evaluate(ASK, "What shape is in the image?") == ["circle", True]
    assert page.evaluate("() => window.tinyvlm.lastAnswer.reused_image") is True


def test_drafts_become_exact_answers(page: Page, site_url: str, gate: Gate, exact: dict[str, str]) -> None:
    gate.open(1)
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    assert page.evaluate(ASK, "What shape is in the image?") == ["circle", True]
    expect(page.locator("#status")).to_contain_text("draft")
    gate.open(2)
    flags = page.evaluate(ASK_UNTIL_WHOLE, "Describe the image.")  # asks while weights change
    assert flags[-1] is False
    page.evaluate("() => window.tinyvlm.whole")
    assert {question: page.evaluate(ASK, question) for question in QUESTIONS} == {
        question: [text, False] for question, text in exact.items()
    }
    expect(page.locator("#status")).to_contain_text("full quality")


def test_what_has_come_is_not_fetched_again(page: Page, site_url: str, gate: Gate) -> None:
    gate.open(1)
    open_page(page, site_url)
    gate.forget()
    gate.asked.clear()
    gate.open(2)
    page.reload()
    page.evaluate("() => window.tinyvlm.whole")
    assert set(gate.asked) == {2}
    gate.asked.clear()
    page.reload()
    page.evaluate("() => window.tinyvlm.whole")
    assert gate.asked == []
