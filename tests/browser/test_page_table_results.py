"""Rows of a table sorted and filtered, and its answers as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from table_page import ANSWER, QUESTION, ROWS, START, STATE, STOP, answer, answers, filled, looking, pictures


def test_rows_are_sorted(answered_table: ScriptedPage) -> None:
    name, text, time = answered_table.locator("#table-head th").all()
    times = answered_table.locator(".table-time")
    by_file, by_time = ["2.0 sec", "3.5 sec", "400 ms"], ["400 ms", "2.0 sec", "3.5 sec"]
    expect(time).to_have_attribute("aria-sort", "none")
    for order, sort in ((by_time, "ascending"), (by_time[::-1], "descending"), (by_file, "none")):
        time.get_by_role("button").click()
        expect(time).to_have_attribute("aria-sort", sort)
        expect(times).to_have_text(order)
    text.get_by_role("button").click()
    expect(text).to_have_attribute("aria-sort", "ascending")
    expect(answered_table.locator(".table-name")).to_have_text(["2.png", "1.png", "3.png"])
    name.get_by_role("button").click()
    name.get_by_role("button").click()
    expect(text).to_have_attribute("aria-sort", "none")
    expect(answered_table.locator(".table-name")).to_have_text(["3.png", "2.png", "1.png"])


def test_a_row_goes_to_its_place_when_it_is_answered(three_rows: ScriptedPage) -> None:
    three_rows.locator("#table-head button").nth(1).click()
    three_rows.locator(START).click()
    names = three_rows.locator(".table-name")
    three_rows.page.locator(".table-picture").nth(1).focus()
    looking(three_rows, 0)
    three_rows.script("finish", "m")
    looking(three_rows, 1)
    expect(names).to_have_text(["1.png", "2.png", "3.png"])
    three_rows.script("finish", "a")
    expect(names).to_have_text(["2.png", "1.png", "3.png"])
    expect(three_rows.page.locator(".table-picture").first).to_be_focused()
    looking(three_rows, 2)
    three_rows.script("failRequest", "image-unreadable", "")
    expect(names).to_have_text(["2.png", "1.png", "3.png"])  # what has no answer comes last


def test_rows_are_filtered(answered_table: ScriptedPage) -> None:
    search, menu = answered_table.locator("#table-search"), answered_table.locator("#table-answers")
    expect(menu.locator("option")).to_have_text(["All rows", "b", "a"])
    expect(answered_table.locator("#table-shown")).to_be_empty()
    search.fill("2.PNG")
    answers(answered_table, "a")
    expect(answered_table.locator("#table-shown")).to_have_text("1 of 3 rows")
    search.fill("B")
    answers(answered_table, "b", "b")
    menu.select_option("a")
    answers(answered_table)
    search.fill("")
    answers(answered_table, "a")
    menu.select_option("b")
    answers(answered_table, "b", "b")
    menu.select_option("All rows")
    expect(answered_table.locator(f"{ROWS}:visible")).to_have_count(3)


def test_a_filter_that_ends_shows_all_again(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.locator("#table-answers").select_option("Not answered yet")
    three_rows.script("finish", "circle")
    expect(three_rows.locator(f"{ROWS}:visible")).to_have_count(2)
    for at in (1, 2):
        looking(three_rows, at)
        three_rows.script("failRequest", "image-unreadable", "")
    expect(three_rows.locator(f"{ROWS}:visible")).to_have_count(3)
    three_rows.locator("#table-answers").select_option("Failed")
    expect(three_rows.locator(f"{ROWS}:visible")).to_have_count(2)


def test_many_different_answers_are_no_choice(table: ScriptedPage, tmp_path: Path) -> None:
    filled(table, pictures(tmp_path, 14))
    table.locator(START).click()
    for at in range(12):
        answer(table, at, f"answer {at}")
    expect(table.locator("#table-answers option")).to_have_count(14)
    answer(table, 12, "another")
    expect(table.locator("#table-answers option")).to_have_text(["All rows", "Not answered yet"])


ODD = ['say "a, b"', "two\nlines", "=1+2", "-5", "@x", "\tx", "円"]


@pytest.fixture
def odd(table: ScriptedPage, tmp_path: Path) -> ScriptedPage:
    """Answers that a file has to write with care; of the last picture there is none."""
    filled(table, pictures(tmp_path, len(ODD) + 2, [f"{at}, x.png" for at in range(len(ODD) + 2)]))
    table.locator(START).click()
    for at, text in enumerate(ODD):
        looking(table, at)
        table.script("finish", f"{text}", None, {"total_ms": 1250})
    looking(table, len(ODD))
    table.script("failRequest", "image-unreadable", "")
    looking(table, len(ODD) + 1)
    table.locator(STOP).click()
    expect(table.locator(ROWS).last).to_have_attribute(STATE, "skipped")
    return table


def saved(page: ScriptedPage, button: str, path: Path) -> tuple[str, bytes]:
    with page.page.expect_download() as saving:
        page.locator(button).click()
    saving.value.save_as(path)
    return saving.value.suggested_filename, path.read_bytes()


def test_csv(odd: ScriptedPage, tmp_path: Path) -> None:
    sentence = odd.locator(ANSWER).nth(len(ODD)).inner_text()
    name, data = saved(odd, "#table-csv", tmp_path / "saved")
    assert name == "What shape is it.csv"
    cells = ['"say ""a, b"""', '"two\nlines"', "'=1+2", "'-5", "'@x", "x", "円"]
    rows = [f'"{at}, x.png",{cell},1.25,done,,Tiny-VLM 13M' for at, cell in enumerate(cells)]
    failed, left = f'"7, x.png",,,failed,{sentence},', '"8, x.png",,,open,,'
    expected = ["file,answer,seconds,state,error,model", *rows, failed, left, ""]
    assert data.decode() == "\ufeff" + "\r\n".join(expected)


def test_json(odd: ScriptedPage, tmp_path: Path) -> None:
    name, data = saved(odd, "#table-json", tmp_path / "saved")
    assert name == "What shape is it.json"
    table = json.loads(data)
    assert (table["question"], table["choices"]) == (QUESTION, None)
    assert [row["answer"] for row in table["rows"]] == [*(text.strip() for text in ODD), None, None]
    assert [row["file"] for row in table["rows"]] == [f"{at}, x.png" for at in range(9)]
    first, failed, left = table["rows"][0], table["rows"][-2], table["rows"][-1]
    assert (first["seconds"], first["state"], first["model"], first["error"]) == (1.25, "done", "Tiny-VLM 13M", None)
    assert failed["error"]["code"] == "image-unreadable"
    assert (left["state"], left["seconds"], left["model"]) == ("open", None, None)


@pytest.mark.parametrize("start", ["\t", "\r", "＝", "+"])
def test_what_begins_like_a_formula_is_none(table: ScriptedPage, start: str) -> None:
    text = table.page.evaluate(
        """async (start) => {
          const { tableAsCSV } = await import("/ui/table/table_files.js");
          const { newRow } = await import("/ui/table/records.js");
          return tableAsCSV([newRow(1, `${start}1`)], () => "").text();
        }""",
        start,
    )
    assert f"'{start}1" in text
