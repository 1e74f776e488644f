"""An image by itself, large; the one asked about in sight on a phone; photos by the camera."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from scripted_page import ScriptedPage

# A camera that shows red, as the browser hands it over; `window.ended` counts tracks that were stopped.
CAMERA = """
  window.ended = 0;
  const stream = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
    const context = canvas.getContext("2d");
    const paint = () => {
      context.fillStyle = "red";
      context.fillRect(0, 0, 64, 48);
      requestAnimationFrame(paint);
    };
    paint();
    const running = canvas.captureStream(30);
    for (const track of running.getTracks()) {
      const stop = track.stop.bind(track);
      track.stop = () => { window.ended += 1; stop(); };
    }
    return running;
  };
  navigator.mediaDevices.enumerateDevices = async () => window.cameras;
  navigator.mediaDevices.getUserMedia = async () => {
    if (window.refusal) throw new DOMException("No.", window.refusal);
    return stream();
  };
"""


def scale(page: ScriptedPage) -> list[float]:
    """How much closer the image is, and where its middle lies beside the window's."""
    matrix: list[float] = page.locator("#view-image").evaluate(
        "(image) => { const { a, e, f } = new DOMMatrix(getComputedStyle(image).transform); return [a, e, f]; }"
    )
    return matrix


@pytest.fixture
def viewed(talked: ScriptedPage) -> ScriptedPage:
    """The image is seen large."""
    talked.locator("#view-image-button").click()
    expect(talked.locator("#image-view")).to_be_visible()
    return talked


def test_it_fills_the_window_and_comes_closer_by_keys(viewed: ScriptedPage) -> None:
    box = viewed.locator("#view-image").bounding_box()
    size = viewed.page.viewport_size
    assert box is not None
    assert size is not None
    assert (box["width"], box["height"]) == (size["width"], size["height"])
    assert scale(viewed) == [1, 0, 0]
    viewed.page.keyboard.press("+")
    viewed.page.keyboard.press("+")
    assert scale(viewed)[0] == pytest.approx(1.5625)
    viewed.page.keyboard.press("ArrowRight")
    assert scale(viewed)[1] < 0
    for _ in range(20):
        viewed.page.keyboard.press("ArrowRight")
    assert scale(viewed)[1] == pytest.approx(-size["width"] * 0.5625 / 2), "it never leaves the window"
    viewed.page.keyboard.press("0")
    assert scale(viewed) == [1, 0, 0]
    viewed.page.keyboard.press("-")
    assert scale(viewed) == [1, 0, 0]


def test_what_is_below_the_pointer_stays_there(viewed: ScriptedPage) -> None:
    place = """([x, y]) => {
      const { left, top, width, height } = document.querySelector("#view-image").getBoundingClientRect();
      return [(x - left) / width, (y - top) / height];
    }"""
    at = [300, 200]
    before = viewed.page.evaluate(place, at)
    viewed.page.mouse.move(*at)
    viewed.page.mouse.wheel(0, -400)
    viewed.page.wait_for_function("() => document.querySelector('#view-image').style.transform.includes('scale(2')")
    assert viewed.page.evaluate(place, at) == pytest.approx(before)
    viewed.page.mouse.down()
    viewed.page.mouse.move(350, 230)
    viewed.page.mouse.up()
    assert viewed.page.evaluate(place, [350, 230]) == pytest.approx(before), "it is dragged along"
    viewed.page.mouse.dblclick(350, 230)
    assert scale(viewed)[0] == 1


def test_escape_closes_it_and_stops_no_answer(talked: ScriptedPage) -> None:
    talked.ask("And now?")
    talked.until_running("ask")
    talked.locator("#view-image-button").click()
    expect(talked.locator("#image-view")).to_be_visible()
    talked.page.keyboard.press("Escape")
    expect(talked.locator("#image-view")).to_be_hidden()
    talked.script("finish", "red")
    expect(talked.locator(".answer .text").nth(1)).to_have_text("red")
    expect(talked.locator("#view-image-button")).to_be_focused()


def test_a_picture_in_a_message_is_shown_large_and_asked_about(talked: ScriptedPage) -> None:
    name = talked.locator("#image-name").inner_text()
    talked.choose_sample(1)
    expect(talked.locator("#image-name")).not_to_have_text(name)
    talked.locator(".question .picture-button").click()
    expect(talked.locator("#image-name")).to_have_text(name)
    expect(talked.locator("#image-view")).to_be_visible()


