"""The page for everyone: names, contrast, the keyboard, and narrow windows, in each of its states."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_storage import OWN, PUBLIC, model
from test_page_ui import TINY_PNG

State = Callable[[ScriptedPage], None]


def loading(page: ScriptedPage) -> None:
    page.progress("python", loaded=12.1, total=12.1, done=True)
    page.progress(loaded=3.2, total=14.2, kept=1.1, speed=1.25, remaining_s=9, file="model-00001-of-00002.safetensors")
    page.choose_sample()
    page.script("notice", "storage-full", "There is too little space to keep the model.")


def drafted(page: ScriptedPage) -> None:
    page.choose_sample()
    page.script("vision")
    expect(page.locator("#image-state")).to_have_text("Looking at the image…")
    page.script("finish")
    page.script("draft")
    page.progress(loaded=9.2, total=14.2, kept=1.1, speed=1.25, remaining_s=14, file="model.safetensors")
    page.ask("What shape is in the image?")
    expect(page.locator(".answer .activity")).to_have_text("Thinking…")
    page.script("finish", "triangle")
    expect(page.locator(".answer .draft")).to_be_visible()


def whole(page: ScriptedPage) -> None:
    drafted(page)
    page.script("whole")
    expect(page.locator(".again")).to_be_visible()


def failed(page: ScriptedPage) -> None:
    page.script("fail", "no-network", "The network is gone. Check the connection.")
    expect(page.locator("#progress [role=alert]")).to_be_visible()


def choosing_a_model(page: ScriptedPage) -> None:
    page.locator("#model-button").click()
    page.locator("#model-known button").first.click()
    expect(page.locator("#model-published dl")).to_be_visible()


def deleting(page: ScriptedPage) -> None:
    page.locator("#storage-button").click()
    page.locator("#storage-delete-all").click()


STATES: dict[str, State] = {
    state.__name__: state for state in (loading, drafted, whole, failed, choosing_a_model, deleting)
}

# For every text that can be seen, the WCAG contrast of its colour on what lies below it.
CONTRASTS = """() => {
  const channels = (color) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [R, G, B] = color.map((v) => linear(v / 255));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter(
    (node) => node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()),
  );
  return texts.map((node) => {
    const [a, b] = [luminance(channels(getComputedStyle(node).color)), luminance(ground(node))];
    return [node.textContent.trim().slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


# Buttons and bubbles without an edge all around, and bars that cannot be told from their ground, by how they are seen.
EDGELESS = """() => {
  const sides = ["Top", "Right", "Bottom", "Left"];
  const hasEdge = (style) =>
    sides.every((side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) >= 1);
  const isSeen = (style) => sides.every((side) => style[`border${side}Color`] !== style.backgroundColor);
  return [...document.querySelectorAll(
      "button, .message, .notice, .badge, .progress, dialog, textarea, select, input, progress, meter")]
    .filter((node) => node.checkVisibility())
    .filter((node) => !hasEdge(getComputedStyle(node)) || !isSeen(getComputedStyle(node)))
    .map((node) => node.id || node.className || node.tagName);
}"""


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest) -> State:
    """How the page gets into one of its states."""
    return STATES[request.param]


def image_rows(png: bytes) -> Any:
    """Return the pixels of a picture, (H, W, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).tolist()


def enter(page: ScriptedPage, state: State) -> None:
    page.open(stored=[model(OWN, 14), model(PUBLIC, 520, complete=False)])
    state(page)


def test_everything_that_can_be_used_has_a_name(scripted: ScriptedPage, state: State) -> None:
    enter(scripted, state)
    tree = scripted.page.context.new_cdp_session(scripted.page).send("Accessibility.getFullAXTree")
    roles = {"button", "textbox", "combobox", "dialog", "progressbar", "meter", "image", "log", "region"}
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in roles]
    assert nodes
    assert [node for node in nodes if not node.get("name", {}).get("value")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scripted: ScriptedPage, state: State, scheme: str) -> None:
    scripted.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    enter(scripted, state)
    contrasts = scripted.page.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert [found for found in contrasts if found[1] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_the_system_leave_every_edge(scripted: ScriptedPage, state: State, scheme: str) -> None:
    scripted.page.emulate_media(forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
    enter(scripted, state)
    assert scripted.page.evaluate("() => matchMedia('(forced-colors: active)').matches")
    assert scripted.page.evaluate(EDGELESS) == []


@pytest.mark.parametrize("forced", ["none", "active"])
def test_a_bar_s_filling_can_be_told_from_its_ground(scripted: ScriptedPage, forced: str) -> None:
    """Pixel by pixel: one that is half full has a colour on each side, and so has one that does not know how full."""
    scripted.page.emulate_media(forced_colors=forced, reduced_motion="reduce")  # type: ignore[arg-type]
    scripted.open()
    scripted.progress(loaded=50, total=100)
    scripted.progress("python", loaded=2.5)
    expect(scripted.locator("[data-step=model] .state")).to_have_text("50%")
    expect(scripted.locator("[data-step=python] .details")).to_have_text("2.5 MB")
    half = image_rows(scripted.locator("[data-step=model] progress").screenshot())[3]
    assert half[len(half) // 4] != half[3 * len(half) // 4]
    unknown = image_rows(scripted.locator("[data-step=python] progress").screenshot())[3]
    assert len({tuple(pixel) for pixel in unknown[5:-5]}) > 10


@pytest.mark.parametrize("width", [320, 390, 820])
def test_nothing_is_wider_than_the_window(scripted: ScriptedPage, state: State, width: int) -> None:
    scripted.page.set_viewport_size({"width": width, "height": 740})
    enter(scripted, state)
    overflow = "(node) => node.scrollWidth - node.clientWidth"
    assert scripted.page.evaluate(f"({overflow})(document.documentElement)") == 0
    for panel in scripted.page.locator("dialog[open], #progress:not([hidden])").all():
        assert panel.evaluate(overflow) == 0


def test_bars_do_not_move_for_those_who_asked_for_less_motion(scripted: ScriptedPage) -> None:
    scripted.page.emulate_media(reduced_motion="reduce")
    enter(scripted, loading)
    scripted.progress("package", loaded=0.1)
    moving = "() => document.getAnimations().filter((animation) => animation.playState === 'running').length"
    assert scripted.page.evaluate(moving) == 0


MOVING_PARTS = """() => {
  const found = [];
  const walk = (rules) => {
    for (const rule of rules) {
      if (rule.media && !matchMedia(rule.media.mediaText).matches) continue;
      if (rule.cssRules?.length) walk(rule.cssRules);
      const style = rule.style;
      if (!style || !/::(?!before|after)/.test(rule.selectorText)) continue;
      if (style.transitionProperty || style.animationName) found.push(rule.selectorText);
    }
  };
  for (const sheet of document.styleSheets) walk(sheet.cssRules);
  return found;
}"""


def test_no_part_of_a_bar_moves_for_those_who_asked_for_less_motion(scripted: ScriptedPage) -> None:
    """`*` reaches no such part, and the browser lists none of their animations: so the rules are read."""
    scripted.open()
    assert scripted.page.evaluate(MOVING_PARTS) == ["progress::-webkit-progress-value"]
    scripted.page.emulate_media(reduced_motion="reduce")
    assert scripted.page.evaluate(MOVING_PARTS) == []


RTL, LTR = "ما هذا الشكل؟", "What shape is this?"


def test_words_run_in_their_own_direction(scripted: ScriptedPage) -> None:
    enter(scripted, lambda _: None)
    name = {"name": "صورة.png", "mimeType": "image/png", "buffer": TINY_PNG}
    scripted.page.set_input_files("#file-input", name)
    expect(scripted.locator("#image-name")).to_have_text("صورة.png")
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole", {"name": "نموذج", "suggestions": [RTL, LTR]})
    scripted.locator("#question").fill(RTL)
    assert direction(scripted, "#question") == "rtl"
    scripted.locator("#question").press("Enter")
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("finish", f"{RTL}\n{LTR}")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "done")
    for selector in ("#image-name", "#model-button", ".chip span", ".question .text", ".answer .text"):
        assert direction(scripted, selector) == "rtl", selector
    assert direction(scripted, ".chip:last-child span") == "ltr"
    # Each paragraph of an answer its own: the English one begins on the left.
    left = """(text) => {
      const range = document.createRange();
      range.setStart(text.firstChild, text.textContent.indexOf("What"));
      range.setEnd(text.firstChild, text.textContent.length);
      return range.getBoundingClientRect().left - text.getBoundingClientRect().left;
    }"""
    assert scripted.locator(".answer .text").evaluate(left) < 1
    scripted.ask(LTR)
    assert direction(scripted, ".question >> nth=-1 >> .text") == "ltr"


def direction(page: ScriptedPage, selector: str) -> str:
    value: str = page.locator(selector).first.evaluate("(node) => getComputedStyle(node).direction")
    return value


def test_the_dialog_gives_the_focus_back(scripted: ScriptedPage) -> None:
    enter(scripted, lambda _: None)
    scripted.locator("#storage-button").focus()
    scripted.page.keyboard.press("Enter")
    expect(scripted.locator(".stored li")).to_have_count(2)
    scripted.page.keyboard.press("Escape")
    expect(scripted.locator("#storage-button")).to_be_focused()
