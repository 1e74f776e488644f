"""How a line of text is cut out of a picture: where every pixel of it is read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.reading.crops import BUCKET, LEAST_WIDTH, MOST_FINER, Crop, perspective
from tinyvlm.reading.geometry import Corners, sides


def shown(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    """Where pixel (x, y) of the line is read."""
    a, b, c, e, f, g, i, j = matrix
    d = i * x + j * y + 1
    return (a * x + b * y + c) / d, (e * x + f * y + g) / d


def level(left: float, top: float, width: float, height: float) -> Corners:
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def test_a_level_box_of_the_lines_size_is_copied() -> None:
    """Pixel (0, 0) shows the box's first pixel, whose centre is its corner."""
    matrix = perspective(level(20, 10, 96, 48), 96, 48)
    assert shown(matrix, 0, 0) == pytest.approx((20, 10))
    assert shown(matrix, 95, 47) == pytest.approx((115, 57))


def test_a_box_of_half_the_size_is_stretched_from_its_edges() -> None:
    matrix = perspective(level(20, 10, 48, 24), 96, 48)
    assert shown(matrix, 0.5, 0.5) == pytest.approx((20, 10))
    assert shown(matrix, 95.5, 47.5) == pytest.approx((67.5, 33.5))


@given(st.floats(60, 300), st.floats(30, 90), st.lists(st.floats(-8, 8), min_size=8, max_size=8))
def test_corners_are_shown_at_the_lines_corners(width: float, height: float, moves: list[float]) -> None:
    """Whatever quadrilateral: its corners lie where those of a level box of its size would."""
    plain = level(100, 50, width, height)
    corners = tuple((x + dx, y + dy) for (x, y), dx, dy in zip(plain, moves[::2], moves[1::2], strict=True))
    across, down = sides(corners)  # type: ignore[arg-type]
    matrix = perspective(corners, 200, 48)  # type: ignore[arg-type]
    left, right = (share * 200 / across - 0.5 for share in (0.5, across + 0.5))
    top, bottom = (share * 48 / down - 0.5 for share in (0.5, down + 0.5))
    places = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for (x, y), corner in zip(places, corners, strict=True):
        assert shown(matrix, x, y) == pytest.approx(corner, abs=1e-6)


def test_lines_stay_straight_in_the_picture() -> None:
    """A projective map, not a bilinear one: the diagonals of a trapezium meet where those of the line do."""
    corners = ((0.0, 0.0), (100.0, 10.0), (100.0, 50.0), (0.0, 60.0))
    matrix = perspective(corners, 100, 60)
    across, down = sides(corners)
    middle = shown(matrix, 50 * (1 + 1 / across) - 0.5, 30 * (1 + 1 / down) - 0.5)
    # The diagonals (0, 0)-(100, 50) and (100, 10)-(0, 60) meet at (60, 30).
    assert middle == pytest.approx((60, 30))


@given(st.floats(1, 3000), st.floats(1, 400))
def test_widths(width: float, height: float) -> None:
    """A line keeps its shape, to the pixel above, and is padded to a width that has a program."""
    crop = Crop.of(level(5, 5, width, height))
    across, down = sides(crop.corners)
    assert crop.width == max(math.ceil(48 * across / down), 8)
    assert crop.padded >= crop.width
    assert crop.padded == LEAST_WIDTH or (crop.padded % BUCKET == 0 and crop.padded - crop.width < BUCKET)
    assert 1 <= crop.finer <= MOST_FINER


@pytest.mark.parametrize(("height", "finer"), [(10, 1), (71, 1), (73, 2), (121, 3), (500, 4)])
def test_tall_print_is_looked_at_finely(height: float, finer: int) -> None:
    assert Crop.of(level(0, 0, 900, height)).finer == finer
