"""Many pictures, one question: a table that fills, stops, goes on, and outlives the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from scripted_page import ScriptedPage
from test_page_access import CONTRASTS, EDGELESS

QUESTION = "What shape is it?"
ROWS = "#table-rows tr"
STATE, ANSWER = "data-state", ".table-answer"
START, STOP, MESSAGE = "#table-start", "#table-stop", "#table-message"
FIELDS = "#table-question", "#table-choices"


def pictures(folder: Path, count: int, names: Sequence[str] = ()) -> list[str]:
    """Write small pictures, each of another size."""
    paths = [folder / (names[at] if names else f"{at + 1}.png") for at in range(count)]
    for at, path in enumerate(paths):
        Image.new("RGB", (40 + at, 30), (50 * at % 256, 90, 200)).save(path)
    return [str(path) for path in paths]


def opened(page: ScriptedPage) -> ScriptedPage:
    page.locator("#table-button").click()
    expect(page.locator("#table-dialog")).to_be_visible()
    expect(page.locator("#table-kept")).not_to_be_empty()
    expect(page.locator("#table-dialog")).to_have_attribute("aria-busy", "false")
    return page


def filled(page: ScriptedPage, paths: list[str], question: str = QUESTION, choices: str = "") -> ScriptedPage:
    """Choose pictures, and write the question."""
    page.locator("#table-files-input").set_input_files(paths)
    expect(page.locator(ROWS)).to_have_count(len(paths))
    page.locator("#table-question").fill(question)
    page.locator("#table-choices").fill(choices)
    return page


def ready(page: ScriptedPage) -> None:
    page.script("vision")
    page.script("whole")


def looking(page: ScriptedPage, at: int) -> None:
    """Wait until a row is looked at."""
    expect(page.locator(ROWS).nth(at)).to_have_attribute(STATE, "looking")


def answer(page: ScriptedPage, at: int, text: str, ms: int = 480) -> None:
    """Answer the row that stands there."""
    looking(page, at)
    page.script("finish", text, None, {"total_ms": ms})
    expect(page.locator(ROWS).nth(at)).to_have_attribute(STATE, "done")


def states(page: ScriptedPage, *expected: str) -> None:
    """Wait until the rows are in these states."""
    expect(page.locator(ROWS)).to_have_count(len(expected))
    for at, state in enumerate(expected):
        expect(page.locator(ROWS).nth(at)).to_have_attribute(STATE, state)


def answers(page: ScriptedPage, *expected: str) -> None:
    expect(page.locator(f"{ROWS}:visible {ANSWER}")).to_have_text(list(expected))


def kept(page: ScriptedPage) -> dict[str, int]:
    """How many records of each kind the disk has."""
    counts: dict[str, int] = page.page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("tinyvlm-table").onsuccess = async ({ target: { result } }) => {
            const counts = {};
            for (const name of result.objectStoreNames) {
              const request = result.transaction(name).objectStore(name).count();
              await new Promise((done) => (request.onsuccess = done));
              counts[name] = request.result;
            }
            result.close();
            resolve(counts);
          };
        })"""
    )
    return counts


def kept_soon(page: ScriptedPage, **expected: int) -> None:
    """Wait until the disk has so many."""
    for _ in range(300):
        if kept(page) == expected:
            return
        page.page.wait_for_timeout(20)
    assert kept(page) == expected


@pytest.fixture
def table(scripted: ScriptedPage) -> ScriptedPage:
    """The dialog, empty; the model is there."""
    scripted.open()
    ready(scripted)
    return opened(scripted)


@pytest.fixture
def three(table: ScriptedPage, tmp_path: Path) -> ScriptedPage:
    """Three pictures and a question."""
    return filled(table, pictures(tmp_path, 3))


@pytest.fixture
def answered(three: ScriptedPage) -> ScriptedPage:
    """Three pictures with their answers."""
    three.locator(START).click()
    for at, (text, ms) in enumerate([("b", 2000), ("a", 3500), ("b", 400)]):
        answer(three, at, text, ms)
    expect(three.locator(MESSAGE)).to_have_text("All 3 pictures are answered.")
    return three


