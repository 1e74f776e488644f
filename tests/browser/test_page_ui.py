"""What a person does on the page: bring an image in, ask, stop, make mistakes.

Needs the fixtures `page` (pytest-playwright) and `site_url` (the running site, ends with "/").
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

# 2 x 1 pixels, one red, one blue.
TINY_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd"
    "0000000f49444154789c63f8cfc0c0c0f01f00070001ff7e08b1d00000000049454e44ae426082"
)
PNG_FILE = {"name": "tiny.png", "mimeType": "image/png", "buffer": TINY_PNG}
TEXT_AS_PNG = {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear reader, this is no picture."}
READY_TIMEOUT_MS = 60_000

Release = Callable[[], None]


def open_page(page: Page, site_url: str) -> None:
    """Open the page and wait for its own scripts, not for the engine."""
    page.goto(site_url)
    expect(page.locator("#samples button")).not_to_have_count(0)


def wait_until_ready(page: Page) -> None:
    """Wait for the engine."""
    page.evaluate("async () => { await window.tinyvlm.ready; }")
    expect(page.locator("#progress")).to_be_hidden()


@pytest.fixture
def release_engine(page: Page) -> Release:
    """Keep the engine from loading until the returned function is called."""
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    def release() -> None:
        nonlocal released
        released = True
        for route in held:
            route.continue_()

    page.route("**/site.json", hold)
    return release


def bring_files(page: Page, event: str, files: list[dict[str, str]]) -> None:
    """Drop or paste files made in the page: `{"name", "type", "hex"}` each; without files, some text."""
    page.evaluate(
        """([event, files]) => {
          const transfer = new DataTransfer();
          for (const { name, type, hex } of files) {
            const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
            transfer.items.add(new File([bytes], name, { type }));
          }
          if (!files.length) transfer.setData("text/plain", "https://example.org/cat.png");
          const init = { bubbles: true, cancelable: true };
          document.querySelector("#drop-zone").dispatchEvent(
            event === "drop"
              ? new DragEvent("drop", { ...init, dataTransfer: transfer })
              : new ClipboardEvent("paste", { ...init, clipboardData: transfer }),
          );
        }""",
        [event, files],
    )


def png(name: str) -> dict[str, str]:
    """A small PNG for `bring_files`."""
    return {"name": name, "type": "image/png", "hex": TINY_PNG.hex()}


def ask(page: Page, question: str) -> None:
    """Type a question and press Enter."""
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")


def expect_state(page: Page, state: str, index: int = -1) -> None:
    """Wait until an answer is in a state."""
    answer = page.locator(".message.answer").nth(index)
    expect(answer).to_have_attribute("data-state", state, timeout=READY_TIMEOUT_MS)


def test_picked_file_is_shown_with_name_and_size(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.set_input_files("#file-input", PNG_FILE)
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#image-name")).to_have_text("tiny.png")
    expect(page.locator("#image-size")).to_have_text("2 × 1")


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_dropped_or_pasted_file_is_shown(page: Page, site_url: str, event: str) -> None:
    open_page(page, site_url)
    bring_files(page, event, [png("brought.png")])
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#image-name")).to_have_text("brought.png")


def test_the_first_of_several_dropped_files_is_asked_about(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    bring_files(page, "drop", [png("first.png"), png("second.png")])
    expect(page.locator("#image-name")).to_have_text("first.png")
    expect(page.locator("#image-message")).to_have_text("2 images were added. You ask about first.png.")


def test_dropped_text_is_explained(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    bring_files(page, "drop", [])
    expect(page.locator("#image-message")).to_contain_text("text or a link")
    expect(page.locator("#preview")).to_be_hidden()


def test_sample_and_suggestion_give_an_answer(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    expect(page.locator("#preview")).to_be_visible()
    page.locator("#suggestions button").first.click()
    expect_state(page, "done")
    expect(page.locator(".message.answer .text")).not_to_be_empty()
    expect(page.locator(".message.answer .meta")).to_contain_text("to first token")


def test_questions_reuse_the_image_that_was_looked_at_ahead(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    for index in range(2):
        ask(page, "What shape is in the image?")
        expect_state(page, "done", index)
        expect(page.locator(".message.answer .meta").nth(index)).to_contain_text("image reused")


def test_a_new_image_joins_the_conversation(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    ask(page, "What shape is in the image?")
    expect_state(page, "done")
    page.locator("#samples button").nth(1).click()
    expect(page.locator(".tray-image")).to_have_count(2)
    expect(page.locator(".message")).to_have_count(2)
    ask(page, "What shape is it?")
    expect_state(page, "done", 1)
    expect(page.locator(".question .asked-picture")).to_have_count(2)


def test_empty_question_is_explained(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    ask(page, "   ")
    expect(page.locator("#hint")).to_have_text("Write a question first.")
    expect(page.locator(".message")).to_have_count(0)


def test_question_without_an_image_is_explained_and_kept(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    ask(page, "What is this?")
    expect(page.locator("#hint")).to_contain_text("Choose an image first")
    expect(page.locator("#question")).to_have_value("What is this?")


def test_question_while_loading_is_answered_later(page: Page, site_url: str, release_engine: Release) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    ask(page, "What shape is in the image?")
    expect(page.locator(".message.answer .activity")).to_contain_text("Waiting for the model to load")
    expect(page.locator("#progress")).to_be_visible()
    release_engine()
    expect_state(page, "done")
    expect(page.locator("#progress")).to_be_hidden()


@pytest.mark.parametrize("way", ["button", "escape"])
def test_stop(page: Page, site_url: str, release_engine: Release, way: str) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    ask(page, "What shape is in the image?")
    expect(page.locator("#send")).to_be_hidden()
    if way == "button":
        page.locator("#stop").click()
    else:
        page.keyboard.press("Escape")
    expect_state(page, "stopped")
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#stop")).to_be_hidden()
    release_engine()
    ask(page, "What color is the shape?")
    expect_state(page, "done", 1)


def test_double_click_on_send_asks_once(page: Page, site_url: str, release_engine: Release) -> None:
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    page.locator("#question").fill("What shape is in the image?")
    page.locator("#send").dblclick()
    release_engine()
    expect_state(page, "done")
    expect(page.locator(".message.question")).to_have_count(1)


def test_text_file_named_png_is_refused_and_the_question_kept(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    page.set_input_files("#file-input", TEXT_AS_PNG)
    ask(page, "What is in this picture?")
    expect(page.locator("#image-message")).to_contain_text("not an image")
    expect(page.locator("#question")).to_have_value("What is in this picture?")
    page.locator("#samples button").first.click()
    page.locator("#send").click()
    expect_state(page, "done")


def test_dead_engine_is_restarted_and_the_chat_kept(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    wait_until_ready(page)
    page.locator("#samples button").first.click()
    ask(page, "What shape is in the image?")
    expect_state(page, "done")
    engine = next(worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
    engine.evaluate("self.close()")
    expect(page.locator("#notices")).to_contain_text("your chat is kept", timeout=READY_TIMEOUT_MS)
    ask(page, "What color is the shape?")
    expect_state(page, "done", 1)
    expect(page.locator(".message.question")).to_have_count(2)


def test_status_names_threads_and_simd(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    wait_until_ready(page)
    expect(page.locator("#status")).to_contain_text(re.compile(r"\d threads?\b"))
    expect(page.locator("#status")).to_contain_text("SIMD")
    page.locator("footer summary").click()
    expect(page.locator("#stats-panel")).to_contain_text("What it cannot do")


@pytest.mark.parametrize("width", [360, 390, 820])
def test_narrow_page_has_no_horizontal_overflow(page: Page, site_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    open_page(page, site_url)
    page.locator("#samples button").first.click()
    ask(page, "What shape is in the image, " + "and-a-word-without-any-place-to-break" * 2 + "?")
    expect_state(page, "done")
    page.locator("footer summary").click()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    expect(page.locator("#question")).to_be_in_viewport()


def test_keyboard_alone_is_enough(page: Page, site_url: str) -> None:
    open_page(page, site_url)

    def tab_to(selector: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} cannot be reached with Tab")

    tab_to("#samples button")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_be_visible()
    tab_to("#suggestions button")
    page.keyboard.press("Space")
    expect_state(page, "done")
    tab_to("#question")
    page.keyboard.type("What color")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("is the shape?")
    expect(page.locator("#question")).to_have_value("What color\nis the shape?")
    page.keyboard.press("Enter")
    expect_state(page, "done", 1)


def test_nothing_leaves_the_page(page: Page, site_url: str) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    open_page(page, site_url)
    page.set_input_files("#file-input", PNG_FILE)
    ask(page, "What is this?")
    expect_state(page, "done")
    assert urls
    assert [url for url in urls if not url.startswith((site_url, "blob:", "data:"))] == []


def test_client_checks_arguments_and_signals(page: Page, site_url: str) -> None:
    open_page(page, site_url)
    outcomes = page.evaluate(
        """async () => {
          const nameOf = (error) => (error instanceof DOMException ? error.name : error.code);
          const outcome = (promise) => promise.then((value) => value, nameOf);
          const image = new Blob([new Uint8Array(8)]);
          const aborted = AbortSignal.abort();
          const vlm = window.tinyvlm;
          return [
            await outcome(vlm.ask("not a blob", "What?")),
            await outcome(vlm.ask(image, 7)),
            await outcome(vlm.ask(image, "What?", { signal: aborted })),
            await outcome(vlm.ask(image, "What?")),
          ];
        }"""
    )
    assert outcomes == ["image-not-blob", "bad-question", "AbortError", "image-unknown-type"]
