"""Boxes of lines -> the order in which a person reads them: rows of a receipt, columns of a page.

The boxes are first turned level by how the page leans, then cut into columns where a gap runs through (columns.py), and
each column into rows, and rows into blocks where more than a line's height lies between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from .columns import split_columns
from .geometry import Corners, sides
from .place import Place, median_height
from .reading import Line

_SAME_ROW = 0.5
"""Share of the lower box's height that two boxes of one row have in common."""
_SIDE_BY_SIDE = 0.3
"""Share of the narrower box's width from which on two boxes stand one above the other."""
_DRIFT = 0.03
"""How far a row may sink or rise on its way: as much of a slope is put up with."""
_BLOCK_GAP = 0.75
"""By how many line heights a gap is wider than usual between two blocks."""


def arranged(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines in reading order, their blocks and rows counted."""
    ordered: list[Line] = []
    row_number = 0
    for block_number, block in enumerate(reading_order([line.corners for line in lines])):
        for row in block:
            ordered += (replace(lines[index], block=block_number, row=row_number) for index in row)
            row_number += 1
    return tuple(ordered)


def reading_order(boxes: Sequence[Corners]) -> list[list[list[int]]]:
    """Return the boxes' indices as blocks of rows: a block after the other, rows from the top, each from the left.

    Whichever way the boxes are ordered, the same places come out.
    """
    angle = lean(boxes)
    places = sorted(Place.of(index, corners, angle) for index, corners in enumerate(boxes))
    blocks = []
    for region in split_columns(places):
        blocks += _blocks(_rows(region))
    return [[[place.index for place in row] for row in block] for block in blocks]


def lean(boxes: Iterable[Corners]) -> float:
    """Return the direction in which the lines run, in radians, clockwise from level; 0 without boxes.

    The median over boxes, by the length of their longer side: most of the text decides. Boxes half as high again as
    wide run downwards, as in PP-OCR, and a page of them is read as one that was turned.
    """
    angles = sorted(map(_direction, boxes))
    half = sum(length for _, length in angles) / 2
    for angle, length in angles:
        half -= length
        if half <= 0:
            return angle
    return 0.0


def _direction(corners: Corners) -> tuple[float, float]:
    """Return (angle, length) of the side along which a box is read."""
    width, height = sides(corners)
    start, along, _, down = corners
    end = down if height >= 1.5 * width else along
    return math.atan2(end[1] - start[1], end[0] - start[0]), max(width, height)


def _rows(places: Sequence[Place]) -> list[list[Place]]:
    """Gather the places that stand beside each other, from the top; within a row from the left."""
    rows: list[list[Place]] = []
    open_rows: list[list[Place]] = []
    for place in sorted(places, key=lambda place: (place.middle, place)):
        # Places come by their middles: a row that ends above this one's top is over.
        open_rows = [row for row in open_rows if max(other.bottom for other in row) > place.top]
        fits = [_fit(row, place) for row in open_rows]
        if any(fits):
            open_rows[max(range(len(fits)), key=lambda at: fits[at])].append(place)
        else:
            open_rows.append([place])
            rows.append(open_rows[-1])
    rows.sort(key=lambda row: (sum(place.middle for place in row) / len(row), row))
    return [sorted(row, key=lambda place: (place.left, place)) for row in rows]


def _fit(row: Sequence[Place], place: Place) -> float:
    """Return how well a place fits into a row, above 0; 0 where it does not.

    It is the share of height that it has in common with the nearest one there, less what a lean would make of the way
    between them.
    """
    if any(place.overlap_across(other) > _SIDE_BY_SIDE for other in row):
        return 0.0
    gap, nearest = min((max(other.left - place.right, place.left - other.right, 0.0), other) for other in row)
    share = place.overlap_down(nearest)
    if share < _SAME_ROW:
        return 0.0
    return max(share - _DRIFT * gap / max(place.height, 1e-6), 1e-6)


def _blocks(rows: Sequence[Sequence[Place]]) -> list[list[Sequence[Place]]]:
    """Cut rows where the gap is wider than is usual between them."""
    height = median_height([place for row in rows for place in row])
    gaps = [min(place.top for place in below) - max(place.bottom for place in above) for above, below in pairwise(rows)]
    usual = min(median(gaps), height) if gaps else 0.0
    blocks = [[rows[0]]]
    for gap, row in zip(gaps, rows[1:], strict=True):
        if gap > usual + _BLOCK_GAP * height:
            blocks.append([])
        blocks[-1].append(row)
    return blocks
