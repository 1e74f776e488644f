"""Files and text that are dropped, dragged or pasted: what is meant is taken, and nothing is lost for what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from odd_images import ODD_IMAGES
from scripted_page import ScriptedPage
from test_page_loading import HOLD_THE_FIRST_READ
from test_page_ui import TINY_PNG, png

LETTER = b"Dear reader, this is no picture."
CUT_PNG = TINY_PNG[:20]
SAMPLE = "A red circle"
SHAPE = "What shape is in the image?"

# Pastes where the focus is; returns whether the browser does what it does with text.
PASTE = """({files, texts}) => {
  const clipboardData = new DataTransfer();
  for (const { name, type, hex } of files) {
    const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
    clipboardData.items.add(new File([bytes], name, { type }));
  }
  for (const [type, text] of Object.entries(texts)) clipboardData.setData(type, text);
  const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
  return document.activeElement.dispatchEvent(event);
}"""

# From now on, how often the page begins to invite a drop.
COUNT_INVITATIONS = """() => {
  window.invitations = 0;
  let was = false;
  new MutationObserver(() => {
    const is = document.body.classList.contains("dragging");
    if (is && !was) window.invitations += 1;
    was = is;
  }).observe(document.body, { attributes: true });
}"""

# Drags from one place of the page to another, with a file on the way as browsers with a window have it for images.
DRAG_WITH_FILE = """([from, to]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], "dragged.png", { type: "image/png" }));
  const tell = (selector, type) => {
    const init = { bubbles: true, cancelable: true, dataTransfer };
    return document.querySelector(selector).dispatchEvent(new DragEvent(type, init));
  };
  tell(from, "dragstart");
  for (const type of ["dragenter", "dragover"]) tell(to, type);
  const invited = document.body.classList.contains("dragging");
  tell(to, "drop");
  tell(from, "dragend");
  return invited;
}"""


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


class Dragging:
    """A real drag over the page, as from a file manager or another window."""

    def __init__(self, page: ScriptedPage, *files: Path, texts: dict[str, str] | None = None) -> None:
        """Take hold of files, or of text by its types."""
        self._cdp = page.page.context.new_cdp_session(page.page)
        items = [{"mimeType": mime, "data": text} for mime, text in (texts or {}).items()]
        self._data = {"items": items, "files": [str(file) for file in files], "dragOperationsMask": 1}
        self._page = page

    def over(self, selector: str) -> Dragging:
        """Move to an element's middle."""
        self._tell("dragEnter" if not hasattr(self, "_at") else "dragOver", selector)
        self._tell("dragOver", selector)
        return self

    def drop(self) -> None:
        """Let go."""
        self._cdp.send("Input.dispatchDragEvent", {"type": "drop", **self._at, "data": self._data})

    def leave(self) -> None:
        """Go back out of the window; of this Chromium's protocol knows nothing."""
        self._page.page.evaluate(
            """({x, y}) => document.elementFromPoint(x, y)
              .dispatchEvent(new DragEvent("dragleave", { bubbles: true }))""",
            self._at,
        )

    def _tell(self, kind: str, selector: str) -> None:
        box = self._page.locator(selector).bounding_box()
        assert box is not None
        self._at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        self._cdp.send("Input.dispatchDragEvent", {"type": kind, **self._at, "data": self._data})


def drop(page: ScriptedPage, *files: Path, texts: dict[str, str] | None = None, at: str = "#chat") -> None:
    """Drop files or text somewhere."""
    Dragging(page, *files, texts=texts).over(at).drop()


def paste(page: ScriptedPage, *files: dict[str, str], at: str | None = None, **texts: str) -> bool:
    """Paste at an element, or where nothing has the focus; returns whether it is left to the browser."""
    if at:
        page.locator(at).focus()
    else:
        page.page.evaluate("() => document.activeElement.blur()")
    types = {"text": "text/plain", "html": "text/html"}
    left: bool = page.page.evaluate(PASTE, {"files": files, "texts": {types[key]: texts[key] for key in texts}})
    return left


@pytest.fixture
def talked(scripted: ScriptedPage) -> ScriptedPage:
    """A sample is asked about, and one question was answered."""
    scripted.open()
    scripted.choose_sample()
    scripted.script("vision")
    expect(scripted.locator("#image-state")).to_have_text("Looking at the image…")
    scripted.script("finish")
    scripted.script("whole")
    scripted.ask(SHAPE)
    expect(scripted.locator(".answer .activity")).to_have_text("Thinking…")
    scripted.script("finish", "circle")
    expect(scripted.locator(".answer .text")).to_have_text("circle")
    return scripted


