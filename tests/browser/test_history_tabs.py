"""The history in two tabs: each sees what the other does, and neither harms it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from history_page import TABLES, HistoryTab, new_tab


@pytest.fixture
def tabs(history_tab: HistoryTab, context: BrowserContext, history_url: str) -> tuple[HistoryTab, HistoryTab]:
    return history_tab, new_tab(context, history_url)


def wait_for_changes(tab: HistoryTab, *expected: tuple[str, str | None]) -> None:
    """Until the tab has heard just these from the other one."""
    heard: list[tuple[str, str | None]] = []
    while len(heard) < len(expected):
        tab.page.wait_for_function("async () => (await import('/history_world.js')).hasChanged()")
        changes = tab.call("changed")
        assert all(change["isElsewhere"] for change in changes)
        heard += [(change["kind"], change["conversation"]) for change in changes]
    assert heard == list(expected)


def test_a_list_follows_the_other_tab(tabs: tuple[HistoryTab, HistoryTab]) -> None:
    one, other = tabs
    talk, secret = one.do("begin"), one.do("begin", {"isKept": False})
    one.talk(secret, "A secret?", "Yes.")
    one.ask(talk, "What?")
    wait_for_changes(other, ("changed", talk))
    assert other.titles() == ["What?"]
    one.answer(1, "finish", {"text": "This."})
    one.do("rename", talk, "Named")
    wait_for_changes(other, ("changed", talk), ("changed", talk))
    assert other.titles() == ["Named"]
    one.do("setKept", talk, False)
    wait_for_changes(other, ("removed", talk))
    assert other.titles() == []
    one.do("setKept", talk, True)
    wait_for_changes(other, ("changed", talk))
    one.do("removeAll")
    wait_for_changes(other, ("removed", None))
    assert other.titles() == []
    assert {change["isElsewhere"] for change in one.call("changed")} == {False}


def test_both_append_to_one_conversation(tabs: tuple[HistoryTab, HistoryTab]) -> None:
    one, other = tabs
    talk = one.do("begin")
    for tab, names in ((one, "abc"), (other, "xyz")):
        tab.page.evaluate(
            """([talk, names]) => import("/history_world.js").then(({ askAll }) => {
              window.asked = askAll(talk, [...names]);
            })""",
            [talk, names],
        )
    numbers = [tab.page.evaluate("() => window.asked") for tab in tabs]
    assert sorted(numbers[0] + numbers[1]) == [1, 2, 3, 4, 5, 6]
    for tab, numbers_of in zip(tabs, numbers, strict=True):
        for number in numbers_of:
            tab.answer(number, "write", f"so far {number}")
            tab.answer(number, "finish", {"text": f"answer {number}"})
    seen = one.messages(talk)
    assert sorted(row[1] for row in seen) == list("abcxyz")
    assert [row[2] for row in seen] == [f"answer {number}" for number in range(1, 7)]
    assert one.do("conversation", talk)["questions"] == 6
    assert one.stored("progress") == []


def test_different_conversations_do_not_meet(tabs: tuple[HistoryTab, HistoryTab]) -> None:
    talks = [tab.do("begin") for tab in tabs]
    for tab, talk in zip(tabs, talks, strict=True):
        tab.ask(talk, f"Of {talk}?")
    for tab, talk in zip(tabs, talks, strict=True):
        tab.answer(1, "write", talk)
        tab.answer(1, "flush")
        tab.do("keepDraft", talk, {"text": talk})
        tab.do("idle")
        tab.answer(1, "finish", {"text": f"Answer of {talk}"})
    for talk in talks:
        assert tabs[0].messages(talk) == [[1, f"Of {talk}?", f"Answer of {talk}", "done"]]
        assert tabs[1].do("conversation", talk)["draft"]["text"] == talk


@pytest.mark.parametrize("how", ["remove", "removeAll"])
def test_what_the_other_tab_deletes_stays_deleted(tabs: tuple[HistoryTab, HistoryTab], how: str) -> None:
    one, other = tabs
    talk = one.do("begin")
    one.ask(talk, "What?")
    one.answer(1, "write", "half")
    one.do("keepDraft", talk, {"text": "dr"})
    one.do("idle")
    one.call("changed")
    other.do(how, *([talk] if how == "remove" else []))
    one.page.wait_for_function("async () => (await import('/history_world.js')).hasChanged()")
    one.answer(1, "write", "half and more")
    one.answer(1, "flush")
    one.answer(1, "finish", {"text": "whole"})
    one.do("idle")
    assert {table: one.stored(table) for table in TABLES} == {table: [] for table in TABLES}
    assert one.ask(talk, "Again?") == 1, "who goes on there begins it anew"
    assert other.titles() == ["Again?"]


def test_an_ending_revives_nothing_even_where_nobody_heard(tabs: tuple[HistoryTab, HistoryTab]) -> None:
    one, other = tabs
    one.page.add_init_script("delete window.BroadcastChannel;")
    one.open()
    talk = one.do("begin")
    one.ask(talk, "What?")
    other.do("remove", talk)
    one.answer(1, "write", "half")
    one.answer(1, "flush")
    one.answer(1, "finish", {"text": "whole"})
    assert {table: one.stored(table) for table in TABLES} == {table: [] for table in TABLES}


def test_without_locks_an_answer_is_marked_as_it_is_read(tabs: tuple[HistoryTab, HistoryTab]) -> None:
    one, other = tabs
    for tab in tabs:
        tab.page.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined });")
        tab.open()
    talk = one.do("begin")
    one.ask(talk, "What?")
    one.answer(1, "write", "half")
    one.answer(1, "flush")
    other.do("idle")
    assert one.messages(talk) == [[1, "What?", "half", "unfinished"]]
    assert other.messages(talk) == [[1, "What?", "half", "interrupted"]], "nobody can tell that it goes on"
    one.answer(1, "finish", {"text": "whole"})
    assert other.messages(talk) == [[1, "What?", "whole", "done"]]
