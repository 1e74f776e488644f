"""Killing the worker in the middle of an answer: the page says so, restarts, and answers the next question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fixtures.shapes import shape_image
from test_answers import KEEP, open_page, png

CATCH_WORKERS = """
  window.workers = [];
  const Original = window.Worker;
  window.Worker = class extends Original {
    constructor(...args) { super(...args); window.workers.push(this); }
  };
"""
KILLED_ANSWER = """async (how) => {
  const killed = await window.tinyvlm
    .ask(window.kept, "Describe the image.", { onToken: () => window.workers.at(-1).terminate() })
    .catch((error) => ({ code: error.code, message: error.message }));
  await window.tinyvlm.ready;
  return [killed, await window.tinyvlm.ask(window.kept, "What color is the shape?")];
}"""


def test_a_killed_worker_is_restarted(page: Page, site_url: str) -> None:
    page.add_init_script(CATCH_WORKERS)
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    for _ in range(2):
        killed, after = page.evaluate(KILLED_ANSWER)
        assert killed["code"] == "engine-stopped"
        assert killed["message"].endswith(".")
        assert after == "red"
    expect(page.locator("#notices")).to_contain_text("restarted")


@pytest.mark.parametrize("script", ["() => self.close()"])
def test_a_worker_that_closes_itself_is_restarted(page: Page, site_url: str, script: str) -> None:
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    engine = next(worker for worker in page.workers if worker.url.endswith("engine/lead/worker.js"))
    engine.evaluate(script)
    expect(page.locator("#notices")).to_contain_text("restarted", timeout=20_000)
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")
    assert page.evaluate('() => window.tinyvlm.ask(window.kept, "What color is the shape?")') == "red"