def test_it_fills_in_the_order_of_the_files(table: ScriptedPage, tmp_path: Path) -> None:
    names = ["z.png", "a.png", "m.png"]
    expect(table.locator("#table-empty")).to_be_visible()
    filled(table, pictures(tmp_path, 3, names))
    expect(table.locator("#table-empty")).to_be_hidden()
    expect(table.locator(".table-name")).to_have_text(names)
    states(table, "waiting", "waiting", "waiting")
    expect(table.locator("#table-progress")).to_be_hidden()
    table.locator(START).click()
    expect(table.locator(MESSAGE)).to_have_text("3 pictures are asked about.")
    looking(table, 0)
    states(table, "looking", "waiting", "waiting")
    expect(table.locator("#table-progress-text")).to_have_text("0 of 3")
    answer(table, 0, " circle ")
    looking(table, 1)
    expect(table.locator("#table-progress-text")).to_have_text("1 of 3 · a few seconds left")
    assert table.locator("#table-bar").evaluate("(bar) => [bar.value, bar.max]") == [1, 3]
    expect(table.locator("#table-button")).to_have_text("Many pictures: 1 of 3")
    answer(table, 1, "square", 1400)
    answer(table, 2, "")
    answers(table, "circle", "square", "The model had nothing to say.")
    expect(table.locator(".table-time")).to_have_text(["480 ms", "1.4 sec", "480 ms"])
    expect(table.locator(MESSAGE)).to_have_text("All 3 pictures are answered.")
    expect(table.locator("#table-progress-text")).to_have_text("3 of 3")
    expect(table.locator("#table-button")).to_have_text("Many pictures…")
    expect(table.locator(STOP)).to_be_hidden()
    asked = table.calls("ask")
    assert [call["question"] for call in asked] == [QUESTION] * 3
    assert [call["image"] for call in asked] == [(tmp_path / name).stat().st_size for name in names]
    assert all("choices" not in call for call in asked)


def test_the_time_left_comes_from_the_latest_rows(table: ScriptedPage) -> None:
    left = table.page.evaluate(
        """async () => {
          const { Pace } = await import("/ui/table/pace.js");
          const pace = new Pace();
          const seen = [pace.left(10)];
          for (const ms of [60_000, ...Array(7).fill(4_000)]) pace.add(ms);
          seen.push(pace.left(10));
          pace.add(4_000);
          return [...seen, pace.left(10), pace.left(0)];
        }"""
    )
    assert left == [None, 110, 40, 0]


def test_stop_and_resume(three: ScriptedPage) -> None:
    three.locator(START).click()
    answer(three, 0, "circle")
    looking(three, 1)
    expect(three.locator("#table-question")).to_have_attribute("readonly", "")
    three.locator(STOP).click()
    states(three, "done", "skipped", "skipped")
    expect(three.locator(MESSAGE)).to_have_text("Stopped: 1 of 3 are answered.")
    answers(three, "circle", *["Skipped: the table was stopped"] * 2)
    expect(three.locator(START)).to_have_text("Resume")
    expect(three.locator(START)).to_be_focused()
    assert three.calls("ask")[1]["aborted"]
    three.locator(START).click()
    expect(three.locator(MESSAGE)).to_have_text("2 pictures are asked about.")
    answer(three, 1, "square")
    answer(three, 2, "star")
    answers(three, "circle", "square", "star")
    expect(three.locator(START)).to_have_attribute("aria-disabled", "true")
    three.locator(START).click(force=True)
    assert len(three.calls("ask")) == 4, "nothing is left to be asked"


def test_a_second_click_on_start_neither_asks_twice_nor_stops(three: ScriptedPage) -> None:
    three.locator(START).dblclick()
    looking(three, 0)
    expect(three.locator(START)).to_have_attribute("aria-disabled", "true")
    three.locator("#table-question").press("Enter")
    assert len(three.calls("ask")) == 1
    for at in range(3):
        answer(three, at, "x")
    assert len(three.calls("ask")) == 3


