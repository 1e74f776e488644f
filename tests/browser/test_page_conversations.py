"""Conversations: several images in one, kept through reloads and killed tabs, asked again, edited, copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from scripted_page import ScriptedPage

SHAPE, COLOR = "What shape is in the image?", "What color is it?"


# Whether the last answer of the conversation on the screen is kept in a state.
LAST_ANSWER = """async (wanted) => {
  const { History } = await import("/ui/history/store.js");
  const found = await (await History.open()).conversation(sessionStorage.getItem("tinyvlm-conversation"));
  if (!found) return false; // not yet: nothing waits for what a test asks in one go
  const { answer } = found.messages.at(-1);
  return Object.entries(wanted).every(([name, value]) => answer[name] === value);
}"""
SLOW_DISK = """() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, ...rest) {
    if (this.name !== "messages" || window.isOver) return put.call(this, value, ...rest);
    const held = this.get("nothing"); // keeps the transaction open until it is over
    held.onsuccess = () => this.put(value, ...rest);
    return held;
  };
}"""
SILENT_DISK = """() => {
  const store = new Proxy({}, { get: () => () => new EventTarget() });
  IDBDatabase.prototype.transaction = () => Object.assign(new EventTarget(), { objectStore: () => store });
}"""
# Those of blobs that are held from now on.
KEEP_ADDRESSES = """() => {
  const { createObjectURL, revokeObjectURL } = URL;
  window.addresses = new Set();
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob);
    window.addresses.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    window.addresses.delete(url);
    revokeObjectURL(url);
  };
}"""


def answered(page: ScriptedPage, question: str, answer: str) -> None:
    """Ask, and have it answered."""
    before = page.locator(".answer").count()
    page.ask(question)
    page.until_running("ask")
    page.script("finish", answer)
    expect(page.locator(".answer").nth(before).locator(".text")).to_have_text(answer)


def seen(page: ScriptedPage, name: str) -> None:
    """Wait until an image is asked about, and has been looked at."""
    expect(page.locator("#image-name")).to_have_text(name)
    expect(page.locator("#image-state")).to_have_text("Looking at the image…")
    page.script("finish")
    expect(page.locator("#image-state")).to_have_text("")


def ready_again(page: ScriptedPage) -> None:
    """Have the engine ready after a reload."""
    expect(page.locator("#samples button")).not_to_have_count(0)
    page.script("vision")
    page.script("whole")


def images(tmp_path: Path, *names: str) -> list[str]:
    """Write small pictures of different colours."""
    from PIL import Image

    paths = []
    for number, name in enumerate(names):
        path = tmp_path / name
        Image.new("RGB", (40 + number, 30), (50 * number, 90, 200)).save(path)
        paths.append(str(path))
    return paths


def test_a_new_image_joins_the_conversation(talked: ScriptedPage, tmp_path: Path) -> None:
    expect(talked.locator("#image-tray")).to_be_hidden()
    talked.locator("#file-input").set_input_files(images(tmp_path, "second.png"))
    seen(talked, "second.png")
    expect(talked.locator(".answer .text")).to_have_text("circle")
    expect(talked.locator(".tray-image")).to_have_count(2)
    expect(talked.locator(".tray-image").nth(1)).to_have_attribute("aria-pressed", "true")
    answered(talked, COLOR, "blue")
    expect(talked.locator(".question .asked-picture")).to_have_count(2)
    answered(talked, SHAPE, "a rectangle")
    expect(talked.locator(".question .asked-picture")).to_have_count(2)  # it is not shown twice in a row
    first, second, third = talked.calls("ask")
    assert first["image"] != second["image"] == third["image"]


def test_a_picture_is_loaded_once_for_all_places_that_show_it(talked: ScriptedPage, tmp_path: Path) -> None:
    loaded: list[str] = []
    talked.page.evaluate(KEEP_ADDRESSES)
    talked.page.on("request", lambda request: loaded.append(request.url) if request.url.startswith("blob:") else None)
    talked.locator("#file-input").set_input_files(images(tmp_path, "second.png"))
    seen(talked, "second.png")
    answered(talked, COLOR, "blue")
    for at in (0, 1):
        talked.locator(".tray-image").nth(at).click()
        expect(talked.locator(".tray-image").nth(at)).to_have_attribute("aria-pressed", "true")
        expect(talked.locator("#image-state")).to_have_text("Looking at the image…")
        talked.script("finish")
        answered(talked, SHAPE, "a rectangle")
    expect(talked.locator(".asked-picture")).to_have_count(4)
    talked.until(
        """() => ["#preview", ".tray-image img", ".asked-picture"].every((selector) =>
          [...document.querySelectorAll(selector)].every(({ complete, naturalWidth }) => complete && naturalWidth))"""
    )
    assert len(loaded) == 1
    talked.locator("#history-button").click()
    talked.locator("#history-new").click()
    expect(talked.locator(".message")).to_have_count(0)
    talked.until("() => window.addresses.size === 0")  # those of the list's rows go when they are loaded


def test_several_images_come_at_once(scripted: ScriptedPage, tmp_path: Path) -> None:
    scripted.open()
    scripted.locator("#file-input").set_input_files(images(tmp_path, "a.png", "b.png", "c.png"))
    expect(scripted.locator("#image-name")).to_have_text("a.png")
    expect(scripted.locator(".tray-image")).to_have_count(3)
    expect(scripted.locator("#image-message")).to_have_text("3 images were added. You ask about a.png.")
    scripted.locator(".tray-image").nth(2).click()
    expect(scripted.locator("#image-name")).to_have_text("c.png")
    expect(scripted.locator("#image-message")).to_be_empty()  # what it said was of the one before
    expect(scripted.locator(".tray-image")).to_have_count(3)


def test_what_is_no_image_among_several_is_said(scripted: ScriptedPage, tmp_path: Path) -> None:
    scripted.open()
    notes = tmp_path / "notes.txt"
    notes.write_text("no image")
    scripted.locator("#file-input").set_input_files([*images(tmp_path, "a.png", "b.png"), str(notes)])
    expect(scripted.locator("#image-message")).to_contain_text("Of 3 files 2 were added")
    expect(scripted.locator(".tray-image")).to_have_count(2)


def test_the_same_image_chosen_again_is_no_other(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.choose_sample(0)
    name = scripted.locator("#image-name").inner_text()
    scripted.choose_sample(1)
    expect(scripted.locator(".tray-image")).to_have_count(2)
    scripted.choose_sample(0)
    expect(scripted.locator("#image-name")).to_have_text(name)
    expect(scripted.locator(".tray-image")).to_have_count(2)


def test_a_reload_brings_everything_back(talked: ScriptedPage, tmp_path: Path) -> None:
    talked.locator("#file-input").set_input_files(images(tmp_path, "second.png"))
    seen(talked, "second.png")
    answered(talked, COLOR, "blue")
    talked.locator("#question").fill("and how many")
    talked.until(
        "async () => (await (await (await import('/ui/history/store.js')).History.open()).drafts()).length === 1"
    )
    talked.reload()
    expect(talked.locator(".question .text")).to_have_text([SHAPE, COLOR])
    expect(talked.locator(".answer .text")).to_have_text(["circle", "blue"])
    expect(talked.locator(".answer .meta").first).to_contain_text("120 ms to first token")
    expect(talked.locator("#question")).to_have_value("and how many")
    expect(talked.locator("#image-name")).to_have_text("second.png")
    expect(talked.locator(".tray-image")).to_have_count(2)
    ready_again(talked)
    seen(talked, "second.png")
    answered(talked, "And now?", "still blue")


def test_an_answer_that_was_being_written_is_marked(talked: ScriptedPage) -> None:
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.script("token", "it is very")
    expect(talked.locator(".answer .text").nth(1)).to_have_text("it is very")
    talked.until(LAST_ANSWER, {"text": "it is very"})  # on the disk
    talked.reload()
    expect(talked.locator(".question .text")).to_have_text([SHAPE, COLOR])
    expect(talked.locator(".answer .text").nth(1)).to_have_text("it is very")
    expect(talked.locator(".answer .meta").nth(1)).to_contain_text("Interrupted")


def test_what_is_answered_before_its_question_is_kept_is_kept_with_it(talked: ScriptedPage) -> None:
    talked.page.evaluate(SLOW_DISK)
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.script("token", "it is very")
    expect(talked.locator(".answer .text").nth(1)).to_have_text("it is very")
    talked.page.evaluate("() => void (window.isOver = true)")
    talked.until(LAST_ANSWER, {"text": "it is very"})


def test_a_killed_tab_loses_no_question(talked: ScriptedPage, scripted_url: str) -> None:
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.until(LAST_ANSWER, {"state": "unfinished"})  # it is on the disk
    with pytest.raises(Error):
        talked.page.goto("chrome://crash")
    other = talked.page.context.new_page()
    after = ScriptedPage(other, scripted_url).open()
    expect(after.locator(".message")).to_have_count(0)
    after.locator("#history-button").click()
    expect(after.locator(".history-open .name")).to_have_text(SHAPE)
    after.locator(".history-open").click()
    expect(after.locator(".question .text")).to_have_text([SHAPE, COLOR])
    expect(after.locator(".answer").nth(1)).to_contain_text("Interrupted before the answer began.")


def test_an_answer_is_finished_when_it_is_kept_or_the_disk_was_silent_for_a_second(talked: ScriptedPage) -> None:
    talked.page.evaluate(SILENT_DISK)
    talked.page.clock.install(time=0)
    talked.page.clock.pause_at(60_000)
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.script("token", "blue")
    talked.script("finish", "blue")
    answer = talked.locator(".answer").nth(1)
    talked.page.clock.run_for(999)
    expect(answer).to_contain_text("blue")
    expect(answer).to_have_attribute("data-state", "streaming")
    talked.page.clock.run_for(1)
    expect(answer).to_have_attribute("data-state", "done")


def test_stopped_and_failed_answers_are_kept_as_such(talked: ScriptedPage) -> None:
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.locator("#stop").click()
    expect(talked.locator(".answer").nth(1)).to_have_attribute("data-state", "stopped")
    talked.ask("And this?")
    talked.until_running("ask")
    talked.script("failRequest", "engine-stopped", "English")
    expect(talked.locator(".answer").nth(2)).to_have_attribute("data-state", "error")
    talked.until(LAST_ANSWER, {"state": "failed"})
    talked.reload()
    expect(talked.locator(".answer").nth(1)).to_contain_text("Stopped before the answer began.")
    expect(talked.locator(".answer").nth(2)).to_contain_text("The engine stopped before it had answered. Ask again.")


def test_a_question_is_asked_again_about_its_own_image(talked: ScriptedPage, tmp_path: Path) -> None:
    talked.locator("#file-input").set_input_files(images(tmp_path, "second.png"))
    seen(talked, "second.png")
    answered(talked, COLOR, "blue")
    talked.locator(".answer").first.get_by_role("button", name="Ask again").click()
    expect(talked.locator(".question .text")).to_have_text([SHAPE, COLOR, SHAPE])
    expect(talked.locator("#image-name")).not_to_have_text("second.png")
    first, second, third = talked.calls("ask")
    assert first["image"] == third["image"] != second["image"]


def test_a_question_is_edited(talked: ScriptedPage) -> None:
    talked.locator(".actions.of-question button").click()
    expect(talked.locator("#question")).to_have_value(SHAPE)
    expect(talked.locator("#question")).to_be_focused()


def test_an_answer_is_copied(talked: ScriptedPage) -> None:
    talked.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    talked.locator(".answer").get_by_role("button", name="Copy").click()
    expect(talked.locator(".answer .actions")).to_contain_text("Copied")
    assert talked.page.evaluate("() => navigator.clipboard.readText()") == "circle"


def test_an_answer_is_copied_where_there_is_no_clipboard(talked: ScriptedPage) -> None:
    """As over plain HTTP: copied in the old way, or selected where that is refused, too."""
    talked.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    talked.page.evaluate("""() => {
      window.clipboard = navigator.clipboard;
      Object.defineProperty(navigator, "clipboard", { value: undefined });
    }""")
    copy = talked.locator(".answer .actions button").first
    copy.click()
    expect(copy).to_have_text("Copied")
    assert talked.page.evaluate("() => window.clipboard.readText()") == "circle"
    talked.page.evaluate("() => { document.execCommand = () => false; getSelection().removeAllRanges(); }")
    copy.click()
    expect(copy).to_have_text("Selected: copy it by hand")
    assert talked.page.evaluate("() => String(getSelection())") == "circle"


def test_a_running_answer_goes_on_while_an_image_is_added(talked: ScriptedPage, tmp_path: Path) -> None:
    talked.ask(COLOR)
    talked.until_running("ask")
    talked.locator("#file-input").set_input_files(images(tmp_path, "second.png"))
    expect(talked.locator("#image-name")).to_have_text("second.png")
    talked.script("finish", "red")
    expect(talked.locator(".answer .text").nth(1)).to_have_text("red")


def test_without_storage_all_works_until_the_page_is_closed(page: Page, scripted_url: str) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    scripted = ScriptedPage(page, scripted_url).open()
    expect(scripted.locator("#notices")).to_contain_text("This browser keeps no history for this page")
    scripted.choose_sample()
    scripted.script("vision")
    scripted.script("whole")
    scripted.script("finish")
    answered(scripted, SHAPE, "circle")
    scripted.locator("#history-button").click()
    expect(scripted.locator(".history-open .name")).to_have_text(SHAPE)
