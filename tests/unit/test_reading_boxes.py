"""Boxes of a text map: parts, rectangles and means beside plain twins; what is found in maps drawn here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.reading.boxes import Box, Run, connected_parts, find_boxes, mean_inside, runs_above
from tinyvlm.reading.geometry import (
    Corners,
    Point,
    between,
    bounds,
    convex_hull,
    grown,
    sides,
    smallest_rectangle,
    turned,
)


def near(corners: Iterable[Point], wanted: Iterable[Point], tolerance: float = 1e-6) -> bool:
    return np.allclose(np.array(list(corners)), np.array(list(wanted)), atol=tolerance)


def drawn(width: int, height: int, *rectangles: Corners, value: int = 255) -> bytes:
    """Return a map in which every pixel whose middle is inside a rectangle has a value."""
    y, x = np.mgrid[:height, :width]
    text_map = np.zeros((height, width), np.uint8)
    for corners in rectangles:
        inside = np.ones((height, width), bool)
        for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
            inside &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= -1e-9
        text_map[inside] = value
    return text_map.tobytes()


def rectangle(x: float, y: float, width: float, height: float, angle: float) -> Corners:
    """Return the corners of a rectangle round (x, y), turned clockwise by degrees."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    a, b, c, d = (
        (x + across * cos - down * sin, y + across * sin + down * cos)
        for across, down in (
            (-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2),
        )
    )  # fmt: skip
    return a, b, c, d


def flooded(marked: np.ndarray) -> set[frozenset[tuple[int, int]]]:
    """Return the 8-connected parts of a mask as sets of (y, x), pixel by pixel."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(marked), strict=True)}
    parts = set()
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            y, x = edge.pop()
            part.add((y, x))
            beside = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= beside
            edge += beside
        parts.add(frozenset(part))
    return parts


def pixels(part: Iterable[Run]) -> frozenset[tuple[int, int]]:
    return frozenset((y, x) for y, start, stop in part for x in range(start, stop))


MAPS = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda size: st.tuples(
        st.just(size), st.binary(min_size=size[0] * size[1], max_size=size[0] * size[1])
    )
)  # fmt: skip


@settings(max_examples=300)
@given(MAPS)
def test_parts_are_those_of_a_flood(case: tuple[tuple[int, int], bytes]) -> None:
    (width, height), text_map = case
    rows = runs_above(text_map, width, height, 0.5)
    marked = np.frombuffer(text_map, np.uint8).reshape(height, width) > 127.5
    assert pixels(run for row in rows for run in row) == {(int(y), int(x)) for y, x in np.argwhere(marked)}
    assert all(before[2] < after[1] for row in rows for before, after in pairwise(row))
    parts = connected_parts(rows)
    assert {pixels(part) for part in parts} == flooded(marked)
    assert len(parts) == len(flooded(marked))
    assert parts == sorted(parts)
    assert all(part == sorted(part) for part in parts)


def test_a_run_goes_on_in_the_next_row() -> None:
    assert runs_above(bytes([255] * 6), 3, 2, 0.2) == [[(0, 0, 3)], [(1, 0, 3)]]
    assert runs_above(bytes([0, 1, 1, 1, 1, 0]), 3, 2, 0.0) == [[(0, 1, 3)], [(1, 0, 2)]]


def test_the_threshold_itself_is_below() -> None:
    assert runs_above(bytes([51, 52]), 2, 1, 0.2) == [[(0, 1, 2)]]


POINTS = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=12)


@settings(max_examples=300)
@given(POINTS)
def test_the_hull_is_convex_and_holds_every_point(points: list[tuple[int, int]]) -> None:
    hull = convex_hull(points)
    assert set(hull) <= set(points)
    assert len(set(hull)) == len(hull)
    for index in range(len(hull) if len(hull) > 2 else 0):
        (x0, y0), (x1, y1), (x2, y2) = (hull[(index + step) % len(hull)] for step in range(3))
        assert (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1) > 0
        assert all((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0 for x, y in points)


def least_area(points: list[tuple[int, int]]) -> float:
    """Return the area of the smallest rectangle round points: each pair's direction is tried."""
    array = np.array(points, float)
    best = math.inf
    for a in array:
        for b in array:
            if (a != b).any():
                along = (b - a) / np.hypot(*(b - a))
                across = np.array([-along[1], along[0]])
                best = min(best, float(np.ptp(array @ along) * np.ptp(array @ across)))
    return best


@settings(max_examples=300)
@given(POINTS.filter(lambda points: len(set(points)) > 1))
def test_the_rectangle_holds_every_point_and_none_is_smaller(points: list[tuple[int, int]]) -> None:
    corners = smallest_rectangle(convex_hull(points))
    width, height = sides(corners)
    assert width * height == pytest.approx(least_area(points), abs=1e-6)
    upper_left, upper_right, lower_right, lower_left = (np.array(corner) for corner in corners)
    assert near([upper_right - upper_left], [lower_right - lower_left])
    assert (upper_right - upper_left) @ (lower_left - upper_left) == pytest.approx(0, abs=1e-6)
    for x, y in points:
        offset = np.array([x, y]) - upper_left
        for side, length in ((upper_right - upper_left, width), (lower_left - upper_left, height)):
            assert -1e-6 <= offset @ side <= length * length + 1e-6


