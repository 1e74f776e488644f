"""Image towers that could be used, and what they and their tokens cost: EfficientNet-Lite 0, 1 and 2. No torch here.

Sizes of maps follow TensorFlow's "same" padding; bytes are those of the model folder (scripts/build_model.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bundled_model.configs import LAYERS, STAGES

Stages = Sequence[tuple[int, int, int, int, int]]
"""expansion, channels, kernel size, stride, blocks"""

STEM_STAGES, FINE_STAGE = 3, 5
"""Stages behind which the maps of 1/8 (the detail) and 1/16 are taken; that of 1/32 is taken behind the last one."""
STEM, HEAD, CLASSES = 32, 1280, 1000
"""Channels of the stem and the head, which no variant scales, and ImageNet's classes."""
HIDDEN = 256
"""The decoder's width; every image token becomes keys and values of it for each of its LAYERS."""


@dataclass(frozen=True)
class Tower:
    """A variant of EfficientNet-Lite at an input size."""

    variant: int
    size: int

    @property
    def name(self) -> str:
        """Lite0 at 224"""
        return f"Lite{self.variant} at {self.size}"

    @property
    def stages(self) -> Stages:
        """Scaled as the variant is."""
        return scaled(*_SCALES[self.variant])

    @property
    def sides(self) -> tuple[int, int, int]:
        """Cells a side of the maps of 1/8, 1/16 and 1/32; 28, 14 and 7 at 224 pixels."""
        sides = [side for _, side in _stage_sides(self.stages, self.size)]
        return sides[STEM_STAGES - 1], sides[FINE_STAGE - 1], sides[-1]


@dataclass(frozen=True)
class Layout:
    """Which maps' cells become tokens; `detail` adds four cells of the map of 1/8 to each token of that of 1/16."""

    name: str
    fine: bool
    coarse: bool
    detail: bool = False

    def tokens(self, tower: Tower) -> int:
        """Image tokens; with the last map come the pooled features and the class probabilities, a token each."""
        _, fine, coarse = tower.sides
        return self.fine * fine**2 + self.coarse * (coarse**2 + 2)


TOWERS = Tower(0, 224), Tower(0, 256), Tower(0, 288), Tower(1, 240), Tower(2, 260)
LAYOUTS = (
    Layout("1/32", fine=False, coarse=True),
    Layout("1/16", fine=True, coarse=False),
    Layout("1/16, 1/32", fine=True, coarse=True),
    Layout("1/16 with 1/8, 1/32", fine=True, coarse=True, detail=True),
)
_SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}
"""Width and depth of the variants."""


def scaled(width: float, depth: float) -> Stages:
    """Stages of a variant: channels in multiples of 8, blocks rounded up; first and last stage stay as deep."""
    found = []
    for i, (expansion, channels, kernel, stride, blocks) in enumerate(STAGES):
        wide = max(8, int(channels * width + 4) // 8 * 8)
        if wide < 0.9 * channels * width:
            wide += 8
        deep = blocks if i in (0, len(STAGES) - 1) else math.ceil(blocks * depth)
        found.append((expansion, wide, kernel, stride, deep))
    return tuple(found)


def cost(tower: Tower, layout: Layout) -> tuple[int, int]:
    """(bytes of the tower, multiply-accumulates of the whole encoding) with the parts that a layout needs.

    Without the last map the tower ends behind stage FINE_STAGE; with it come the head and the classifier. Matrices are
    int8 with a float32 scale and bias a row; the stem and depthwise filters are float32. Multiply-accumulates count the
    tower, the connector, and every layer's keys and values of the image tokens.
    """
    stages = tower.stages if layout.coarse else tower.stages[:FINE_STAGE]
    side, inputs = -(-tower.size // 2), STEM
    nbytes, macs = 4 * (27 + 1) * STEM, side * side * 27 * STEM

    def matrix(outputs: int, columns: int, rows: int) -> None:
        nonlocal nbytes, macs
        nbytes += outputs * (columns + 8)
        macs += rows * outputs * columns

    for (expansion, channels, kernel, _, blocks), (before, side) in zip(
        stages, _stage_sides(stages, tower.size), strict=True
    ):
        for block in range(blocks):
            inner, area = inputs * expansion, (before if block == 0 else side) ** 2
            if expansion > 1:
                matrix(inner, inputs, area)
            nbytes += 4 * (kernel * kernel + 1) * inner
            macs += side * side * kernel * kernel * inner
            matrix(channels, inner, side * side)
            inputs = channels
    if layout.coarse:
        matrix(HEAD, inputs, side * side)
        matrix(CLASSES, HEAD, 1)
    return nbytes, macs + _token_macs(tower, layout)


def _token_macs(tower: Tower, layout: Layout) -> int:
    """Multiply-accumulates from the maps to the keys and values of the image tokens."""
    _, fine, coarse = tower.sides
    detail_channels, fine_channels, coarse_channels = (
        tower.stages[i][1] for i in (STEM_STAGES - 1, FINE_STAGE - 1, len(STAGES) - 1)
    )
    inputs = layout.fine * fine**2 * (fine_channels + layout.detail * 4 * detail_channels)
    inputs += layout.coarse * (coarse**2 * coarse_channels + HEAD + CLASSES)
    return inputs * HIDDEN + layout.tokens(tower) * HIDDEN * 2 * HIDDEN * LAYERS


def _stage_sides(stages: Stages, size: int) -> list[tuple[int, int]]:
    """Cells a side before and behind every stage, of an image of `size` pixels a side."""
    sides = [-(-size // 2)]
    for _, _, _, stride, _ in stages:
        sides.append(-(-sides[-1] // stride))
    return list(pairwise(sides))
