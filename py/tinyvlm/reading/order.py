"""Boxes of lines -> the order in which a person reads them: rows of a receipt, columns of a page."""

from __future__ import annotations

from collections.abc import Sequence

from .geometry import Corners


def reading_order(boxes: Sequence[Corners]) -> list[list[list[int]]]:
    """Return the boxes' indices as blocks of rows: a block after the other, rows from the top, each from the left.

    Whichever way the boxes are ordered, the same places come out.
    """
    raise NotImplementedError
