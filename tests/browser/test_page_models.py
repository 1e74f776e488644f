"""The dialog of models: what it lists, and what it says of each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from benchmarks.smolvlm import MODELS, NoiseWeights
from models_page import KNOWN, LARGE, OTHER, OWN, SMALL, keep, loads, open_dialog, pick, row, stored, texts
from scripted_page import MEGABYTE, WEB, ScriptedPage

FIGURES = """async () => {
  const { KNOWN, OWN } = await import("/ui/model/known_models.js");
  return [OWN, ...KNOWN];
}"""
PERFORMANCE = Path(__file__).resolve().parents[2] / "docs/performance.md"
README = PERFORMANCE.parents[1] / "README.md"


def test_known_models_are_listed_with_what_they_take(model_ready: ScriptedPage) -> None:
    open_dialog(model_ready)
    assert texts(model_ready, "#model-known .model-name") == KNOWN
    expect(row(model_ready, OWN)).to_contain_text("drawings")
    expect(row(model_ready, OWN)).to_contain_text("14.0 MB · takes 25.5 MB of memory")
    expect(row(model_ready, SMALL)).to_contain_text("Photos, documents and charts")
    expect(row(model_ready, SMALL)).to_contain_text("513.0 MB · takes 348.0 MB of memory · Apache 2.0 licence")
    expect(row(model_ready, LARGE)).to_contain_text("1.0 GB · takes 643.0 MB of memory · Apache 2.0 licence")
    # What nobody has measured is not made up.
    expect(model_ready.locator(".model-row").last.locator(".soft")).to_have_text("269.0 MB · Apache 2.0 licence")


def test_the_figures_are_those_that_were_counted_and_measured(model_ready: ScriptedPage) -> None:
    own, *known = model_ready.page.evaluate(FIGURES)
    models = WEB / "models" / own["id"] / "model.safetensors"
    assert own["bytes"] == models.stat().st_size
    assert f"| kernel memory, peak | {own['memory'] / 1e6} MB |" in README.read_text()
    by_name = {model["name"]: model for model in known}
    peaks = re.search(r"^\| peak in all \(MB\) \| (\d+) \| (\d+) \|$", PERFORMANCE.read_text(), re.M)
    assert peaks
    for name, peak in zip(MODELS, peaks.groups(), strict=True):
        assert by_name[name]["bytes"] == 2 * NoiseWeights(name).count
        assert by_name[name]["memory"] == int(peak) * MEGABYTE
    # SmolVLM2 has the shapes of SmolVLM, and is published in float32.
    assert by_name["SmolVLM2-256M"]["bytes"] == 4 * NoiseWeights("SmolVLM-256M").count
    vocabulary, hidden, layers, key_values, intermediate = 49152, 576, 30, 192, 1536  # of SmolLM2-135M's config.json
    layer = 2 * hidden * hidden + 2 * key_values * hidden + 3 * hidden * intermediate + 2 * hidden
    assert by_name["SmolLM2-135M"]["bytes"] == 2 * (vocabulary * hidden + layers * layer + hidden)


def test_the_page_s_own_is_known_by_its_folder(scripted: ScriptedPage, scripted_url: str) -> None:
    folder = f"{scripted_url.rstrip('/')}/models/{OWN}/"
    scripted.open(stored=[{**stored(OWN, 14), "source": folder}, stored(OTHER, 90)]).script("whole")
    open_dialog(scripted)
    expect(scripted.locator("#model-stored li")).to_have_count(1)
    expect(scripted.locator("#model-stored li")).to_contain_text(OTHER)
    scripted.page.get_by_role("button", name=f"Load {OTHER}").click()
    scripted.script("whole", {"id": OTHER, "name": OTHER})
    expect(scripted.locator("#model-button")).to_have_text(OTHER)
    open_dialog(scripted)
    expect(scripted.locator("#model-stored .in-use")).to_have_text("In use")
    expect(scripted.page.get_by_role("button", name=f"Load {OTHER}")).to_have_count(0)
    expect(scripted.locator("#model-bundled")).to_be_visible()


def test_the_model_that_answers_is_marked(model_ready: ScriptedPage) -> None:
    open_dialog(model_ready)
    expect(model_ready.locator(".in-use")).to_have_count(1)
    expect(model_ready.locator("#model-bundled")).to_be_hidden()
    expect(row(model_ready, OWN).locator(".in-use")).to_have_text("In use")
    pick(model_ready, KNOWN[1])
    model_ready.locator("#model-get").click()
    model_ready.script("whole", {"id": LARGE, "name": LARGE})
    expect(model_ready.locator("#model-button")).to_have_text(LARGE)
    open_dialog(model_ready)
    expect(row(model_ready, LARGE).locator(".in-use")).to_be_visible()
    expect(model_ready.locator(".in-use")).to_have_count(1)


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


def test_how_fast_it_was_here_is_shown_and_kept(model_talked: ScriptedPage) -> None:
    open_dialog(model_talked)
    said = "Lately on this device: first word after 120 ms, all after 480 ms"
    expect(row(model_talked, OWN).locator(".speed")).to_have_text(said)
    expect(row(model_talked, SMALL).locator(".speed")).to_have_count(0)
    model_talked.open().script("whole")
    open_dialog(model_talked)
    expect(row(model_talked, OWN).locator(".speed")).to_have_text(said)


@pytest.mark.parametrize("kept", ["{", "[1]", '{"tinyvlm-13m": 3}', '{"tinyvlm-13m": [["a", 2], [1]]}'])
def test_speeds_of_who_knows_where_from_are_none(scripted: ScriptedPage, kept: str) -> None:
    scripted.page.add_init_script(f"localStorage.setItem('tinyvlm-speeds', {json.dumps(kept)})")
    scripted.open(stored=[]).script("whole")
    open_dialog(scripted)
    expect(row(scripted, OWN)).to_be_visible()
    expect(scripted.locator(".speed")).to_have_count(0)


def test_models_beside_each_other(model_talked: ScriptedPage) -> None:
    open_dialog(model_talked)
    model_talked.locator("#model-compare summary").click()
    table = model_talked.locator("#model-table")
    expect(table.locator("thead th")).to_have_text(["Tiny-VLM 13M", "SmolVLM-256M", "SmolVLM-500M"])
    by_name = {cells[0]: cells[1:] for line in table.locator("tbody tr").all() if (cells := texts_of(line))}
    assert by_name["Download"] == ["14.0 MB", "513.0 MB", "1.0 GB"]
    assert by_name["Memory"] == ["25.5 MB", "348.0 MB", "643.0 MB"]
    assert by_name["An answer here, lately"] == ["480 ms", "–", "–"]
    assert by_name["DocVQA val"] == ["–", "58.3", "70.5"]


def texts_of(line: Locator) -> list[str]:
    return line.locator("th, td").all_text_contents()


def test_the_megabytes_are_told_before_anything_is_fetched(model_ready: ScriptedPage) -> None:
    open_dialog(model_ready)  # which brings what it is made of
    requests: list[str] = []
    model_ready.page.on("request", lambda request: requests.append(request.url))
    cost, button = model_ready.locator("#model-cost"), model_ready.locator("#model-get")
    expect(cost).to_be_empty()
    expect(button).to_have_text("Load")
    pick(model_ready, KNOWN[0])
    expect(row(model_ready, SMALL).locator(".model-name")).to_have_attribute("aria-pressed", "true")
    expect(model_ready.locator("[aria-pressed=true]")).to_have_count(1)
    expect(model_ready.locator("#model-source")).to_have_value(SMALL)
    expect(cost).to_contain_text("About 513.0 MB are downloaded, once")
    expect(button).to_have_text("Download 513.0 MB")
    model_ready.locator("#model-source").fill("owner/name")
    expect(model_ready.locator("[aria-pressed=true]")).to_have_count(0)
    expect(cost).to_contain_text("as soon as it begins")
    expect(button).to_have_text("Load")
    model_ready.page.keyboard.press("Escape")
    keep(model_ready, stored(SMALL, 120, complete=False), stored(LARGE, 1015))
    open_dialog(model_ready)
    pick(model_ready, KNOWN[0])
    expect(cost).to_have_text("120.0 MB are on this device already; about 393.0 MB are still to come.")
    expect(button).to_have_text("Download 393.0 MB")
    pick(model_ready, KNOWN[1])
    expect(cost).to_have_text("It is on this device: nothing is downloaded.")
    expect(button).to_have_text("Load")
    assert requests == []
    assert loads(model_ready) == []


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


def test_the_way_to_all_that_is_stored(model_ready: ScriptedPage) -> None:
    open_dialog(model_ready)
    model_ready.locator("#model-manage").click()
    expect(model_ready.locator("#model-dialog")).to_be_hidden()
    expect(model_ready.locator("#storage-dialog")).to_be_visible()
    expect(model_ready.locator("#storage-usage")).to_be_visible()


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
