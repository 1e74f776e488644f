"""While an answer grows its end stays in view, and whoever scrolls up to read is left there: on a phone, where the page
scrolls, as in a wide window, where the log does.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage

PHONE, WIDE = {"width": 390, "height": 740}, {"width": 1280, "height": 800}

# How far the log's end lies below what can be seen of it, and how far the log is scrolled.
HIDDEN = """() => {
  const bottom = document.querySelector(".answer:last-child").getBoundingClientRect().bottom;
  return bottom - document.querySelector("#composer").getBoundingClientRect().top;
}"""
FAR = f"() => ({HIDDEN})() > 30"
TOP = "() => document.querySelector('#chat').scrollTop + document.scrollingElement.scrollTop"
# Where the log is once nothing scrolls any more: it has stood still for ten frames.
SETTLED = f"""async () => {{
  const top = {TOP};
  for (let still = 0, last = top(); still < 10; still = top() === last ? still + 1 : 0, last = top()) {{
    await new Promise((done) => requestAnimationFrame(done));
  }}
  return top();
}}"""
TO_END = """() => {
  for (const box of [document.querySelector("#chat"), document.scrollingElement]) box.scrollTop = box.scrollHeight;
}"""

# An answer that grows a line at a time, as fast as frames are shown, until `window.stopTalking()`.
TALK = """() => {
  let goesOn = true;
  let line = 0;
  const say = () => {
    window.tinyvlm.script.token(`line ${(line += 1)}\\n`);
    if (goesOn) requestAnimationFrame(say);
  };
  window.stopTalking = () => (goesOn = false);
  say();
}"""


@pytest.fixture(params=[PHONE, WIDE], ids=["phone", "wide"])
def streaming(scripted: ScriptedPage, request: pytest.FixtureRequest) -> ScriptedPage:
    """An answer has grown beyond what the window shows of it."""
    scripted.page.set_viewport_size(request.param)
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")
    scripted.ask("What is in the image?")
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    say(scripted, 80)
    return scripted


def say(page: ScriptedPage, lines: int) -> None:
    """Let the answer grow, and be shown."""
    page.script("token", "and so on\n" * lines)
    page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def hidden(page: ScriptedPage) -> float:
    value: float = page.page.evaluate(HIDDEN)
    return value


def top(page: ScriptedPage) -> float:
    value: float = page.page.evaluate(TOP)
    return value


def scroll_up(page: ScriptedPage, way: str) -> None:
    """Do as a person does, for some hundred pixels."""
    chromium = page.page.context.new_cdp_session(page.page)
    box = page.locator("#composer").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] - 200
    if way == "wheel":
        page.page.mouse.move(x, y)
        page.page.mouse.wheel(0, -300)
    elif way == "touch":
        chromium.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for distance in range(20, 160, 20):
            point = {"x": x, "y": y + distance}
            chromium.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        chromium.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    else:
        page.locator("#chat").focus()
        page.page.keyboard.press(way)


def test_the_end_of_a_growing_answer_stays_in_view(streaming: ScriptedPage) -> None:
    for lines in (1, 3, 40):
        say(streaming, lines)
        assert -30 <= hidden(streaming) <= 1
    streaming.script("finish", "and so on\n" * 200)
    expect(streaming.locator(".answer")).to_have_attribute("data-state", "done")
    assert -30 <= hidden(streaming) <= 1


@pytest.mark.parametrize("way", ["wheel", "touch", "PageUp", "Home", "ArrowUp", "Shift+Space"])
def test_whoever_scrolls_up_is_left_there_until_back_at_the_end(streaming: ScriptedPage, way: str) -> None:
    streaming.page.evaluate(TALK)
    scroll_up(streaming, way)
    streaming.page.wait_for_function(FAR)
    streaming.page.evaluate("() => window.stopTalking()")
    stay = streaming.page.evaluate(SETTLED)
    say(streaming, 30)
    assert top(streaming) == stay
    streaming.page.evaluate(TO_END)
    streaming.page.evaluate(SETTLED)
    say(streaming, 30)
    assert -30 <= hidden(streaming) <= 1


@pytest.mark.parametrize("key", ["x", "Shift", "ArrowLeft", "Shift+Space on a button"])
def test_keys_that_do_not_scroll_up_change_nothing(streaming: ScriptedPage, key: str) -> None:
    target = streaming.locator("#storage-button" if "button" in key else "#chat")
    target.evaluate("(node) => node.focus({ preventScroll: true })")
    streaming.page.keyboard.press(key.partition(" ")[0])
    say(streaming, 30)
    assert -30 <= hidden(streaming) <= 1


def test_a_finger_on_the_page_holds_it(streaming: ScriptedPage) -> None:
    """Also where it has moved by so little that the end is still near."""
    chromium = streaming.page.context.new_cdp_session(streaming.page)
    box = streaming.locator("#composer").bounding_box()
    assert box is not None
    point = {"x": box["x"] + 100, "y": box["y"] - 150}
    before = top(streaming)
    chromium.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    say(streaming, 5)
    assert top(streaming) == before
    for distance in (20, 30, 40):
        moved = {**point, "y": point["y"] + distance}
        chromium.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
        say(streaming, 5)
    chromium.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    say(streaming, 30)
    assert before - 40 <= top(streaming) < before


def test_a_touch_that_moves_nothing_changes_nothing(streaming: ScriptedPage) -> None:
    chromium = streaming.page.context.new_cdp_session(streaming.page)
    chromium.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 200, "y": 300}]})
    say(streaming, 5)
    chromium.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    say(streaming, 5)
    assert -30 <= hidden(streaming) <= 1


def test_a_new_question_is_shown_wherever_one_was(streaming: ScriptedPage) -> None:
    scroll_up(streaming, "Home")
    streaming.page.wait_for_function(FAR)
    streaming.page.evaluate(SETTLED)
    streaming.script("finish", "and so on\n" * 100)
    expect(streaming.locator(".answer")).to_have_attribute("data-state", "done")
    streaming.ask("And what else?")
    streaming.page.evaluate(SETTLED)
    assert -30 <= hidden(streaming) <= 1


def test_a_phone_stays_where_it_is_until_something_is_asked(scripted: ScriptedPage) -> None:
    scripted.page.set_viewport_size({"width": 390, "height": 600})
    scripted.open()
    scripted.choose_sample()
    scripted.progress(loaded=3.2, total=14.2, file="model.safetensors")
    scripted.script("notice", "storage-full", "There is too little space to keep the model.")
    expect(scripted.locator(".notice")).to_have_count(1)
    assert top(scripted) == 0
