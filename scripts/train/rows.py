"""What the pipeline passes on: an image with its captions and questions, and where things lie in it.

A row is one line of `rows.jsonl`; the same line number is the image's place in `pixels.npy` and `detail.npy`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Region:
    """Something whose place a generator knows: a box with corners in 0..1 of width and height."""

    label: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Question:
    """A question, its answer, and the kind of task it belongs to.

    `seek` and `find`: where one looks first and last to answer, as far as a generator knows; None where it does not,
    empty where what is asked about is not there. Where `find` spells the answer, each character has its own place.
    """

    q: str
    a: str
    type: str
    seek: list[Region] | None = None
    find: list[Region] | None = None


@dataclass(frozen=True)
class Row:
    """One image's texts. `things` are named objects, `glyphs` single characters."""

    source: str
    split: str
    captions: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    things: list[Region] = field(default_factory=list)
    glyphs: list[Region] = field(default_factory=list)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write one line a row."""
    with path.open("w") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def read_rows(path: Path) -> Iterator[Row]:
    """Read what `write_rows` wrote."""
    with path.open() as file:
        for line in file:
            fields = json.loads(line)
            fields["questions"] = [_question(question) for question in fields["questions"]]
            for name in ("things", "glyphs"):
                fields[name] = [Region(**region) for region in fields[name]]
            yield Row(**fields)


def _question(fields: dict[str, Any]) -> Question:
    for name in ("seek", "find"):
        if fields[name] is not None:
            fields[name] = [Region(**region) for region in fields[name]]
    return Question(**fields)
