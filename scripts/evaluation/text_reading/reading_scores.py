"""Word F1 and character error rate of pages, exact lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..scores import bootstrap, character_errors, ratio, wilson


@dataclass(frozen=True)
class Figure:
    """A figure and its 95 % interval, all as shares of 1."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:5.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"


def common_words(wanted: str, given: str) -> tuple[int, int, int]:
    """Return how many words both have, wanted and given; words are what stands between spaces, in any order."""
    words, others = Counter(wanted.split()), Counter(given.split())
    return (words & others).total(), words.total(), others.total()


def word_f1(wanted: Sequence[str], given: Sequence[str]) -> Figure:
    """Return the harmonic mean of precision and recall over the words of all pages, case kept."""
    counts = [common_words(*pair) for pair in zip(wanted, given, strict=True)]
    parts = np.array([(2 * both, one + other) for both, one, other in counts])
    return _bootstrapped(parts)


def character_error_rate(wanted: Sequence[str], given: Sequence[str]) -> Figure:
    """Return edits over characters wanted; any space between words is one space."""
    texts = [[" ".join(text.split()) for text in side] for side in (wanted, given)]
    return _bootstrapped(np.array(character_errors(*texts)))


def exact(wanted: Sequence[str], given: Sequence[str]) -> Figure:
    """Return the share of texts that are the same."""
    right = sum(one == other for one, other in zip(wanted, given, strict=True))
    return Figure(right / max(len(wanted), 1), *wilson(right, len(wanted)))


def _bootstrapped(parts: Any) -> Figure:
    return Figure(float(ratio(parts.sum(0))), *bootstrap(parts, ratio))
