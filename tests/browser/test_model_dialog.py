"""Choosing another model on the page: by name, by files, and back to the page's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hub_server import HubServer, Repository
from public_model import llama_files, smolvlm_files
from website.site_files import SiteFiles
from website.site_server import CONNECT_SOURCES, SiteServer

SEES, READS = "owner/tiny-smolvlm", "owner/tiny-llama"


@pytest.fixture
def opened(page: Page, site_files: SiteFiles) -> Iterator[Page]:
    """The page, beside a hub with two tiny models."""
    with HubServer() as hub:
        hub.repositories |= {SEES: Repository(smolvlm_files("BF16")), READS: Repository(llama_files())}
        server = SiteServer(site_files, connect=f"{CONNECT_SOURCES} {hub.url} {hub.cdn_url}").start()
        page.goto(f"{server.url}?hub={hub.url}")
        wait_until_ready(page)
        yield page
        server.close()


def wait_until_ready(page: Page) -> None:
    page.evaluate("async () => { await window.tinyvlm.ready; }")
    expect(page.locator("#progress")).to_be_hidden()


def load(page: Page, name: str) -> None:
    page.click("#model-button")
    page.fill("#model-source", name)
    page.click("#model-dialog button[type=submit]")


def ask(page: Page, question: str, answers: int) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")
    expect(page.locator(".answer[data-state=done]")).to_have_count(answers)


def test_a_model_by_name_answers_about_the_image_and_remembers(opened: Page) -> None:
    opened.click("#samples button >> nth=0")
    load(opened, SEES)
    wait_until_ready(opened)
    expect(opened.locator("#model-button")).to_have_text(SEES)
    ask(opened, "What is this?", 1)
    ask(opened, "And now?", 2)
    # Two long answers are more than this model's 512 tokens.
    expect(opened.locator(".answer .meta").nth(1)).to_contain_text("left out")
    expect(opened.locator(".answer .meta").nth(1)).to_contain_text("image reused")


def test_a_text_model_needs_no_image(opened: Page) -> None:
    load(opened, READS)
    wait_until_ready(opened)
    expect(opened.locator("#image-panel")).to_be_hidden()
    expect(opened.locator(".chat-empty")).to_contain_text("reads text only")
    ask(opened, "Hello", 1)
    expect(opened.locator(".answer .meta")).not_to_contain_text("image")
    opened.click("#model-button")
    opened.click("#model-bundled")
    wait_until_ready(opened)
    expect(opened.locator("#image-panel")).to_be_visible()
    expect(opened.locator("#model-button")).to_contain_text("Tiny-VLM")


@pytest.mark.allow_console_errors
def test_a_wrong_name_is_a_sentence_and_the_way_back_is_open(opened: Page) -> None:
    load(opened, "")
    expect(opened.locator("#model-hint")).to_contain_text("owner/name")
    opened.fill("#model-source", "owner/nothing")
    opened.press("#model-source", "Enter")
    expect(opened.locator("#progress [role=alert]")).to_contain_text("no repository owner/nothing")
    opened.click("#model-button")
    opened.click("#model-bundled")
    wait_until_ready(opened)
    opened.click("#samples button >> nth=0")
    ask(opened, "What color is the shape?", 1)
    expect(opened.locator(".answer .text")).to_have_text("red")


def test_files_of_a_model_are_taken(opened: Page) -> None:
    files: list[Any] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in llama_files().items()
    ]
    opened.click("#model-button")
    expect(opened.locator("#model-dialog")).to_be_visible()  # what listens to its inputs comes with it
    opened.set_input_files("#model-files-input", files[:1])
    expect(opened.locator("#model-hint")).to_contain_text("no .safetensors or .gguf")
    opened.set_input_files("#model-files-input", files)
    wait_until_ready(opened)
    ask(opened, "Hello", 1)