@pytest.fixture
def make(tmp_path: Path) -> Callable[[dict[str, bytes]], list[Path]]:
    """Write files under a new folder; returns what lies at its top, as it was named."""

    def write(files: dict[str, bytes]) -> list[Path]:
        for name, data in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        return [tmp_path / top for top in dict.fromkeys(name.split("/")[0] for name in files)]

    return write


def expect_kept(page: ScriptedPage) -> None:
    """Nothing has happened to image and conversation."""
    expect(page.locator("#image-name")).to_have_text(SAMPLE)
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator(".answer .text")).to_have_text("circle")
    assert len(page.calls("encode")) == 1


def expect_taken(page: ScriptedPage, name: str) -> None:
    """Another image is asked about, in a new conversation."""
    expect(page.locator("#image-name")).to_have_text(name)
    expect(page.locator("#image-size")).to_have_text("2 × 1")
    expect(page.locator(".message")).to_have_count(0)


Make = Callable[[dict[str, bytes]], list[Path]]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({".DS_Store": b"\0\0\0\1Bud1"}, ".DS_Store: This file is not an image that can be read."),
        ({"letter.png": LETTER}, "letter.png: This file is not an image that can be read."),
        ({"cut.png": CUT_PNG}, "cut.png: The image is damaged"),
        ({"empty.jpg": b""}, "empty.jpg: The image file is empty."),
        ({"a.txt": LETTER, "b.pdf": b"%PDF-1.7"}, "There is no image among these files that can be read."),
        ({"a.txt": LETTER, "cut.png": CUT_PNG}, "cut.png: The image is damaged"),
        ({"empty/.hidden.png": TINY_PNG}, "There is no image among these files that can be read."),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used_takes_nothing_away(
    talked: ScriptedPage, make: Make, files: dict[str, bytes], sentence: str
) -> None:
    drop(talked, *make(files))
    expect(talked.locator("#image-message")).to_contain_text(sentence)
    expect(talked.locator("#image-message")).to_contain_text(f"You still ask about {SAMPLE}.")
    expect(talked.locator("#drop-zone")).to_have_attribute("aria-busy", "false")
    expect_kept(talked)


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


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"notes.txt": LETTER, "cat.png": TINY_PNG}, "cat.png"),
        ({".DS_Store": LETTER, "cut.png": CUT_PNG, "cat.png": TINY_PNG}, "cat.png"),
        ({"notes.txt": LETTER, "unnamed": TINY_PNG}, "unnamed"),
        ({"folder/cat.png": TINY_PNG}, "cat.png"),
        ({"folder/a/first.png": TINY_PNG, "folder/z10.png": TINY_PNG, "folder/z9.png": TINY_PNG}, "z9.png"),
        ({"folder/._cat.png": LETTER, "folder/deep/er/cat.png": TINY_PNG}, "cat.png"),
        ({"folder/a.txt": LETTER, "cat.png": TINY_PNG}, "cat.png"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_the_first_usable_image_is_taken(talked: ScriptedPage, make: Make, files: dict[str, bytes], name: str) -> None:
    drop(talked, *make(files))
    expect_taken(talked, name)
    visible = [path for path in files if "/." not in path]
    said = f"One image at a time: of {len(visible)} files {name} was taken." if len(visible) > 1 else ""
    expect(talked.locator("#image-message")).to_have_text(said)


def test_a_large_folder_is_read_to_its_end(talked: ScriptedPage, make: Make) -> None:
    many = {f"folder/{number}.txt": b"x" for number in range(450)}
    drop(talked, *make({**many, "folder/9999.png": TINY_PNG, "folder/b.png": CUT_PNG, "folder/d.png": TINY_PNG}))
    expect_taken(talked, "9999.png")
    expect(talked.locator("#image-message")).to_contain_text("of 453 files")


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


def test_text_of_elsewhere_is_dropped_into_the_question_and_nowhere_else(talked: ScriptedPage) -> None:
    drop(talked, texts={"text/plain": "What color?"}, at="#question")
    expect(talked.locator("#question")).to_have_value("What color?")
    expect(talked.locator("#image-message")).to_be_empty()
    drop(talked, texts={"text/plain": "What color?"}, at="#preview")
    expect(talked.locator("#image-message")).to_contain_text("text or a link")
    expect_kept(talked)


def test_an_answer_can_be_dragged_into_the_question(talked: ScriptedPage) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    talked.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.answer .text'))")
    talked.locator(".answer .text").drag_to(talked.locator("#question"))
    expect(talked.locator("#question")).to_have_value("circle")
    assert talked.page.evaluate("() => window.invitations") == 0
    expect(talked.locator("#image-message")).to_be_empty()
    expect_kept(talked)


@pytest.mark.parametrize("source", ["#preview", "#samples img"])
@pytest.mark.parametrize("target", ["#preview", "#chat", "#question"])
def test_what_is_dragged_from_the_page_is_nothing_new(talked: ScriptedPage, source: str, target: str) -> None:
    assert talked.page.evaluate(DRAG_WITH_FILE, [source, target]) is False
    expect_kept(talked)
    expect(talked.locator("#image-message")).to_be_empty()


def test_a_slight_drag_of_a_sample_is_a_click(talked: ScriptedPage) -> None:
    box = talked.locator("#samples button").nth(1).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    talked.page.mouse.move(x, y)
    talked.page.mouse.down()
    talked.page.mouse.move(x + 12, y + 9, steps=4)
    talked.page.mouse.up()
    expect(talked.locator("#image-name")).not_to_have_text(SAMPLE)
    expect(talked.locator(".message")).to_have_count(0)


def test_a_real_drag_of_the_preview_changes_nothing_and_the_next_drop_counts(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    talked.locator("#preview").drag_to(talked.locator("#chat"))
    assert talked.page.evaluate("() => window.invitations") == 0
    expect_kept(talked)
    expect(talked.locator("#image-message")).to_be_empty()
    drop(talked, *make({"cat.png": TINY_PNG}))
    expect_taken(talked, "cat.png")


def test_a_drag_whose_source_is_gone_does_not_keep_the_next_out(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(
        "() => document.querySelector('.answer').dispatchEvent(new DragEvent('dragstart', { bubbles: true }))"
    )
    talked.locator("#samples button").nth(1).click()
    expect(talked.locator(".message")).to_have_count(0)
    drop(talked, *make({"cat.png": TINY_PNG}))
    expect_taken(talked, "cat.png")


def test_the_page_invites_files_once_and_until_they_leave(talked: ScriptedPage, make: Make) -> None:
    talked.page.evaluate(COUNT_INVITATIONS)
    dragging = Dragging(talked, *make({"cat.png": TINY_PNG}))
    overlay = talked.locator(".drop-overlay")
    for selector in ("#chat", "#question", "#preview", "#samples button:first-child", ".site-header h1", "#chat"):
        dragging.over(selector)
        expect(overlay).to_be_visible()
    dragging.leave()
    expect(overlay).to_be_hidden()
    assert talked.page.evaluate("() => window.invitations") == 1


def test_text_is_not_invited(talked: ScriptedPage) -> None:
    Dragging(talked, texts={"text/plain": "What color?"}).over("#chat").over("#preview")
    expect(talked.locator(".drop-overlay")).to_be_hidden()


OFFICE = {"text": "Q1\t42\r\nQ2\t43", "html": "<table><tr><td>Q1</td></tr></table>"}


def test_text_beside_a_picture_of_it_goes_where_one_writes(talked: ScriptedPage) -> None:
    assert paste(talked, png("image.png"), at="#question", **OFFICE)
    expect_kept(talked)
    assert not paste(talked, png("image.png"), **OFFICE)
    expect_taken(talked, "image.png")


@pytest.mark.parametrize("at", ["#question", "#chat", None])
@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"html": "<img src='https://example.org/cat.png'>"},
        {"text": "cat.png"},
        {"text": "/home/me/cat.png\n"},
        {"text": r"C:\Users\me\cat.png"},
        {"text": "file:///home/me/c%61t.png"},
    ],
    ids=str,
)
def test_a_copied_picture_or_file_is_pasted_anywhere(
    talked: ScriptedPage, texts: dict[str, str], at: str | None
) -> None:
    assert not paste(talked, png("cat.png"), at=at, **texts)
    expect_taken(talked, "cat.png")
    expect(talked.locator("#question")).to_have_value("")


def test_pasted_text_is_left_to_the_question_and_explained_elsewhere(talked: ScriptedPage) -> None:
    assert paste(talked, at="#question", text="What color?")
    expect(talked.locator("#image-message")).to_be_empty()
    assert paste(talked, text="What color?")
    expect(talked.locator("#image-message")).to_contain_text("text or a link")
    expect_kept(talked)


def test_a_pasted_text_file_changes_nothing(talked: ScriptedPage) -> None:
    paste(talked, {"name": "notes.txt", "type": "text/plain", "hex": LETTER.hex()}, at="#question", text="notes.txt")
    expect(talked.locator("#image-message")).to_contain_text("notes.txt: This file is not an image")
    expect_kept(talked)


def test_nothing_is_pasted_behind_a_dialog(talked: ScriptedPage) -> None:
    talked.locator("#model-button").click()
    for at in ("#model-source", "#model-load, #model-cancel"):
        assert paste(talked, png("cat.png"), at=at)
    expect_kept(talked)


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
    expect(expect_taken_and_asked).to_have_text(["What color is it?"])
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
    expect(talked.locator(".question .text")).to_have_text(["What size is it?"])
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