def test_an_error_stands_in_its_row_and_is_tried_again(three: ScriptedPage) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.script("failRequest", "image-unreadable", "English")
    answer(three, 1, "square")
    answer(three, 2, "star")
    states(three, "failed", "done", "done")
    expect(three.locator(ANSWER).first).to_contain_text("damaged")
    expect(three.locator(MESSAGE)).to_have_text("2 of 3 are answered, 1 failed. Their rows say why.")
    retry = three.locator("#table-retry")
    expect(retry).to_have_text("Try 1 failed one again")
    retry.click()
    expect(retry).to_be_hidden()
    answer(three, 0, "circle")
    answers(three, "circle", "square", "star")
    sizes = [call["image"] for call in three.calls("ask")]
    assert len(sizes) == 4
    assert sizes[3] == sizes[0]


def test_an_engine_that_dies_gets_one_more_try(three: ScriptedPage) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.script("restart")
    ready(three)
    three.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2")
    three.script("finish", "circle")
    looking(three, 1)
    for _ in range(2):
        three.script("restart")
        ready(three)
        three.page.wait_for_function("() => window.tinyvlm.script.running")
    answer(three, 2, "star")
    states(three, "done", "failed", "done")
    expect(three.locator(ANSWER).nth(1)).to_have_text("The engine stopped before it had answered. Ask again.")
    first, again, second, once_more, third = [call["image"] for call in three.calls("ask")]
    assert first == again != second == once_more != third


def test_a_model_that_loads_is_waited_for(scripted: ScriptedPage, tmp_path: Path) -> None:
    filled(opened(scripted.open()), pictures(tmp_path, 1))
    loading = scripted.locator("#table-loading")
    scripted.locator(START).click()
    expect(loading).to_have_text("The model is still loading. The table goes on as soon as it is ready.")
    scripted.script("vision")
    scripted.script("draft")
    states(scripted, "waiting")
    assert scripted.calls("ask") == [], "drafts are not for a table that is kept"
    scripted.locator(STOP).click()
    expect(loading).to_be_empty()
    states(scripted, "skipped")
    scripted.locator(START).click()
    expect(loading).not_to_be_empty()
    scripted.script("whole")
    expect(loading).to_be_empty()
    answer(scripted, 0, "circle")


def test_a_model_that_cannot_be_had_ends_the_table(scripted: ScriptedPage, tmp_path: Path) -> None:
    filled(opened(scripted.open()), pictures(tmp_path, 2))
    scripted.locator(START).click()
    scripted.script("fail", "engine-failing", "The engine keeps stopping on this device.")
    expect(scripted.locator(MESSAGE)).to_contain_text("The engine keeps stopping on this device.")
    states(scripted, "skipped", "skipped")
    scripted.script("begin")
    ready(scripted)
    scripted.locator(START).click()
    answer(scripted, 0, "circle")


def test_a_model_without_eyes_is_told(scripted: ScriptedPage, tmp_path: Path) -> None:
    scripted.open()
    scripted.script("vision")
    scripted.script("whole", {"sees": False, "needs_image": False})
    scripted.page.evaluate("() => document.getElementById('table-dialog').showModal()")
    scripted.page.evaluate("() => document.getElementById('table-dialog').close()")
    expect(scripted.locator("#image-panel")).to_be_hidden()
    scripted.page.evaluate("() => document.getElementById('table-button').click()")
    filled(scripted, pictures(tmp_path, 1))
    scripted.locator(START).click()
    expect(scripted.locator(MESSAGE)).to_contain_text("This model sees no images.")
    states(scripted, "skipped")
    assert scripted.calls("ask") == []


def test_what_is_wrong_with_the_question_ends_the_table(three: ScriptedPage) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.script("failRequest", "question-too-long", "It is too long.")
    expect(three.locator(MESSAGE)).to_contain_text("too long")
    states(three, "skipped", "skipped", "skipped")
    assert len(three.calls("ask")) == 1


