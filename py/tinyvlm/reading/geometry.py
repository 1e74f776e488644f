"""Corners, hulls and rectangles that lean, in plain Python: x grows to the right, y down, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Of a quadrilateral, clockwise as seen, from the upper left one."""

Matrix = tuple[float, float, float, float, float, float, float, float]
"""Of `Ops.rectify`."""

STEEP = math.tan(math.radians(60))


def convex_hull(points: Iterable[Point]) -> list[Point]:
    """Return the corners of the smallest convex polygon round points, clockwise as seen (Andrew 1979).

    Points on an edge are left out; one point or two are their own hull.
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def _chain(points: Sequence[Point]) -> list[Point]:
    hull: list[Point] = []
    for x, y in points:
        while len(hull) > 1:
            (x1, y1), (x2, y2) = hull[-2:]
            if (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0:
                break
            hull.pop()
        hull.append((x, y))
    return hull


def smallest_rectangle(hull: Sequence[Point]) -> Corners:
    """Return the rectangle of the least area round a convex polygon as of `convex_hull`.

    One side lies on an edge of the polygon (Freeman and Shapira 1975), and the points farthest from an edge go round
    with it (rotating calipers, Toussaint 1983): O(n).
    """
    if len(hull) < 2:
        (point,) = hull
        return point, point, point, point
    best = math.inf, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)
    far = deep = near = 0
    for start in range(len(hull)):
        (x, y), (x2, y2) = hull[start], hull[(start + 1) % len(hull)]
        length = math.hypot(x2 - x, y2 - y)
        along = ux, uy = (x2 - x) / length, (y2 - y) / length
        far = _farthest(hull, max(far, start + 1), along)
        deep = _farthest(hull, max(deep, far), (-uy, ux))
        near = _farthest(hull, max(near, deep), (-ux, -uy))
        first = _dot(hull[near % len(hull)], along) - _dot((x, y), along)
        width = _dot(hull[far % len(hull)], along) - _dot((x, y), along) - first
        height = _dot(hull[deep % len(hull)], (-uy, ux)) - _dot((x, y), (-uy, ux))
        if width * height < best[0]:
            origin = x + first * ux, y + first * uy
            best = width * height, origin, (width * ux, width * uy), (-height * uy, height * ux)
    return _upright(*best[1:])


def _farthest(hull: Sequence[Point], start: int, direction: Point) -> int:
    """Return the index, counted on past the end, from which the next point lies no farther in a direction."""
    count = len(hull)
    for index in range(start, start + count):
        if _dot(hull[(index + 1) % count], direction) <= _dot(hull[index % count], direction):
            return index
    return start


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1]


def _upright(origin: Point, side: Point, other: Point) -> Corners:
    """Return a rectangle's corners from the upper left: the side that goes farther to the right is its top.

    So a line keeps its direction when it leans by more than 45 degrees, as in PP-OCR. Where that side is steep, it is a
    line that runs down or up, and the other one is the top: else a degree would decide which.
    """
    if abs(other[0]) > abs(side[0]):
        side, other = other, side
    if abs(side[1]) > STEEP * abs(side[0]):
        side, other = other, side
    corners = [origin, _add(origin, side), _add(origin, _add(side, other)), _add(origin, other)]
    if side[0] < 0:
        corners = [corners[1], corners[0], corners[3], corners[2]]
    upper, lower = corners[0], corners[3]
    if upper[1] > lower[1]:
        corners = [corners[3], corners[2], corners[1], corners[0]]
    return corners[0], corners[1], corners[2], corners[3]


def _add(a: Point, b: Point) -> Point:
    return a[0] + b[0], a[1] + b[1]


def sides(corners: Corners) -> tuple[float, float]:
    """Return (width, height): the longer of the upper and the lower side, and of the left and the right."""
    upper_left, upper_right, lower_right, lower_left = corners
    width = max(math.dist(upper_left, upper_right), math.dist(lower_left, lower_right))
    return width, max(math.dist(upper_left, lower_left), math.dist(upper_right, lower_right))


def grown(corners: Corners, distance: float) -> Corners:
    """Return a rectangle that reaches farther by `distance` on every side."""
    width, height = sides(corners)
    (x0, y0), (x1, y1), _, (x3, y3) = corners
    # A side of no length has no direction of its own: it is at right angles to the other.
    along = ((x1 - x0) / width, (y1 - y0) / width) if width else (1.0, 0.0)
    down = ((x3 - x0) / height, (y3 - y0) / height) if height else (-along[1], along[0])
    dx, dy = distance * along[0], distance * along[1]
    ex, ey = distance * down[0], distance * down[1]
    shifts = (-dx - ex, -dy - ey), (dx - ex, dy - ey), (dx + ex, dy + ey), (ex - dx, ey - dy)
    a, b, c, d = (_add(corner, shift) for corner, shift in zip(corners, shifts, strict=True))
    return a, b, c, d


def between(corners: Corners, start: float, stop: float) -> Corners:
    """Return what lies between two shares of the width, 0 at the left side and 1 at the right."""
    upper_left, upper_right, lower_right, lower_left = corners

    def on(a: Point, b: Point, share: float) -> Point:
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

    return (
        on(upper_left, upper_right, start),
        on(upper_left, upper_right, stop),
        on(lower_left, lower_right, stop),
        on(lower_left, lower_right, start),
    )


def turned(corners: Corners, quarters: int = 1) -> Corners:
    """Return the same corners for text that was turned clockwise: by a quarter, it begins at the upper right one."""
    a, b, c, d = (corners[(at + quarters) % 4] for at in range(4))
    return a, b, c, d


def quarter_turns(width: int, height: int, quarters: int) -> Matrix:
    """Return the map to pixels of a `width` x `height` picture from those of the same, turned counterclockwise."""
    return (
        (1, 0, 0, 0, 1, 0, 0, 0),
        (0, -1, width - 1, 1, 0, 0, 0, 0),
        (-1, 0, width - 1, 0, -1, height - 1, 0, 0),
        (0, 1, 0, -1, 0, height - 1, 0, 0),
    )[quarters]


def bounds(corners: Iterable[Point]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of points."""
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
