"""The history as one file: what is exported comes back to the byte, and nothing is doubled."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import Browser

from history_files import OTHER_PIXELS, PIXELS, fill, pack, rezip, talks_of, unpack
from history_page import HistoryTab


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


def test_all_that_is_exported_comes_back_to_the_byte(tab: HistoryTab, browser: Browser, history_url: str) -> None:
    talks = fill(tab)
    name, data = pack(tab)
    assert name == "tiny-vlm-history.zip"
    assert pack(tab)[1] == data, "the same things give the same file"
    exported = talks_of(data)
    assert [talk["id"] for talk in exported] == talks
    (named,) = [talk for talk in exported if talk["title"] == "Named: a/b"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(image["file"]) for image in named["images"]] == [PIXELS, OTHER_PIXELS]
        assert sorted(archive.namelist()) == sorted(["conversations.json", *(i["file"] for i in named["images"])])
    context = browser.new_context()
    other = HistoryTab(context.new_page(), history_url)
    assert unpack(other, data) == {"added": talks, "copied": 0, "skipped": 0}
    other.do("idle")
    assert pack(other)[1] == data
    other.open()
    assert pack(other)[1] == data
    assert [bytes(other.do("file", named["id"], image["id"])["bytes"]) for image in named["images"]] == [
        PIXELS,
        OTHER_PIXELS,
    ]
    rows = [{**row, "isNamed": row["isNamed"]} for row in other.do("list")["conversations"]]
    assert rows == [{**row, "bytes": rows[index]["bytes"]} for index, row in enumerate(tab.do("list")["conversations"])]
    states = [message["answer"]["state"] for talk in talks for message in other.do("conversation", talk)["messages"]]
    assert sorted(states) == ["done", "failed", "interrupted"]
    assert other.do("usage")["bytes"] == tab.do("usage")["bytes"] + len("so far"), "no answer of its is open any more"
    context.close()


def test_one_is_exported(tab: HistoryTab) -> None:
    talks = fill(tab)
    named = next(row["id"] for row in tab.do("list")["conversations"] if row["isNamed"])
    name, data = pack(tab, named)
    assert name == "Named a b.zip"
    assert [talk["id"] for talk in talks_of(data)] == [named]
    for talk in talks:
        tab.do("remove", talk)
    assert tab.call("pack", None) is None
    assert unpack(tab, data)["added"] == [named]
    assert tab.titles() == ["Named: a/b"]


def test_what_is_here_already_is_not_doubled(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "First?", "1")
    first = pack(tab)[1]
    tab.talk(talk, "Second?", "2")
    both = pack(tab)[1]
    assert unpack(tab, both) == {"added": [], "copied": 0, "skipped": 1}
    assert unpack(tab, first) == {"added": [], "copied": 0, "skipped": 1}, "here it has gone on"
    tab.do("remove", talk)
    assert unpack(tab, first)["added"] == [talk]
    copied = unpack(tab, both)
    assert [len(copied["added"]), copied["copied"], copied["skipped"]] == [1, 1, 0]
    assert [row[1] for row in tab.messages(talk)] == ["First?"], "what is here stays as it is"
    assert [row[1] for row in tab.messages(copied["added"][0])] == ["First?", "Second?"]
    assert unpack(tab, both) == {"added": [], "copied": 0, "skipped": 1}
    assert len(talks_of(pack(tab)[1])) == 2


def test_what_another_program_has_packed_anew_is_taken(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    tab.do("removeAll")
    packed = rezip(data, lambda name, content: (f"Some folder/{name}", content))
    assert len(unpack(tab, packed)["added"]) == 3
    tab.do("idle")
    assert pack(tab)[1] == data


@pytest.mark.allow_console_errors
def test_a_library_that_does_not_come_is_told(tab: HistoryTab) -> None:
    tab.talk(tab.do("begin"), "What?", "This.")
    tab.page.route("**/vendor/fflate.js", lambda route: route.abort())
    assert tab.page.evaluate(
        """async () => {
          const { pack, failed } = await import("/history_world.js");
          return pack(null).catch(failed);
        }"""
    ) == {"code": "page-download-failed", "details": {"file": "vendor/fflate.js"}}


def test_what_is_not_there_is_not_exported(tab: HistoryTab) -> None:
    for kind in ("markdown", "html"):
        assert tab.call("write", kind, "nobody") is None
    assert tab.call("pack", "nobody") is None