def test_on_a_phone_the_image_stays_in_sight(talked: ScriptedPage) -> None:
    strip = talked.locator("#asked-strip")
    talked.page.set_viewport_size({"width": 390, "height": 700})
    talked.page.mouse.move(195, 350)
    talked.page.mouse.wheel(0, -10_000)  # as a person: else the page, made narrow, goes to the answer's end
    expect(strip).to_be_hidden()
    talked.ask("And what else?")
    talked.until_running("ask")
    talked.script("token", "and so on\n" * 60)
    expect(strip).to_be_in_viewport(ratio=1)
    expect(strip).to_have_text(talked.locator("#image-name").inner_text())
    box = strip.bounding_box()
    assert box is not None
    assert box["y"] == 0
    assert box["height"] < 100
    strip.click()
    expect(talked.locator("#image-view")).to_be_visible()
    talked.page.keyboard.press("Escape")
    talked.page.set_viewport_size({"width": 1280, "height": 700})
    expect(strip).to_be_hidden()


LOOKS_HELD = """
  const Native = IntersectionObserver;
  window.IntersectionObserver = class extends Native {
    constructor(tell, options) {
      const held = [];
      const deliver = () => held.length && tell(held.splice(0));
      super((entries) => {
        held.push(...entries);
        if (!window.areLooksHeld) deliver();
        window.held = held.length;
      }, options);
      addEventListener("deliver", deliver);
    }
  };
"""


def test_a_busy_page_goes_by_where_the_image_is_now(talked: ScriptedPage) -> None:
    """It is told at once that the image has gone and come back."""
    talked.page.add_init_script(LOOKS_HELD)
    talked.page.set_viewport_size({"width": 390, "height": 400})
    talked.reload()
    strip = talked.locator("#asked-strip")
    expect(strip).to_be_in_viewport()  # the conversation is back, and the page at its end
    talked.page.mouse.move(195, 200)
    talked.page.mouse.wheel(0, -10_000)
    expect(strip).to_be_hidden()
    expect(talked.locator("#picture")).to_be_in_viewport()
    talked.page.evaluate("() => { window.areLooksHeld = true; }")
    for way, count in ((10_000, 1), (-10_000, 2)):
        talked.page.mouse.wheel(0, way)
        talked.page.wait_for_function("(count) => window.held === count", arg=count)
    talked.page.evaluate("() => dispatchEvent(new Event('deliver'))")
    expect(strip).to_be_hidden()


@pytest.fixture
def with_camera(page: Page, scripted_url: str) -> ScriptedPage:
    """The page on a machine that has a camera."""
    page.add_init_script(CAMERA)
    return ScriptedPage(page, scripted_url).open(cameras=[{"kind": "videoinput"}])


def test_a_photo_is_taken_and_asked_about(with_camera: ScriptedPage) -> None:
    with_camera.locator("#take-photo").click()
    expect(with_camera.locator("#camera-shoot")).to_be_enabled()
    expect(with_camera.locator("#camera-shoot")).to_be_focused()
    with_camera.page.keyboard.press("Enter")
    expect(with_camera.locator("#camera-dialog")).to_be_hidden()
    expect(with_camera.locator("#image-name")).to_have_text("Photo.jpg")
    expect(with_camera.locator("#image-size")).to_have_text("64 × 48")
    with_camera.page.wait_for_function("() => window.ended === 1"), "its light is out"


def test_the_camera_goes_off_with_the_dialog(with_camera: ScriptedPage) -> None:
    with_camera.locator("#take-photo").click()
    expect(with_camera.locator("#camera-dialog")).to_be_visible()
    expect(with_camera.locator("#camera-shoot")).to_be_enabled()
    with_camera.page.keyboard.press("Escape")
    expect(with_camera.locator("#camera-dialog")).to_be_hidden()
    with_camera.page.wait_for_function("() => window.ended === 1")
    expect(with_camera.locator("#image-name")).to_be_hidden()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("NotAllowedError", "does not let this page use the camera"),
        ("NotReadableError", "The camera could not be started"),
    ],
)
def test_why_there_is_no_picture_is_said(with_camera: ScriptedPage, refusal: str, said: str) -> None:
    with_camera.page.evaluate("(name) => { window.refusal = name; }", refusal)
    with_camera.locator("#take-photo").click()
    expect(with_camera.locator("#camera-message")).to_contain_text(said)
    expect(with_camera.locator("#camera-shoot")).to_be_disabled()


def test_without_a_camera_none_is_offered(page: Page, scripted_url: str) -> None:
    page.add_init_script(CAMERA)
    scripted = ScriptedPage(page, scripted_url).open(cameras=[{"kind": "audioinput"}])
    expect(scripted.locator("#take-photo")).to_be_hidden()


def test_a_phone_opens_its_own_camera(browser: Browser, scripted_url: str) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 700})
    scripted = ScriptedPage(context.new_page(), scripted_url).open()
    with scripted.page.expect_file_chooser() as chooser:
        scripted.locator("#take-photo").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
    context.close()