@pytest.mark.parametrize(
    ("written", "choices"),
    [
        ("yes, no ,, yes", ["yes", "no"]),
        ("red, dark\n blue \n", ["red, dark", "blue"]),
        ("円、星，月", ["円", "星", "月"]),
    ],
)
def test_answers_are_held_to_choices(table: ScriptedPage, tmp_path: Path, written: str, choices: list[str]) -> None:
    filled(table, pictures(tmp_path, 1), choices=written)
    table.locator(START).click()
    looking(table, 0)
    assert table.calls("ask")[0]["choices"] == choices
    expect(table.locator("#table-answers option")).to_have_text(["All rows", *choices, "Not answered yet"])


def test_another_question_asks_about_all_again(answered: ScriptedPage) -> None:
    answered.locator("#table-question").fill("  " + QUESTION)
    expect(answered.locator(START)).to_have_text("Ask about all")
    answered.locator("#table-choices").fill("yes,no")
    expect(answered.locator(START)).to_have_text("Ask about all again")
    answered.locator(START).click()
    states(answered, "looking", "waiting", "waiting")
    answers(answered, "Looking…", "Waiting", "Waiting")
    expect(answered.locator(".table-time")).to_have_text(["", "", ""])


def test_without_a_question_or_pictures_nothing_is_asked(table: ScriptedPage, tmp_path: Path) -> None:
    table.locator(START).click()
    expect(table.locator(MESSAGE)).to_have_text("Write a question first.")
    expect(table.locator("#table-question")).to_be_focused()
    table.locator("#table-question").fill(QUESTION)
    table.locator(START).click()
    expect(table.locator(MESSAGE)).to_have_text("Choose pictures first.")
    expect(table.locator("#table-files")).to_be_focused()
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    table.locator("#table-files-input").set_input_files(str(notes))
    expect(table.locator(MESSAGE)).to_have_text("There is no image among these files.")
    table.locator("#table-files-input").set_input_files([*pictures(tmp_path, 2), str(notes)])
    expect(table.locator(MESSAGE)).to_have_text("1 file that is no image was left out.")
    expect(table.locator(ROWS)).to_have_count(2)


def test_rows_are_sorted(answered: ScriptedPage) -> None:
    name, text, time = answered.locator("#table-head th").all()
    times = answered.locator(".table-time")
    by_file, by_time = ["2.0 sec", "3.5 sec", "400 ms"], ["400 ms", "2.0 sec", "3.5 sec"]
    expect(time).to_have_attribute("aria-sort", "none")
    for order, sort in ((by_time, "ascending"), (by_time[::-1], "descending"), (by_file, "none")):
        time.get_by_role("button").click()
        expect(time).to_have_attribute("aria-sort", sort)
        expect(times).to_have_text(order)
    text.get_by_role("button").click()
    expect(text).to_have_attribute("aria-sort", "ascending")
    expect(answered.locator(".table-name")).to_have_text(["2.png", "1.png", "3.png"])
    name.get_by_role("button").click()
    name.get_by_role("button").click()
    expect(text).to_have_attribute("aria-sort", "none")
    expect(answered.locator(".table-name")).to_have_text(["3.png", "2.png", "1.png"])


def test_a_row_goes_to_its_place_when_it_is_answered(three: ScriptedPage) -> None:
    three.locator("#table-head button").nth(1).click()
    three.locator(START).click()
    names = three.locator(".table-name")
    three.page.locator(".table-picture").nth(1).focus()
    looking(three, 0)
    three.script("finish", "m")
    looking(three, 1)
    expect(names).to_have_text(["1.png", "2.png", "3.png"])
    three.script("finish", "a")
    expect(names).to_have_text(["2.png", "1.png", "3.png"])
    expect(three.page.locator(".table-picture").first).to_be_focused()
    looking(three, 2)
    three.script("failRequest", "image-unreadable", "")
    expect(names).to_have_text(["2.png", "1.png", "3.png"])  # what has no answer comes last


