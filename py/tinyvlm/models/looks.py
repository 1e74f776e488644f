"""Where a model looks: which of its attention tells, and where in the image the tokens lie that it looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Look(NamedTuple):
    """Attention that tells where a model looks."""

    attention: int
    """Which call of `Ops.attention` in `Architecture.forward`, from 0."""
    heads: range
    """Which query heads, whose mean it is."""


class Cells(NamedTuple):
    """A rectangle of a grid's cells."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Grid:
    """A grid of rows x columns cells over the whole upright image, and which cells each token of the image covers."""

    rows: int
    columns: int
    tokens: Sequence[Cells | None]
    """By row of the image's state; None for a token that stands for no place."""

    def spread(self, weights: Sequence[float]) -> tuple[list[list[float]] | None, float]:
        """Weights of the tokens, in order -> what each cell gets, as rows with the sum 1, and what all cells get.

        A token's weight is shared out evenly among its cells. None where no cell gets anything.
        """
        cells = [[0.0] * self.columns for _ in range(self.rows)]
        placed = 0.0
        for weight, token in zip(weights, self.tokens, strict=True):
            if token is None:
                continue
            placed += weight
            share = weight / (token.height * token.width)
            for row in cells[token.top : token.top + token.height]:
                for column in range(token.left, token.left + token.width):
                    row[column] += share
        if not placed > 0:
            return None, 0.0
        return [[cell / placed for cell in row] for row in cells], placed


def square(side: int, area: Cells) -> Iterator[Cells]:
    """Yield the cells of side x side tokens that cover an area of the grid, row by row."""
    for row in range(side):
        top = area.height * row // side
        height = area.height * (row + 1) // side - top
        for column in range(side):
            left = area.width * column // side
            yield Cells(area.top + top, area.left + left, height, area.width * (column + 1) // side - left)
