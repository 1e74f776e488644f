"""The dialog of many pictures, beside a double of the engine: what tests of it do, and look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from scripted_page import ScriptedPage

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
