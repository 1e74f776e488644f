"""The dialog of models, beside doubles of storage and engine: what it lists, how a download is left and taken up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from benchmarks.smolvlm import MODELS, NoiseWeights
from scripted_page import MEGABYTE, WEB, ScriptedPage
from transfers import SHAPE

OWN, SMALL, LARGE = "tinyvlm-13m", "HuggingFaceTB/SmolVLM-256M-Instruct", "HuggingFaceTB/SmolVLM-500M-Instruct"
OTHER = "owner/public"
KNOWN = ["SmolVLM-256M", "SmolVLM-500M", "SmolVLM2-256M", "SmolLM2-135M"]
FIGURES = """async () => {
  const { KNOWN, OWN } = await import("/ui/model/known_models.js");
  return [OWN, ...KNOWN];
}"""
PERFORMANCE = Path(__file__).resolve().parents[2] / "docs/performance.md"
README = PERFORMANCE.parents[1] / "README.md"


def stored(source: str, megabytes: int, complete: bool = True) -> dict[str, Any]:
    date = "2026-11-20T12:00:00.000Z"
    name = source.replace("/", "--")
    kept = {"id": name, "name": source, "source": source, "bytes": megabytes * MEGABYTE}
    return {**kept, "complete": complete, "saved": date}


def row(page: ScriptedPage, model: str) -> Locator:
    return page.locator(f".model-row[data-model='{model}']")


def open_dialog(page: ScriptedPage) -> None:
    page.locator("#model-button").click()
    expect(page.locator("#model-dialog")).to_be_visible()


def pick(page: ScriptedPage, name: str) -> None:
    page.locator("#model-known").get_by_role("button", name=name, exact=True).click()


def loads(page: ScriptedPage) -> list[str | None]:
    return [call["choice"].get("model") for call in page.calls("load")]


def keep(page: ScriptedPage, *models: dict[str, Any]) -> None:
    """What is on this device from now on."""
    page.page.evaluate("(models) => { window.stored = models; }", list(models))


def texts(page: ScriptedPage, selector: str) -> list[str]:
    return page.locator(selector).all_text_contents()


def answer(page: ScriptedPage, question: str, text: str) -> None:
    """Ask, and have it answered once the engine has been asked."""
    count = len(page.calls("ask"))
    page.ask(question)
    asked = "(count) => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length > count"
    page.page.wait_for_function(asked, arg=count)
    page.script("finish", text)
    expect(page.locator(".answer .text").last).to_have_text(text)


@pytest.fixture
def ready(scripted: ScriptedPage) -> ScriptedPage:
    """The page's own model answers."""
    scripted.open(stored=[stored(OWN, 14)]).script("whole")
    expect(scripted.locator("#model-button")).to_have_text("Tiny-VLM 13M")
    return scripted


@pytest.fixture
def talked(ready: ScriptedPage) -> ScriptedPage:
    """An image is asked about, and one question was answered."""
    ready.choose_sample()
    ready.script("vision")
    expect(ready.locator("#image-state")).to_have_text("Looking at the image…")
    ready.script("finish")
    answer(ready, SHAPE, "circle")
    return ready


@pytest.fixture
def downloading(talked: ScriptedPage) -> ScriptedPage:
    """Something was said; then a public model was chosen, of which 200 MB are here."""
    open_dialog(talked)
    pick(talked, KNOWN[0])
    talked.locator("#model-get").click()
    talked.progress(loaded=120, total=513)
    talked.progress(loaded=200, total=513)
    keep(talked, stored(OWN, 14), stored(SMALL, 200, complete=False))
    return talked


def test_known_models_are_listed_with_what_they_take(ready: ScriptedPage) -> None:
    open_dialog(ready)
    assert texts(ready, "#model-known .model-name") == KNOWN
    expect(row(ready, OWN)).to_contain_text("drawings")
    expect(row(ready, OWN)).to_contain_text("14.0 MB · takes 25.5 MB of memory")
    expect(row(ready, SMALL)).to_contain_text("Photos, documents and charts")
    expect(row(ready, SMALL)).to_contain_text("513.0 MB · takes 348.0 MB of memory · Apache 2.0 licence")
    expect(row(ready, LARGE)).to_contain_text("1.0 GB · takes 643.0 MB of memory · Apache 2.0 licence")
    # What nobody has counted or measured is not made up.
    expect(ready.locator(".model-row").last.locator(".soft")).to_have_text("Apache 2.0 licence")


