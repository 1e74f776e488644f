"""Which cell of which grid is asked for what, in pictures whose things or characters have boxes. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..rows import Region


@dataclass(frozen=True)
class Lesson:
    """What lies where in pictures: regions, numbers of their labels from 1 on, and what makes a map of each picture.

    A map (grid, grid) numbers what lies at every cell of a grid: 0 nothing, below 0 something else.
    """

    regions: Sequence[Sequence[Region]]
    numbers: dict[str, int]
    maps: Sequence[Callable[[int], np.ndarray]]


@dataclass(frozen=True)
class Cells:
    """N cells of a grid: picture, line, column and the number of what lies there, (N,) int64 each."""

    picture: np.ndarray
    line: np.ndarray
    column: np.ndarray
    label: np.ndarray

    def where(self, chosen: np.ndarray) -> Cells:
        """Those that a mask (N,) chooses."""
        return Cells(*(values[chosen] for values in (self.picture, self.line, self.column, self.label)))

    @property
    def quarter(self) -> np.ndarray:
        """Which quarter of a cell of a grid half as fine each is, 0 to 3 line by line, (N,)"""
        numbers: np.ndarray = self.line % 2 * 2 + self.column % 2
        return numbers


def labelled_cells(lesson: Lesson, pictures: range, grid: int) -> Cells:
    """Every cell in which something lies that has a number."""
    maps = np.stack([lesson.maps[picture](grid) for picture in pictures]).astype(np.int64)
    picture, line, column = np.nonzero(maps > 0)
    return Cells(picture + pictures[0], line, column, maps[picture, line, column])


def centre_cells(lesson: Lesson, pictures: range, grid: int) -> Cells:
    """The cell at the centre of every region whose label has a number; a cell as often as it has centres."""
    found = [
        (picture, _cell(box.top, box.bottom, grid), _cell(box.left, box.right, grid), lesson.numbers[box.label])
        for picture in pictures
        for box in lesson.regions[picture]
        if box.label in lesson.numbers
    ]
    return Cells(*np.array(found, np.int64).reshape(-1, 4).T)


def in_coarser(index: np.ndarray, grid: int, coarser: int) -> np.ndarray:
    """Of cells along one side of `grid`, those of a coarser grid over the same picture in which their centres lie."""
    return (2 * index + 1) * coarser // (2 * grid)


def _cell(low: float, high: float, grid: int) -> int:
    return min(max(int((low + high) / 2 * grid), 0), grid - 1)
