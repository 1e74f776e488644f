"""Files that are dropped or chosen: what is meant is taken, and nothing is lost for what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from odd_images import ODD_IMAGES
from scripted_page import ScriptedPage
from test_page_loading import HOLD_THE_FIRST_READ
from test_page_ui import TINY_PNG
from transfers import CUT_PNG, LETTER, SAMPLE, SHAPE, drop, expect_kept, expect_taken, paste

# Folders are listed only with `window.release()`.
HOLD_FOLDERS = """() => {
  const released = new Promise((release) => { window.release = release; });
  const { webkitGetAsEntry } = DataTransferItem.prototype;
  DataTransferItem.prototype.webkitGetAsEntry = function () {
    const entry = webkitGetAsEntry.call(this);
    const reader = entry.createReader();
    entry.createReader = () => ({
      readEntries: (...handlers) => void released.then(() => reader.readEntries(...handlers)),
    });
    return entry;
  };
}"""

# How many files are taken of a folder that lies in itself, and of one that goes on and on.
ENDLESS = """async () => {
  const { filesOf } = await import("/ui/image/transfer.js");
  const folder = (name, readEntries) => ({ name, isDirectory: true, createReader: () => ({ readEntries }) });
  const once = () => {
    let rest = [itself];
    return { readEntries: (done) => done(rest.splice(0)) };
  };
  const itself = { name: "again", isDirectory: true, createReader: once };
  const file = { name: "a.txt", isDirectory: false, file: (done) => done(new File(["x"], "a.txt")) };
  const wide = folder("wide", (done) => done(Array(100).fill(file)));
  const count = async (entry) => {
    const item = { kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => null };
    return (await filesOf({ items: [item] })).length;
  };
  return { deep: await count(itself), wide: await count(wide) };
}"""


Make = Callable[[dict[str, bytes]], list[Path]]


UNUSABLE: list[tuple[dict[str, bytes], str]] = [
    ({".DS_Store": b"\0\0\0\1Bud1"}, ".DS_Store: This file is not an image that can be read."),
    ({"letter.png": LETTER}, "letter.png: This file is not an image that can be read."),
    ({"cut.png": CUT_PNG}, "cut.png: The image is damaged"),
    ({"empty.jpg": b""}, "empty.jpg: The image file is empty."),
    ({"a.txt": LETTER, "b.pdf": b"%PDF-1.7"}, "There is no image among these files that can be read."),
    ({"a.txt": LETTER, "broken.png": CUT_PNG}, "broken.png: The image is damaged"),
    ({"empty/.hidden.png": TINY_PNG}, "There is no image among these files that can be read."),
]


def test_what_cannot_be_used_takes_nothing_away(talked: ScriptedPage, make: Make) -> None:
    for files, sentence in UNUSABLE:
        drop(talked, *make(files))
        expect(talked.locator("#image-message")).to_contain_text(sentence)
        expect(talked.locator("#image-message")).to_contain_text(f"You still ask about {SAMPLE}.")
        expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "false")
        expect_kept(talked)
        drop(talked, texts={"text/plain": "What color?"})  # so that the next sentence is its own
        expect(talked.locator("#image-message")).to_contain_text("text or a link")


def test_what_is_said_of_a_file_is_in_view_on_a_phone(talked: ScriptedPage) -> None:
    """Also for whoever pastes into the question, below a long conversation, while an answer grows."""
    talked.page.set_viewport_size({"width": 390, "height": 600})
    talked.ask("And what else?")
    talked.script("token", "and so on\n" * 80)
    expect(talked.locator("#image-message")).not_to_be_in_viewport()
    paste(talked, {"name": "broken.png", "type": "image/png", "hex": LETTER.hex()}, at="#question")
    expect(talked.locator("#image-message")).to_contain_text("broken.png: This file is not an image")
    expect(talked.locator("#image-message")).to_be_in_viewport(ratio=1)
    talked.script("token", "and so on\n" * 8)
    talked.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(talked.locator("#image-message")).to_be_in_viewport(ratio=1)
    expect(talked.locator("#question")).to_be_focused()


def test_a_refused_first_image_leaves_nothing_chosen(scripted: ScriptedPage, make: Make) -> None:
    scripted.open()
    drop(scripted, *make({"letter.png": LETTER}))
    expect(scripted.locator("#image-message")).to_have_text(
        "letter.png: This file is not an image that can be read. Use a PNG, JPEG, WebP, GIF, BMP or AVIF file."
    )
    expect(scripted.locator("#image-caption")).to_be_hidden()
    scripted.ask(SHAPE)
    expect(scripted.locator("#hint")).to_contain_text("Choose an image first")


USABLE: list[tuple[dict[str, bytes], str]] = [
    ({"notes.txt": LETTER, "cat.png": TINY_PNG}, "cat.png"),
    ({".DS_Store": LETTER, "cut.png": CUT_PNG, "cat.png": TINY_PNG}, "cat.png"),
    ({"notes.txt": LETTER, "unnamed": TINY_PNG}, "unnamed"),
    ({"one/cat.png": TINY_PNG}, "cat.png"),
    ({"two/a/first.png": TINY_PNG, "two/z10.png": TINY_PNG, "two/z9.png": TINY_PNG}, "z9.png"),
    ({"three/._cat.png": LETTER, "three/deep/er/cat.png": TINY_PNG}, "cat.png"),
    ({"four/a.txt": LETTER, "cat.png": TINY_PNG}, "cat.png"),
]


def what_was_added(images: int, total: int, name: str) -> str:
    """The sentence about files that came together; none about one alone."""
    if total == 1:
        return ""
    if images == total:
        return f"{images} images were added. You ask about {name}."
    return f"Of {total} files {images} was added; the others cannot be read, or are too many. You ask about {name}."


def test_the_first_usable_image_is_taken(talked: ScriptedPage, make: Make) -> None:
    for files, name in USABLE:
        drop(talked, *make(files))
        expect_taken(talked, name)
        visible = [path for path in files if "/." not in path]
        images = sum(content == TINY_PNG for content in files.values())
        expect(talked.locator("#image-message")).to_have_text(what_was_added(images, len(visible), name))
        talked.choose_sample()
        expect(talked.locator("#image-name")).to_have_text(SAMPLE)


def test_a_large_folder_is_read_to_its_end(talked: ScriptedPage, make: Make) -> None:
    many = {f"folder/{number}.txt": b"x" for number in range(450)}
    drop(talked, *make({**many, "folder/9999.png": TINY_PNG, "folder/b.png": CUT_PNG, "folder/d.png": TINY_PNG}))
    expect_taken(talked, "9999.png")
    expect(talked.locator("#image-message")).to_contain_text("Of 453 files 2 were added")


def test_a_folder_without_an_end_is_not_waited_for(scripted: ScriptedPage) -> None:
    scripted.open()
    assert scripted.page.evaluate(ENDLESS) == {"deep": 0, "wide": 10_000}


def test_the_folder_of_a_model_is_a_model(talked: ScriptedPage, make: Make) -> None:
    drop(talked, *make({"model/config.json": b"{}", "model/model.safetensors": b"x", "model/cat.png": TINY_PNG}))
    expect(talked.locator("#model-button")).to_have_text("Model")
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.at(-2).name === 'load'")
    expect(talked.locator("#image-name")).to_have_text(SAMPLE)
    expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "false")


def test_a_picture_of_another_page_is_taken_for_what_it_is(talked: ScriptedPage, make: Make) -> None:
    """Its address is beside it; so it is over the question, too."""
    for at in ("#chat", "#question"):
        drop(talked, *make({"cat.png": TINY_PNG}), texts={"text/plain": "https://example.org/cat.png"}, at=at)
        expect(talked.locator("#image-name")).to_have_text("cat.png")
        talked.choose_sample()
        expect(talked.locator("#image-name")).to_have_text(SAMPLE)
    expect(talked.locator("#question")).to_have_value("")


def open_slowly(page: ScriptedPage, content: bytes, name: str = "slow.png") -> None:
    """Choose a file whose bytes come only with `window.release()`."""
    page.page.evaluate(HOLD_THE_FIRST_READ)
    page.page.set_input_files("#file-input", {"name": name, "mimeType": "image/png", "buffer": content})
    page.page.wait_for_function("() => window.release")


def release(page: ScriptedPage) -> None:
    page.page.evaluate("() => window.release()")


def test_the_image_stays_while_the_next_is_opened(talked: ScriptedPage) -> None:
    open_slowly(talked, TINY_PNG)
    expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "true")
    expect(talked.locator("#image-message")).to_have_text("Opening the image…")
    expect_kept(talked)
    release(talked)
    expect_taken(talked, "slow.png")
    expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "false")
    expect(talked.locator("#image-message")).to_be_empty()


@pytest.mark.parametrize("content", [TINY_PNG, LETTER], ids=["image", "text"])
def test_the_last_drop_wins(talked: ScriptedPage, make: Make, content: bytes) -> None:
    open_slowly(talked, content)
    drop(talked, *make({"folder/last.png": TINY_PNG}))
    expect_taken(talked, "last.png")
    release(talked)
    expect_taken(talked, "last.png")
    expect(talked.locator("#image-message")).to_be_empty()


def asked_of(page: ScriptedPage) -> list[Any]:
    return [(call["question"], call["image"]) for call in page.calls("ask")]


def test_a_question_waits_for_the_image_that_is_being_opened(talked: ScriptedPage) -> None:
    open_slowly(talked, TINY_PNG)
    talked.ask("What color is it?")
    talked.locator("#question").press("Enter")
    expect(talked.locator("#question")).to_have_value("What color is it?")
    release(talked)
    expect_taken_and_asked = talked.locator(".question .text")
    expect(expect_taken_and_asked).to_have_text([SHAPE, "What color is it?"])
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2")
    assert asked_of(talked)[1] == ("What color is it?", len(TINY_PNG))


def test_a_question_waits_for_the_folder_that_is_being_listed(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(HOLD_FOLDERS)
    drop(talked, *make({"folder/cat.png": TINY_PNG + b"more"}))
    talked.ask("What color is it?")
    expect(talked.locator("#question")).to_have_value("What color is it?")
    release(talked)
    expect(talked.locator("#image-name")).to_have_text("cat.png")
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2")
    assert asked_of(talked)[1] == ("What color is it?", len(TINY_PNG) + 4)


def test_a_question_is_given_back_where_a_folder_holds_a_model(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(HOLD_FOLDERS)
    drop(talked, *make({"folder/toy.gguf": b"GGUF"}))
    talked.ask("What color is it?")
    release(talked)
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.some(({ name }) => name === 'load')")
    assert len(asked_of(talked)) == 1
    expect(talked.locator("#question")).to_have_value("What color is it?")
    expect(talked.locator("#image-message")).to_be_empty()


def test_what_is_written_while_the_image_is_opened_is_not_lost(talked: ScriptedPage) -> None:
    """The last question that was sent is asked, and what was written since then stays."""
    open_slowly(talked, TINY_PNG)
    talked.ask("What color is it?")
    talked.ask("What size is it?")
    talked.locator("#question").fill("And what")
    release(talked)
    expect(talked.locator(".question .text")).to_have_text([SHAPE, "What size is it?"])
    expect(talked.locator("#question")).to_have_value("And what")


def test_a_question_about_an_image_that_is_refused_is_not_asked_about_the_one_before(talked: ScriptedPage) -> None:
    open_slowly(talked, LETTER)
    talked.locator("#suggestions button").first.click()
    release(talked)
    expect(talked.locator("#image-message")).to_contain_text("slow.png: This file is not an image")
    expect(talked.locator("#question")).to_have_value(SHAPE)
    assert len(asked_of(talked)) == 1
    expect_kept(talked)


def test_what_nobody_expected_ends_the_opening_as_well(talked: ScriptedPage) -> None:
    talked.page.evaluate(
        "() => { OffscreenCanvas.prototype.convertToBlob = async () => { throw new RangeError('No memory.'); }; }"
    )
    turned = {"name": "turned.webp", "mimeType": "image/webp", "buffer": ODD_IMAGES["WebP: EXIF orientation 6"]()}
    talked.page.set_input_files("#file-input", turned)
    expect(talked.locator("#image-message")).to_contain_text("turned.webp: Something went wrong")
    expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "false")
    expect_kept(talked)


def test_of_a_file_that_is_no_image_the_beginning_is_read(talked: ScriptedPage) -> None:
    """A folder may hold thousands of them, of many megabytes each."""
    talked.page.evaluate(
        """() => {
          window.most = 0;
          const { arrayBuffer } = Blob.prototype;
          Blob.prototype.arrayBuffer = function () {
            window.most = Math.max(window.most, this.size);
            return arrayBuffer.call(this);
          };
        }"""
    )
    talked.page.set_input_files("#file-input", {"name": "log", "mimeType": "", "buffer": LETTER * 100_000})
    expect(talked.locator("#image-message")).to_contain_text("log: This file is not an image")
    assert 0 < talked.page.evaluate("() => window.most") < 10_000
