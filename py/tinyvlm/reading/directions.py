"""Which way a line of text runs: along its box from one end, or from the other. What is read surely is right.

A box tells along which of its sides its text runs, not from which end. Networks that have learned from upright lines
are unsure of lines that stand on their heads. So a few long lines of a picture tell which way up it is, and only of
single lines that were read badly (a table's head, a note in the margin) the other way is tried, too.

Directions are quarter turns clockwise: 0 is level, 1 runs down, 2 stands on its head, 3 runs up.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from statistics import fmean

from .geometry import Corners, sides, turned
from .reading import Line

OBLONG = 2.0
"""From this ratio of its sides on, a box tells along which of them its text runs."""

SAMPLE = 5
"""Lines that tell which way up a picture is: the longest."""

CLEAR = 0.85
"""Confidence from which on nothing is read the other way."""

BETTER = 0.1
"""By how much a reading has to be surer, to be taken instead of the usual one."""

Recognize = Callable[[Sequence[Corners]], Iterator[tuple[int, Line]]]
"""Reads what is inside four corners each, clockwise from the text's upper left, in any order, each with its number."""


class Lines:
    """The boxes of a picture, and what they say in each direction in which they were read: once, unless it is unclear.

    Boxes come with their corners as for level text. What reads yields each line that is read, in whichever direction.
    """

    def __init__(self, boxes: Sequence[Corners], recognize: Recognize) -> None:
        """Read nothing yet."""
        self._boxes = boxes
        self._shapes = [sides(box) for box in boxes]
        self._recognize = recognize
        self._found: dict[tuple[int, int], Line] = {}

    def direction(self) -> Generator[Line, None, int]:
        """Return the direction of most of the text, of which some is read for it."""
        level = [at for at, (width, height) in enumerate(self._shapes) if width >= OBLONG * height]
        tall = self._tall()
        if sum(self._shapes[at][1] for at in tall) > sum(self._shapes[at][0] for at in level):
            return (yield from self._usual(tall, 1))
        return (yield from self._usual(level, 0))

    def read(self) -> Generator[Line, None, list[Line]]:
        """Return what each box says, its corners clockwise from its text's upper left."""
        tall = self._tall()
        level = sorted(set(range(len(self._boxes))) - set(tall))
        usual = dict.fromkeys(level, (yield from self._usual(level, 0)))
        usual |= dict.fromkeys(tall, (yield from self._usual(tall, 1)))
        yield from self._try(usual.items())
        unclear = {at: _opposite(way) for at, way in usual.items() if self._found[at, way].confidence < CLEAR}
        yield from self._try(unclear.items())
        return [self._better(at, usual[at], unclear.get(at, usual[at])) for at in range(len(self._boxes))]

    def _tall(self) -> list[int]:
        return [at for at, (width, height) in enumerate(self._shapes) if height >= OBLONG * width]

    def _usual(self, group: Sequence[int], direction: int) -> Generator[Line, None, int]:
        """Return `direction` or its opposite: in which the longest lines of a group are read better."""
        sample = sorted(group, key=lambda at: -_length(self._shapes[at]))[:SAMPLE]
        yield from self._try((at, direction) for at in sample)
        if not sample or self._mean(sample, direction) >= CLEAR:
            return direction
        other = _opposite(direction)
        yield from self._try((at, other) for at in sample)
        return other if self._mean(sample, other) > self._mean(sample, direction) + BETTER else direction

    def _try(self, wanted: Iterable[tuple[int, int]]) -> Iterator[Line]:
        """Read boxes, by their numbers, in directions in which they have not been read."""
        new = [key for key in dict.fromkeys(wanted) if key not in self._found]
        if new:
            for number, line in self._recognize([turned(self._boxes[at], direction) for at, direction in new]):
                self._found[new[number]] = line
                yield line

    def _mean(self, sample: Sequence[int], direction: int) -> float:
        return fmean(self._found[at, direction].confidence for at in sample)

    def _better(self, at: int, usual: int, other: int) -> Line:
        """Return a box as it is usually read, or in the other direction where that is clear and surer."""
        one, two = self._found[at, usual], self._found[at, other]
        return two if two.confidence >= CLEAR and two.confidence > one.confidence + BETTER else one


def _opposite(direction: int) -> int:
    return (direction + 2) % 4


def _length(shape: tuple[float, float]) -> float:
    """Return the length of a line in its heights: about how much it says."""
    return max(shape) / max(min(shape), 1.0)
