"""CIDEr with word statistics that do not depend on what is scored with it: a reward in training."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

Words = tuple[str, ...]
LONGEST_GROUP = 4
_SIGMA = 6.0
_END = "."


class Cider:
    """CIDEr-D (Vedantam et al. 2015) against the word statistics of a set of captions, in papers' units.

    A caption like all references earns 10, what people write of each other's photos about 1.

    The end of a caption counts as a word, so that one cannot be cut off where it pays.
    """

    def __init__(self, captions: Sequence[Sequence[str]]) -> None:
        """Count in how many images every group of one to four words occurs."""
        seen = Counter(group for said in captions for group in {g for text in said for g in _groups(text)})
        self._rarity = {group: math.log(len(captions) / count) for group, count in seen.items()}
        self._unseen = math.log(max(len(captions), 1))

    def score(self, caption: str, references: Sequence[str]) -> float:
        """Mean over the references, which must not be empty."""
        given = self._weighed(caption)
        return sum(self._likeness(given, self._weighed(text)) for text in references) / len(references)

    def _likeness(self, given: _Weighed, wanted: _Weighed) -> float:
        total = 0.0
        for n in range(LONGEST_GROUP):
            norms = given.norms[n] * wanted.norms[n]
            if norms:
                common = given.groups[n].keys() & wanted.groups[n].keys()
                shared = (min(given.groups[n][g], wanted.groups[n][g]) * wanted.groups[n][g] for g in sorted(common))
                total += sum(shared) / norms
        return 10 * total / LONGEST_GROUP * math.exp(-((given.length - wanted.length) ** 2) / (2 * _SIGMA**2))

    def _weighed(self, text: str) -> _Weighed:
        return _Weighed(Counter(_groups(text)), self._rarity, self._unseen)


class _Weighed:
    """A caption's word groups by length, each weighed by how often it occurs and how rare it is."""

    def __init__(self, counts: Counter[Words], rarity: dict[Words, float], unseen: float) -> None:
        self.groups: list[dict[Words, float]] = [{} for _ in range(LONGEST_GROUP)]
        for group, count in counts.items():
            self.groups[len(group) - 1][group] = count * rarity.get(group, unseen)
        self.norms = [math.sqrt(sum(value**2 for value in groups.values())) for groups in self.groups]
        self.length = sum(count for group, count in counts.items() if len(group) == 1)


def _groups(text: str) -> list[Words]:
    words = [*re.findall(r"[a-z0-9']+", text.lower()), _END]
    return [tuple(words[i : i + n]) for n in range(1, LONGEST_GROUP + 1) for i in range(len(words) - n + 1)]
