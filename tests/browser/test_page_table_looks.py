"""A table as it is seen, read out, and used without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    STOP,
    answer,
    filled,
    looking,
    pictures,
    ready,
    states,
)
from test_page_access import CONTRASTS, EDGELESS


def test_each_answer_changes_its_row_alone(three_rows: ScriptedPage) -> None:
    three_rows.locator(START).click()
    looking(three_rows, 0)
    three_rows.page.evaluate(
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
    three_rows.script("finish", "circle")
    looking(three_rows, 1)
    assert set(three_rows.page.evaluate("() => window.changed")) == {"1", "2"}


def test_what_is_read_out_is_little(three_rows: ScriptedPage) -> None:
    three_rows.page.evaluate(
        """() => {
          window.said = [];
          for (const region of document.querySelectorAll("#table-dialog [role=status]")) {
            new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
          }
        }"""
    )
    three_rows.locator(START).click()
    for at in range(3):
        answer(three_rows, at, "x")
    expect(three_rows.locator(MESSAGE)).to_have_text("All 3 pictures are answered.")
    said = three_rows.page.evaluate("() => window.said")
    assert said == ["3 pictures are asked about.", "All 3 pictures are answered."]


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


def test_a_picture_is_seen_large(answered_table: ScriptedPage) -> None:
    answered_table.locator(".table-picture").nth(1).click()
    expect(answered_table.locator("#image-view")).to_be_visible()
    expect(answered_table.locator("#view-image")).to_have_attribute("alt", "The image you ask about: 2.png")
    answered_table.page.keyboard.press("Escape")
    expect(answered_table.locator("#table-dialog")).to_be_visible()
    expect(answered_table.locator(".table-picture").nth(1)).to_be_focused()


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


def test_it_speaks_the_language_of_the_page(answered_table: ScriptedPage) -> None:
    answered_table.locator("#table-search").fill("1.png")
    answered_table.page.evaluate(
        """() => {
          const menu = document.getElementById("language");
          menu.value = "de";
          menu.dispatchEvent(new Event("change"));
        }"""
    )
    expect(answered_table.locator("#table-heading")).to_have_text("Viele Bilder, eine Frage")
    expect(answered_table.locator(MESSAGE)).to_have_text("Alle 3 Bilder sind beantwortet.")
    expect(answered_table.locator("#table-shown")).to_have_text("1 von 3 Zeilen")
    expect(answered_table.locator(ANSWER).first).to_have_attribute("lang", "en")
    expect(answered_table.locator("#table-english-only")).to_contain_text("nur Englisch")
