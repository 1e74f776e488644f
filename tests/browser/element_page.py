"""A page of somebody else's with <tiny-vlm> on it, above a double of the engine, or with the engine itself."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from fixtures.shapes import shape_image
from scripted_page import WEB
from website.site_server import CONTENT_SECURITY_POLICY, SiteServer

PAGE = "a-page.html"
EVENTS = ("ready", "progress", "token", "answer", "error")
_DOUBLE = Path(__file__).with_name("doubles") / "element_engine.js"
_LISTEN = """names => {
  window.heard = [];
  for (const name of names) {
    document.addEventListener(`tiny-vlm-${name}`, ({ type, detail, target }) => {
      const { error, result, model, ...plain } = detail;
      window.heard.push([type.replace("tiny-vlm-", ""), target.id, plain]);
    });
  }
}"""
DEFINE = "module => import(module).then(() => true)"


def png(color: str = "red") -> bytes:
    buffer = BytesIO()
    shape_image("circle", color, 128).save(buffer, "PNG")
    return buffer.getvalue()


def element_server() -> SiteServer:
    """What is in web/, with the double in the engine's place, and two images."""
    files: dict[str, Path | bytes] = {
        path.relative_to(WEB).as_posix(): path for path in WEB.rglob("*") if path.is_file()
    }
    images = {f"{color}.png": png(color) for color in ("red", "blue")}
    return SiteServer({**files, **images, "tinyvlm.js": _DOUBLE})


class ElementPage:
    """A page that has been opened; its elements are written as HTML, and defined when the test says so."""

    def __init__(self, page: Page, server: SiteServer) -> None:
        self.page, self.url, self._server = page, server.url, server

    def open(
        self, body: str = "", *, defined: bool = True, headers: dict[str, str] | None = None, lang: str = "en"
    ) -> ElementPage:
        """Show a page with this in its body."""
        html = f"<!doctype html><html lang={lang}><title>A page</title><link rel=icon href=icon.svg><body>{body}"
        # Served, not made up: a browser lets pages of unknown servers have nothing of this machine's.
        self._server.files = {**self._server.files, PAGE: html.encode()}
        policy = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        self._server.extra_headers = policy if headers is None else headers
        self.page.goto(f"{self.url}{PAGE}")
        self.page.evaluate(_LISTEN, EVENTS)
        if defined:
            self.define()
        return self

    def define(self, module: str = "./element.js") -> None:
        """Import the element's module."""
        self.page.evaluate(DEFINE, module)

    def element(self, selector: str = "tiny-vlm") -> Locator:
        """An element of ours."""
        return self.page.locator(selector)

    def part(self, name: str, selector: str = "tiny-vlm") -> Locator:
        """A part of it."""
        return self.page.locator(f"{selector} [part~={name}]")

    def run(self, code: str, argument: Any = None) -> Any:
        """Run JavaScript: a function, with `element` as the first one there is."""
        return self.page.evaluate(
            f"argument => {{ const element = document.querySelector('tiny-vlm'); return ({code}); }}", argument
        )

    def wait(self, condition: str) -> None:
        """Until this is so."""
        self.page.wait_for_function(condition)

    def engine(self, call: str, index: int = 0) -> Any:
        """Have an engine's double say something."""
        self.wait(f"() => window.engines.length > {index}")
        return self.page.evaluate(f"() => window.engines[{index}].{call}")

    def asked(self, count: int, index: int = 0) -> list[dict[str, Any]]:
        """What an engine was asked, once that is so much."""
        self.wait(f"() => window.engines.length > {index} && window.engines[{index}].calls.length >= {count}")
        calls: list[dict[str, Any]] = self.page.evaluate(
            "index => window.engines[index].calls.map((call) => ({ ...call, image: call.image && call.image.size }))",
            index,
        )
        assert len(calls) == count
        return calls

    def heard(self, name: str = "") -> list[Any]:
        """The events that came, or those of one name: what, whose, its details."""
        heard: list[Any] = self.page.evaluate("() => window.heard")
        return [event for event in heard if not name or event[0] == name]
