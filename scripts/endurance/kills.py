"""Kills of the page at seeded moments of a conversation: what was finished is there after, what was not is marked."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, CDPSession, Error, Page

from support.environment import note

from .shown_drawings import picture
from .tab import QUESTIONS, Tab

LONGEST_DELAY_MS = 400
"""From a question to the kill: somewhat longer than most answers take."""
PER_CONVERSATION = 8
"""Kills, after which another conversation begins."""
THROTTLE = 4
BACK_MS = 60_000
ALL_STORAGE = "all storage"
COME_BACK = ("crash", "reload", "4x throttle")
"""Kinds after which the page is there again."""
CRASH = "chrome://crash"
UNFINISHED = "streaming"
CACHES = "file_systems,cache_storage,service_workers"
"""Not local_storage: with it goes what a tab knows of itself, such as the conversation that it shows."""

CATCH_WORKERS = """
  window.leads = [];
  const Original = window.Worker;
  window.Worker = class extends Original {
    constructor(url, ...rest) {
      super(url, ...rest);
      if (String(url).endsWith("lead/worker.js")) window.leads.push(this);
    }
  };
"""
_KILL_LEAD = "() => window.leads.at(-1).terminate()"
_ASK = """(question) => {
  const box = document.querySelector("#question");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector("#ask-form").requestSubmit();
}"""
_SEEN = """() => {
  const texts = (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
  const states = [...document.querySelectorAll(".message.answer")].map(({ dataset }) => dataset.state);
  const [questions, answers] = [texts(".message.question .text"), texts(".message.answer .text")];
  return {
    messages: questions.map((question, at) => [question, answers[at], states[at]]),
    images: document.querySelectorAll(".tray-image").length,
  };
}"""
_ALL_ENDED = "() => !document.querySelector('.message.answer[data-state=streaming]')"
_AT_LEAST = """([messages, images]) =>
  document.querySelectorAll(".message.answer").length >= messages &&
  document.querySelectorAll(".tray-image").length >= images"""


@dataclass(frozen=True)
class Seen:
    """A conversation on the screen."""

    messages: list[tuple[str, str, str]]
    """Question, answer, and the answer's state: done, stopped, error or UNFINISHED."""
    images: int


@dataclass(frozen=True)
class Kill:
    """One, and what it took away."""

    kind: str
    delay_ms: int
    was: str
    """The state of the last answer just before."""
    became: str
    lost: list[str]
    """As sentences."""


class Victim:
    """A tab that is killed again and again; what it keeps lies in the context."""

    def __init__(self, context: BrowserContext, url: str, chance: random.Random) -> None:
        """Open it; `chance` decides about everything."""
        self._context, self._url, self._chance = context, url, chance
        context.add_init_script(CATCH_WORKERS)
        self._open()

    def kill(self, kind: str, number: int) -> Kill:
        """Ask a question to its end and another one, kill at some moment, come back, and compare."""
        delay = self._chance.randrange(LONGEST_DELAY_MS)
        if number % PER_CONVERSATION == 0 and self._seen().messages:
            self._tab.begin()
        if not self._seen().messages or self._chance.random() < 0.5:
            self._tab.bring(f"picture-{number}.png", picture(self._chance))
        self._tab.ask(self._chance.choice(QUESTIONS))
        self._page.evaluate(_ASK, self._chance.choice(QUESTIONS))
        self._page.wait_for_timeout(delay)
        before = self._seen()
        KINDS[kind](self)
        lost = self._stay(before) if kind == ALL_STORAGE else self._come_back(before, kind)
        if kind == ALL_STORAGE:
            self._page.reload()
        after = self._seen()
        became = after.messages[-1][2] if after.messages else "none"
        self._tab.until_whole()
        return Kill(kind, delay, before.messages[-1][2], became, lost)

    def terminate_worker(self) -> None:
        """End the engine, as a system does that needs memory."""
        self._page.evaluate(_KILL_LEAD)

    def crash(self) -> None:
        """End the tab's process; the person opens another one, and looks the conversation up."""
        try:
            self._page.goto(CRASH, timeout=BACK_MS)
        except Error:
            self._page.close()
        self._open(wait=False)
        self._page.wait_for_function("() => window.tinyvlm")
        self._page.click("#history-button")
        self._page.locator(".history-open").first.click()

    def reload(self) -> None:
        """As a person does."""
        self._page.reload()

    def clear_caches(self) -> None:
        """Take away the model's files, and the page's own."""
        self._clear(CACHES)

    def clear_all(self) -> None:
        """Take away the history, too: the screen is all that is left of it."""
        self._clear("all")

    def go_offline(self) -> None:
        """Be without a network for a while."""
        self._context.set_offline(True)
        self._page.wait_for_timeout(self._chance.randrange(LONGEST_DELAY_MS))
        self._context.set_offline(False)

    def throttle(self) -> None:
        """Be slow, and reload meanwhile."""
        devtools = self._devtools()
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        self._page.wait_for_timeout(self._chance.randrange(LONGEST_DELAY_MS))
        self._page.reload()
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})

    def _open(self, *, wait: bool = True) -> None:
        self._page: Page = self._context.new_page()
        self._tab = Tab(self._page, self._url)
        self._page.goto(self._url)
        if wait:
            self._tab.until_whole()

    def _come_back(self, before: Seen, kind: str) -> list[str]:
        """Open the page again, wait for the conversation, and return what it has lost."""
        if kind not in COME_BACK:
            self._page.reload()
        with contextlib.suppress(Error):  # what is missing then is told
            wanted = [len(before.messages), before.images]
            self._page.wait_for_function(_AT_LEAST, arg=wanted, timeout=BACK_MS)
        return losses(before, self._seen())

    def _stay(self, before: Seen) -> list[str]:
        """Let the answer come to its end on the screen, and return what that has lost."""
        self._page.wait_for_function(_ALL_ENDED)
        return losses(before, self._seen())

    def _seen(self) -> Seen:
        seen = self._page.evaluate(_SEEN)
        return Seen([(question, answer, state) for question, answer, state in seen["messages"]], seen["images"])

    def _clear(self, types: str) -> None:
        origin = self._url.rstrip("/")
        self._devtools().send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": types})

    def _devtools(self) -> CDPSession:
        return self._context.new_cdp_session(self._page)


