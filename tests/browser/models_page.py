"""The dialog of models, beside doubles of storage and engine: what tests of it do, and look at."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from scripted_page import MEGABYTE, ScriptedPage

OWN, SMALL, LARGE = "tinyvlm-13m", "HuggingFaceTB/SmolVLM-256M-Instruct", "HuggingFaceTB/SmolVLM-500M-Instruct"
OTHER = "owner/public"
KNOWN = ["SmolVLM-256M", "SmolVLM-500M", "SmolVLM2-256M", "SmolLM2-135M"]


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