def test_the_figures_are_those_that_were_counted_and_measured(ready: ScriptedPage) -> None:
    own, *known = ready.page.evaluate(FIGURES)
    models = WEB / "models" / own["id"] / "model.safetensors"
    assert own["bytes"] == models.stat().st_size
    assert f"| kernel memory, peak | {own['memory'] / 1e6} MB |" in README.read_text()
    by_name = {model["name"]: model for model in known}
    peaks = re.search(r"^\| peak in all \(MB\) \| (\d+) \| (\d+) \|$", PERFORMANCE.read_text(), re.M)
    assert peaks
    for name, peak in zip(MODELS, peaks.groups(), strict=True):
        assert by_name[name]["bytes"] == 2 * NoiseWeights(name).count
        assert by_name[name]["memory"] == int(peak) * MEGABYTE


def test_the_model_that_answers_is_marked(ready: ScriptedPage) -> None:
    open_dialog(ready)
    expect(ready.locator(".in-use")).to_have_count(1)
    expect(row(ready, OWN).locator(".in-use")).to_have_text("In use")
    pick(ready, KNOWN[1])
    ready.locator("#model-get").click()
    ready.script("whole", {"id": LARGE, "name": LARGE})
    expect(ready.locator("#model-button")).to_have_text(LARGE)
    open_dialog(ready)
    expect(row(ready, LARGE).locator(".in-use")).to_be_visible()
    expect(ready.locator(".in-use")).to_have_count(1)


@pytest.mark.parametrize(
    ("gigabytes", "tight"), [(8, []), (2, ["SmolVLM-500M"]), (1, ["SmolVLM-256M", "SmolVLM-500M"]), (None, [])]
)
def test_it_says_what_this_device_may_not_run(scripted: ScriptedPage, gigabytes: int | None, tight: list[str]) -> None:
    told = "undefined" if gigabytes is None else gigabytes
    scripted.page.add_init_script(f"Object.defineProperty(navigator, 'deviceMemory', {{ get: () => {told} }});")
    scripted.open(stored=[]).script("whole")
    open_dialog(scripted)
    assert texts(scripted, ".model-row:has(.tight) .model-name") == tight
    if tight:
        expect(scripted.locator(".tight").first).to_contain_text(f"about {gigabytes}.0 GB of memory")


def test_it_says_what_there_is_no_room_to_keep(scripted: ScriptedPage) -> None:
    """What is here of a model needs no more of it."""
    scripted.open(stored=[stored(SMALL, 300, complete=False)], quota=600 * MEGABYTE).script("whole")
    open_dialog(scripted)
    expect(row(scripted, LARGE).locator(".tight")).to_have_text(
        "There is room for 300.0 MB only: the model can be used, but not kept."
    )
    expect(row(scripted, SMALL).locator(".tight")).to_have_count(0)


def test_how_fast_it_was_here_is_shown_and_kept(talked: ScriptedPage) -> None:
    open_dialog(talked)
    said = "Lately on this device: first word after 120 ms, all after 480 ms"
    expect(row(talked, OWN).locator(".speed")).to_have_text(said)
    expect(row(talked, SMALL).locator(".speed")).to_have_count(0)
    talked.open().script("whole")
    open_dialog(talked)
    expect(row(talked, OWN).locator(".speed")).to_have_text(said)


@pytest.mark.parametrize("kept", ["{", "[1]", '{"tinyvlm-13m": 3}', '{"tinyvlm-13m": [["a", 2], [1]]}'])
def test_speeds_of_who_knows_where_from_are_none(scripted: ScriptedPage, kept: str) -> None:
    scripted.page.add_init_script(f"localStorage.setItem('tinyvlm-speeds', {json.dumps(kept)})")
    scripted.open(stored=[]).script("whole")
    open_dialog(scripted)
    expect(row(scripted, OWN)).to_be_visible()
    expect(scripted.locator(".speed")).to_have_count(0)


