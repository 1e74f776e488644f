"""Many pictures, one question: a table that fills, stops and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from table_page import (
    ANSWER,
    MESSAGE,
    QUESTION,
    ROWS,
    START,
    STATE,
    STOP,
    answer,
    answers,
    filled,
    looking,
    opened,
    pictures,
    ready,
    states,
)


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


def test_stop_and_resume(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    answer(three_rows, 0, "circle")
    looking(three_rows, 1)
    expect(three_rows.locator("#table-question")).to_have_attribute("readonly", "")
    three_rows.locator(STOP).click()
    states(three_rows, "done", "skipped", "skipped")
    expect(three_rows.locator(MESSAGE)).to_have_text("Stopped: 1 of 3 are answered.")
    answers(three_rows, "circle", *["Skipped: the table was stopped"] * 2)
    expect(three_rows.locator(START)).to_have_text("Resume")
    expect(three_rows.locator(START)).to_be_focused()
    assert three_rows.calls("ask")[1]["aborted"]
    three_rows.locator(START).click()
    expect(three_rows.locator(MESSAGE)).to_have_text("2 pictures are asked about.")
    answer(three_rows, 1, "square")
    answer(three_rows, 2, "star")
    answers(three_rows, "circle", "square", "star")
    expect(three_rows.locator(START)).to_have_attribute("aria-disabled", "true")
    three_rows.locator(START).click(force=True)
    assert len(three_rows.calls("ask")) == 4, "nothing is left to be asked"


def test_a_second_click_on_start_neither_asks_twice_nor_stops(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).dblclick()
    looking(three_rows, 0)
    expect(three_rows.locator(START)).to_have_attribute("aria-disabled", "true")
    three_rows.locator("#table-question").press("Enter")
    assert len(three_rows.calls("ask")) == 1
    for at in range(3):
        answer(three_rows, at, "x")
    assert len(three_rows.calls("ask")) == 3


def test_an_error_stands_in_its_row_and_is_tried_again(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.script("failRequest", "image-unreadable", "English")
    answer(three_rows, 1, "square")
    answer(three_rows, 2, "star")
    states(three_rows, "failed", "done", "done")
    expect(three_rows.locator(ANSWER).first).to_contain_text("damaged")
    expect(three_rows.locator(MESSAGE)).to_have_text("2 of 3 are answered, 1 failed. Their rows say why.")
    retry = three_rows.locator("#table-retry")
    expect(retry).to_have_text("Try 1 failed one again")
    retry.click()
    expect(retry).to_be_hidden()
    answer(three_rows, 0, "circle")
    answers(three_rows, "circle", "square", "star")
    sizes = [call["image"] for call in three_rows.calls("ask")]
    assert len(sizes) == 4
    assert sizes[3] == sizes[0]


def test_an_engine_that_dies_gets_one_more_try(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.script("restart")
    ready(three_rows)
    three_rows.page.wait_for_function(
        "() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2"
    )
    three_rows.script("finish", "circle")
    looking(three_rows, 1)
    for _ in range(2):
        three_rows.script("restart")
        ready(three_rows)
        three_rows.page.wait_for_function("() => window.tinyvlm.script.running")
    answer(three_rows, 2, "star")
    states(three_rows, "done", "failed", "done")
    expect(three_rows.locator(ANSWER).nth(1)).to_have_text("The engine stopped before it had answered. Ask again.")
    first, again, second, once_more, third = [call["image"] for call in three_rows.calls("ask")]
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
    expect(scripted.locator("#image-panel")).to_be_hidden()
    scripted.page.evaluate("() => document.getElementById('table-button').click()")
    expect(scripted.locator("#table-dialog")).to_be_visible()
    filled(scripted, pictures(tmp_path, 1))
    scripted.locator(START).click()
    expect(scripted.locator(MESSAGE)).to_contain_text("This model sees no images.")
    states(scripted, "skipped")
    assert scripted.calls("ask") == []


def test_what_is_wrong_with_the_question_ends_the_table(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.script("failRequest", "question-too-long", "It is too long.")
    expect(three_rows.locator(MESSAGE)).to_contain_text("too long")
    states(three_rows, "skipped", "skipped", "skipped")
    assert len(three_rows.calls("ask")) == 1


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


def test_another_question_asks_about_all_again(answered_table: ScriptedPage) -> None:
    answered_table.locator("#table-question").fill("  " + QUESTION)
    expect(answered_table.locator(START)).to_have_text("Ask about all")
    answered_table.locator("#table-choices").fill("yes,no")
    expect(answered_table.locator(START)).to_have_text("Ask about all again")
    answered_table.locator(START).click()
    states(answered_table, "looking", "waiting", "waiting")
    answers(answered_table, "Looking…", "Waiting", "Waiting")
    expect(answered_table.locator(".table-time")).to_have_text(["", "", ""])


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


def test_pictures_join_while_it_works(three_rows: ScriptedPage, tmp_path: Path) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.locator("#table-files-input").set_input_files(pictures(tmp_path, 1, ["late.png"]))
    expect(three_rows.locator(ROWS)).to_have_count(4)
    for at in range(4):
        answer(three_rows, at, "x")
    expect(three_rows.locator(".table-name").last).to_have_text("late.png")
    expect(three_rows.locator(MESSAGE)).to_have_text("All 4 pictures are answered.")


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
