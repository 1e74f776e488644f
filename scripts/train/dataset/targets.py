"""What single image tokens should know, where a generator knows it: the thing or the characters that lie there.

The heads that predict these targets are for training only. They give every cell of an image a lesson, where an answer
gives one to the whole image; and captions teach cells which words belong to a photo.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..rows import Region, Row

GLYPHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
UNKNOWN = -100
TOKENS, POOLED = 14 * 14 + 7 * 7 + 2, 14 * 14 + 7 * 7
WORDS = 800
_CORE = 0.6
"""Share of a thing's box, around its centre, whose cells must know the thing."""


class Targets:
    """Numbers things, characters and words of a set of rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Read all names and the commonest caption words."""
        self.things = sorted({thing.label for row in rows for thing in row.things})
        self._thing = {label: i + 1 for i, label in enumerate(self.things)}
        self._glyph = {character: i + 1 for i, character in enumerate(GLYPHS)}
        counts = Counter(word for row in rows if row.split == "train" for word in caption_words(row))
        self.words = sorted(counts, key=lambda word: (-counts[word], word))[
            :WORDS
        ]  # of words as common, no set's order
        self._word = {word: i for i, word in enumerate(self.words)}

    def centre_map(self, row: Row) -> np.ndarray:
        """(14, 14) float32: how much of a thing's centre lies in every cell; UNKNOWN without boxes."""
        if not row.things:
            return np.full((14, 14), UNKNOWN, np.float32)
        shares: np.ndarray = look_target(row.things, False)[:196].reshape(14, 14) * len(row.things)
        return shares.clip(max=1)

    def thing_map(self, row: Row, grid: int) -> np.ndarray:
        """(grid, grid) int16: number of the thing at every cell's centre, 0 none; UNKNOWN without boxes."""
        if not row.things:
            return np.full((grid, grid), UNKNOWN, np.int16)
        found = np.zeros((grid, grid), np.int16)
        for thing in row.things:
            _mark(found, thing, self._thing[thing.label], _CORE)
        return found

    def glyph_map(self, row: Row, grid: int) -> np.ndarray:
        """(grid, grid) int16: number of the character at every cell's centre, 0 none; UNKNOWN without boxes."""
        if not row.glyphs:
            return np.full((grid, grid), UNKNOWN, np.int16)
        found = np.zeros((grid, grid), np.int16)
        for glyph in row.glyphs:
            _mark(found, glyph, self._glyph.get(glyph.label, UNKNOWN), 1.0)
        return found

    def word_numbers(self, row: Row) -> list[int]:
        """Numbers of the words that the captions of a photo use."""
        return sorted({self._word[word] for word in caption_words(row) if word in self._word})


def look_target(regions: Sequence[Region], counted: bool) -> np.ndarray:
    """(TOKENS,) float32, a distribution over image tokens: the 14 x 14 cells around the regions' centres.

    Where things are `counted`, the pooled token gets as much as each of them: all of it where there is none, and what
    it gets tells how many there are.
    """
    target = np.zeros(TOKENS, np.float32)
    for region in regions:
        x = (region.left + region.right) / 2 * 14 - 0.5
        y = (region.top + region.bottom) / 2 * 14 - 0.5
        left, top = int(np.floor(x)), int(np.floor(y))
        for column, across in ((left, left + 1 - x), (left + 1, x - left)):
            for line, down in ((top, top + 1 - y), (top + 1, y - top)):
                target[min(max(line, 0), 13) * 14 + min(max(column, 0), 13)] += across * down
    if counted or not regions:
        target[POOLED] += 1
    shares: np.ndarray = target / target.sum()
    return shares


def caption_words(row: Row) -> set[str]:
    """Words of three letters and more of photos' captions, without those that say nothing."""
    if row.source not in ("flickr", "coco"):
        return set()
    return {word for caption in row.captions for word in re.findall(r"[a-z]{3,}", caption.lower())} - _EMPTY


_EMPTY = {"and", "are", "for", "from", "has", "his", "her", "its", "one", "that", "the", "their", "they", "this",
          "with", "while", "who", "whose", "which"}  # fmt: skip


def _mark(found: np.ndarray, box: Region, value: int, core: float) -> None:
    """Set the cells whose centre lies in the core of a box; at least the one at the box's centre."""
    grid = len(found)
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    width, height = (box.right - box.left) * core, (box.bottom - box.top) * core
    columns = _cells(x - width / 2, x + width / 2, grid)
    lines = _cells(y - height / 2, y + height / 2, grid)
    found[lines[0] : lines[1], columns[0] : columns[1]] = value


def _cells(low: float, high: float, grid: int) -> tuple[int, int]:
    """Range of cells with their centres in low..high (in 0..1), or the one that the middle lies in."""
    first, last = int(np.ceil(low * grid - 0.5)), int(np.floor(high * grid - 0.5)) + 1
    if last <= first:
        first = int((low + high) / 2 * grid)
        last = first + 1
    return min(max(first, 0), grid - 1), max(min(last, grid), 1)
