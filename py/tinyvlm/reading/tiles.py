"""Large pictures are searched tile by tile, which bounds the detector's memory; one map is made of the tiles' maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..models.parts.text_detector import STRIDE

MOST_PIXELS = 2_500_000
"""Of a picture that is searched at once: they take the kernels some 190 MB."""

MOST_SIDE = 1568
"""Of a tile of a larger one."""

OVERLAP = 128
"""Pixels that neighbours share. Each is believed up to the middle of them, so that no line is seen by its end alone."""


class Tile(NamedTuple):
    """A rectangle of the picture."""

    top: int
    left: int
    height: int
    width: int


def spans(size: int) -> list[tuple[int, int]]:
    """Return (first, length) of the tiles along an axis: as few as may be, of one length, in whole strides."""
    if size <= MOST_SIDE:
        return [(0, size)]
    count = -(-(size - OVERLAP) // (MOST_SIDE - OVERLAP))
    length = -(-(size + (count - 1) * OVERLAP) // count)
    length = -(-length // STRIDE) * STRIDE
    steps = (size - length) // STRIDE
    return [(steps * index // (count - 1) * STRIDE, length) for index in range(count)]


def tiles(width: int, height: int) -> list[Tile]:
    """Return the tiles of a picture whose sides are multiples of the stride, row by row."""
    if width * height <= MOST_PIXELS:
        return [Tile(0, 0, height, width)]
    return [Tile(top, left, down, across) for top, down in spans(height) for left, across in spans(width)]


def joined_map(width: int, height: int, read: Callable[[Sequence[Tile]], Sequence[bytes]]) -> bytes:
    """Return a map of one byte a pixel, which `read` makes of tiles."""
    places = tiles(width, height)
    maps = read(places)
    if len(places) == 1:
        return maps[0]
    whole = bytearray(width * height)
    tops, lefts = _believed(spans(height)), _believed(spans(width))
    for tile, values in zip(places, maps, strict=True):
        (top, bottom), (left, right) = tops[tile.top], lefts[tile.left]
        for y in range(top, bottom):
            at = (y - tile.top) * tile.width - tile.left
            whole[y * width + left : y * width + right] = values[at + left : at + right]
    return bytes(whole)


def _believed(axis: Sequence[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """By a tile's first pixel, from where to where it is believed: up to the middle of what it shares."""
    ends = [first + length for first, length in axis]
    cuts = [(end + first) // 2 for end, (first, _) in zip(ends, axis[1:], strict=False)]
    return {first: span for (first, _), span in zip(axis, zip([0, *cuts], [*cuts, ends[-1]], strict=True), strict=True)}