def test_models_beside_each_other(talked: ScriptedPage) -> None:
    open_dialog(talked)
    talked.locator("#model-compare summary").click()
    table = talked.locator("#model-table")
    expect(table.locator("thead th")).to_have_text(["Tiny-VLM 13M", "SmolVLM-256M", "SmolVLM-500M"])
    by_name = {cells[0]: cells[1:] for line in table.locator("tbody tr").all() if (cells := texts_of(line))}
    assert by_name["Download"] == ["14.0 MB", "513.0 MB", "1.0 GB"]
    assert by_name["Memory"] == ["25.5 MB", "348.0 MB", "643.0 MB"]
    assert by_name["An answer here, lately"] == ["480 ms", "–", "–"]
    assert by_name["DocVQA val"] == ["–", "58.3", "70.5"]


def texts_of(line: Locator) -> list[str]:
    return line.locator("th, td").all_text_contents()


def test_the_megabytes_are_told_before_anything_is_fetched(ready: ScriptedPage) -> None:
    requests: list[str] = []
    ready.page.on("request", lambda request: requests.append(request.url))
    open_dialog(ready)
    cost, button = ready.locator("#model-cost"), ready.locator("#model-get")
    expect(cost).to_be_empty()
    expect(button).to_have_text("Load")
    pick(ready, KNOWN[0])
    expect(row(ready, SMALL).locator(".model-name")).to_have_attribute("aria-pressed", "true")
    expect(ready.locator("[aria-pressed=true]")).to_have_count(1)
    expect(ready.locator("#model-source")).to_have_value(SMALL)
    expect(cost).to_contain_text("About 513.0 MB are downloaded, once")
    expect(button).to_have_text("Download 513.0 MB")
    ready.locator("#model-source").fill("owner/name")
    expect(ready.locator("[aria-pressed=true]")).to_have_count(0)
    expect(cost).to_contain_text("as soon as it begins")
    expect(button).to_have_text("Load")
    ready.page.keyboard.press("Escape")
    keep(ready, stored(SMALL, 120, complete=False), stored(LARGE, 1015))
    open_dialog(ready)
    pick(ready, KNOWN[0])
    expect(cost).to_have_text("120.0 MB are on this device already; about 393.0 MB are still to come.")
    expect(button).to_have_text("Download 393.0 MB")
    pick(ready, KNOWN[1])
    expect(cost).to_have_text("It is on this device: nothing is downloaded.")
    expect(button).to_have_text("Load")
    assert requests == []
    assert loads(ready) == []


def test_one_click_from_an_answer_to_better_ones(talked: ScriptedPage) -> None:
    """Nothing is downloaded by it; the button that would says how much."""
    talked.page.get_by_role("button", name="Better answers about photos").click()
    expect(talked.locator("#model-dialog")).to_be_visible()
    expect(row(talked, SMALL).locator(".model-name")).to_have_attribute("aria-pressed", "true")
    expect(talked.locator("#model-cost")).to_contain_text("513.0 MB")
    expect(talked.locator("#model-cost")).to_be_in_viewport()
    expect(talked.locator("#model-published dl")).to_contain_text("TextVQA val 49.9")
    expect(talked.locator("#model-get")).to_be_focused()
    assert loads(talked) == []
    talked.page.keyboard.press("Enter")
    expect(talked.locator("#model-dialog")).to_be_hidden()
    assert loads(talked) == [SMALL]


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


