"""Which of two things lies left of the other, or above it: told by where the model looks for each of them.

A model that was taught to look at what it is asked about knows where two things lie, and compares them badly. So each
is asked for by itself, and where it was found is compared here. Where one is not there, or where the model looks at
several places, nothing is told, and the model is not sure: its own comparison would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_LONGEST = 120
_LONGEST_NAME, _MOST_BYTES = 4, 40
"""Of a thing's name: words, and bytes, so that whoever may ask about two things may ask for each."""
_GATHERED = 0.65
"""Of what a map has, how much lies in its highest cell and those around where one thing was found. Of two things in
validation scenes no map had more than 0.64, of one thing 19 in 20 had 0.8 and more."""

_ACROSS, _DOWN = 0, 1
_SIDES = {"left": (_ACROSS, -1), "right": (_ACROSS, 1), "above": (_DOWN, -1), "higher": (_DOWN, -1),
          "below": (_DOWN, 1), "lower": (_DOWN, 1)}  # fmt: skip
_ARTICLE = r"(?:the |an? )?"
# Compiled when the first such question is asked, since that takes a page longer than an answer.
_IS_IT = (
    rf"(?:is|are) {_ARTICLE}(.+?) (?:(?:to the |on the )?(left|right) of|(above|below)|(higher|lower)(?: up)? than) "
    rf"{_ARTICLE}(.+)"
)
_WHICH = (
    r"(?:what|which|which one|which thing) (?:is|are) (?:(?:to the |on the |further |further to the )?(left|right)"
    rf"|(above|below)|(higher|lower)(?: up)?) {_ARTICLE}(.+?) or {_ARTICLE}(.+)"
)
_NOT_IN_NAMES = (
    "it this that these those they he she there you i we one both anything something anyone someone or and of"
)


class Found(NamedTuple):
    """Where a model looked for a thing."""

    is_there: bool
    """What it said to "Is there ...?"."""
    heat: Sequence[Sequence[float]]
    """rows x columns numbers over the image from its top left."""


@dataclass(frozen=True)
class PlaceQuestion:
    """A question for which of two things lies on a side of the other."""

    first: str
    second: str
    side: str
    """"left", "right", "above", "below", "higher" or "lower"."""
    is_which: bool
    """Whether one of the two is to be named; else it is asked whether the first lies there."""

    def answer(self, find: Callable[[str], Found | None]) -> str | None:
        """Return "yes", "no" or a name; None where that is not known. `find` is asked for each thing."""
        axis, sign = _SIDES[self.side]
        first = _place(find(self.first))
        second = first and _place(find(self.second))
        if first is None or second is None:
            return None
        is_first = sign * (first[axis] - second[axis]) > 0
        if self.is_which:
            return self.first if is_first else self.second
        return "yes" if is_first else "no"


def asked_place(question: str) -> PlaceQuestion | None:
    """Return what an English question wants compared; None where it asks for something else."""
    if len(question) > _LONGEST:
        return None
    text = " ".join(re.sub(r"[^\w' -]+", " ", question.casefold()).split())
    if not _SIDES.keys() & text.split():
        return None
    text = re.sub(r" in the (?:picture|image|photo)$", "", text)
    for pattern, is_which in ((_IS_IT, False), (_WHICH, True)):
        if match := re.fullmatch(pattern, text):
            names = (match[1], match[5]) if not is_which else (match[4], match[5])
            sides = match.groups()[1:4] if not is_which else match.groups()[:3]
            if all(map(_is_name, names)) and names[0] != names[1]:
                return PlaceQuestion(*names, next(side for side in sides if side), is_which)
    return None


def presence_question(name: str) -> str:
    """Return how a model is asked for a thing. Squares are rectangles, and were called so when it learnt."""
    name = re.sub(r"\bsquare\b", "rectangle", name)
    return f"Is there {'an' if name[0] in 'aeiou' else 'a'} {name} in the picture?"


def _is_name(text: str) -> bool:
    words = text.split()
    is_short = 0 < len(words) <= _LONGEST_NAME and len(text.encode()) <= _MOST_BYTES
    return is_short and not set(words).intersection(_NOT_IN_NAMES.split())


def _place(found: Found | None) -> tuple[float, float] | None:
    """Return the column and the row, as a mean over the highest cell and those around; None where there are several."""
    if found is None or not found.is_there:
        return None
    cells = [(value, x, y) for y, row in enumerate(found.heat) for x, value in enumerate(row)]
    _, column, row = max(cells)
    near = [(value, x, y) for value, x, y in cells if abs(x - column) <= 1 and abs(y - row) <= 1]
    weight = sum(value for value, _, _ in near)
    if weight < _GATHERED * sum(value for value, _, _ in cells):
        return None
    return sum(value * x for value, x, _ in near) / weight, sum(value * y for value, _, y in near) / weight
