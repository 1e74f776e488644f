"""Whether a second look pays: photos' questions about the whole image, and about a part of it as well.

A part is encoded as an image of its own, so that what is in it is seen closer. Of the two answers that one is taken
whose first token was likelier.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Protocol

from PIL import Image

from .answers import Answer, Subject
from .scores import wilson
from .tasks import Picture, Question, Task, agrees, pictures_of, questions_of

KINDS = ("color", "wearing", "action")
MIDDLE = 0.85
"""Of width and height: the image without its margins."""
CLOSER = 0.75
"""Of width and height: around the centre of where the model looked for the answer's first word."""

Heat = Sequence[Sequence[float]]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


class Asked(Protocol):
    """What `Subject` is to this table."""

    def see(self, image: Image.Image) -> object:
        """Return an image for the others."""

    def ask(self, image: object, question: str) -> Answer:
        """Return the greedy answer."""

    def looked(self, image: object, question: str) -> Heat | None:
        """Return where the model looked for the answer's first word."""


def views_table(
    subject: Subject, task: Task, pictures: Sequence[Picture], split: str, limit: int, tell: Callable[[str], None]
) -> str:
    """Return markdown: a row for each way to look, shares of right answers by kind, and milliseconds a question."""
    chosen = pictures_of(task, pictures, split, limit)
    asked = [question for question in questions_of(task, chosen) if question.kind in KINDS]
    tell(f"{len(asked)} questions, each of three views ...")
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    times: dict[str, list[float]] = defaultdict(list)
    for question in asked:
        for way, (answer, ms) in look(subject, question).items():
            right[way][question.kind].append(agrees(question, answer.text))
            times[way].append(ms)
    kinds = [kind for kind in KINDS if any(question.kind == kind for question in asked)]
    rows = [f"| looked at | {' | '.join(kinds)} | ms |", f"| --- |{' --- |' * (len(kinds) + 1)}"]
    rows += [f"| {way} | {_shares(right[way], kinds)} | {median(times[way]):.0f} |" for way in right]
    return "\n".join(rows)


def look(subject: Asked, question: Question) -> Mapping[str, tuple[Answer, float]]:
    """Return the answer of each way to look, and its milliseconds, encoding included."""
    with Image.open(question.image) as file:
        image = file.convert("RGB")

    def timed(part: Image.Image) -> tuple[object, Answer, float]:
        started = time.perf_counter()
        seen = subject.see(part)
        answer = subject.ask(seen, question.text)
        return seen, answer, (time.perf_counter() - started) * 1000

    seen, whole, whole_ms = timed(image)
    started = time.perf_counter()
    heat = subject.looked(seen, question.text)
    looked_ms = (time.perf_counter() - started) * 1000
    _, middle, middle_ms = timed(image.crop(part_of(image.size, MIDDLE)))
    _, closer, closer_ms = timed(image.crop(part_of(image.size, CLOSER, heat)))
    return {
        "the whole": (whole, whole_ms),
        "the whole, and its middle": (likelier(whole, middle), whole_ms + middle_ms),
        "the whole, and around what it looked at": (likelier(whole, closer), whole_ms + looked_ms + closer_ms),
    }


def likelier(one: Answer, other: Answer) -> Answer:
    """Return the answer that was begun more surely; the first of two that are alike."""
    return other if other.first > one.first else one


def part_of(size: tuple[int, int], share: float, heat: Heat | None = None) -> Box:
    """Return a part with `share` of width and height, inside the image, around its middle or the centre of `heat`."""
    across, down = 0.5, 0.5
    if heat:
        columns = [sum(column) for column in zip(*heat, strict=True)]
        across, down = _centre(columns), _centre([sum(row) for row in heat])
    (left, right), (top, bottom) = (_span(length, share, at) for length, at in zip(size, (across, down), strict=True))
    return left, top, right, bottom


def _centre(weights: Sequence[float]) -> float:
    return sum((at + 0.5) * weight for at, weight in enumerate(weights)) / sum(weights) / len(weights)


def _span(length: int, share: float, centre: float) -> tuple[int, int]:
    wanted = max(round(length * share), 1)
    start = min(max(round(length * centre - wanted / 2), 0), length - wanted)
    return start, start + wanted


def _shares(right: Mapping[str, Sequence[bool]], kinds: Sequence[str]) -> str:
    cells = []
    for kind in kinds:
        least, most = (100 * bound for bound in wilson(sum(right[kind]), len(right[kind])))
        cells.append(f"{100 * sum(right[kind]) / len(right[kind]):.1f} % ({least:.0f} to {most:.0f})")
    return " | ".join(cells)
