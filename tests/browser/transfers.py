"""What is dropped, dragged and pasted into the page, and what then is asked about."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_ui import TINY_PNG

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


def expect_kept(page: ScriptedPage) -> None:
    """Nothing has happened to image and conversation."""
    expect(page.locator("#image-name")).to_have_text(SAMPLE)
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator(".answer .text")).to_have_text("circle")
    assert len(page.calls("encode")) == 1


def expect_taken(page: ScriptedPage, name: str) -> None:
    """Another image is asked about from now on; what was said of the one before stays."""
    expect(page.locator("#image-name")).to_have_text(name)
    expect(page.locator("#image-size")).to_have_text("2 × 1")
    expect(page.locator(".answer .text")).to_have_text("circle")
