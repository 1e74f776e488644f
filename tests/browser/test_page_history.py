"""The list of conversations: found, opened, named, deleted, not kept, taken along and brought back."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripted_page import ScriptedPage
from test_page_conversations import COLOR, SHAPE, answered

SECOND = "Is there a house?"


@pytest.fixture
def twice(talked: ScriptedPage) -> ScriptedPage:
    """Two conversations: a sample each."""
    new(talked)
    talked.choose_sample(1)
    expect(talked.locator("#image-state")).to_have_text("Looking at the image…")
    talked.script("finish")
    answered(talked, SECOND, "no")
    return talked


def new(page: ScriptedPage) -> None:
    """Begin a conversation."""
    page.locator("#history-button").click()
    page.locator("#history-new").click()
    expect(page.locator("#history-dialog")).to_be_hidden()
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator("#choose")).to_be_visible()


def opened(page: ScriptedPage) -> ScriptedPage:
    """Open the list."""
    page.locator("#history-button").click()
    expect(page.locator("#history-dialog")).to_be_visible()
    return page


def names(page: ScriptedPage, *expected: str) -> None:
    """Wait until these are listed."""
    expect(page.locator(".history-open .name")).to_have_text(list(expected))


def act(page: ScriptedPage, at: int, name: str) -> None:
    """Do something with a conversation."""
    item = page.locator(".history-item").nth(at)
    item.locator(".history-more").click()
    item.get_by_role("button", name=name, exact=True).click()


def test_conversations_are_listed_and_opened(twice: ScriptedPage) -> None:
    opened(twice)
    names(twice, SECOND, SHAPE)
    expect(twice.locator(".history-open").first).to_have_attribute("aria-current", "true")
    expect(twice.locator(".history-open").first).to_contain_text("1 question")
    expect(twice.locator("#history-usage")).to_contain_text("2 conversations")
    twice.locator(".history-open").nth(1).click()
    expect(twice.locator("#history-dialog")).to_be_hidden()
    expect(twice.locator(".question .text")).to_have_text(SHAPE)
    expect(twice.locator(".answer .text")).to_have_text("circle")
    expect(twice.locator("#preview")).to_be_visible()
    expect(twice.locator("#image-tray")).to_be_hidden()  # the other one's image is none of this one


def test_words_are_found_in_questions_and_answers(twice: ScriptedPage) -> None:
    opened(twice)
    twice.locator("#history-search").fill("CIRCLE")
    names(twice, SHAPE)
    twice.locator("#history-search").fill("house")
    names(twice, SECOND)
    twice.locator("#history-search").fill("elephant")
    names(twice)
    expect(twice.locator("#history-empty")).to_have_text("No conversation has these words.")


@pytest.mark.parametrize("close", ["#history-close", "#history-new", ".history-open >> nth=1"])
def test_a_closed_list_holds_no_rows_and_is_whole_when_it_opens_again(twice: ScriptedPage, close: str) -> None:
    names(opened(twice), SECOND, SHAPE)
    if close == "#history-close":
        twice.locator("#history-search").fill("house")
        names(twice, SECOND)
        act(twice, 0, "Rename")
    twice.locator(close).click()
    expect(twice.locator("#history-dialog")).to_be_hidden()
    expect(twice.locator(".history-item")).to_have_count(0)
    focused = opened(twice).page.evaluate("() => document.activeElement.id")
    names(twice, SECOND, SHAPE)
    expect(twice.locator("#history-search")).to_have_value("")
    assert twice.page.evaluate("() => document.activeElement.id") == focused != ""
    expect(twice.locator(".history-actions:visible")).to_have_count(0)


def test_a_list_that_comes_late_is_not_made_for_nobody(twice: ScriptedPage) -> None:
    made = twice.page.evaluate(
        """async () => {
          const [button, dialog] = ["history-button", "history-dialog"].map((id) => document.getElementById(id));
          const list = document.getElementById("history-list");
          let made = 0;
          new MutationObserver((changes) => changes.forEach(({ addedNodes }) => (made += addedNodes.length)))
            .observe(list, { childList: true });
          button.click();
          await new Promise((resolve) => new MutationObserver(resolve).observe(list, { childList: true }));
          const whole = made || list.children.length;
          dialog.close();
          await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
          const { History } = await import("/ui/history/store.js");
          const history = await History.open();
          // What the browser says of it may come after what was read: here it does not come at all.
          dialog.addEventListener("close", (event) => event.stopImmediatePropagation(), { capture: true });
          button.click(); // and closed before anything could be read
          dialog.close();
          await history.list();
          await history.usage();
          return [whole, list.children.length, made];
        }"""
    )
    assert made == [2, 0, 2]


def test_a_conversation_is_named(twice: ScriptedPage) -> None:
    opened(twice)
    act(twice, 1, "Rename")
    box = twice.locator(".history-actions input")
    expect(box).to_be_focused()
    box.fill("My circle")
    box.press("Enter")
    names(twice, SECOND, "My circle")


@pytest.mark.parametrize(("key", "name"), [("Enter", "My cir"), ("Escape", SHAPE)])
def test_a_change_elsewhere_takes_no_half_written_name_away(twice: ScriptedPage, key: str, name: str) -> None:
    opened(twice)
    act(twice, 1, "Rename")
    twice.locator(".history-actions input").fill("My cir")
    twice.page.evaluate(
        """async () => {
          const { History } = await import("/ui/history/store.js");
          const other = await History.open();
          await other.ask("elsewhere", { question: "Asked elsewhere?", model: "", profile: "" });
        }"""
    )
    expect(twice.locator(".history-actions input")).to_have_value("My cir")
    expect(twice.locator(".history-actions input")).to_be_focused()
    twice.page.keyboard.press(key)
    names(twice, "Asked elsewhere?", SECOND, name)
    if key == "Escape":
        expect(twice.locator(".history-more").nth(2)).to_be_focused()


def test_one_is_deleted_only_when_that_is_sure(twice: ScriptedPage) -> None:
    opened(twice)
    act(twice, 1, "Delete…")
    twice.locator(".history-actions").get_by_role("button", name="Leave it").click()
    names(twice, SECOND, SHAPE)
    twice.locator(".history-actions:visible").get_by_role("button", name="Delete…").click()
    twice.locator(".history-actions:visible").get_by_role("button", name="Delete it").click()
    names(twice, SECOND)
    twice.reload()
    names(opened(twice), SECOND)


def test_the_one_on_the_screen_goes_with_its_deletion(twice: ScriptedPage) -> None:
    opened(twice)
    act(twice, 0, "Delete…")
    twice.locator(".history-actions:visible").get_by_role("button", name="Delete it").click()
    names(twice, SHAPE)
    twice.locator("#history-close").click()
    expect(twice.locator(".message")).to_have_count(0)
    expect(twice.locator("#choose")).to_be_visible()


def test_all_are_deleted(twice: ScriptedPage) -> None:
    opened(twice)
    twice.locator("#history-delete-all").click()
    expect(twice.locator("#history-keep-all")).to_be_focused()
    twice.locator("#history-confirm-delete").click()
    names(twice)
    expect(twice.locator("#history-message")).to_have_text("All conversations were deleted.")
    expect(twice.locator("#history-empty")).to_contain_text("Nothing is kept yet.")


def test_one_that_is_not_kept_ends_with_the_page(twice: ScriptedPage) -> None:
    opened(twice)
    twice.locator("#history-keep").uncheck()
    expect(twice.locator(".history-open").first).to_contain_text("not kept")
    twice.locator("#history-close").click()
    answered(twice, COLOR, "blue")
    expect(twice.locator(".question .text")).to_have_text([SECOND, COLOR])
    twice.reload()
    expect(twice.locator("#samples button")).not_to_have_count(0)
    names(opened(twice), SHAPE)


def test_all_are_taken_along_and_brought_back(twice: ScriptedPage, tmp_path: Path) -> None:
    opened(twice)
    with twice.page.expect_download() as saving:
        twice.locator("#history-save-all").click()
    archive = tmp_path / "history.zip"
    saving.value.save_as(archive)
    with zipfile.ZipFile(archive) as file:
        listed = json.loads(file.read("conversations.json"))["conversations"]
        assert [len(each["messages"]) for each in listed] == [1, 1]
        assert len(file.namelist()) == 3
    twice.locator("#history-delete-all").click()
    twice.locator("#history-confirm-delete").click()
    names(twice)
    twice.locator("#history-file").set_input_files(archive)
    expect(twice.locator("#history-message")).to_have_text("2 conversations were taken in; 0 were here already.")
    names(twice, SECOND, SHAPE)


@pytest.mark.parametrize(("name", "ending", "found"), [
    ("Save as web page", ".html", "<h1"), ("Save as Markdown", ".zip", ""),
])  # fmt: skip
def test_one_is_saved_for_reading(twice: ScriptedPage, name: str, ending: str, found: str, tmp_path: Path) -> None:
    opened(twice)
    with twice.page.expect_download() as saving:
        act(twice, 0, name)
    path = tmp_path / "saved"
    saving.value.save_as(path)
    assert saving.value.suggested_filename.endswith(ending)
    assert found in path.read_bytes().decode("utf-8", "replace")


def test_what_is_no_history_is_refused(twice: ScriptedPage, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as file:
        file.writestr("a.txt", "x")
    opened(twice)
    twice.locator("#history-file").set_input_files(foreign)
    expect(twice.locator("#history-message")).to_have_text(
        "foreign.zip is not a history that was exported from this page."
    )
    names(twice, SECOND, SHAPE)


def test_the_keyboard_alone_is_enough(twice: ScriptedPage) -> None:
    twice.locator("#history-button").focus()
    twice.page.keyboard.press("Enter")
    names(twice, SECOND, SHAPE)
    twice.locator(".history-more").nth(1).focus()
    twice.page.keyboard.press("Enter")
    expect(twice.locator(".history-more").nth(1)).to_have_attribute("aria-expanded", "true")
    twice.page.keyboard.press("Tab")
    twice.page.keyboard.press("Escape")
    expect(twice.locator(".history-more").nth(1)).to_be_focused()
    expect(twice.locator("#history-dialog")).to_be_visible()
    twice.page.keyboard.press("Escape")
    expect(twice.locator("#history-dialog")).to_be_hidden()
    expect(twice.locator("#history-button")).to_be_focused()
