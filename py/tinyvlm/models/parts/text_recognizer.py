"""PP-OCRv6's text recogniser: what does a line of text say? A trunk that keeps the width, and two attention layers.

SVTR's mixing of global context (Du et al. 2022), read by CTC (Graves et al. 2006). Weight names: lcnet.py's, then
`{prefix}.neck.{shortcut,reduce,depthwise,norm}`, `{prefix}.neck.layers.{i}.{attention_norm,qkv,out,mlp_norm,up,down}`
and `{prefix}.head`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...ops import Ops, Tensor, Weights
from .lcnet import Block, block, depthwise, stem

LINE_HEIGHT = 48
"""Pixels of a line; its width is a multiple of 8, and a step of the answer is 8 pixels."""


@dataclass(frozen=True)
class TextRecognizerConfig:
    """What weights do not tell."""

    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]
    blocks: tuple[Block, ...]
    layers: int
    heads: int
    norm_epsilon: float
    last_norm_epsilon: float
    characters: str
    """What classes stand for, from class 1 on; class 0 is the blank between characters."""

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> TextRecognizerConfig:
        """Read `recognizer_config`."""
        return cls(
            tuple(map(float, config["image_mean"])),
            tuple(map(float, config["image_std"])),
            tuple(map(Block.from_dict, config["blocks"])),
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            float(config["layer_norm_eps"]),
            float(config["last_layer_norm_eps"]),
            str(config["characters"]),
        )


def best_classes(ops: Ops, weights: Weights, config: TextRecognizerConfig, image: Tensor) -> Tensor:
    """uint8 RGB line (48, w, 3) -> (w/8, 3): of each step the likeliest class, its probability, and the space's.

    The space is the last class.
    """
    pixels = ops.normalize(image, 1 / 255, config.image_mean, config.image_std)
    chances = ops.softmax(recognize(ops, weights, "recognizer", config, pixels))
    space = ops.split(chances, (chances.shape[1] - 1, 1))[1]
    return ops.join_columns([ops.best_columns(chances), space])


def recognize(ops: Ops, weights: Weights, prefix: str, config: TextRecognizerConfig, pixels: Tensor) -> Tensor:
    """Normalised pixels (48, w, 3) -> logits (w/8, classes)."""
    x = stem(ops, weights, prefix, pixels)
    for i, part in enumerate(config.blocks):
        x = block(ops, weights, f"{prefix}.blocks.{i}", x, part)
    x = ops.pool(x, "mean", window=(3, 2), stride=(3, 2))
    return ops.linear(neck(ops, weights, f"{prefix}.neck", config, x), weights.linear(f"{prefix}.head"))


def neck(ops: Ops, weights: Weights, prefix: str, config: TextRecognizerConfig, x: Tensor) -> Tensor:
    """(1, T, C) -> (T, D): what stands to the left and right helps to read each place."""
    shortcut = ops.linear(x, weights.linear(f"{prefix}.shortcut"), activation="silu")
    y = ops.linear(x, weights.linear(f"{prefix}.reduce"), activation="silu")
    y = ops.add(y, ops.activate(depthwise(ops, weights, f"{prefix}.depthwise", y), "silu"))
    rows = ops.reshape(y, y.shape[1], y.shape[2])
    for i in range(config.layers):
        rows = layer(ops, weights, f"{prefix}.layers.{i}", config, rows)
    rows = norm(ops, weights, f"{prefix}.norm", rows, config.last_norm_epsilon)
    return ops.add(rows, ops.reshape(shortcut, *rows.shape))


def layer(ops: Ops, weights: Weights, prefix: str, config: TextRecognizerConfig, x: Tensor) -> Tensor:
    """(T, D) -> (T, D): every step attends to all."""
    y = norm(ops, weights, f"{prefix}.attention_norm", x, config.norm_epsilon)
    qkv = ops.linear(y, weights.linear(f"{prefix}.qkv"))
    q, k, v = ops.split(qkv, (qkv.shape[-1] // 3,) * 3)
    seen = ops.attention(q, ops.keys_values(k, v, kv_heads=config.heads), heads=config.heads, causal=False)
    x = ops.linear(seen, weights.linear(f"{prefix}.out"), residual=x)
    y = norm(ops, weights, f"{prefix}.mlp_norm", x, config.norm_epsilon)
    y = ops.linear(y, weights.linear(f"{prefix}.up"), activation="silu")
    return ops.linear(y, weights.linear(f"{prefix}.down"), residual=x)


def norm(ops: Ops, weights: Weights, name: str, x: Tensor, epsilon: float) -> Tensor:
    """Layer norm `name` of x (T, D)."""
    return ops.layer_norm(x, weights.tensor(f"{name}.weight"), weights.tensor(f"{name}.bias"), epsilon)
