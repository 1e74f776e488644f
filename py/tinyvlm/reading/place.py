"""Where a line stands on a page that was turned level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .geometry import Corners


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The upright rectangle of one box, in pixels; places sort by where they are, from the top."""

    top: float
    left: float
    bottom: float
    right: float
    index: int
    """Of the box among those given."""

    @classmethod
    def of(cls, index: int, corners: Corners, angle: float) -> Place:
        """Turn a box back by the page's lean; a side that still leans counts with its middle."""
        cos, sin = math.cos(angle), math.sin(angle)
        xs = sorted(x * cos + y * sin for x, y in corners)
        ys = sorted(y * cos - x * sin for x, y in corners)
        return cls((ys[0] + ys[1]) / 2, (xs[0] + xs[1]) / 2, (ys[2] + ys[3]) / 2, (xs[2] + xs[3]) / 2, index)

    @property
    def width(self) -> float:
        """Along the lines."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Across the lines."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2

    def overlap_down(self, other: Place) -> float:
        """Return the height that both have in common, as a share of the lower one's."""
        common = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(common, 0.0) / max(min(self.height, other.height), 1e-6)

    def overlap_across(self, other: Place) -> float:
        """Return the width that both have in common, as a share of the narrower one's."""
        common = min(self.right, other.right) - max(self.left, other.left)
        return max(common, 0.0) / max(min(self.width, other.width), 1e-6)


def median_height(places: Sequence[Place]) -> float:
    """Return the usual height of a line."""
    return median(place.height for place in places)
