"""The trunk that the text detector and recogniser share: PP-LCNet's blocks behind PP-HGNet's stem (PaddlePaddle 2025).

Batch norms and parallel branches are folded into the convolutions. Weight names: `{prefix}.stem.{0..4}`, and
`{prefix}.blocks.{i}.{depthwise,expand,project}` with `.squeeze.{down,up}` where a block has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...ops import Ops, Tensor, Weights


@dataclass(frozen=True)
class Block:
    """A depthwise convolution, and a pointwise network of one hidden layer behind it."""

    stride: tuple[int, int]
    """Down and across; (1, 1) keeps the channels, too."""
    squeeze: bool
    """Whether channels are weighed by what the whole map holds of them."""

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> Block:
        """Read one of `blocks`."""
        down, across = config["stride"]
        return cls((int(down), int(across)), bool(config["squeeze"]))


def stem(ops: Ops, weights: Weights, prefix: str, pixels: Tensor) -> Tensor:
    """(h, w, 3) -> (h/4, w/4, C): two convolutions of stride 2, between them two small ones beside a pooling."""
    layers = [weights.linear(f"{prefix}.stem.{i}") for i in range(5)]
    x = ops.conv2d(pixels, layers[0], kernel=3, stride=2, padding="centred", activation="relu")
    y = ops.conv2d(x, layers[1], kernel=2, stride=1, activation="relu")
    y = ops.conv2d(y, layers[2], kernel=2, stride=1, activation="relu")
    both = ops.join_columns([ops.pool(x, "max", window=(2, 2), stride=(1, 1)), y])
    x = ops.conv2d(both, layers[3], kernel=3, stride=2, padding="centred", activation="relu")
    return ops.linear(x, layers[4], activation="relu")


def block(ops: Ops, weights: Weights, prefix: str, x: Tensor, config: Block) -> Tensor:
    """(h, w, C) -> (h/s, w/s, C')."""
    x = depthwise(ops, weights, f"{prefix}.depthwise", x, stride=config.stride)
    if config.squeeze:
        x = squeeze_excite(ops, weights, f"{prefix}.squeeze", x)
    y = ops.linear(x, weights.linear(f"{prefix}.expand"), activation="gelu")
    residual = x if config.stride == (1, 1) else None
    return ops.linear(y, weights.linear(f"{prefix}.project"), residual=residual)


def depthwise(ops: Ops, weights: Weights, name: str, x: Tensor, *, stride: tuple[int, int] = (1, 1)) -> Tensor:
    """(h, w, C) -> (h/s, w/s, C), the filters of `name`."""
    filters = weights.tensor(f"{name}.weight")
    return ops.depthwise_conv2d(x, filters, weights.tensor(f"{name}.bias"), stride=stride, padding="centred")


def squeeze_excite(ops: Ops, weights: Weights, prefix: str, x: Tensor, *, residual: bool = False) -> Tensor:
    """x (h, w, C) times a factor between 0 and 1 for each channel, made of all channels' means; plus x.

    Squeeze-and-excitation (Hu et al. 2018).
    """
    height, width, channels = x.shape
    means = ops.mean_rows(ops.reshape(x, height * width, channels))
    y = ops.linear(means, weights.linear(f"{prefix}.down"), activation="relu")
    factors = ops.linear(y, weights.linear(f"{prefix}.up"), activation="hard_sigmoid")
    return ops.scale_columns(x, factors, residual=residual)
