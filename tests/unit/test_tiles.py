"""At which size pictures are searched, and in which tiles; one map is made of the tiles' maps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.models.parts.text_detector import STRIDE
from tinyvlm.reading import tiles as tiles_module
from tinyvlm.reading.reader import MOST_PIXELS, detector_size
from tinyvlm.reading.tiles import MOST_SIDE, OVERLAP, Tile, joined_map, spans, tiles


@pytest.mark.parametrize(
    ("picture", "seen"),
    [
        ((736, 736), (736, 736)),
        ((368, 736), (736, 1472)),
        ((1000, 800), (992, 800)),
        ((3000, 2400), (1984, 1600)),  # the longer side is 2,000, in whole strides
        ((4800, 3600), (2400, 1792)),  # no more than halved
        ((8000, 1000), (5888, 736)),
        ((20000, 10000), (4896, 2464)),  # 12 million pixels
        ((1, 1), (736, 736)),
    ],
)
def test_the_size_at_which_a_picture_is_searched(picture: tuple[int, int], seen: tuple[int, int]) -> None:
    assert detector_size(*picture, 736) == seen


def test_a_first_look_is_at_fewer_pixels() -> None:
    assert detector_size(368, 736, 480) == (480, 960)
    assert detector_size(1000, 800, 480) == detector_size(1000, 800, 736)


@given(st.integers(1, 60_000), st.integers(1, 60_000))
def test_sizes_are_bounded_and_in_strides(width: int, height: int) -> None:
    across, down = detector_size(width, height, 736)
    assert across % STRIDE == down % STRIDE == 0
    assert across * down <= 1.2 * MOST_PIXELS or min(across, down) == STRIDE


strides = st.integers(1, 200).map(lambda count: count * STRIDE)


@given(strides)
def test_tiles_of_an_axis(size: int) -> None:
    """They cover it, are of one length of whole strides, and share enough with their neighbours."""
    parts = spans(size)
    assert parts[0][0] == 0
    assert sum(parts[-1]) == size
    assert {length for _, length in parts} == {parts[0][1]}
    assert parts[0][1] <= MOST_SIDE
    assert all(first % STRIDE == length % STRIDE == 0 for first, length in parts)
    for (first, length), (after, _) in pairwise(parts):
        assert first + length - after >= OVERLAP - STRIDE
    assert len(parts) == 1 or size > MOST_SIDE


@given(st.integers(1, 100).map(lambda n: n * STRIDE), st.integers(1, 100).map(lambda n: n * STRIDE))
def test_no_tile_leaves_the_picture(width: int, height: int) -> None:
    for tile in tiles(width, height):
        assert 0 <= tile.top <= tile.top + tile.height <= height
        assert 0 <= tile.left <= tile.left + tile.width <= width
        assert tile.width * tile.height <= tiles_module.MOST_PIXELS
    assert len(tiles(width, height)) == 1 or width * height > tiles_module.MOST_PIXELS


@pytest.mark.parametrize(("width", "height"), [(64, 96), (1600, 32), (64, 3200), (3200, 1600)])
def test_a_map_of_tiles_is_the_whole_map(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut out of a map of which no two neighbouring pixels are alike, and joined again."""
    monkeypatch.setattr(tiles_module, "MOST_PIXELS", 1000)
    whole = bytes((7 * x + 13 * y + x * y // 5) % 251 for y in range(height) for x in range(width))

    def read(places: Sequence[Tile]) -> list[bytes]:
        return [
            b"".join(whole[y * width + t.left : y * width + t.left + t.width] for y in range(t.top, t.top + t.height))
            for t in places
        ]

    assert joined_map(width, height, read) == whole


def test_what_is_shared_is_taken_from_the_nearer_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tile is believed up to the middle of what both see."""
    monkeypatch.setattr(tiles_module, "MOST_PIXELS", 1000)
    (first, length), (second, _) = spans(1600)
    row = joined_map(1600, 32, lambda places: [bytes([n]) * (t.width * t.height) for n, t in enumerate(places, 1)])[
        :1600
    ]
    border = row.index(2)
    assert row == bytes([1]) * border + bytes([2]) * (1600 - border)
    assert border == (first + length + second) // 2