def test_rows_are_filtered(answered: ScriptedPage) -> None:
    search, menu = answered.locator("#table-search"), answered.locator("#table-answers")
    expect(menu.locator("option")).to_have_text(["All rows", "b", "a"])
    expect(answered.locator("#table-shown")).to_be_empty()
    search.fill("2.PNG")
    answers(answered, "a")
    expect(answered.locator("#table-shown")).to_have_text("1 of 3 rows")
    search.fill("B")
    answers(answered, "b", "b")
    menu.select_option("a")
    answers(answered)
    search.fill("")
    answers(answered, "a")
    menu.select_option("b")
    answers(answered, "b", "b")
    menu.select_option("All rows")
    expect(answered.locator(f"{ROWS}:visible")).to_have_count(3)


def test_a_filter_that_ends_shows_all_again(three: ScriptedPage) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.locator("#table-answers").select_option("Not answered yet")
    three.script("finish", "circle")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(2)
    for at in (1, 2):
        looking(three, at)
        three.script("failRequest", "image-unreadable", "")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(3)
    three.locator("#table-answers").select_option("Failed")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(2)


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


def again(page: ScriptedPage) -> ScriptedPage:
    """Come back to the page."""
    page.reload()
    expect(page.locator("#samples button")).not_to_have_count(0)
    return page


def test_a_reload_loses_nothing(three: ScriptedPage) -> None:
    three.locator("#table-choices").fill("circle,square,star")
    three.locator(START).click()
    answer(three, 0, "circle", 1400)
    looking(three, 1)
    three.script("failRequest", "image-unreadable", "")
    looking(three, 2)
    kept_soon(three, tables=1, rows=3, files=3)
    before = [call["image"] for call in three.calls("ask")]
    opened(again(three))
    expect(three.locator(MESSAGE)).to_have_text("Your table with 3 pictures is still here: 1 answered.")
    states(three, "done", "failed", "skipped")
    expect(three.locator(ANSWER).first).to_have_text("circle")
    expect(three.locator(".table-time").first).to_have_text("1.4 sec")
    expect(three.locator(ANSWER).nth(1)).to_contain_text("damaged")
    expect(three.locator("#table-question")).to_have_value(QUESTION)
    expect(three.locator("#table-choices")).to_have_value("circle,square,star")
    expect(three.locator(".table-picture img[src]")).to_have_count(3)
    ready(three)
    expect(three.locator(START)).to_have_text("Resume")
    three.locator(START).click()
    answer(three, 2, "star")
    three.locator("#table-retry").click()
    answer(three, 1, "square")
    assert [call["image"] for call in three.calls("ask")] == [before[2], before[1]]
    assert three.calls("ask")[0]["choices"] == ["circle", "square", "star"]


def test_a_question_that_is_half_written_is_kept(three: ScriptedPage) -> None:
    kept_soon(three, tables=1, rows=3, files=3)
    three.locator("#table-question").fill("How many")
    opened(again(three))
    expect(three.locator("#table-question")).to_have_value("How many")
    states(three, "waiting", "waiting", "waiting")
    expect(three.locator(START)).to_have_text("Ask about all")


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


def test_a_table_of_another_tab_is_left_alone(three: ScriptedPage, scripted_url: str, tmp_path: Path) -> None:
    kept_soon(three, tables=1, rows=3, files=3)
    other = ScriptedPage(three.page.context.new_page(), scripted_url).open()
    filled(opened(other), pictures(tmp_path, 2))
    expect(other.locator("#table-kept")).to_have_text("Another tab of this page has a table. This one is not kept.")
    ready(other)
    other.locator(START).click()
    answer(other, 0, "circle")
    assert kept(three) == {"tables": 1, "rows": 3, "files": 3}


def test_it_is_deleted_only_when_that_is_sure(three: ScriptedPage) -> None:
    kept_soon(three, tables=1, rows=3, files=3)
    three.locator(START).click()
    looking(three, 0)
    three.locator("#table-delete").click()
    expect(three.locator("#table-keep")).to_be_focused()
    three.locator("#table-keep").click()
    expect(three.locator("#table-delete")).to_be_focused()
    states(three, "looking", "waiting", "waiting")
    three.locator("#table-delete").click()
    three.locator("#table-confirm-delete").click()
    expect(three.locator(ROWS)).to_have_count(0)
    expect(three.locator(MESSAGE)).to_have_text("The table was deleted.")
    expect(three.locator("#table-empty")).to_be_visible()
    for field in FIELDS:
        expect(three.locator(field)).to_have_value("")
    assert three.calls("ask")[0]["aborted"]
    kept_soon(three, tables=0, rows=0, files=0)
    opened(again(three))
    expect(three.locator("#table-empty")).to_be_visible()


