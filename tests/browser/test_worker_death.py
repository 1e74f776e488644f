"""Killing a worker, or losing a message: the page says so, restarts, and answers the next question."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from download_site import INSECURE_HOST
from fixtures.shapes import shape_image
from test_answers import KEEP, open_page, png

LEAD = "engine/lead/worker.js"
CATCH_WORKERS = """
  window.workers = [];
  const Original = window.Worker;
  window.Worker = class extends Original {
    constructor(url, ...rest) {
      super(url, ...rest);
      this.path = String(url);
      window.workers.push(this);
    }
  };
  window.latest = (path) => window.workers.findLast((worker) => worker.path.endsWith(path));
"""
KILLED_ANSWER = """async () => {
  const killed = await window.tinyvlm
    .ask(window.kept, "Describe the image.", { onToken: () => window.latest("lead/worker.js").terminate() })
    .catch((error) => ({ code: error.code, message: error.message }));
  await window.tinyvlm.ready;
  return [killed, await window.tinyvlm.ask(window.kept, "What color is the shape?")];
}"""
LOST_REPLY = """async () => {
  const loseReply = () => window.latest("lead/worker.js").dispatchEvent(new MessageEvent("messageerror"));
  const lost = await window.tinyvlm
    .ask(window.kept, "Describe the image.", { onToken: loseReply })
    .catch((error) => error.code);
  await window.tinyvlm.ready;
  return [lost, await window.tinyvlm.ask(window.kept, "What color is the shape?")];
}"""
# In front of a worker's script: what it is told by this text, it cannot read.
CANNOT_READ = """
self.addEventListener("message", (event) => {
  if (!JSON.stringify(event.data).includes("UNREADABLE")) return;
  event.stopImmediatePropagation();
  self.dispatchEvent(new MessageEvent("messageerror"));
});
"""
UNREADABLE = """async () => {
  let restarts = 0;
  window.tinyvlm.addEventListener("restart", () => restarts++);
  const lost = await window.tinyvlm.ask(window.kept, "UNREADABLE").catch((error) => error.code);
  const options = { schema: { type: "string", default: () => {} } };
  const unsendable = await window.tinyvlm.ask(window.kept, "What?", options).catch((error) => error.code);
  const again = await window.tinyvlm.ask(window.kept, "UNREADABLE").catch((error) => error.code);
  return [lost, unsendable, again, await window.tinyvlm.ask(window.kept, "What color is the shape?"), restarts];
}"""
ASK = '() => window.tinyvlm.ask(window.kept, "What color is the shape?")'


@pytest.fixture
def insecure(profile: BrowserContext, site_url: str) -> Any:
    """The page by plain http from what counts as another machine: without locks, storage and crypto.subtle."""
    page = profile.new_page()
    page.add_init_script(CATCH_WORKERS)
    page.goto(site_url.replace("127.0.0.1", INSECURE_HOST))
    page.wait_for_function("() => window.tinyvlm")
    yield page
    page.close()


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
    engine = next(worker for worker in page.workers if worker.url.endswith(LEAD))
    engine.evaluate(script)
    expect(page.locator("#notices")).to_contain_text("restarted", timeout=20_000)
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")
    assert page.evaluate(ASK) == "red"


def test_a_death_is_noticed_without_locks(insecure: Page) -> None:
    assert insecure.evaluate("() => [isSecureContext, navigator.locks, crypto.subtle]") == [False, None, None]
    insecure.evaluate(KEEP, [png(shape_image())])
    killed, after = insecure.evaluate(KILLED_ANSWER)
    assert killed["code"] == "engine-stopped"
    assert after == "red"
    expect(insecure.locator("#notices")).to_contain_text("restarted")


def cannot_read(page: Page, path: str) -> None:
    """Let a worker fail to read what holds the word UNREADABLE."""

    def answer(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, body=CANNOT_READ + reply.text())

    page.route(f"**/{path}", answer)


def test_a_reply_that_cannot_be_read_ends_its_question_alone(page: Page, site_url: str) -> None:
    page.add_init_script(CATCH_WORKERS)
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    assert page.evaluate(LOST_REPLY) == ["engine-stopped", "red"]


def test_a_request_that_cannot_be_read_or_sent_is_a_sentence(page: Page, site_url: str) -> None:
    """The engine goes on with the next one, and is not started again."""
    cannot_read(page, LEAD)
    open_page(page, site_url)
    page.evaluate(KEEP, [png(shape_image())])
    assert page.evaluate(UNREADABLE) == ["message-lost", "request-unsendable", "message-lost", "red", 0]


@pytest.mark.parametrize(
    ("path", "options"),
    [(LEAD, "simd=UNREADABLE"), ("engine/download/any_model_worker.js", "hub=https://UNREADABLE.test&model=a/b")],
)
def test_a_start_that_cannot_be_read_is_a_sentence(page: Page, site_url: str, path: str, options: str) -> None:
    cannot_read(page, path)
    page.goto(f"{site_url}index.html?{options}")
    assert page.evaluate("() => window.tinyvlm.ready.catch((error) => error.code)") == "message-lost"
    expect(page.locator("#progress")).to_contain_text("was lost")


def test_files_that_cannot_be_sent_are_a_sentence(page: Page, site_url: str) -> None:
    page.goto(site_url)
    code = page.evaluate("""() => {
      window.tinyvlm.load({ files: [() => {}] });
      return window.tinyvlm.ready.catch((error) => error.code);
    }""")
    assert code == "request-unsendable"
