"""PP-OCRv6's text detector: where in an image is text? A trunk, a feature pyramid, and a map of probabilities.

DBNet (Liao et al. 2020) without the branch that only training needs. Weight names: lcnet.py's, then
`{prefix}.neck.{i}.{lateral,depthwise,project}` for each level of the pyramid, finest first, with
`.{lateral,project}_squeeze`, and `{prefix}.head.{conv,grow.0,grow.1}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...ops import Ops, Tensor, Weights
from .lcnet import Block, block, depthwise, squeeze_excite, stem

STRIDE = 32
"""Sides of the image are multiples of it."""


@dataclass(frozen=True)
class TextDetectorConfig:
    """What weights do not tell."""

    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]
    blocks: tuple[Block, ...]

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> TextDetectorConfig:
        """Read `detector_config`."""
        return cls(
            tuple(map(float, config["image_mean"])),
            tuple(map(float, config["image_std"])),
            tuple(map(Block.from_dict, config["blocks"])),
        )


def text_map(ops: Ops, weights: Weights, config: TextDetectorConfig, image: Tensor) -> Tensor:
    """uint8 RGB image (h, w, 3) -> uint8 (h, w): 255 times the probability that there is text."""
    pixels = ops.normalize(image, 1 / 255, config.image_mean, config.image_std)
    return ops.to_bytes(detect(ops, weights, "detector", config, pixels))


def detect(ops: Ops, weights: Weights, prefix: str, config: TextDetectorConfig, pixels: Tensor) -> Tensor:
    """Normalised pixels (h, w, 3) -> (h, w), the probability that there is text."""
    levels = features(ops, weights, prefix, config, pixels)
    return head(ops, weights, f"{prefix}.head", neck(ops, weights, f"{prefix}.neck", levels))


def features(ops: Ops, weights: Weights, prefix: str, config: TextDetectorConfig, pixels: Tensor) -> list[Tensor]:
    """Pixels -> maps of 1/4, 1/8, 1/16 and 1/32 of their size: each before the trunk halves it, and the last."""
    x = stem(ops, weights, prefix, pixels)
    maps = []
    for i, part in enumerate(config.blocks):
        if part.stride != (1, 1):
            maps.append(x)
        x = block(ops, weights, f"{prefix}.blocks.{i}", x, part)
    return [*maps, x]


def neck(ops: Ops, weights: Weights, prefix: str, levels: list[Tensor]) -> Tensor:
    """Maps, finest first -> one map of the finest's size: what coarse ones know is added to the finer ones."""
    merged = [lateral(ops, weights, f"{prefix}.{i}", level) for i, level in enumerate(levels)]
    for i in reversed(range(len(merged) - 1)):
        merged[i] = ops.upsample(merged[i + 1], 2, residual=merged[i])
    refined = [refine(ops, weights, f"{prefix}.{i}", x) for i, x in enumerate(merged)]
    grown = [ops.upsample(x, 2**i) if i else x for i, x in enumerate(refined)]
    return ops.join_columns(grown[::-1])


def lateral(ops: Ops, weights: Weights, prefix: str, x: Tensor) -> Tensor:
    """(h, w, C) -> (h, w, N), the pyramid's width."""
    y = ops.linear(x, weights.linear(f"{prefix}.lateral"))
    return squeeze_excite(ops, weights, f"{prefix}.lateral_squeeze", y, residual=True)


def refine(ops: Ops, weights: Weights, prefix: str, x: Tensor) -> Tensor:
    """(h, w, N) -> (h, w, N / 4)."""
    y = ops.linear(depthwise(ops, weights, f"{prefix}.depthwise", x), weights.linear(f"{prefix}.project"))
    return squeeze_excite(ops, weights, f"{prefix}.project_squeeze", y, residual=True)


def head(ops: Ops, weights: Weights, prefix: str, x: Tensor) -> Tensor:
    """(h, w, N) -> (4h, 4w): a convolution and two transposed ones of kernel and stride 2."""
    x = ops.conv2d(x, weights.linear(f"{prefix}.conv"), kernel=3, stride=1, activation="relu")
    height, width, channels = x.shape
    grown = ops.linear(x, weights.linear(f"{prefix}.grow.0"), activation="relu")
    # The second reads single pixels: they need not be in their places yet.
    pixels = ops.reshape(grown, height, width * 4, channels)
    y = ops.linear(pixels, weights.linear(f"{prefix}.grow.1"), activation="sigmoid")
    y = ops.depth_to_space(ops.reshape(y, height, width, 16), 2)
    return ops.reshape(ops.depth_to_space(y, 2), 4 * height, 4 * width)