def test_the_next_table_has_nothing_of_the_one_before(answered: ScriptedPage, tmp_path: Path) -> None:
    answered.locator("#table-search").fill("2.png")
    answered.locator("#table-delete").click()
    answered.locator("#table-confirm-delete").click()
    filled(answered, pictures(tmp_path, 2), "And now?")
    expect(answered.locator("#table-progress")).to_be_hidden()
    expect(answered.locator(f"{ROWS}:visible")).to_have_count(2)
    kept_soon(answered, tables=1, rows=2, files=2)
    answered.locator(START).click()
    answer(answered, 0, "x")
    assert answered.calls("ask")[-1]["question"] == "And now?"


def test_pictures_join_while_it_works(three: ScriptedPage, tmp_path: Path) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.locator("#table-files-input").set_input_files(pictures(tmp_path, 1, ["late.png"]))
    expect(three.locator(ROWS)).to_have_count(4)
    for at in range(4):
        answer(three, at, "x")
    expect(three.locator(".table-name").last).to_have_text("late.png")
    expect(three.locator(MESSAGE)).to_have_text("All 4 pictures are answered.")


def test_a_folder_s_pictures_come_by_name(table: ScriptedPage, tmp_path: Path) -> None:
    (tmp_path / "album" / "old").mkdir(parents=True)
    pictures(tmp_path / "album", 3, ["9.png", "10.png", "1.png"])
    pictures(tmp_path / "album" / "old", 1, ["5.png"])
    (tmp_path / "album" / "notes.txt").write_text("no picture")
    table.locator("#table-folder-input").set_input_files(str(tmp_path / "album"))
    expect(table.locator(".table-name")).to_have_text(["1.png", "9.png", "10.png", "old/5.png"])


def test_what_is_dropped_on_the_dialog_is_the_table_s(table: ScriptedPage) -> None:
    table.page.evaluate(
        """async () => {
          const transfer = new DataTransfer();
          const canvas = new OffscreenCanvas(8, 8);
          canvas.getContext("2d").fillRect(0, 0, 8, 8);
          for (const name of ["a.png", "b.png"]) {
            transfer.items.add(new File([await canvas.convertToBlob()], name, { type: "image/png" }));
          }
          const target = document.getElementById("table-empty");
          for (const type of ["dragenter", "dragover", "drop"]) {
            target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
          }
        }"""
    )
    expect(table.locator(".table-name")).to_have_text(["a.png", "b.png"])
    expect(table.locator("body")).not_to_have_class("dragging")
    expect(table.locator("#table-dialog")).not_to_have_class("inviting")
    assert table.calls("encode") == []


def test_more_than_a_conversation_takes_is_offered_as_a_table(scripted: ScriptedPage, tmp_path: Path) -> None:
    scripted.open()
    offer = scripted.locator("#notices .notice")
    scripted.locator("#file-input").set_input_files(pictures(tmp_path, 12))
    expect(scripted.locator(".tray-image")).to_have_count(12)
    expect(offer).to_have_count(0)
    scripted.locator("#file-input").set_input_files(pictures(tmp_path, 14))
    expect(offer).to_contain_text("14 pictures: ask one question about all of them, in a table?")
    offer.get_by_role("button", name="Open the table").click()
    expect(scripted.locator("#table-dialog")).to_be_visible()
    expect(offer).to_have_count(0)
    expect(scripted.locator(".table-name")).to_have_text([f"{at + 1}.png" for at in range(14)])


