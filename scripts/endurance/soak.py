"""Many questions over many pictures in one tab: what it holds, and how long answers take, early and at the end."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass

from support.environment import note

from .memory import BROWSER, JUDGED, Meter
from .shown_drawings import picture
from .tab import QUESTIONS, Tab

EARLY = 100
PER_CONVERSATION = 50
MOST_GROWTH = 0.05
MOST_SLOWER = 0.20
TURNS_BACK = 0.3
"""How often a question is about a picture that was brought before."""
MEGA = 1e6


@dataclass(frozen=True)
class Soak:
    """What was seen."""

    questions: int
    early: int
    """Questions after which was measured first."""
    before: dict[str, float]
    middle: dict[str, float]
    """After half of the questions."""
    after: dict[str, float]
    ms: list[float]
    """Of every answer."""
    failed: list[str]
    """States of answers that did not end well."""

    @property
    def medians(self) -> tuple[float, float]:
        """Milliseconds of the first and of the last answers."""
        return statistics.median(self.ms[: self.early]), statistics.median(self.ms[-self.early :])


def soak(tab: Tab, questions: int, images: int, seed: int) -> Soak:
    """Ask so many questions, in conversations of PER_CONVERSATION, at whose ends memory is measured."""
    chance = random.Random(seed)
    meter = Meter(tab.page)
    early = min(EARLY, questions // (2 * PER_CONVERSATION) * PER_CONVERSATION)
    step = max(1, questions // images)
    before: dict[str, float] = {}
    middle: dict[str, float] = {}
    ms, failed = [], []
    brought = 0
    for number in range(questions):
        place = number % PER_CONVERSATION
        if place == 0 and number:
            tab.begin()
            brought = 0
        if place == 0 or number % step == 0:
            tab.bring(f"picture-{number}.png", picture(chance))
            brought += 1
        elif brought > 1 and chance.random() < TURNS_BACK:
            tab.turn_to(chance.randrange(brought))
        answered = tab.ask(chance.choice(QUESTIONS))
        ms.append(answered.ms)
        if answered.state != "done":
            failed.append(f"question {number + 1}: {answered.state}")
        if number + 1 == early:
            before = meter.measure()
        if number + 1 == questions // 2:
            middle = meter.measure()
        if (number + 1) % PER_CONVERSATION == 0:
            note(f"    {number + 1} of {questions}: {statistics.median(ms[-PER_CONVERSATION:]):.0f} ms an answer")
    return Soak(questions, early, before, middle, meter.measure(), ms, failed)


def wrong(seen: Soak) -> list[str]:
    """Return what must not be so, as sentences."""
    grown = [
        f"{name} has grown by {share(seen, name):.1%}, more than {MOST_GROWTH:.0%}."
        for name in JUDGED
        if share(seen, name) > MOST_GROWTH
    ]
    first, last = seen.medians
    slower = [f"Answers take {last / first - 1:.0%} longer at the end."] if last > first * (1 + MOST_SLOWER) else []
    return [*seen.failed, *grown, *slower]


def share(seen: Soak, name: str) -> float:
    """How much more there is of a thing at the end, of what there was early."""
    before = seen.before[name]
    return seen.after[name] / before - 1 if before else 0.0


def table(seen: Soak) -> str:
    """A line for each thing that was measured."""
    moments = [seen.early, seen.questions // 2, seen.questions]
    lines = [f"{'':24}{''.join(f'after {count}'.rjust(14) for count in moments)}"]
    for name in seen.before:
        is_bytes = name in (*JUDGED, BROWSER)
        values = [measured[name] for measured in (seen.before, seen.middle, seen.after)]
        cells = [f"{value / MEGA:.2f} MB" if is_bytes else f"{value:.0f}" for value in values]
        lines.append(f"{name:24}{''.join(cell.rjust(14) for cell in cells)}{share(seen, name):>+10.1%}")
    first, last = seen.medians
    lines.append(f"{'median answer':24}{f'{first:.0f} ms':>14}{f'{last:.0f} ms':>28}{last / first - 1:>+10.1%}")
    return "\n".join(lines)