def test_one_point_is_a_rectangle_of_no_size() -> None:
    assert smallest_rectangle(convex_hull([(3, 4), (3, 4)])) == ((3, 4),) * 4


@pytest.mark.parametrize("angle", [-58, -40, 0, 3, 50, 58])
def test_corners_begin_at_the_upper_left(angle: int) -> None:
    wanted = rectangle(50, 60, 200, 10, angle)
    assert near(smallest_rectangle(convex_hull(wanted)), wanted)


@pytest.mark.parametrize("angle", [-29, -3, 0, 3, 29])
def test_a_steep_line_is_tall_whichever_way_it_leans(angle: int) -> None:
    wanted = rectangle(50, 60, 10, 200, angle)
    assert near(smallest_rectangle(convex_hull(wanted)), wanted)


def test_grown_reaches_as_far_on_every_side() -> None:
    assert near(grown(rectangle(10, 10, 20, 8, 30), 3), rectangle(10, 10, 26, 14, 30))
    assert near(grown(((0, 0), (4, 0), (4, 0), (0, 0)), 1), ((-1, -1), (5, -1), (5, 1), (-1, 1)))
    assert near(grown(((2, 2),) * 4, 1), ((1, 1), (3, 1), (3, 3), (1, 3)))


def test_between_and_turned_and_bounds() -> None:
    corners = rectangle(10, 10, 20, 8, 0)
    assert near(between(corners, 0.25, 0.5), ((5, 6), (10, 6), (10, 14), (5, 14)))
    assert turned(corners) == (corners[1], corners[2], corners[3], corners[0])
    assert bounds(corners) == (0, 6, 20, 14)


def test_a_level_box_is_found_where_it_is_drawn() -> None:
    (box,) = find_boxes(drawn(100, 40, rectangle(50, 20, 60, 10, 0)), 100, 40, unclip_ratio=1.4)
    distance = 1.4 * 60 * 10 / 140
    assert near(box.corners, grown(rectangle(50, 20, 60, 10, 0), distance))
    assert box.score == 1.0


@pytest.mark.parametrize("angle", [-50, -30, -10, 5, 20, 45])
def test_a_leaning_box_is_found_where_it_is_drawn(angle: int) -> None:
    (box,) = find_boxes(drawn(200, 200, rectangle(100, 100, 120, 14, angle)), 200, 200)
    wanted = grown(rectangle(100, 100, 120, 14, angle), 1.4 * 120 * 14 / 268)
    assert near(box.corners, wanted, tolerance=2.5)
    assert 0.9 < box.score <= 1


def test_faint_small_and_too_many_boxes_are_left_out() -> None:
    bright, faint = rectangle(50, 10, 60, 8, 0), rectangle(50, 30, 60, 8, 0)
    text_map = bytes(map(max, drawn(100, 40, bright), drawn(100, 40, faint, value=90)))
    assert [round(box.score, 2) for box in find_boxes(text_map, 100, 40)] == [1.0]
    assert len(find_boxes(text_map, 100, 40, box_threshold=0.3)) == 2
    assert find_boxes(text_map, 100, 40, box_threshold=0.3, max_boxes=1) == find_boxes(text_map, 100, 40)
    assert find_boxes(text_map, 100, 40, min_size=8.5) == []
    assert find_boxes(drawn(100, 40, rectangle(50, 20, 60, 2, 0)), 100, 40) == []
    low = drawn(100, 40, rectangle(50, 20, 60, 4, 0))
    assert len(find_boxes(low, 100, 40)) == 1
    assert find_boxes(low, 100, 40, unclip_ratio=0.1) == []
    assert find_boxes(bytes(100), 10, 10) == [] == find_boxes(b"", 0, 0)


def test_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a map of 4 x 3 has 12 bytes, not 11"):
        find_boxes(bytes(11), 4, 3)


@settings(max_examples=100)
@given(st.tuples(*[st.integers(0, 40)] * 4), st.integers(0, 2**32))
def test_the_mean_of_a_level_rectangle_is_that_of_its_pixels(place: tuple[int, int, int, int], seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 256, (81, 81), np.uint8)
    x, y, width, height = place
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    wanted = values[y : y + height + 1, x : x + width + 1].mean() / 255
    assert mean_inside(values.tobytes(), 81, 81, corners) == pytest.approx(wanted)


@pytest.mark.parametrize("angle", [-60, -15, 4, 33, 75])
def test_the_mean_of_a_leaning_rectangle_is_that_of_its_pixels(angle: int) -> None:
    values = np.random.default_rng(1).integers(0, 256, (200, 200), np.uint8)
    corners = rectangle(100, 100, 110, 24, angle)
    inside = np.frombuffer(drawn(200, 200, corners), np.uint8).reshape(200, 200) > 0
    assert mean_inside(values.tobytes(), 200, 200, corners) == pytest.approx(values[inside].mean() / 255, abs=0.01)


def test_scaled_boxes_stay_in_the_picture() -> None:
    box = Box(((-2, 4), (10, 4), (10, 8), (-2, 8)), 0.9)
    assert box.scaled(2, 3, 19, 20) == Box(((0, 12), (19, 12), (19, 20), (0, 20)), 0.9)