def test_a_question_of_the_conversation_is_answered_between_two_rows(talked: ScriptedPage, tmp_path: Path) -> None:
    filled(opened(talked), pictures(tmp_path, 2))
    talked.locator(START).click()
    looking(talked, 0)
    talked.locator("#table-close").click()
    talked.ask("And its color?")
    talked.script("finish", "circle")
    expect(talked.locator(".answer").nth(1)).to_contain_text("Thinking…")
    talked.script("finish", "red")
    expect(talked.locator(".answer .text").nth(1)).to_have_text("red")
    expect(talked.locator(ROWS).first).to_have_attribute(STATE, "done")
    looking(talked, 1)
    talked.script("finish", "square")
    notice = talked.locator("#notices .notice")
    expect(notice).to_contain_text("All 2 pictures are answered.")
    notice.get_by_role("button", name="Open the table").click()
    answers(talked, "circle", "square")
    assert [call["question"] for call in talked.calls("ask")][1:] == [QUESTION, "And its color?", QUESTION]


def test_each_answer_changes_its_row_alone(three: ScriptedPage) -> None:
    three.locator(START).click()
    looking(three, 0)
    three.page.evaluate(
        """() => {
          window.changed = [];
          const rows = document.getElementById("table-rows");
          new MutationObserver((records) => {
            for (const { target } of records) {
              const element = target instanceof Element ? target : target.parentElement;
              window.changed.push(element.closest("tr")?.dataset.number ?? "all");
            }
          }).observe(rows, { subtree: true, childList: true, attributes: true, characterData: true });
        }"""
    )
    three.script("finish", "circle")
    looking(three, 1)
    assert set(three.page.evaluate("() => window.changed")) == {"1", "2"}


def test_what_is_read_out_is_little(three: ScriptedPage) -> None:
    three.page.evaluate(
        """() => {
          window.said = [];
          for (const region of document.querySelectorAll("#table-dialog [role=status]")) {
            new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
          }
        }"""
    )
    three.locator(START).click()
    for at in range(3):
        answer(three, at, "x")
    expect(three.locator(MESSAGE)).to_have_text("All 3 pictures are answered.")
    assert three.page.evaluate("() => window.said") == ["3 pictures are asked about.", "All 3 pictures are answered."]


def test_the_keyboard_alone_is_enough(scripted: ScriptedPage, tmp_path: Path) -> None:
    scripted.open()
    ready(scripted)
    keyboard = scripted.page.keyboard
    scripted.locator("#table-button").focus()
    keyboard.press("Enter")
    expect(scripted.locator("#table-kept")).not_to_be_empty()
    scripted.locator("#table-files-input").set_input_files(pictures(tmp_path, 3))
    expect(scripted.locator(ROWS)).to_have_count(3)
    expect(scripted.locator("#table-close")).to_be_focused()
    keyboard.press("Tab")
    keyboard.type(QUESTION)
    keyboard.press("Enter")
    looking(scripted, 0)
    for _ in range(5):
        keyboard.press("Tab")
    expect(scripted.locator(STOP)).to_be_focused()
    keyboard.press("Enter")
    states(scripted, "skipped", "skipped", "skipped")
    expect(scripted.locator(START)).to_be_focused()
    keyboard.press("Enter")
    looking(scripted, 0)
    scripted.locator("#table-head button").first.focus()
    keyboard.press("Space")
    expect(scripted.locator("#table-head th").first).to_have_attribute("aria-sort", "ascending")
    keyboard.press("Escape")
    expect(scripted.locator("#table-dialog")).to_be_hidden()
    expect(scripted.locator("#table-button")).to_be_focused()
    expect(scripted.locator("#table-button")).to_have_text("Many pictures: 0 of 3")


def test_a_picture_is_seen_large(answered: ScriptedPage) -> None:
    answered.locator(".table-picture").nth(1).click()
    expect(answered.locator("#image-view")).to_be_visible()
    expect(answered.locator("#view-image")).to_have_attribute("alt", "The image you ask about: 2.png")
    answered.page.keyboard.press("Escape")
    expect(answered.locator("#table-dialog")).to_be_visible()
    expect(answered.locator(".table-picture").nth(1)).to_be_focused()


