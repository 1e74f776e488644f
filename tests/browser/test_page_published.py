"""What public models do better than the page's own, by published scores: where the page shows it, and where not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scripted_page import ScriptedPage
from tinyvlm.hub.published_figures import PUBLISHED, TASKS

SMALL, LARGE = "HuggingFaceTB/SmolVLM-256M-Instruct", "HuggingFaceTB/SmolVLM2-2.2B-Instruct"
OTHERS = ["", "owner/tiny-smolvlm", "SmolVLM-256M-Instruct", "HuggingFaceTB/SmolLM2-135M-Instruct", "toString"]
FIGURES = """async () => {
  const { PUBLISHED, TASKS } = await import("/ui/model/published_figures.js");
  return [PUBLISHED, Object.values(TASKS)];
}"""


def test_page_and_package_have_the_same_figures(page: Page, scripted_url: str) -> None:
    page.goto(scripted_url)
    figures: tuple[dict[str, Any], list[list[str]]] = page.evaluate(FIGURES)
    assert figures == [{model: asdict(row) for model, row in PUBLISHED.items()}, [list(row) for row in TASKS.values()]]


def test_the_dialog_shows_it_for_the_model_that_is_named(scripted: ScriptedPage) -> None:
    scripted.open().locator("#model-button").click()
    expect(scripted.locator("#model-dialog")).to_be_visible()
    shown = scripted.locator("#model-published")
    expect(shown).to_be_empty()
    requests: list[str] = []
    scripted.page.on("request", lambda request: requests.append(request.url))
    scripted.locator("#model-known button").first.click()
    expect(shown).to_contain_text("Better than the page's own model")
    expect(shown).to_contain_text("no score on these benchmarks")
    expect(shown.locator("dl > div").first).to_have_text("DocumentsDocVQA val 58.3")
    expect(shown.locator("dl > div")).to_have_count(len(TASKS))
    expect(shown.get_by_role("link")).to_have_attribute("href", PUBLISHED[SMALL].source)
    scripted.locator("#model-source").fill(f" {LARGE} ")
    expect(shown.locator("dl > div").first).to_have_text("DocumentsDocVQA val 79.98")
    for name in OTHERS:
        scripted.locator("#model-source").fill(name)
        expect(shown).to_be_empty()
    assert requests == []


@pytest.mark.parametrize(("model", "count"), [(SMALL, 1), *((name, 0) for name in OTHERS[1:])])
def test_the_card_of_the_loaded_model_shows_it(scripted: ScriptedPage, model: str, count: int) -> None:
    scripted.open().script("whole", {"id": model, "name": model})
    scripted.locator("footer summary").click()
    expect(scripted.locator("#stats-panel")).to_contain_text("What it cannot do")
    expect(scripted.locator("#stats-panel .published")).to_have_count(count)
    expect(scripted.locator("#stats-panel").get_by_text("TextVQA val 49.9 and OCRBench 52.6")).to_have_count(count)


def test_the_page_has_no_model_s_card_before_and_its_own_after(scripted: ScriptedPage) -> None:
    """The way there and back: what stood there of another model is gone."""
    scripted.open().script("whole", {"id": SMALL, "name": SMALL})
    scripted.locator("footer summary").click()
    expect(scripted.locator("#stats-panel .published")).to_have_count(1)
    scripted.locator("#model-button").click()
    scripted.locator("#model-bundled").click()
    scripted.script("whole")
    expect(scripted.locator("#status")).to_contain_text("Tiny-VLM")
    expect(scripted.locator("#stats-panel .published")).to_have_count(0)


def test_in_a_narrow_window_nothing_runs_over(scripted: ScriptedPage) -> None:
    scripted.page.set_viewport_size({"width": 320, "height": 640})
    scripted.open().locator("#model-button").click()
    scripted.locator("#model-source").fill(LARGE)
    expect(scripted.locator("#model-published dl")).to_be_visible()
    over = scripted.page.evaluate(
        "() => ['#model-dialog', '#model-published'].filter((at) => {"
        " const node = document.querySelector(at); return node.scrollWidth > node.clientWidth; })"
    )
    assert over == []
