"""EfficientNet-Lite image tower (Tan & Le 2019; the Lite variants: no squeeze-and-excite, ReLU6, made for int8).

Batch norms are folded into the convolutions. Weight names: `{prefix}.stem`, `.head`, `.classifier`, and
`.stages.{s}.{b}.{expand,depthwise,project}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...ops import Ops, Tensor, Weights, same_padding


@dataclass(frozen=True)
class Stage:
    """A run of inverted-residual blocks of one width; the first one strides."""

    expansion: int
    channels: int
    kernel_size: int
    stride: int
    blocks: int


@dataclass(frozen=True)
class EfficientNetConfig:
    """Sizes of the tower."""

    image_size: int
    stem_channels: int
    head_channels: int
    num_classes: int
    stages: tuple[Stage, ...]

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> EfficientNetConfig:
        """Read `vision_config`."""
        sizes = {k: int(config[k]) for k in ("image_size", "stem_channels", "head_channels", "num_classes")}
        return cls(stages=tuple(Stage(**stage) for stage in config["stages"]), **sizes)

    def grid_after(self, stages: int) -> int:
        """Side of the feature map behind the first `stages` stages."""
        side = same_padding(self.image_size, 3, 2)[0]
        for stage in self.stages[:stages]:
            side = same_padding(side, stage.kernel_size, stage.stride)[0]
        return side


def block(ops: Ops, weights: Weights, prefix: str, x: Tensor, stage: Stage, stride: int) -> Tensor:
    """Inverted residual: 1x1 expand, k x k depthwise, 1x1 project; plus x where the shape stays. (h, w, C)."""
    y = x
    if stage.expansion != 1:
        y = ops.linear(y, weights.linear(f"{prefix}.expand"), activation="relu6")
    filters = weights.tensor(f"{prefix}.depthwise.weight")
    bias = weights.tensor(f"{prefix}.depthwise.bias")
    y = ops.depthwise_conv2d(y, filters, bias, stride=stride, activation="relu6")
    residual = x if stride == 1 and x.shape[-1] == stage.channels else None
    return ops.linear(y, weights.linear(f"{prefix}.project"), residual=residual)


def tower(ops: Ops, weights: Weights, prefix: str, config: EfficientNetConfig, pixels: Tensor) -> list[Tensor]:
    """Normalised pixels (h, w, 3) -> the feature map (h, w, C) behind every stage."""
    x = ops.conv2d(pixels, weights.linear(f"{prefix}.stem"), kernel=3, stride=2, activation="relu6")
    features = []
    for s, stage in enumerate(config.stages):
        for b in range(stage.blocks):
            x = block(ops, weights, f"{prefix}.stages.{s}.{b}", x, stage, stage.stride if b == 0 else 1)
        features.append(x)
    return features


def classify(ops: Ops, weights: Weights, prefix: str, features: Tensor) -> tuple[Tensor, Tensor]:
    """Last feature map -> pooled head features (1, head_channels) and class probabilities (1, num_classes)."""
    head = ops.linear(features, weights.linear(f"{prefix}.head"), activation="relu6")
    height, width, channels = head.shape
    pooled = ops.mean_rows(ops.reshape(head, height * width, channels))
    return pooled, ops.softmax(ops.linear(pooled, weights.linear(f"{prefix}.classifier")))
