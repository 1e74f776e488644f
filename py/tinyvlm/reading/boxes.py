"""Text map -> boxes round lines of text: the post-processing of a DBNet (Liao et al. 2020), in plain Python.

The steps and their order are those of PP-OCR: pixels above a threshold, their connected parts, the smallest rectangle
round each, how sure the map is inside it, and room round it, since the map marks a line's core only. No loop goes over
pixels: a part is a list of runs, which `bytes.find` brings, and two runs of neighbouring rows that touch, corners
included, are of one part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from .geometry import Corners, Matrix, bounds, convex_hull, grown, sides, smallest_rectangle

Run = tuple[int, int, int]
"""(y, first x, x after the last) of marked pixels side by side."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place with text: four corners, clockwise from the upper left, and the map's mean inside, 0 to 1.

    A box whose text runs down or up is tall: its corners still begin at the upper left of the map.
    """

    corners: Corners
    score: float

    def scaled(self, x_scale: float, y_scale: float, width: float, height: float) -> Box:
        """Return the box in a picture of `width` x `height` pixels, cut at its edges; the map's pixels times scales."""
        a, b, c, d = ((min(max(x * x_scale, 0.0), width), min(max(y * y_scale, 0.0), height)) for x, y in self.corners)
        return Box((a, b, c, d), self.score)

    def moved(self, turn: Matrix) -> Box:
        """Return the box where a map of `quarter_turns` takes it."""
        a, b, c, d = (
            (turn[0] * x + turn[1] * y + turn[2], turn[3] * x + turn[4] * y + turn[5]) for x, y in self.corners
        )
        return Box((a, b, c, d), self.score)


def find_boxes(
    text_map: bytes,
    width: int,
    height: int,
    *,
    threshold: float = 0.2,
    box_threshold: float = 0.4,
    unclip_ratio: float = 1.4,
    min_size: float = 3.0,
    max_boxes: int = 3000,
) -> list[Box]:
    """Return the boxes of a map of `height` rows of `width` bytes, 255 where there surely is text, from the top down.

    `threshold` is what a pixel, `box_threshold` what a box's mean must reach, of 1; `unclip_ratio` how far a box grows,
    as area over perimeter; `min_size` the least height of the marked core, in pixels of the map, and of the grown
    box less two. Of the parts only the `max_boxes` first are looked at. Corners are in pixels of the map and may lie
    outside. The defaults are those that PP-OCRv6's tiny detector is published with.
    """
    if len(text_map) != width * height:
        raise ValueError(f"a map of {width} x {height} has {width * height} bytes, not {len(text_map)}")
    found = []
    for part in connected_parts(runs_above(text_map, width, height, threshold))[:max_boxes]:
        box = _box(part, text_map, width, height, min_size, box_threshold, unclip_ratio)
        if box:
            found.append(box)
    return found


def _box(
    part: Sequence[Run],
    text_map: bytes,
    width: int,
    height: int,
    min_size: float,
    box_threshold: float,
    unclip_ratio: float,
) -> Box | None:
    corners = smallest_rectangle(convex_hull(_ends(part)))
    across, down = sides(corners)
    if min(across, down) < min_size:
        return None
    score = mean_inside(text_map, width, height, corners)
    if score < box_threshold:
        return None
    corners = grown(corners, unclip_ratio * across * down / (2 * (across + down)))
    if min(sides(corners)) < min_size + 2:
        return None
    return Box(corners, score)


def _ends(part: Sequence[Run]) -> Iterator[tuple[int, int]]:
    """Give the first and the last pixel of every row: no other is a corner of the hull."""
    for y, row in groupby(part, key=itemgetter(0)):
        runs = list(row)
        yield runs[0][1], y
        yield runs[-1][2] - 1, y


def runs_above(text_map: bytes, width: int, height: int, threshold: float) -> list[list[Run]]:
    """Return every row's runs of pixels above `threshold` (of 1), from left to right."""
    limit = threshold * 255
    marked = text_map.translate(bytes(value > limit for value in range(256)))
    rows: list[list[Run]] = [[] for _ in range(height)]
    start = marked.find(1)
    while start >= 0:
        stop = marked.find(0, start)
        if stop < 0:
            stop = len(marked)
        y, x = divmod(start, width)
        end = x + stop - start
        # A run that reaches the right edge goes on at the left of the next row.
        while end > width:
            rows[y].append((y, x, width))
            y, x, end = y + 1, 0, end - width
        rows[y].append((y, x, end))
        start = marked.find(1, stop)
    return rows


def connected_parts(rows: Sequence[Sequence[Run]]) -> list[list[Run]]:
    """Return the runs of each part that hangs together, corners included; parts by their first run, runs by row."""
    parents: list[int] = []
    labels: list[int] = []
    above: Sequence[Run] = ()
    first_above = 0
    for row in rows:
        first = len(labels)
        at = 0
        for _, start, stop in row:
            label = len(parents)
            # Runs above that end before this one begins touch none to its right either.
            while at < len(above) and above[at][2] < start:
                at += 1
            look = at
            while look < len(above) and above[look][1] <= stop:
                label = _join(parents, label, labels[first_above + look])
                look += 1
            if label == len(parents):
                parents.append(label)
            labels.append(label)
        above, first_above = row, first
    parts: dict[int, list[Run]] = {}
    runs = (run for row in rows for run in row)
    for run, label in zip(runs, labels, strict=True):
        parts.setdefault(_root(parents, label), []).append(run)
    return list(parts.values())


def _root(parents: list[int], label: int) -> int:
    while parents[label] != label:
        parents[label] = label = parents[parents[label]]
    return label


def _join(parents: list[int], label: int, other: int) -> int:
    """Make two labels one, and return it; `label` may be a new one, which then was never needed."""
    other = _root(parents, other)
    if label == len(parents):
        return other
    label = _root(parents, label)
    low, high = min(label, other), max(label, other)
    parents[high] = low
    return low


def mean_inside(text_map: bytes, width: int, height: int, corners: Corners) -> float:
    """Return the mean of a map inside a convex quadrilateral, its outline included, of 1.

    Corners count as the pixels that they fall in, as where PP-OCR fills a polygon; 0 where no pixel is inside.
    """
    total = count = 0
    pixels = [(min(max(math.floor(x), 0), width - 1), min(max(math.floor(y), 0), height - 1)) for x, y in corners]
    _, top, _, _ = bounds(pixels)
    for y, (start, stop) in enumerate(_spans(pixels), int(top)):
        total += sum(text_map[y * width + start : y * width + stop])
        count += stop - start
    return total / (255 * count) if count else 0.0


def _spans(polygon: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (first x, x after the last) of every row that a convex polygon covers, from its top."""
    xs, ys = zip(*polygon, strict=True)
    top = min(ys)
    first = [max(xs)] * (max(ys) - top + 1)
    last = [min(xs)] * len(first)
    for (x, y), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if y > y2:
            x, y, x2, y2 = x2, y2, x, y
        slope = (x2 - x) / (y2 - y) if y2 > y else 0.0
        for row in range(y - top, y2 - top + 1):
            at = round(x + slope * (row + top - y))
            first[row] = min(first[row], at)
            last[row] = max(last[row], at)
        first[y - top] = min(first[y - top], x2 if y == y2 else x)
        last[y - top] = max(last[y - top], x2 if y == y2 else x)
    return [(start, stop + 1) for start, stop in zip(first, last, strict=True)]