@pytest.fixture(params=["empty", "running", "broken"])
def state(request: pytest.FixtureRequest, table: ScriptedPage, tmp_path: Path) -> Iterator[ScriptedPage]:
    """The dialog in one of its states; "broken": with a failed row, stopped, about to be deleted."""
    if request.param != "empty":
        filled(table, pictures(tmp_path, 4, ["a_very_long_name_without_any_space.png", "2.png", "3.png", "4.png"]))
        table.locator(START).click()
        answer(table, 0, "a long answer in words that need more than one line, andonethatisverylongitself")
        looking(table, 1)
        table.script("failRequest", "image-unreadable", "")
        looking(table, 2)
    if request.param == "broken":
        table.locator(STOP).click()
        table.locator("#table-delete").click()
    return table


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_nothing_is_wider_than_the_window(state: ScriptedPage, width: int) -> None:
    state.page.set_viewport_size({"width": width, "height": 740})
    overflow = "(node) => node.scrollWidth - node.clientWidth"
    assert state.page.evaluate(f"({overflow})(document.documentElement)") == 0
    assert state.locator("#table-dialog").evaluate(overflow) == 0
    assert state.locator(".table-scroller").evaluate(overflow) == 0
    sides = "(dialog) => [dialog.getBoundingClientRect().left >= 0, dialog.getBoundingClientRect().right <= innerWidth]"
    assert state.locator("#table-dialog").evaluate(sides) == [True, True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(state: ScriptedPage, scheme: str) -> None:
    state.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    contrasts = state.page.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert [found for found in contrasts if found[1] < 4.5] == []
    state.page.emulate_media(color_scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
    assert state.page.evaluate(EDGELESS) == []


def test_everything_that_can_be_used_has_a_name_and_room(state: ScriptedPage) -> None:
    tree = state.page.context.new_cdp_session(state.page).send("Accessibility.getFullAXTree")
    roles = {"button", "textbox", "searchbox", "combobox", "dialog", "progressbar", "region", "table", "rowheader"}
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in roles]
    assert len(nodes) > 5
    assert [node for node in nodes if not node.get("name", {}).get("value")] == []
    small = """() => [...document.querySelectorAll("#table-dialog :is(button, input, select, textarea)")]
      .filter((node) => node.checkVisibility())
      .map((node) => [node.id, node.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 24 || height < 24).map(([id]) => id)"""
    assert state.page.evaluate(small) == []


def test_three_hundred_rows(table: ScriptedPage, tmp_path: Path) -> None:
    filled(table, pictures(tmp_path, 300))
    table.locator(START).click()
    answer(table, 0, "circle")
    expect(table.locator(".table-picture img[src]").nth(3)).to_be_attached()
    assert table.locator(".table-picture img[src]").count() < 60, "only those in sight are made"
    table.locator(ROWS).last.scroll_into_view_if_needed()
    expect(table.locator(".table-picture img").last).to_have_attribute("src", re.compile("^blob:"))
    expect(table.locator("#table-progress-text")).to_contain_text("1 of 300")


def test_a_table_has_an_end(table: ScriptedPage) -> None:
    table.page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          for (let at = 1; at <= 1002; at++) transfer.items.add(new File(["x"], `${at}.png`, { type: "image/png" }));
          const input = document.getElementById("table-files-input");
          input.files = transfer.files;
          input.dispatchEvent(new Event("change"));
        }"""
    )
    expect(table.locator(ROWS)).to_have_count(1000)
    expect(table.locator(MESSAGE)).to_have_text("A table holds 1,000 pictures. The others were left out.")


def test_it_speaks_the_language_of_the_page(answered: ScriptedPage) -> None:
    answered.locator("#table-search").fill("1.png")
    answered.page.evaluate(
        """() => {
          const menu = document.getElementById("language");
          menu.value = "de";
          menu.dispatchEvent(new Event("change"));
        }"""
    )
    expect(answered.locator("#table-heading")).to_have_text("Viele Bilder, eine Frage")
    expect(answered.locator(MESSAGE)).to_have_text("Alle 3 Bilder sind beantwortet.")
    expect(answered.locator("#table-shown")).to_have_text("1 von 3 Zeilen")
    expect(answered.locator(ANSWER).first).to_have_attribute("lang", "en")
    expect(answered.locator("#table-english-only")).to_contain_text("nur Englisch")