def test_what_is_stored_is_listed_loaded_and_deleted(scripted: ScriptedPage) -> None:
    scripted.open(stored=[stored(OWN, 14), stored(SMALL, 517), stored(OTHER, 90), stored("Text reader", 4)])
    scripted.script("whole")
    open_dialog(scripted)
    expect(row(scripted, SMALL)).to_contain_text("On this device: 517.0 MB")
    expect(scripted.locator("#model-stored li")).to_have_count(1)
    expect(scripted.locator("#model-stored li")).to_contain_text("owner/publicOn this device: 90.0 MB")
    expect(row(scripted, OWN)).not_to_contain_text("Delete")
    row(scripted, SMALL).get_by_role("button", name="Delete SmolVLM-256M").click()
    expect(scripted.locator("#model-hint")).to_contain_text("SmolVLM-256M was deleted")
    expect(row(scripted, SMALL)).not_to_contain_text("On this device")
    expect(row(scripted, SMALL).locator(".model-name")).to_be_focused()
    assert loads(scripted) == []
    scripted.page.get_by_role("button", name=f"Load {OTHER}").click()
    assert loads(scripted) == [OTHER]
    scripted.script("whole")
    open_dialog(scripted)
    scripted.page.get_by_role("button", name=f"Delete {OTHER}").click()
    expect(scripted.locator("#model-stored-part")).to_be_hidden()
    focused = scripted.page.evaluate("() => document.activeElement.closest('dialog')?.id")
    assert focused == "model-dialog"


def test_one_in_use_elsewhere_is_a_sentence(scripted: ScriptedPage) -> None:
    scripted.open(stored=[{**stored(SMALL, 517), "id": "in-use"}]).script("whole")
    open_dialog(scripted)
    row(scripted, SMALL).get_by_role("button", name="Delete").click()
    expect(scripted.locator("#model-hint")).to_contain_text("A part of the model is in use")
    expect(row(scripted, SMALL)).to_contain_text("On this device")


def test_the_way_to_all_that_is_stored(ready: ScriptedPage) -> None:
    open_dialog(ready)
    ready.locator("#model-manage").click()
    expect(ready.locator("#model-dialog")).to_be_hidden()
    expect(ready.locator("#storage-dialog")).to_be_visible()
    expect(ready.locator("#storage-usage")).to_be_visible()


def test_where_nothing_is_kept_there_is_no_pause(ready: ScriptedPage) -> None:
    """What had come would have to come again."""
    ready.script("notice", "storage-missing", "The model is not kept.")
    open_dialog(ready)
    pick(ready, KNOWN[0])
    expect(ready.locator("#model-cost")).to_contain_text("at each visit anew")
    ready.locator("#model-get").click()
    expect(ready.locator("#progress button")).to_have_text(["Cancel the download"])
    open_dialog(ready)
    expect(ready.locator("#model-download button")).to_have_text(["Cancel the download"])
    keep(ready)
    ready.locator("#model-download button").click()
    expect(ready.locator(".notice").last).to_contain_text("The download of SmolVLM-256M was cancelled.")
    expect(ready.locator(".notice").last).not_to_contain_text("kept")


def test_offline_only_what_is_here_can_be_loaded(scripted: ScriptedPage) -> None:
    scripted.open(stored=[stored(LARGE, 1015)]).script("whole")
    open_dialog(scripted)
    pick(scripted, KNOWN[0])
    expect(scripted.locator("#model-cost")).to_contain_text("513.0 MB")
    scripted.page.context.set_offline(True)
    expect(scripted.locator("#model-cost")).to_contain_text("You are offline")
    pick(scripted, KNOWN[1])
    expect(scripted.locator("#model-cost")).to_contain_text("nothing is downloaded")
    pick(scripted, KNOWN[0])
    scripted.page.context.set_offline(False)
    expect(scripted.locator("#model-cost")).to_contain_text("513.0 MB")


def test_files_of_one_s_own_can_be_left_but_not_paused(ready: ScriptedPage) -> None:
    open_dialog(ready)
    name = "mine.gguf"
    ready.page.set_input_files("#model-files-input", {"name": name, "mimeType": "", "buffer": b"GGUF"})
    expect(ready.locator("#progress button")).to_have_text(["Cancel the download"])
    ready.locator("#progress button").click()
    assert loads(ready) == [None, None]
    assert [len(call["choice"].get("files") or []) for call in ready.calls("load")] == [1, 0]


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
