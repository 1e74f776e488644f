"""Items that differ from each other: of a list of values, or texts; also the names of an object's members."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .grammar import IMPOSSIBLE, Branch, Node, Stack, Text, begin, to_write
from .json_text import Alphabet, Characters
from .languages import Ranges, meet

MAX_TEXTS = 60
"""Fewer than the characters of ASCII that may follow a text: so there is always one that makes it differ."""


class Distinct(Branch):
    """`least` to `most` of some nodes with another between, none of them twice. Progress: those that were read."""

    start: frozenset[int] = frozenset()

    def __init__(self, nodes: Sequence[Node], between: Node, least: int, most: int) -> None:
        """The nodes stand for different texts."""
        self._nodes = nodes
        self._between = between
        self._least = least
        self._most = most
        self._costs = [to_write(begin(between, node)) for node in nodes]

    def left(self, progress: frozenset[int]) -> float:
        missing = max(self._least - len(progress), 0)
        costs = sorted(cost for index, cost in enumerate(self._costs) if index not in progress)
        return sum(costs[:missing]) if missing <= len(costs) else IMPOSSIBLE

    def expand(self, progress: frozenset[int]) -> Iterator[Stack]:
        if len(progress) >= self._least:
            yield ()
        if len(progress) == self._most:
            return
        for index, node in enumerate(self._nodes):
            if index not in progress and self._costs[index] < IMPOSSIBLE:
                yield (*(begin(self._between, node) if progress else begin(node)), (self, progress | {index}))


class DistinctTexts(Branch):
    """`least` to `most` strings that differ, each with something behind it. Progress: whether any came; which."""

    def __init__(
        self,
        alphabet: Alphabet,
        between: Node,
        behind: Sequence[Node],
        count: tuple[int, int],
        length: tuple[int, int],
        known: Collection[str] = (),
    ) -> None:
        """`behind`: with the closing quote; `length`: of a string, in characters; `known`: strings that are taken."""
        self._between = between
        self._behind = begin(*behind)
        self._text = _DistinctText(alphabet, self, *length)
        self._least = count[0]
        self._most = min(count[1], MAX_TEXTS)
        self._known = frozenset(known)
        self.start = self.begin(False)
        # A quote, a string as short as may be and one more to tell it from the others, and what is behind it.
        self._cost = to_write(begin(between)) + 1 + length[0] + 1 + to_write(self._behind)

    def begin(self, begun: bool) -> tuple[bool, frozenset[str]]:
        """Return the progress before the first; `begun`: whether it needs something between."""
        return begun, frozenset()

    def left(self, progress: tuple[bool, frozenset[str]]) -> float:
        missing = max(self._least - len(progress[1]), 0)
        return missing * self._cost if missing and self._least <= self._most else 0 if not missing else IMPOSSIBLE

    def expand(self, progress: tuple[bool, frozenset[str]]) -> Iterator[Stack]:
        begun, texts = progress
        if len(texts) >= self._least:
            yield ()
        if len(texts) < self._most and to_write(self._behind) < IMPOSSIBLE:
            text = (self._text, ((texts | self._known, ""), b""))
            yield (*begin(*[self._between] * begun, Text(b'"')), text, *self._behind, (self, (True, texts)))

    def told(self, progress: tuple[bool, frozenset[str]], text: str) -> tuple[bool, frozenset[str]]:
        """Return the progress of one that waits for `text`."""
        return progress[0], progress[1] | {text}


class _DistinctText(Characters):
    """A text of `least` to `most` characters that is none of some. A state: those, and the text so far."""

    def __init__(self, alphabet: Alphabet, owner: DistinctTexts, least: int, most: int) -> None:
        super().__init__(alphabet)
        self._owner = owner
        self._least = least
        self._most = most

    def after(self, state: Any, character: int) -> Any:
        texts, text = state
        text += chr(character)
        ends_here = len(text) == self._most and text in texts
        return None if ends_here or len(text) > self._most else (texts, text)

    def accepts(self, state: Any) -> bool:
        texts, text = state
        return len(text) >= self._least and text not in texts

    def state_left(self, state: Any) -> float:
        texts, text = state
        return max(self._least - len(text), int(text in texts))

    def left_after(self, state: Any, ranges: Ranges) -> float:
        _, text = state
        if len(text) >= self._most or (len(text) == self._most - 1 and not meet(ranges, self._alphabet.told_apart)):
            return IMPOSSIBLE
        return max(self._least - len(text) - 1, 1)

    def close(self, progress: Any, rest: Stack) -> Stack:
        text = progress[0][1]
        place = next(index for index, (node, _) in enumerate(rest) if node is self._owner)
        owner = (self._owner, self._owner.told(rest[place][1], text))
        return (*rest[:place], owner, *rest[place + 1 :])
