"""The whole main job by the keyboard alone: an example, a question, Stop, another wording, and the history."""

from __future__ import annotations

from playwright.sync_api import expect

from scripted_page import ScriptedPage

QUESTION, LONGER = "What shape is in the image?", " And its color?"
ENOUGH = 80

# Whether what has the focus is the one that is looked for, can be seen, and shows that it has the focus.
FOCUSED = """(selector) => {
  const node = document.activeElement;
  if (node === document.body || node === document.documentElement) return { isThere: false, problem: "" };
  const { outlineStyle, outlineWidth } = getComputedStyle(node);
  const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const isSeen = node.checkVisibility({ visibilityProperty: true });
  const problem = isSeen && isMarked ? "" : `${node.tagName} ${node.id} ${node.className}`;
  return { isThere: node.matches(selector), problem };
}"""


def go(page: ScriptedPage, selector: str, key: str = "Tab") -> None:
    """Press Tab until something has the focus; whatever has it on the way shows it."""
    for _ in range(ENOUGH):
        page.page.keyboard.press(key)
        focused = page.page.evaluate(FOCUSED, selector)
        assert focused["problem"] == ""
        if focused["isThere"]:
            return
    raise AssertionError(f"{selector} cannot be reached by {key}")


def test_the_main_job_by_the_keyboard_alone(scripted: ScriptedPage) -> None:
    scripted.open()
    keyboard = scripted.page.keyboard
    go(scripted, "#samples button")
    keyboard.press("Enter")
    expect(scripted.locator("#preview")).to_be_visible()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")

    go(scripted, "#question")
    keyboard.type(QUESTION)
    keyboard.press("Enter")
    scripted.until_running("ask")
    scripted.script("token", "a circle of")
    expect(scripted.locator(".answer .text")).to_have_text("a circle of")
    go(scripted, "#stop")
    keyboard.press("Enter")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "stopped")
    expect(scripted.locator("#question")).to_be_focused()

    go(scripted, ".of-question .action", "Shift+Tab")
    keyboard.press("Enter")
    expect(scripted.locator("#question")).to_be_focused()
    expect(scripted.locator("#question")).to_have_value(QUESTION)
    keyboard.press("End")
    keyboard.type(LONGER)
    keyboard.press("Enter")
    scripted.until_running("ask")
    scripted.script("finish", "a red circle")
    expect(scripted.locator(".answer .text").last).to_have_text("a red circle")

    go(scripted, "#history-button", "Shift+Tab")
    keyboard.press("Enter")
    expect(scripted.locator(".history-open")).to_have_count(1)
    go(scripted, "#history-new")
    keyboard.press("Space")
    expect(scripted.locator("#history-dialog")).to_be_hidden()
    expect(scripted.locator(".message")).to_have_count(0)

    expect(scripted.locator("#history-button")).to_be_focused()
    keyboard.press("Enter")
    expect(scripted.locator(".history-open")).to_have_count(1)
    go(scripted, ".history-open")
    keyboard.press("Enter")
    expect(scripted.locator(".question .text")).to_have_text([QUESTION, QUESTION + LONGER])
    expect(scripted.locator(".answer .text")).to_have_text(["a circle of", "a red circle"])
    go(scripted, "#question")


def test_a_suggestion_that_is_asked_by_a_key_leaves_the_focus_with_the_box(scripted: ScriptedPage) -> None:
    """The suggestions cannot be used meanwhile."""
    scripted.open()
    scripted.choose_sample()
    go(scripted, ".chip")
    scripted.page.keyboard.press("Enter")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "streaming")
    expect(scripted.locator("#question")).to_be_focused()
