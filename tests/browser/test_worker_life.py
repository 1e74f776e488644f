"""How the page learns that a worker is dead, where there are no locks: nobody answers any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from download_site import bare_site

BEATS = """async () => {
  const { LifeWatch } = await import("/engine/client/life_watch.js");
  let step;
  let deaths = 0;
  const watch = new LifeWatch(() => deaths++, { later: (action) => (step = action) });
  const { port } = watch.life;
  const ask = () => new Promise((resolve) => (port.onmessage = resolve));
  const { port1, port2 } = new MessageChannel();
  // What was posted before has arrived by then.
  const arrived = () => new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
  let asked = ask();
  port.postMessage("beat");
  for (let round = 0; round < 20; round++) {
    await asked;
    // A busy machine answers the fourth late.
    for (let late = 0; late < 3; late++) {
      asked = ask();
      step();
      await asked;
    }
    port.postMessage("beat");
    await arrived();
    asked = ask();
    step();
  }
  const alive = deaths === 0;
  await asked;
  let unanswered = 1;
  for (; !deaths; unanswered++) step();
  step();
  return { alive, unanswered, deaths };
}"""
REFUSED_LOCKS = """async () => {
  const started = [];
  const Original = window.Worker;
  window.Worker = class extends Original {
    constructor(...rest) { super(...rest); started.push(this); }
  };
  navigator.locks.request = async () => { throw new DOMException("denied", "SecurityError"); };
  const [{ LifeWatch }, { showLife }] = await Promise.all(
    ["client/life_watch.js", "shared/life.js"].map((name) => import(`/engine/${name}`)),
  );
  let watch;
  let pause = 2000;
  const later = (action) => setTimeout(action, pause);
  const died = new Promise((resolve) => (watch = new LifeWatch(resolve, { later })));
  await showLife(watch.life);
  while (!watch.isAlive) await new Promise((next) => setTimeout(next));
  started[0].terminate();
  pause = 0;
  await died;
  return started.length;
}"""


@pytest.fixture
def bare(profile: BrowserContext) -> Iterator[Page]:
    """The engine's modules, on a page without an engine."""
    site = bare_site()
    page = profile.new_page()
    page.goto(site.url)
    yield page
    page.close()
    site.close()


def test_a_worker_is_dead_after_five_questions_without_an_answer(bare: Page) -> None:
    """However often four in a row are answered late."""
    assert bare.evaluate(BEATS) == {"alive": True, "unanswered": 6, "deaths": 1}


def test_where_locks_are_refused_another_worker_answers(bare: Page) -> None:
    assert bare.evaluate(REFUSED_LOCKS) == 1
