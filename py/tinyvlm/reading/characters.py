"""Best class of every step of a recogniser -> text, how sure it is, and where each character stands.

Connectionist temporal classification (Graves et al. 2006), greedy: a class that is repeated in neighbouring steps is
one character, and class 0, the blank, none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from statistics import fmean

BLANK = 0
NEARLY = 0.36
"""Least probability of a space that is put in where the blank was likelier: a missing one joins two words."""

_Run = tuple[str, float, int, int]


@dataclass(frozen=True, slots=True)
class Character:
    """One character, how likely it is, and where its steps begin and end, as shares of the line's width."""

    text: str
    probability: float
    start: float
    stop: float

    @property
    def middle(self) -> float:
        """Where it was seen, as a share of the line's width."""
        return (self.start + self.stop) / 2


@dataclass(frozen=True, slots=True)
class Span:
    """A word of a line: its text, its mean probability, and its place as shares of the line's width."""

    text: str
    confidence: float
    start: float
    stop: float


@dataclass(frozen=True)
class DecodedLine:
    """What a recogniser said of one line; `confidence` is the mean probability of what it chose, 0 for nothing."""

    characters: tuple[Character, ...]
    confidence: float

    @property
    def text(self) -> str:
        """The line, without space at its ends."""
        return "".join(character.text for character in self.characters).strip()

    @cached_property
    def words(self) -> tuple[Span, ...]:
        """What stands between spaces; in scripts without spaces (Chinese, Japanese), a run of their characters."""
        return tuple(_words(self.characters))


def decode(
    classes: Sequence[int],
    probabilities: Sequence[float],
    characters: Sequence[str],
    *,
    content: float = 1.0,
    spaces: Sequence[float] = (),
) -> DecodedLine:
    """Return what the best classes of all steps, and their probabilities, spell.

    `characters[c]` is the text of class c; that of the blank, class 0, is never used. The first step of a character
    gives its probability, as PP-OCR has it. `content` is the share of the steps that shows the line, where what a
    recogniser was given is padded on the right: places are shares of that. `spaces` are the probabilities of the space
    in all steps: where it nearly was chosen between two characters, there is one.
    """
    if len(classes) != len(probabilities):
        raise ValueError(f"{len(classes)} classes with {len(probabilities)} probabilities")
    runs = []
    at = 0
    for label, run in groupby(classes):
        stop = at + sum(1 for _ in run)
        if label != BLANK:
            runs.append((characters[label], probabilities[at], at, stop))
        at = stop
    confidence = fmean(run[1] for run in runs) if runs else 0.0
    if spaces:
        runs = list(_with_spaces(runs, spaces))
    steps = len(classes) * content
    found = (
        Character(text, chance, min(start / steps, 1.0), min(stop / steps, 1.0)) for text, chance, start, stop in runs
    )
    return DecodedLine(tuple(found), confidence)


def _with_spaces(runs: Sequence[_Run], spaces: Sequence[float]) -> Iterator[_Run]:
    """Give (text, probability, first step, step after the last) of characters and of spaces nearly chosen."""
    for before, after in zip([None, *runs], runs, strict=False):
        if before and not before[0].isspace() and not after[0].isspace() and before[3] < after[2]:
            at = max(range(before[3], after[2]), key=spaces.__getitem__)
            if spaces[at] >= NEARLY:
                yield " ", spaces[at], at, at + 1
        yield after


def _words(characters: Sequence[Character]) -> Iterator[Span]:
    """Cut at spaces and where the kind of script changes; a word reaches half-way to its neighbours.

    A recogniser tells where a character was seen, not how wide it is: beside a space, a word ends half the usual
    advance beyond its last character, at most half-way into the gap.
    """
    advance = _advance(characters)
    words = list(_runs(characters))
    for number, word in enumerate(words):
        start, stop = word[0].middle - advance / 2, word[-1].middle + advance / 2
        if number:
            start = max(start, (words[number - 1][-1].middle + word[0].middle) / 2)
        if number + 1 < len(words):
            stop = min(stop, (word[-1].middle + words[number + 1][0].middle) / 2)
        text = "".join(character.text for character in word)
        yield Span(text, fmean(c.probability for c in word), max(start, 0.0), min(stop, 1.0))


def _runs(characters: Sequence[Character]) -> Iterator[list[Character]]:
    for kind, run in groupby(characters, key=_kind):
        if kind != "space":
            yield list(run)


def _kind(character: Character) -> str:
    first = character.text[:1]
    if not first or first.isspace():
        return "space"
    return "wide" if unicodedata.east_asian_width(first) in "WF" else "narrow"


def _advance(characters: Sequence[Character]) -> float:
    """Return the mean distance between neighbouring characters, as a share of the line's width."""
    if len(characters) < 2:
        return 1.0
    return (characters[-1].middle - characters[0].middle) / (len(characters) - 1)
