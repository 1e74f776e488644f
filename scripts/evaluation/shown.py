"""Single pictures in the model card: the question, the answer that a user gets, and a verdict on it.

VERDICTS is written by whoever looked at picture and answer:
{picture: {"question", "seen": what is to be seen, "verdicts": {answer: verdict}}}. An answer that nobody looked at
has no verdict.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from support.environment import ROOT, ScriptError
from tinyvlm import VLM

VERDICTS = ROOT / "docs" / "evaluation" / "shown.json"
RIGHT, HALF, WRONG, UNSURE = "right", "half right", "wrong", "not sure"
KINDS = (RIGHT, HALF, UNSURE, WRONG)
UNJUDGED = "not looked at"
_HEADS = ("picture", "to be seen", "question", "answer", "verdict")

Verdicts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Shown:
    """A picture by name, what it is counted with, where it comes from, its question, and how it is opened."""

    name: str
    group: str
    source: str
    question: str
    open: Callable[[], Image.Image]


def answers(vlm: VLM, shown: Sequence[Shown], folder: Path | None = None) -> list[str]:
    """Return what a user is answered, and write the pictures as PNG to `folder`, if given."""
    found = []
    for one in shown:
        image = one.open()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / f"{one.name}.png")
        found.append(vlm.ask(image, one.question))
    return found


def read_verdicts(path: Path = VERDICTS) -> Verdicts:
    """Return what is kept; raises ScriptError for a verdict that is none of KINDS."""
    verdicts: Verdicts = json.loads(path.read_text(encoding="utf-8"))
    for name, looked in verdicts.items():
        strange = sorted(set(looked["verdicts"].values()) - set(KINDS))
        if strange:
            raise ScriptError(f"{path}: {name} is judged {strange[0]!r}; there are {', '.join(KINDS)}.")
    return verdicts


def verdict(verdicts: Verdicts, one: Shown, answer: str) -> str:
    """Return what was thought of this very answer to this very question, or UNJUDGED."""
    looked = verdicts.get(one.name, {})
    if looked.get("question") != one.question:
        return UNJUDGED
    return str(looked["verdicts"].get(answer, UNJUDGED))


def shown_table(shown: Sequence[Shown], given: Sequence[str], verdicts: Verdicts) -> str:
    """Return markdown: of each group how many of each verdict, then a row for each picture."""
    found = [verdict(verdicts, one, answer) for one, answer in zip(shown, given, strict=True)]
    lines = [_line(_HEADS), _line(["---"] * len(_HEADS))]
    for one, answer, judged in zip(shown, given, found, strict=True):
        seen = str(verdicts.get(one.name, {}).get("seen", ""))
        lines.append(_line([one.source, seen, one.question, answer, f"**{judged}**"]))
    groups = dict.fromkeys(one.group for one in shown)
    sums = [_counted(group, [judged for one, judged in zip(shown, found, strict=True) if one.group == group])
            for group in groups]  # fmt: skip
    return " ".join(sums) + "\n\n" + "\n".join(lines)


def _counted(group: str, found: Sequence[str]) -> str:
    counts = Counter(found)
    parts = [f"{counts[kind]} {kind}" for kind in (*KINDS, UNJUDGED) if counts[kind]]
    return f"Of {len(found)} {group}: {', '.join(parts)}."


def _line(cells: Sequence[str]) -> str:
    """Return a row of a markdown table; what would end a cell or a row is written so that it does not."""
    return f"| {' | '.join(' / '.join(cell.splitlines()).replace('|', '&#124;') for cell in cells)} |"
