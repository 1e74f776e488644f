"""The history where storage fails: it goes on in memory, says so once, and writes nothing by halves."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page

from history_page import TABLES, HistoryTab, new_tab

NO_STORAGE = {
    "there is none": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "it is refused at once": "IDBFactory.prototype.open = () => { throw new DOMException('No.', 'SecurityError'); }",
    "it is refused later": """
      IDBFactory.prototype.open = () => {
        const request = { error: new DOMException("No.", "UnknownError") };
        setTimeout(() => request.onerror());
        return request;
      };
    """,
    "it does not answer": """
      const { setTimeout } = window;
      window.setTimeout = (work, ms) => setTimeout(work, ms === 15_000 ? 0 : ms);
      IDBFactory.prototype.open = () => ({});
    """,
}


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


def everything(tab: HistoryTab) -> dict[str, Any]:
    return {table: tab.stored(table) for table in TABLES}


def session_of(tab: HistoryTab) -> CDPSession:
    return tab.page.context.new_cdp_session(tab.page)


def set_full(tab: HistoryTab, is_full: bool) -> None:
    """Refuse all that is written, as a full disk does."""
    tab.page.evaluate(
        """(isFull) => {
          window.realPut ??= IDBObjectStore.prototype.put;
          const refuse = () => { throw new DOMException("No room.", "QuotaExceededError"); };
          IDBObjectStore.prototype.put = isFull ? refuse : window.realPut;
        }""",
        is_full,
    )


# A transaction that is aborted, once, while the work in it waits for a request that tells nothing of it.
SILENT_ABORT = """() => {
  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function () {
    IDBObjectStore.prototype.get = get;
    this.transaction.abort();
    return {};
  };
}"""


def test_what_is_aborted_in_silence_goes_on_in_memory(tab: HistoryTab) -> None:
    conversation = tab.do("begin")
    tab.page.evaluate(SILENT_ABORT)
    image = tab.call("draw", conversation, "red")
    assert tab.call("told") == ["history-unavailable"]
    assert len(tab.do("file", conversation, image)["bytes"]) > 100
    assert tab.stored("files") == []


@pytest.mark.parametrize("way", NO_STORAGE)
def test_without_storage_all_works_in_memory(page: Page, history_url: str, way: str) -> None:
    page.add_init_script(NO_STORAGE[way])
    tab = HistoryTab(page, history_url)
    assert tab.call("told") == ["history-unavailable"]
    assert tab.call("isAvailable") is False
    first, second = tab.do("begin"), tab.do("begin")
    image = tab.call("draw", first, "red")
    tab.talk(first, "What is it?", "Red.")
    tab.ask(first, "And?", image=image)
    tab.answer(2, "write", "so far")
    tab.answer(2, "flush")
    tab.do("keepDraft", first, {"text": "dr"})
    tab.talk(second, "Another?", "Yes.")
    tab.do("idle")
    assert tab.messages(first) == [[1, "What is it?", "Red.", "done"], [2, "And?", "so far", "unfinished"]]
    tab.answer(2, "finish", {"text": "So it is."})
    assert sorted(tab.titles()) == ["Another?", "What is it?"]
    assert [row["isKept"] for row in tab.do("list")["conversations"]] == [False, False]
    assert [draft["text"] for draft in tab.do("drafts")] == ["dr"]
    assert [hit["id"] for hit in tab.do("find", "so it is")] == [first]
    assert len(tab.do("file", first, image)["bytes"]) > 100
    assert tab.do("setKept", first, True)["code"] == "history-unavailable"
    tab.do("remove", first)
    assert tab.titles() == ["Another?"]
    assert tab.do("conversation", first) is None
    assert tab.call("told") == ["history-unavailable"]


def test_a_full_disk_is_told_once_and_nothing_is_lost(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    image = tab.call("draw", talk, "red")
    tab.talk(talk, "Before?", "Yes.")
    tab.do("idle")
    before = everything(tab)
    set_full(tab, True)
    number = tab.ask(talk, "After?")
    tab.answer(number, "write", "St")
    tab.do("idle")
    tab.answer(number, "finish", {"text": "Still here."})
    new = tab.do("begin")
    tab.talk(new, "New?", "Yes.")
    assert tab.call("told") == ["history-full"]
    assert everything(tab) == before
    assert tab.messages(talk) == [[1, "Before?", "Yes.", "done"], [2, "After?", "Still here.", "done"]]
    assert [[row["title"], row["isKept"]] for row in tab.do("list")["conversations"]] == [
        ["New?", False],
        ["Before?", False],
    ]
    assert len(tab.do("file", talk, image)["bytes"]) > 100
    assert [hit["id"] for hit in tab.do("find", "before")] == [talk], "once, though it is on both shelves"
    assert tab.do("setKept", talk, True) == {"code": "history-full", "details": {}}
    set_full(tab, False)
    tab.do("setKept", talk, True)
    tab.open()
    assert [row[2] for row in tab.messages(talk)] == ["Yes.", "Still here."]
    assert tab.titles() == ["Before?"], "the other one was in memory alone"


def test_what_has_no_room_is_left_out_by_the_browser_itself(page: Page, history_url: str) -> None:
    page.goto(history_url)
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": page.evaluate("location.origin"), "quotaSize": 400_000})
    tab = HistoryTab(page, history_url)
    talk = tab.do("begin")
    small = tab.call("addLarge", talk, 100_000)
    tab.do("idle")
    before = tab.stored("conversations")
    assert tab.call("told") == []
    large = tab.call("addLarge", talk, 500_000)
    assert tab.call("told") == ["history-full"]
    assert tab.stored("conversations") == before
    assert [row["id"] for row in tab.stored("images")] == [small]
    assert [tab.call("sizeOf", talk, image) for image in (small, large)] == [100_000, 500_000]


def test_a_transaction_that_is_aborted_leaves_nothing_behind(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "Before?", "Yes.")
    before = everything(tab)
    tab.call("abortAt", "messages")
    tab.ask(talk, "After?")
    assert tab.call("told") == ["history-unavailable"]
    assert everything(tab) == before
    assert tab.messages(talk) == [[1, "Before?", "Yes.", "done"], [2, "After?", "", "unfinished"]]


def test_a_checkpoint_that_fails_gives_nothing_up(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.ask(talk, "What?")
    tab.call("abortAt", "progress")
    tab.answer(1, "write", "half")
    tab.answer(1, "flush")
    tab.answer(1, "finish", {"text": "whole"})
    assert tab.call("told") == ["history-unavailable"]
    tab.open()
    assert tab.messages(talk) == [[1, "What?", "whole", "done"]]


def test_what_cannot_be_deleted_is_said_to_be_there(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "What?", "This.")
    tab.page.evaluate(
        "() => { IDBObjectStore.prototype.delete = () => { throw new DOMException('No.', 'UnknownError'); }; }"
    )
    assert tab.do("remove", talk) == {"code": "history-unavailable", "details": {}}
    assert tab.do("setKept", talk, False) == {"code": "history-unavailable", "details": {}}
    assert tab.titles() == ["What?"]


def test_cleared_storage_is_begun_anew(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "Before?", "Yes.")
    tab.ask(talk, "Meanwhile?")
    origin = tab.page.evaluate("location.origin")
    session_of(tab).send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    tab.answer(2, "write", "half")
    tab.do("idle")
    tab.answer(2, "finish", {"text": "whole"})
    assert tab.titles() == [], "what was cleared does not come back"
    number = tab.ask(talk, "After?")
    tab.answer(number, "finish", {"text": "Yes."})
    assert tab.call("told") == []
    tab.open()
    assert tab.messages(talk) == [[1, "After?", "Yes.", "done"]]


def test_a_newer_page_gets_the_database_at_once(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "Before?", "Yes.")
    tab.call("hold", "tinyvlm-history", 2)  # waits for all others to close
    assert tab.call("told") == ["history-newer"]
    assert tab.call("isAvailable") is False
    later = tab.do("begin")
    tab.talk(later, "After?", "Yes.")
    assert tab.titles() == ["After?"]
    assert tab.call("told") == ["history-newer"]
    tab.call("release")
    tab.open()
    assert tab.call("told") == ["history-newer"], "it was written by a newer page"
    tab.talk(tab.do("begin"), "In memory?", "Yes.")
    assert tab.titles() == ["In memory?"]


def test_a_version_follows_the_one_before(tab: HistoryTab) -> None:
    tab.call("putDraft", "two", "half")
    draft = {"conversation": "a", "text": "half", "image": None, "changed": 1}
    assert tab.call("draftsOf", "two", 2) == [draft]
    assert tab.call("draftsOf", "two", 2) == [draft]
    assert "newer" in tab.call("draftsOf", "two", 1)


def test_an_old_page_that_does_not_let_go_is_not_waited_for(
    tab: HistoryTab, context: BrowserContext, history_url: str
) -> None:
    tab.call("putDraft", "held", "half")
    other = new_tab(context, history_url)
    other.call("hold", "held")
    assert "blocked" in tab.call("draftsOf", "held", 2)
    other.call("release")
    assert tab.call("draftsOf", "held", 2)[0]["text"] == "half", "the one that came too late has closed"