KINDS: dict[str, Callable[[Victim], None]] = {
    "worker": Victim.terminate_worker,
    "crash": Victim.crash,
    "reload": Victim.reload,
    "files cleared": Victim.clear_caches,
    "offline": Victim.go_offline,
    "4x throttle": Victim.throttle,
    ALL_STORAGE: Victim.clear_all,
}


def kill_often(context: BrowserContext, url: str, kills: int, seed: int) -> list[Kill]:
    """Return what became of so many kills, every kind as often as the others."""
    chance = random.Random(seed)
    victim = Victim(context, url, chance)
    seen = []
    for number in range(kills):
        kind = list(KINDS)[number % len(KINDS)]
        seen.append(victim.kill(kind, number))
        note(f"    {number + 1} of {kills}: {kind}, {seen[-1].was} -> {seen[-1].became}. {'; '.join(seen[-1].lost)}")
    return seen


def losses(before: Seen, after: Seen) -> list[str]:
    """Return what is missing of a conversation after a kill, as sentences."""
    if len(after.messages) < len(before.messages):
        return [f"{len(after.messages)} of {len(before.messages)} messages are left"]
    lost = [] if after.images >= before.images else [f"{after.images} of {before.images} images are left"]
    for at, (was, now) in enumerate(zip(before.messages, after.messages, strict=False), 1):
        is_last = at == len(before.messages)
        if was[0] != now[0]:
            lost.append(f"question {at} is another one: {now[0]!r}")
        elif not now[1].startswith(was[1].strip()) and was[2] != UNFINISHED:
            lost.append(f"answer {at} is another one: {now[1]!r}, not {was[1]!r}")
        elif was[2] != UNFINISHED and was[2] != now[2] and not is_last:
            lost.append(f"answer {at} was {was[2]}, and is {now[2]}")
        elif now[2] == UNFINISHED:
            lost.append(f"answer {at} looks as if it were still being written")
    return lost


def table(kills: list[Kill]) -> str:
    """A line for each kind: how many there were, at what states, and what they took away."""
    lines = [f"{'':16}{'kills':>6}{'while unfinished':>18}{'marked after':>14}{'losses':>8}"]
    for kind in KINDS:
        those = [kill for kill in kills if kill.kind == kind]
        unfinished = [kill for kill in those if kill.was == UNFINISHED]
        marked = sum(kill.became in ("stopped", "error") for kill in unfinished)
        lost = sum(bool(kill.lost) for kill in those)
        lines.append(f"{kind:16}{len(those):>6}{len(unfinished):>18}{marked:>14}{lost:>8}")
    return "\n".join(lines)
