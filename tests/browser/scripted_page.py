"""The page on its own: a double stands in for the engine, so that a test decides what happens and when."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from website.site_files import vendored_files
from website.site_server import SiteServer

WEB = Path(__file__).resolve().parents[2] / "web"
_DOUBLES = Path(__file__).with_name("doubles")
DOUBLES = {
    "tinyvlm.js": _DOUBLES / "tinyvlm.js",
    "offline.js": _DOUBLES / "offline.js",
    "engine/shared/storage.js": _DOUBLES / "storage.js",
}
MEGABYTE = 10**6
LONGEST_WAIT_S = 30


def page_server() -> SiteServer:
    """Serve what is in web/, with the doubles in their places."""
    files = {path.relative_to(WEB).as_posix(): path for path in WEB.rglob("*") if path.is_file()}
    vendored = {f"vendor/{path.name}": path for path in vendored_files()}
    return SiteServer({**files, **vendored, **DOUBLES})


class ScriptedPage:
    """A page and its script: `script("vision")` makes the engine's double say that it can see."""

    def __init__(self, page: Page, url: str) -> None:
        """Take over a page that has not been opened."""
        self.page, self._url = page, url

    def open(self, **variables: Any) -> ScriptedPage:
        """Go to the page; `variables` are set on its window before."""
        for name, value in variables.items():
            self.page.add_init_script(f"window.{name} = {json.dumps(value)};")
        self.page.goto(self._url)
        self._until_wired()
        return self

    def reload(self) -> None:
        """Load the page again."""
        self.page.reload()
        self._until_wired()

    def _until_wired(self) -> None:
        """Before, a click does nothing: the samples come after all that was wired."""
        expect(self.page.locator("#samples button")).not_to_have_count(0)

    def script(self, step: str, *arguments: Any) -> None:
        """Take a step of tests/browser/doubles/tinyvlm.js."""
        self.page.evaluate("([step, rest]) => window.tinyvlm.script[step](...rest)", [step, arguments])

    def progress(self, step: str = "model", **fields: Any) -> None:
        """Report progress, in megabytes."""
        for name in ("loaded", "total", "kept", "speed"):
            fields[name] = fields.get(name, 0) * MEGABYTE
        self.script("progress", {"step": step, "file": "", "remaining_s": None, "done": False, **fields})

    def calls(self, name: str) -> list[dict[str, Any]]:
        """What the page has asked of the engine."""
        calls: list[dict[str, Any]] = self.page.evaluate(
            "() => window.tinyvlm.script.calls.map(({ onToken, onPhase, ...call }) => call)"
        )
        return [call for call in calls if call["name"] == name]

    def until_running(self, name: str) -> None:
        """Wait until the engine is at a request, which a step of the script can end."""
        self.page.wait_for_function("(name) => window.tinyvlm.script.running === name", arg=name)

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait until an asynchronous function of JavaScript says so."""
        deadline = time.monotonic() + LONGEST_WAIT_S
        while not self.page.evaluate(condition, argument):
            assert time.monotonic() < deadline, condition
            self.page.wait_for_timeout(20)

    def choose_sample(self, index: int = 0) -> None:
        """Click on an example image."""
        self.page.locator("#samples button").nth(index).click()
        expect(self.page.locator("#preview")).to_be_visible()

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        self.page.locator("#question").fill(question)
        self.page.locator("#question").press("Enter")

    def locator(self, selector: str) -> Locator:
        """Find in the page."""
        return self.page.locator(selector)
