"""Columns of a page: where a gap runs down between lines, and both sides are read by themselves.

A receipt has such a gap too, between goods and prices, but its rows belong together. So a gap divides columns where the
lines of both sides are long and mostly of one length, as in running text, or where the two sides' lines do not stand
beside each other. Headings that cross the gap are read before what is below them (recursive XY cut, Nagy and Seth 1984,
with the gap's height found by what crosses it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from statistics import median

from .place import Place, median_height

_GAP = 0.8
"""Least width of a gap between columns, in line heights."""
_LONG = 6.0
"""Least median width of the lines of running text, in line heights."""
_FULL = 0.75
"""A line that is this share of the longest is full."""
_OFFSET, _SPREAD = 0.8, 0.3
"""How much higher or lower lines stand that are beside each other, and by how much that differs, in line heights."""
_AGREEING = 0.8
"""Share of the lines for which that holds."""
_SHORT, _NEAR = 8.0, 2.5
"""Texts that are shorter and nearer than this, in line heights, stand in one row, as a menu's entries."""
_AROUND = 12
"""How far down and up the sorted lines what stands beside a line is looked for."""
_ROWS = 3
"""Least count of lines of a column."""


def split_columns(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Give the regions of a page in reading order, none of which has columns; `places` are sorted."""
    if not places:
        return
    pieces = _best_cut(places)
    if len(pieces) < 2:
        yield list(places)
        return
    for piece in pieces:
        yield from split_columns(piece)


def _best_cut(places: Sequence[Place]) -> list[list[Place]]:
    """Return the pieces that a gap leaves: that with most lines beside it and fewest across; one without a gap."""
    height = median_height(places)
    reaches = _reaches(places, height)
    best: tuple[int, list[list[Place]]] = (0, [list(places)])
    tried = float("-inf")
    for x in sorted(place.left for place in places):
        # Lines of one column begin at about one x, and its least is where the gap ends.
        if x - tried < height / 4:
            continue
        tried = x
        count, pieces = _cut(places, reaches, x, height)
        if count > best[0]:
            best = count, pieces
    return best[1]


def _reaches(places: Sequence[Place], height: float) -> dict[int, tuple[float, float]]:
    """Return (left, right) of each place, by its index, together with the short texts close to it in its row."""
    groups: list[list[Place]] = []
    open_groups: list[list[Place]] = []
    for place in sorted(places, key=lambda place: (place.left, place)):
        short = place.width < _SHORT * height
        group = next((group for group in open_groups if _follows(group[-1], place, height)), None) if short else None
        if group is None:
            group = []
            groups.append(group)
            if short:
                open_groups.append(group)
        group.append(place)
    return {place.index: (group[0].left, max(other.right for other in group)) for group in groups for place in group}


def _follows(before: Place, after: Place, height: float) -> bool:
    return after.left < before.right + _NEAR * height and before.overlap_down(after) > 0.6


def _cut(
    places: Sequence[Place], reaches: Mapping[int, tuple[float, float]], x: float, height: float
) -> tuple[int, list[list[Place]]]:
    """Return (lines in columns less those across, pieces) of a cut that ends at x; what crosses it parts its bands."""

    def crosses(place: Place) -> bool:
        left, right = reaches[place.index]
        return left < x < right + _GAP * height

    count = 0
    pieces: list[list[Place]] = []
    whole: list[Place] = []
    for across, band in groupby(places, key=crosses):
        lines = list(band)
        left = [place for place in lines if place.left < x]
        right = [place for place in lines if place.left >= x]
        if across or not _are_columns(left, right, height):
            whole += lines
            count -= len(lines) if across else 0
            continue
        pieces += [whole, left, right] if whole else [left, right]
        whole = []
        count += len(lines)
    return count, [*pieces, whole] if whole else pieces


def _are_columns(left: Sequence[Place], right: Sequence[Place], height: float) -> bool:
    facing = _in_view(left, lambda place: place.right)
    opposite = _in_view(right, lambda place: -place.left)
    if min(len(facing), len(opposite)) < _ROWS or not _side_by_side(left, right):
        return False
    return (_is_running(left, height) and _is_running(right, height)) or not _rows_align(facing, opposite, height)


def _in_view(places: Sequence[Place], nearness: Callable[[Place], float]) -> list[Place]:
    """Return the lines that nothing stands before, as seen from the gap; `places` are sorted."""
    seen = []
    for at, place in enumerate(places):
        around = places[max(at - _AROUND, 0) : at + _AROUND + 1]
        if not any(nearness(other) > nearness(place) and place.overlap_down(other) > 0.3 for other in around):
            seen.append(place)
    return seen


def _side_by_side(left: Sequence[Place], right: Sequence[Place]) -> bool:
    """Tell whether half of the lower side stands beside the other side."""
    (top, bottom), (top2, bottom2) = _reach(left), _reach(right)
    common = min(bottom, bottom2) - max(top, top2)
    return common >= 0.5 * min(bottom - top, bottom2 - top2)


def _reach(places: Sequence[Place]) -> tuple[float, float]:
    return min(place.top for place in places), max(place.bottom for place in places)


def _is_running(places: Sequence[Place], height: float) -> bool:
    widths = [place.width for place in places]
    full = sum(width >= _FULL * max(widths) for width in widths)
    return median(widths) >= _LONG * height and 2 * full >= len(widths)


def _rows_align(left: Sequence[Place], right: Sequence[Place], height: float) -> bool:
    """Tell whether the lines of the side with fewer stand beside lines of the other, as prices beside goods.

    All of them may stand a little higher or lower, on paper that bends; lines that only happen to be there do not agree
    by how much.
    """
    few, many = sorted((left, right), key=len)
    offsets = [min((other.middle - place.middle for other in many), key=abs) for place in few]
    usual = median(offsets)
    agreeing = sum(abs(offset - usual) < _SPREAD * height for offset in offsets)
    return abs(usual) < _OFFSET * height and agreeing >= _AGREEING * len(offsets)
