"""A table outlives the page, until it is deleted."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from scripted_page import ScriptedPage
from table_page import (
    ANSWER,
    FIELDS,
    MESSAGE,
    QUESTION,
    ROWS,
    START,
    answer,
    filled,
    kept,
    kept_soon,
    looking,
    opened,
    pictures,
    ready,
    states,
)


def again(page: ScriptedPage) -> ScriptedPage:
    """Come back to the page."""
    page.reload()
    expect(page.locator("#samples button")).not_to_have_count(0)
    return page


def test_a_reload_loses_nothing(three_rows: ScriptedPage) -> None:
    three_rows.locator("#table-choices").fill("circle,square,star")
    three_rows.locator(START).click()
    answer(three_rows, 0, "circle", 1400)
    looking(three_rows, 1)
    three_rows.script("failRequest", "image-unreadable", "")
    looking(three_rows, 2)
    kept_soon(three_rows, tables=1, rows=3, files=3)
    before = [call["image"] for call in three_rows.calls("ask")]
    opened(again(three_rows))
    expect(three_rows.locator(MESSAGE)).to_have_text("Your table with 3 pictures is still here: 1 answered.")
    states(three_rows, "done", "failed", "skipped")
    expect(three_rows.locator(ANSWER).first).to_have_text("circle")
    expect(three_rows.locator(".table-time").first).to_have_text("1.4 sec")
    expect(three_rows.locator(ANSWER).nth(1)).to_contain_text("damaged")
    expect(three_rows.locator("#table-question")).to_have_value(QUESTION)
    expect(three_rows.locator("#table-choices")).to_have_value("circle,square,star")
    expect(three_rows.locator(".table-picture img[src]")).to_have_count(3)
    ready(three_rows)
    expect(three_rows.locator(START)).to_have_text("Resume")
    three_rows.locator(START).click()
    answer(three_rows, 2, "star")
    three_rows.locator("#table-retry").click()
    answer(three_rows, 1, "square")
    assert [call["image"] for call in three_rows.calls("ask")] == [before[2], before[1]]
    assert three_rows.calls("ask")[0]["choices"] == ["circle", "square", "star"]


def test_a_question_that_is_half_written_is_kept(three_rows: ScriptedPage) -> None:
    kept_soon(three_rows, tables=1, rows=3, files=3)
    three_rows.locator("#table-question").fill("How many")
    opened(again(three_rows))
    expect(three_rows.locator("#table-question")).to_have_value("How many")
    states(three_rows, "waiting", "waiting", "waiting")
    expect(three_rows.locator(START)).to_have_text("Ask about all")


def test_without_storage_it_lasts_as_long_as_the_page(page: Page, scripted_url: str, tmp_path: Path) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    scripted = ScriptedPage(page, scripted_url).open()
    ready(scripted)
    filled(opened(scripted), pictures(tmp_path, 2))
    expect(scripted.locator("#table-kept")).to_contain_text("This browser keeps nothing for this page")
    scripted.locator(START).click()
    answer(scripted, 0, "circle")
    answer(scripted, 1, "square")
    expect(scripted.locator(MESSAGE)).to_have_text("All 2 pictures are answered.")


def test_without_room_for_the_pictures_answers_are_kept(page: Page, scripted_url: str, tmp_path: Path) -> None:
    page.add_init_script(
        """const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (record) {
          if (this.name === "files" && record.number === 2) throw new DOMException("", "QuotaExceededError");
          return put.call(this, record);
        };"""
    )
    scripted = ScriptedPage(page, scripted_url).open()
    ready(scripted)
    filled(opened(scripted), pictures(tmp_path, 3))
    expect(scripted.locator("#table-kept")).to_contain_text("There is no room to keep more pictures.")
    scripted.locator(START).click()
    answer(scripted, 0, "circle")
    looking(scripted, 1)
    kept_soon(scripted, tables=1, rows=3, files=1)
    opened(again(scripted))
    states(scripted, "done", "skipped", "skipped")
    ready(scripted)
    scripted.locator(START).click()
    states(scripted, "done", "failed", "failed")
    expect(scripted.locator(ANSWER).nth(1)).to_contain_text("Choose its file again.")


def test_a_table_of_another_tab_is_left_alone(three_rows: ScriptedPage, scripted_url: str, tmp_path: Path) -> None:
    kept_soon(three_rows, tables=1, rows=3, files=3)
    other = ScriptedPage(three_rows.page.context.new_page(), scripted_url).open()
    filled(opened(other), pictures(tmp_path, 2))
    expect(other.locator("#table-kept")).to_have_text("Another tab of this page has a table. This one is not kept.")
    ready(other)
    other.locator(START).click()
    answer(other, 0, "circle")
    assert kept(three_rows) == {"tables": 1, "rows": 3, "files": 3}


def test_it_is_deleted_only_when_that_is_sure(three_rows: ScriptedPage) -> None:
    kept_soon(three_rows, tables=1, rows=3, files=3)
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.locator("#table-delete").click()
    expect(three_rows.locator("#table-keep")).to_be_focused()
    three_rows.locator("#table-keep").click()
    expect(three_rows.locator("#table-delete")).to_be_focused()
    states(three_rows, "looking", "waiting", "waiting")
    three_rows.locator("#table-delete").click()
    three_rows.locator("#table-confirm-delete").click()
    expect(three_rows.locator(ROWS)).to_have_count(0)
    expect(three_rows.locator(MESSAGE)).to_have_text("The table was deleted.")
    expect(three_rows.locator("#table-empty")).to_be_visible()
    for field in FIELDS:
        expect(three_rows.locator(field)).to_have_value("")
    assert three_rows.calls("ask")[0]["aborted"]
    kept_soon(three_rows, tables=0, rows=0, files=0)
    opened(again(three_rows))
    expect(three_rows.locator("#table-empty")).to_be_visible()


def test_the_next_table_has_nothing_of_the_one_before(answered_table: ScriptedPage, tmp_path: Path) -> None:
    answered_table.locator("#table-search").fill("2.png")
    answered_table.locator("#table-delete").click()
    answered_table.locator("#table-confirm-delete").click()
    filled(answered_table, pictures(tmp_path, 2), "And now?")
    expect(answered_table.locator("#table-progress")).to_be_hidden()
    expect(answered_table.locator(f"{ROWS}:visible")).to_have_count(2)
    kept_soon(answered_table, tables=1, rows=2, files=2)
    answered_table.locator(START).click()
    answer(answered_table, 0, "x")
    assert answered_table.calls("ask")[-1]["question"] == "And now?"
