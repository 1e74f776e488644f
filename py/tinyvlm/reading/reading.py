"""What was read in a picture: lines and words, where they stand, how sure the reader is.

All places are in pixels of the upright picture (its Exif rotation applied): x from its left edge, y from its top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from ..errors import InputError
from .geometry import Corners, sides

APART = 1.5
"""From how many heights of a line on the gap to the next in its row is a tab, not a space."""


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between two spaces, with its four corners clockwise from the text's upper left."""

    text: str
    corners: Corners
    confidence: float
    """Mean probability of its characters, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """Text that stands in one line without wide gaps: `corners` clockwise from the text's upper left.

    Lines of one `row` stand beside each other, as a receipt's goods and prices. A `block` is a paragraph or a column.
    Rows and blocks are counted through the picture, both from 0, in reading order.
    """

    text: str
    corners: Corners
    confidence: float
    """Mean probability of its characters, 0 to 1."""
    words: tuple[Word, ...] = ()
    block: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture of `width` x `height` pixels says, line by line in reading order."""

    lines: tuple[Line, ...]
    width: int
    height: int

    @property
    def text(self) -> str:
        """All that was read: a row a line, a tab where a row's lines stand far apart, an empty line between blocks."""
        return "\n\n".join("\n".join(map(row_text, rows)) for rows in self.blocks())

    def blocks(self) -> Iterator[list[list[Line]]]:
        """Give each block as its rows, and each row as its lines, in reading order."""
        for _, block in groupby(self.lines, key=lambda line: line.block):
            yield [list(row) for _, row in groupby(block, key=lambda line: line.row)]

    def to_json(self) -> dict[str, Any]:
        r"""Return the reading as `json.dumps` takes it.

            {"width": 640, "height": 480, "text": "Total\t9.80", "lines": [
              {"text": "Total", "confidence": 0.98, "corners": [[8, 8], [60, 8], [60, 24], [8, 24]],
               "block": 0, "row": 0, "words": [{"text": "Total", "confidence": 0.98, "corners": [...]}]}, ...]}

        Corners are [x, y] in pixels, clockwise from the text's upper left.
        """
        lines = [
            {**_place(line), "block": line.block, "row": line.row, "words": [_place(word) for word in line.words]}
            for line in self.lines
        ]
        return {"width": self.width, "height": self.height, "text": self.text, "lines": lines}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reading:
        """Return the reading that `to_json` made a dictionary of. Raises InputError for any other value."""
        try:
            lines = tuple(_line(line) for line in value["lines"])
            return cls(lines, _whole(value["width"]), _whole(value["height"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("reading-invalid", reason=f"{type(error).__name__}: {error}") from error


def row_text(row: list[Line]) -> str:
    """Return the lines of one row as one, with a tab where they stand farther apart than words do."""
    text = row[0].text
    for before, line in pairwise(row):
        text += ("\t" if _gap(before, line) > APART else " ") + line.text
    return text


def _gap(before: Line, after: Line) -> float:
    """Return how far a line begins behind the end of the one before, in heights of the lower one."""
    width, height = sides(before.corners)
    (x0, y0), (x1, y1), (x2, y2), _ = before.corners
    (x3, y3), _, _, (x4, y4) = after.corners
    along = (x3 + x4 - x1 - x2) / 2 * (x1 - x0) + (y3 + y4 - y1 - y2) / 2 * (y1 - y0)
    return along / max(width, 1.0) / max(min(height, sides(after.corners)[1]), 1.0)


def _place(part: Line | Word) -> dict[str, Any]:
    corners = [[round(x, 2), round(y, 2)] for x, y in part.corners]
    return {"text": part.text, "confidence": round(part.confidence, 4), "corners": corners}


def _line(value: Any) -> Line:
    words = tuple(Word(*_read_place(word)) for word in value["words"])
    return Line(*_read_place(value), words, _whole(value["block"]), _whole(value["row"]))


def _read_place(value: Any) -> tuple[str, Corners, float]:
    text, confidence = value["text"], value["confidence"]
    if not isinstance(text, str):
        raise TypeError(f"text is {text!r}")
    a, b, c, d = ((float(x), float(y)) for x, y in value["corners"])
    return text, (a, b, c, d), float(confidence)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count of pixels, blocks or rows")
    return value
