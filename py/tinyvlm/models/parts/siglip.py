"""SigLIP vision transformer (Zhai et al. 2023): patches, learned positions, pre-norm encoder with full attention.

Weight names are those of Hugging Face's checkpoints below `{prefix}`; the patch convolution is a matrix with columns in
(row, column, channel) order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...ops import Ops, Tensor, Weights


@dataclass(frozen=True)
class SiglipConfig:
    """Sizes of the encoder."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    image_size: int
    patch_size: int
    layer_norm_eps: float

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> SiglipConfig:
        """Read `vision_config`; images that are not whole patches and other activations are refused."""
        if config["image_size"] % config["patch_size"] or config["hidden_act"] != "gelu_pytorch_tanh":
            raise ValueError("this SigLIP variant is not supported")
        return cls(**{field.name: config[field.name] for field in fields(cls)})


def _norm(ops: Ops, weights: Weights, name: str, x: Tensor, epsilon: float) -> Tensor:
    return ops.layer_norm(x, weights.tensor(f"{name}.weight"), weights.tensor(f"{name}.bias"), epsilon)


def layer(ops: Ops, weights: Weights, prefix: str, config: SiglipConfig, x: Tensor) -> Tensor:
    """One encoder layer, (patches, hidden) -> the same shape."""
    heads = config.num_attention_heads
    eps = config.layer_norm_eps
    h = _norm(ops, weights, f"{prefix}.layer_norm1", x, eps)
    q, k, v = (ops.linear(h, weights.linear(f"{prefix}.self_attn.{name}_proj")) for name in "qkv")
    h = ops.attention(q, ops.keys_values(k, v, kv_heads=heads), heads=heads, causal=False)
    x = ops.linear(h, weights.linear(f"{prefix}.self_attn.out_proj"), residual=x)
    h = _norm(ops, weights, f"{prefix}.layer_norm2", x, eps)
    h = ops.linear(h, weights.linear(f"{prefix}.mlp.fc1"), activation="gelu_tanh")
    return ops.linear(h, weights.linear(f"{prefix}.mlp.fc2"), residual=x)


def encode(ops: Ops, weights: Weights, prefix: str, config: SiglipConfig, pixels: Tensor) -> Tensor:
    """Normalised pixels (size, size, 3) -> (patches, hidden), row by row."""
    patch = config.patch_size
    side = config.image_size // config.patch_size
    x = ops.conv2d(pixels, weights.linear(f"{prefix}.embeddings.patch_embedding"), kernel=patch, stride=patch)
    x = ops.reshape(x, side * side, config.hidden_size)
    x = ops.add(x, weights.tensor(f"{prefix}.embeddings.position_embedding.weight"))
    for i in range(config.num_hidden_layers):
        x = layer(ops, weights, f"{prefix}.encoder.layers.{i}", config, x)
    return _norm(ops, weights, f"{prefix}.post_layernorm", x, config.layer_norm_eps)
