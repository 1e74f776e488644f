"""Four corners in a picture -> the perspective map that shows what is inside them upright, as a line of 48 pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..models.parts.text_recognizer import LINE_HEIGHT
from .geometry import Corners, Matrix, sides

BUCKET = 32
"""Widths of lines are rounded up to multiples of it: a program is made for each."""

LEAST_WIDTH = 96
"""A narrower line is padded: the recogniser has learned from lines, and knows few letters that stand alone."""

MOST_FINER = 4
"""How much finer, at most, tall print is looked at before it is made small: what lies between pixels is not lost."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A line of text to be cut out: LINE_HEIGHT pixels high."""

    corners: Corners
    """Clockwise from the text's upper left."""
    width: int
    """Pixels that show the line."""
    padded: int
    """Pixels with the grey beside it."""
    finer: int
    """How many times as many pixels are read each way, and averaged."""

    @classmethod
    def of(cls, corners: Corners) -> Crop:
        """Return how to cut out the line whose text begins at the first corner and runs to the second."""
        width, height = sides(corners)
        columns = max(math.ceil(LINE_HEIGHT * width / max(height, 1.0)), 8)
        padded = max(-(-columns // BUCKET) * BUCKET, LEAST_WIDTH)
        return cls(corners, columns, padded, min(max(round(height / LINE_HEIGHT), 1), MOST_FINER))

    @property
    def matrix(self) -> Matrix:
        """The map from pixels of the finer line to pixels of the picture."""
        return perspective(self.corners, self.finer * self.width, self.finer * LINE_HEIGHT)


def perspective(corners: Corners, width: int, height: int) -> Matrix:
    """Return the map from pixels of a `width` x `height` rectangle to those of a picture, where `corners` are its own.

    Whole numbers are the centres of pixels on both sides. The unit square is mapped as Heckbert (1989) does.
    """
    across, down = sides(corners)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    a, d, b, e = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    x_excess, y_excess = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = a * e - b * d
    g = (x_excess * e - b * y_excess) / area if area else 0.0
    h = (a * y_excess - x_excess * d) / area if area else 0.0
    rows = (
        (x1 - x0 + g * x1, x3 - x0 + h * x3, x0),
        (y1 - y0 + g * y1, y3 - y0 + h * y3, y0),
        (g, h, 1.0),
    )
    # u = (x + 1/2) / width - 1 / (2 across): the corners are centres of pixels, too, as PP-OCR has it.
    u, v = 0.5 / width - 0.5 / max(across, 1.0), 0.5 / height - 0.5 / max(down, 1.0)
    scaled = [(p / width, q / height, r + p * u + q * v) for p, q, r in rows]
    unit = scaled[2][2]
    numbers = [number / unit for row in scaled for number in row]
    return tuple(numbers[:8])  # type: ignore[return-value]
