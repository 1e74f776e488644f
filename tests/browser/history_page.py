"""The history's modules on a bare page, without the rest of the page; history_world.js is what tests call there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from website.site_files import vendored_files
from website.site_server import SiteServer

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
TABLES = ["conversations", "messages", "progress", "images", "files", "drafts"]


def history_server() -> SiteServer:
    """Serve the modules, the library they load, and the bare page."""
    folders = ("ui/history", "ui/common", "engine/shared", "i18n")
    files: dict[str, Path | bytes] = {
        path.relative_to(WEB).as_posix(): path for folder in folders for path in (WEB / folder).glob("*.js")
    }
    files |= {f"vendor/{path.name}": path for path in vendored_files()}
    files["history_world.js"] = HERE / "history_world.js"
    files |= {"index.html": b"<!doctype html><link rel=icon href=icon.svg>", "icon.svg": WEB / "icon.svg"}
    return SiteServer(files).start()


class HistoryTab:
    """A tab that has the history open."""

    def __init__(self, page: Page, url: str) -> None:
        """Take over a page, and open the history in it."""
        self.page, self._url = page, url
        self.open()

    def open(self, **options: Any) -> None:
        """Go to the bare page, as a reload or a new visit does."""
        self.page.goto(self._url)
        self.call("open", options)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function of history_world.js."""
        return self.page.evaluate(
            "async ([name, rest]) => (await import('/history_world.js'))[name](...rest)", [name, arguments]
        )

    def do(self, method: str, *arguments: Any) -> Any:
        """Call a method of the history."""
        return self.call("act", method, *arguments)

    def ask(self, conversation: str, question: str, **rest: Any) -> int:
        """Write a question; its answer is `answers[number]` for `answer`."""
        number: int = self.call("ask", conversation, {"question": question, "model": "m", "profile": "fast", **rest})
        return number

    def answer(self, number: int, step: str, *arguments: Any) -> None:
        """Call a method of an answer's writer: write, finish, stop, fail, flush."""
        self.call("answer", number, step, *arguments)

    def talk(self, conversation: str, question: str, text: str) -> int:
        """A question and its whole answer."""
        number = self.ask(conversation, question)
        self.answer(number, "finish", {"text": text, "facts": {"tokens": 3, "draft": False}})
        return number

    def titles(self, **options: Any) -> list[str]:
        """Of the list's first page."""
        return [row["title"] for row in self.do("list", options)["conversations"]]

    def messages(self, conversation: str) -> list[list[Any]]:
        """Number, question, answer and its state."""
        seen = self.do("conversation", conversation)
        return [[m["number"], m["question"], m["answer"]["text"], m["answer"]["state"]] for m in seen["messages"]]

    def stored(self, table: str) -> list[Any]:
        """What lies on the disk, whatever the history says."""
        rows: list[Any] = self.call("stored", table)
        return rows


def new_tab(context: BrowserContext, url: str) -> HistoryTab:
    """Another tab of the same browser."""
    return HistoryTab(context.new_page(), url)


def crash(tab: HistoryTab) -> None:
    """End the tab's process without a word to the page."""
    with tab.page.expect_event("crash"), contextlib.suppress(Error):
        tab.page.goto("chrome://crash")
    tab.page.close()
