"""A model is taken: how its download is left and taken up, and what becomes of the conversation."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from models_page import KNOWN, OWN, SMALL, answer, keep, loads, open_dialog, pick, row, stored
from scripted_page import ScriptedPage
from transfers import SHAPE


@pytest.fixture
def downloading(model_talked: ScriptedPage) -> ScriptedPage:
    """Something was said; then a public model was chosen, of which 200 MB are here."""
    open_dialog(model_talked)
    pick(model_talked, KNOWN[0])
    model_talked.locator("#model-get").click()
    model_talked.progress(loaded=120, total=513)
    model_talked.progress(loaded=200, total=513)
    keep(model_talked, stored(OWN, 14), stored(SMALL, 200, complete=False))
    return model_talked


def test_one_click_from_an_answer_to_better_ones(model_talked: ScriptedPage) -> None:
    """Nothing is downloaded by it; the button that would says how much."""
    model_talked.page.get_by_role("button", name="Better answers about photos").click()
    expect(model_talked.locator("#model-dialog")).to_be_visible()
    expect(row(model_talked, SMALL).locator(".model-name")).to_have_attribute("aria-pressed", "true")
    expect(model_talked.locator("#model-cost")).to_contain_text("513.0 MB")
    expect(model_talked.locator("#model-cost")).to_be_in_viewport()
    expect(model_talked.locator("#model-published dl")).to_contain_text("TextVQA val 49.9")
    expect(model_talked.locator("#model-get")).to_be_focused()
    assert loads(model_talked) == []
    model_talked.page.keyboard.press("Enter")
    expect(model_talked.locator("#model-dialog")).to_be_hidden()
    assert loads(model_talked) == [SMALL]


def test_answers_of_a_better_model_propose_none(downloading: ScriptedPage) -> None:
    downloading.script("vision")
    downloading.script("finish")
    downloading.script("whole", {"id": SMALL, "name": SMALL, "remembers": True})
    expect(downloading.locator("#progress")).to_be_hidden()
    answer(downloading, SHAPE, "It is a circle.")
    expect(downloading.locator(".answer").last).to_have_attribute("data-state", "done")
    expect(downloading.locator(".answer").last).not_to_contain_text("Better answers")


def test_an_answer_without_an_image_proposes_none(scripted: ScriptedPage) -> None:
    scripted.open().script("whole", {"needs_image": False})
    answer(scripted, "Hello", "Hello.")
    expect(scripted.locator(".answer")).to_have_attribute("data-state", "done")
    expect(scripted.locator(".answer")).not_to_contain_text("Better answers")


def test_a_switch_keeps_the_conversation(downloading: ScriptedPage) -> None:
    expect(downloading.locator(".answer .text")).to_have_text(["circle"])
    expect(downloading.locator("#preview")).to_be_visible()
    downloading.locator("#question").fill("half a question")
    downloading.script("vision")
    downloading.script("finish")
    downloading.script("whole", {"id": SMALL, "name": SMALL, "remembers": True})
    expect(downloading.locator("#model-button")).to_have_text(SMALL)
    expect(downloading.locator("#question")).to_have_value("half a question")
    answer(downloading, SHAPE, "It is a circle.")
    expect(downloading.locator(".answer .text")).to_have_text(["circle", "It is a circle."])
    downloading.open()
    expect(downloading.locator(".answer .text")).to_have_text(["circle", "It is a circle."])


def test_a_download_is_paused_and_taken_up_again(downloading: ScriptedPage) -> None:
    """Meanwhile the model before answers."""
    downloading.locator("#progress").get_by_role("button", name="Pause").click()
    assert loads(downloading) == [SMALL, None]
    downloading.script("vision")
    downloading.script("finish")
    downloading.script("whole")
    expect(downloading.locator("#model-button")).to_have_text("Tiny-VLM 13M")
    notice = downloading.locator(".notice")
    expect(notice).to_contain_text("The download of SmolVLM-256M is paused: 200.0 of 513.0 MB are here.")
    answer(downloading, SHAPE, "round")
    expect(downloading.locator(".answer .text")).to_have_text(["circle", "round"])
    notice.get_by_role("button", name="Go on").click()
    expect(notice).to_have_count(0)
    assert loads(downloading) == [SMALL, None, SMALL]
    downloading.progress(loaded=210, total=513, kept=200)
    expect(downloading.locator("#progress")).to_contain_text("210.0 of 513.0 MB")
    downloading.script("whole", {"id": SMALL, "name": SMALL})
    expect(downloading.locator("#model-button")).to_have_text(SMALL)
    open_dialog(downloading)
    expect(downloading.locator("#model-download")).to_be_hidden()


def test_it_is_paused_and_taken_up_in_the_dialog_too(downloading: ScriptedPage) -> None:
    """By keyboard: the focus stays with the buttons."""
    open_dialog(downloading)
    line = downloading.locator("#model-download")
    expect(line).to_contain_text("SmolVLM-256M is on its way: 200.0 of 513.0 MB")
    downloading.progress(loaded=240, total=513)
    expect(line).to_contain_text("240.0 of 513.0 MB")
    line.get_by_role("button", name="Pause").focus()
    downloading.page.keyboard.press("Enter")
    expect(line).to_contain_text("paused: 240.0 of 513.0 MB")
    expect(line.get_by_role("button", name="Go on")).to_be_focused()
    downloading.script("whole")
    downloading.page.keyboard.press("Enter")
    expect(line).to_contain_text("SmolVLM-256M is on its way")
    assert loads(downloading) == [SMALL, None, SMALL]


def test_a_paused_download_goes_on_after_a_reload(downloading: ScriptedPage) -> None:
    downloading.locator("#progress").get_by_role("button", name="Pause").click()
    downloading.open(stored=[stored(OWN, 14), stored(SMALL, 200, complete=False)]).script("whole")
    open_dialog(downloading)
    expect(row(downloading, SMALL)).to_contain_text("In part on this device: 200.0 of 513.0 MB")
    pick(downloading, KNOWN[0])
    downloading.locator("#model-get").click()
    assert loads(downloading) == [SMALL]


@pytest.mark.parametrize("deletes", [True, False])
def test_a_download_is_cancelled(downloading: ScriptedPage, deletes: bool) -> None:
    """The model before is back; what had come is kept, unless that is deleted."""
    downloading.locator("#progress").get_by_role("button", name="Cancel the download").click()
    assert loads(downloading) == [SMALL, None]
    expect(downloading.locator("#progress")).not_to_contain_text("Cancel")
    downloading.script("whole")
    notice = downloading.locator(".notice")
    expect(notice).to_contain_text("cancelled. 200.0 MB of it are kept on this device")
    notice.get_by_role("button", name="Delete that" if deletes else "Close").click()
    if deletes:
        expect(notice).to_contain_text("What had come of SmolVLM-256M was deleted.")
    left = downloading.page.evaluate("() => window.stored.map(({ source }) => source)")
    assert left == ([OWN] if deletes else [OWN, SMALL])


def test_a_paused_download_is_cancelled(downloading: ScriptedPage) -> None:
    downloading.locator("#progress").get_by_role("button", name="Pause").click()
    downloading.script("whole")
    open_dialog(downloading)
    downloading.locator("#model-download").get_by_role("button", name="Cancel the download").click()
    expect(downloading.locator("#model-download")).to_be_hidden()
    expect(downloading.locator(".notice")).to_contain_text("cancelled")
    assert loads(downloading) == [SMALL, None]


def test_one_that_fails_can_be_left(downloading: ScriptedPage) -> None:
    downloading.script("fail", "host-unreachable", "The hub is gone.")
    downloading.locator("#progress").get_by_role("button", name="Back to Tiny-VLM 13M").click()
    assert loads(downloading) == [SMALL, None]
    downloading.script("whole")
    expect(downloading.locator("#model-button")).to_have_text("Tiny-VLM 13M")


def test_the_page_s_own_is_not_to_be_cancelled(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.progress(loaded=3, total=14)
    expect(scripted.locator("#progress")).to_contain_text("3.0 of 14.0 MB")
    expect(scripted.locator("#progress button")).to_have_count(0)
    scripted.script("fail", "host-unreachable", "The host is gone.")
    expect(scripted.locator("#progress button")).to_have_text(["Try again"])


def test_where_nothing_is_kept_there_is_no_pause(model_ready: ScriptedPage) -> None:
    """What had come would have to come again."""
    model_ready.script("notice", "storage-missing", "The model is not kept.")
    open_dialog(model_ready)
    pick(model_ready, KNOWN[0])
    expect(model_ready.locator("#model-cost")).to_contain_text("at each visit anew")
    model_ready.locator("#model-get").click()
    expect(model_ready.locator("#progress button")).to_have_text(["Cancel the download"])
    open_dialog(model_ready)
    expect(model_ready.locator("#model-download button")).to_have_text(["Cancel the download"])
    keep(model_ready)
    model_ready.locator("#model-download button").click()
    expect(model_ready.locator(".notice").last).to_contain_text("The download of SmolVLM-256M was cancelled.")
    expect(model_ready.locator(".notice").last).not_to_contain_text("kept")


def test_files_of_one_s_own_can_be_left_but_not_paused(model_ready: ScriptedPage) -> None:
    open_dialog(model_ready)
    name = "mine.gguf"
    model_ready.page.set_input_files("#model-files-input", {"name": name, "mimeType": "", "buffer": b"GGUF"})
    expect(model_ready.locator("#progress button")).to_have_text(["Cancel the download"])
    model_ready.locator("#progress button").click()
    assert loads(model_ready) == [None, None]
    assert [len(call["choice"].get("files") or []) for call in model_ready.calls("load")] == [1, 0]


@pytest.mark.parametrize("code", ["en", "de", "ja"])
def test_all_of_it_fits_a_narrow_window(downloading: ScriptedPage, code: str) -> None:
    downloading.page.set_viewport_size({"width": 320, "height": 640})
    speak = "async (code) => (await import('/i18n/strings.js')).speak(code)"
    downloading.page.evaluate(speak, code)
    open_dialog(downloading)
    downloading.locator("#model-compare summary").click()
    expect(downloading.locator("#model-table tbody tr")).not_to_have_count(0)
    over = "() => { const at = document.querySelector('#model-dialog'); return at.scrollWidth - at.clientWidth; }"
    assert downloading.page.evaluate(over) == 0
    assert downloading.page.evaluate("() => document.documentElement.scrollWidth") == 320
