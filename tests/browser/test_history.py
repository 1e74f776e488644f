"""What this device keeps of conversations: that nothing is lost, and that what is not to be kept is not written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from history_page import HistoryTab, crash, history_server, new_tab


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = history_server()
    yield server.url
    server.close()


@pytest.fixture
def tab(page: Page, url: str) -> HistoryTab:
    return HistoryTab(page, url)


def test_a_conversation_is_there_after_a_reload(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    image = tab.call("draw", talk, "red")
    number = tab.ask(talk, "What color is it?", image=image)
    tab.answer(number, "finish", {"text": "Red.", "facts": {"tokens": 2, "draft": False}})
    assert number == 1
    tab.do("idle")
    tab.open()
    seen = tab.do("conversation", talk)
    (message,), (picture,) = seen["messages"], seen["images"]
    assert isinstance(message.pop("asked"), int)
    answer = {"text": "Red.", "state": "done", "error": None, "facts": {"tokens": 2, "draft": False}}
    assert message == {
        "number": 1,
        "question": "What color is it?",
        "image": image,
        "answer": answer,
        "model": "m",
        "profile": "fast",
    }
    assert picture.pop("thumbnail")["type"] == "image/webp"
    assert picture["id"] == image
    assert [picture["width"], picture["height"], picture["type"]] == [300, 200, "image/png"]
    file = tab.do("file", talk, image)
    assert len(file["bytes"]) == picture["size"] > 100
    assert [seen["title"], seen["isNamed"], seen["questions"], seen["isKept"]] == ["What color is it?", False, 1, True]
    assert tab.call("told") == []


def test_what_is_written_while_a_tab_is_killed(tab: HistoryTab, context: BrowserContext, url: str) -> None:
    other = new_tab(context, url)
    talk = other.do("begin")
    other.ask(talk, "What is it?")
    other.answer(1, "write", "A red")
    other.answer(1, "flush")
    other.do("keepDraft", talk, {"text": "And what"})
    other.do("idle")
    assert tab.messages(talk) == [[1, "What is it?", "A red", "unfinished"]]
    crash(other)
    tab.open()
    tab.do("idle")
    assert tab.messages(talk) == [[1, "What is it?", "A red", "interrupted"]]
    assert tab.do("conversation", talk)["draft"]["text"] == "And what"
    assert tab.stored("progress") == []
