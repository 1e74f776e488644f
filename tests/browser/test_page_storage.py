"""The dialog of stored models, beside doubles of storage and engine (scripted_page.py)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from scripted_page import MEGABYTE, ScriptedPage

OWN, PUBLIC = "tinyvlm-13m", "owner/public"
OWN_NAME = "Tiny-VLM 13M"


def model(name: str, megabytes: int, complete: bool = True) -> dict[str, Any]:
    return {
        "id": name.replace("/", "--"),
        "name": name,
        "source": name,
        "bytes": megabytes * MEGABYTE,
        "complete": complete,
        "saved": "2026-11-20T12:00:00.000Z",
    }


@pytest.fixture
def opened(scripted: ScriptedPage) -> ScriptedPage:
    """Two models are stored, one of them in part, and the dialog is open."""
    scripted.open(stored=[model(OWN, 14), model(PUBLIC, 520, complete=False)])
    scripted.locator("#storage-button").click()
    expect(scripted.locator(".stored li")).to_have_count(2)
    return scripted


def test_models_are_listed_with_size_and_date(opened: ScriptedPage) -> None:
    own, public = opened.locator(".stored li").all()
    expect(own).to_contain_text(OWN_NAME)
    expect(own).to_contain_text("14.0 MB · stored on November 20, 2026")
    expect(own).not_to_contain_text("not complete")
    expect(public).to_contain_text("520.0 MB")
    expect(public).to_contain_text("not complete")
    expect(opened.locator("#storage-quota-text")).to_have_text("534.0 MB of 10.0 GB used")
    assert opened.locator("#storage-quota").evaluate("(bar) => bar.value / bar.max") == pytest.approx(0.0534)


def test_one_is_deleted(opened: ScriptedPage) -> None:
    opened.page.get_by_role("button", name=f"Delete {OWN_NAME}").click()
    expect(opened.locator(".stored li")).to_have_count(1)
    expect(opened.locator("#storage-message")).to_contain_text("it stays loaded, and is downloaded again next time")
    expect(opened.page.get_by_role("button", name=f"Load {PUBLIC}")).to_be_focused()


def test_all_are_deleted_once_that_is_confirmed(opened: ScriptedPage) -> None:
    opened.locator("#storage-delete-all").click()
    expect(opened.locator("#storage-question")).to_contain_text("534.0 MB")
    expect(opened.locator("#storage-keep")).to_be_focused()
    opened.locator("#storage-keep").click()
    expect(opened.locator(".stored li")).to_have_count(2)
    opened.locator("#storage-delete-all").click()
    opened.locator("#storage-confirm-delete").click()
    expect(opened.locator(".stored")).to_be_hidden()
    expect(opened.locator("#storage-empty")).to_contain_text("No model is stored")
    expect(opened.locator("#storage-delete-all")).to_be_hidden()
    expect(opened.locator("#storage-close")).to_be_focused()


def test_a_listed_model_is_loaded(opened: ScriptedPage) -> None:
    opened.page.get_by_role("button", name=f"Load {PUBLIC}").click()
    expect(opened.locator("#storage-dialog")).to_be_hidden()
    assert [call["choice"] for call in opened.calls("load")] == [{"model": PUBLIC}]


def test_the_model_in_use_is_not_loaded_again(scripted: ScriptedPage, scripted_url: str) -> None:
    """The page's own is kept as the folder that it came from."""
    folder = f"{scripted_url.rstrip('/')}/models/{OWN}/"
    scripted.open(stored=[{**model(OWN, 14), "source": folder}, model(PUBLIC, 520)]).script("whole")
    own, public = (scripted.locator(".stored li").nth(at) for at in range(2))
    loads = (own.get_by_role("button", name="Load"), public.get_by_role("button", name="Load"))
    scripted.locator("#storage-button").click()
    expect(own).to_contain_text(OWN_NAME)
    expect(own.locator(".in-use")).to_have_text("In use")
    expect(loads[0]).to_have_count(0)
    expect(public.locator(".in-use")).to_have_count(0)
    loads[1].click()
    scripted.script("whole", {"id": PUBLIC, "name": PUBLIC})
    expect(scripted.locator("#model-button")).to_have_text(PUBLIC)
    scripted.locator("#storage-button").click()
    expect(public.locator(".in-use")).to_have_text("In use")
    expect(loads[1]).to_have_count(0)
    loads[0].click()
    assert [call["choice"] for call in scripted.calls("load")] == [{"model": PUBLIC}, {"model": folder}]
    assert scripted.page.evaluate("() => document.querySelector('#progress button')") is None, "nothing to go back to"


@pytest.mark.parametrize(("grants", "words"), [(True, "Granted"), (False, "did not grant it")])
def test_persistence_is_asked_for(opened: ScriptedPage, grants: bool, words: str) -> None:
    expect(opened.locator("#storage-persisted")).to_contain_text("may delete them")
    opened.page.evaluate("(grants) => { window.grants = grants; }", grants)
    opened.locator("#storage-persist").click()
    expect(opened.locator("#storage-message")).to_contain_text(words)
    expect(opened.locator("#storage-persist")).to_be_visible(visible=not grants)


def test_nothing_is_stored(scripted: ScriptedPage) -> None:
    scripted.open(stored=[])
    scripted.locator("#storage-button").click()
    expect(scripted.locator("#storage-empty")).to_be_visible()
    expect(scripted.locator("#storage-persist")).to_be_hidden()


def test_no_storage_is_a_sentence(scripted: ScriptedPage) -> None:
    scripted.open()
    scripted.script("notice", "storage-missing", "The model is not kept.")
    scripted.locator("#storage-button").click()
    expect(scripted.locator("#storage-message")).to_contain_text("no storage, as in a private window")
    expect(scripted.locator("#storage-usage")).to_be_hidden()
    expect(scripted.locator("#storage-empty")).to_be_hidden()
    scripted.page.keyboard.press("Escape")
    expect(scripted.locator("#storage-dialog")).to_be_hidden()


def test_a_browser_that_tells_no_quota(scripted: ScriptedPage) -> None:
    scripted.open(quota=0)
    scripted.locator("#storage-button").click()
    expect(scripted.locator("#storage-empty")).to_be_visible()
    expect(scripted.locator("#storage-usage")).to_be_hidden()


def test_a_model_in_use_is_a_sentence(scripted: ScriptedPage) -> None:
    scripted.open(stored=[{**model(OWN, 14), "id": "in-use"}])
    scripted.locator("#storage-button").click()
    scripted.page.get_by_role("button", name=f"Delete {OWN_NAME}").click()
    expect(scripted.locator("#storage-message")).to_contain_text("A part of the model is in use")
    expect(scripted.locator(".stored li")).to_have_count(1)


def test_what_is_stored_meanwhile_appears(opened: ScriptedPage) -> None:
    opened.page.evaluate("(model) => { window.stored.push(model); }", model("owner/new", 3))
    opened.script("whole")
    expect(opened.locator(".stored li")).to_have_count(3)
