"""Which way lines run: told by what is read more surely, and what is read at most once where it is clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tinyvlm.reading.boxes import Box
from tinyvlm.reading.directions import SAMPLE, Lines
from tinyvlm.reading.geometry import Corners, quarter_turns, turned
from tinyvlm.reading.reader import drained
from tinyvlm.reading.reading import Line

SURE, POOR = 0.97, 0.55


def level(y: float, width: float, height: float = 20) -> Corners:
    return (0, y), (width, y), (width, y + height), (0, y + height)


def tall(x: float, height: float) -> Corners:
    return (x, 0), (x + 20, 0), (x + 20, height), (x, height)


class Paper:
    """Boxes whose text runs in given directions; read in any other it is poor. Notes what was read."""

    def __init__(self, *lines: tuple[Corners, int], sure: float = SURE, poor: float = POOR) -> None:
        self.boxes = [box for box, _ in lines]
        self._rights = [turned(box, direction) for box, direction in lines]
        self._confidences = poor, sure
        self.read: list[Corners] = []

    def recognize(self, lines: Sequence[Corners]) -> Iterator[tuple[int, Line]]:
        """Say of each whether it was read rightly, the last first."""
        for number, corners in reversed(list(enumerate(lines))):
            self.read.append(corners)
            is_right = corners in self._rights
            yield number, Line("right" if is_right else "wrong", corners, self._confidences[is_right])

    def lines(self) -> Lines:
        return Lines(self.boxes, self.recognize)


def directions(paper: Paper) -> list[int]:
    """Return in which direction each box is read in the end."""
    lines = drained(paper.lines().read())
    ways = [[turned(box, way) for way in range(4)] for box in paper.boxes]
    return [way.index(line.corners) for way, line in zip(ways, lines, strict=True)]


PAGE = [level(30 * n, 100 + 10 * n) for n in range(8)]
SIDE = [tall(30 * n, 100 + 10 * n) for n in range(8)]


@pytest.mark.parametrize(("boxes", "direction"), [(PAGE, 0), (SIDE, 1), (PAGE, 2), (SIDE, 3)])
def test_the_direction_of_a_page(boxes: list[Corners], direction: int) -> None:
    """The longest lines tell it: once read where they are clear, twice where they are not."""
    paper = Paper(*((box, direction) for box in boxes))
    assert drained(paper.lines().direction()) == direction
    assert len(paper.read) == (SAMPLE if direction < 2 else 2 * SAMPLE)
    assert set(paper.read) <= {turned(box, at) for box in boxes[3:] for at in range(4)}


def test_length_decides_between_level_and_tall_and_short_boxes_do_not_count() -> None:
    axis = Paper(*((box, 0) for box in PAGE), *((tall(300 + 30 * n, 60), 3) for n in range(12)))
    assert drained(axis.lines().direction()) == 0
    digits = Paper((level(0, 50), 0), *((tall(30 * n, 38), 0) for n in range(12)))
    assert drained(digits.lines().direction()) == 0
    assert drained(Paper().lines().direction()) == 0


def test_an_upright_page_is_read_once() -> None:
    paper = Paper(*((box, 0) for box in PAGE), *((box, 1) for box in SIDE))
    assert directions(paper) == [0] * 8 + [1] * 8
    assert len(paper.read) == len(set(paper.read)) == 16


def test_what_told_the_direction_is_not_read_again() -> None:
    paper = Paper(*((box, 0) for box in PAGE))
    lines = paper.lines()
    drained(lines.direction())
    assert [line.text for line in drained(lines.read())] == ["right"] * 8
    assert len(paper.read) == 8


def test_a_line_that_is_read_badly_is_tried_the_other_way() -> None:
    """A note on its head, and one of several heads of columns that run up."""
    paper = Paper(*((box, 0) for box in PAGE[1:]), (level(0, 90), 2), *((box, 1) for box in SIDE[1:]), (tall(0, 90), 3))
    assert directions(paper) == [0] * 7 + [2] + [1] * 7 + [3]
    assert len(paper.read) == 18


def test_all_tall_lines_that_run_up_are_known_by_a_few() -> None:
    paper = Paper(*((box, 0) for box in PAGE), *((box, 3) for box in SIDE))
    assert directions(paper) == [0] * 8 + [3] * 8
    assert len(paper.read) == 16 + SAMPLE


@pytest.mark.parametrize(("sure", "poor", "direction"), [
    (0.70, 0.65, 0), (0.84, 0.73, 0), (0.86, 0.80, 0), (0.86, 0.75, 2), (0.99, 0.86, 0),
])  # fmt: skip
def test_a_single_line_is_turned_only_where_that_is_clear(sure: float, poor: float, direction: int) -> None:
    """Noise is read better one way or the other by chance: it is neither turned nor made text."""
    paper = Paper(*((box, 0) for box in PAGE), sure=0.99)
    odd = Paper((level(400, 60), 2), sure=sure, poor=poor)

    def recognize(lines: Sequence[Corners]) -> Iterator[tuple[int, Line]]:
        for number, corners in enumerate(lines):
            ((_, line),) = (odd if corners[0][1] >= 400 else paper).recognize([corners])
            yield number, line

    lines = Lines([*paper.boxes, *odd.boxes], recognize)
    *_, line = drained(lines.read())
    assert turned(odd.boxes[0], direction) == line.corners


@pytest.mark.parametrize(("sure", "direction"), [(0.64, 0), (0.66, 2)])
def test_a_page_that_is_hard_to_read_is_turned_where_most_is_surer(sure: float, direction: int) -> None:
    paper = Paper(*((box, 2) for box in PAGE), sure=sure)
    assert drained(paper.lines().direction()) == direction


@pytest.mark.parametrize(("direction", "corner"), [(0, (0, 0)), (1, (99, 0)), (2, (99, 49)), (3, (0, 49))])
def test_a_turned_picture_maps_back(direction: int, corner: tuple[int, int]) -> None:
    """The first pixel of a 100 x 50 picture that was turned level is the corner where its text begins."""
    turn = quarter_turns(100, 50, direction)
    box = Box(((0, 0), (10, 0), (10, 5), (0, 5)), 1.0).moved(turn)
    assert box.corners[0] == corner
    (x0, y0), (x1, y1), _, (x3, y3) = box.corners
    assert (x1 - x0, y1 - y0) == ((10, 0), (0, 10), (-10, 0), (0, -10))[direction]
    assert (x3 - x0, y3 - y0) == ((0, 5), (-5, 0), (0, -5), (5, 0))[direction]
