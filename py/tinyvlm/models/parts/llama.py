"""Llama decoder (Touvron et al. 2023): pre-norm, RMS norm, rotary positions, grouped-query attention, SwiGLU.

Weight names are those of Hugging Face's checkpoints, `model.layers.{i}.self_attn.q_proj` and so on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...ops import CacheShape, KeysValues, Ops, Tensor, Weights


@dataclass(frozen=True)
class LlamaConfig:
    """Sizes of the decoder."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    rms_norm_eps: float
    rope_theta: float
    tie_word_embeddings: bool
    rope_factor: float = 1.0
    """How many times less positions count (linear scaling: Chen et al. 2023)."""

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> LlamaConfig:
        """Read config.json; refused: rope scaling that is not linear, biases, other activations, odd sizes of heads."""
        rope = config.get("rope_parameters") or config  # where newer checkpoints keep theta
        rope_factor = _rope_factor(config.get("rope_scaling") or rope)
        biased = config.get("attention_bias") or config.get("mlp_bias")
        if biased or config.get("hidden_act", "silu") != "silu":
            raise ValueError("this Llama variant is not supported")
        heads = config["num_attention_heads"]
        head_dim = config.get("head_dim") or config["hidden_size"] // heads
        if head_dim * heads != config["hidden_size"] or rope.get("partial_rotary_factor", 1) != 1:
            raise ValueError("this Llama variant is not supported")
        return cls(
            vocab_size=config["vocab_size"],
            hidden_size=config["hidden_size"],
            intermediate_size=config["intermediate_size"],
            num_hidden_layers=config["num_hidden_layers"],
            num_attention_heads=heads,
            num_key_value_heads=config.get("num_key_value_heads", heads),
            rms_norm_eps=config["rms_norm_eps"],
            rope_theta=rope.get("rope_theta", 10_000.0),
            tie_word_embeddings=config.get("tie_word_embeddings", False),
            rope_factor=rope_factor,
        )

    def cache_shapes(self, positions: int) -> list[CacheShape]:
        """Return every layer's KV cache for texts of up to `positions` tokens."""
        head_dim = self.hidden_size // self.num_attention_heads
        return [CacheShape(positions, self.num_key_value_heads, head_dim)] * self.num_hidden_layers


def _rope_factor(scaling: Mapping[str, Any]) -> float:
    kind = scaling.get("rope_type") or scaling.get("type") or ("" if "factor" in scaling else "default")
    factor = float(scaling.get("factor", 1)) if kind == "linear" else 1.0
    if kind not in ("default", "linear") or not 0 < factor < math.inf:
        raise ValueError(f"rope scaling of type {kind!r:.60} is not supported")
    return factor


def layer(
    ops: Ops,
    weights: Weights,
    prefix: str,
    config: LlamaConfig,
    x: Tensor,
    position: int,
    cache: KeysValues,
) -> Tensor:
    """One layer: x (T, hidden) at `position`.. -> (T, hidden); appends its keys and values to the cache."""
    heads = config.num_attention_heads
    kv_heads = config.num_key_value_heads
    eps = config.rms_norm_eps
    theta = config.rope_theta
    factor = config.rope_factor
    h = ops.rms_norm(x, weights.tensor(f"{prefix}.input_layernorm.weight"), eps)
    q, k, v = (ops.linear(h, weights.linear(f"{prefix}.self_attn.{name}_proj")) for name in "qkv")
    q = ops.rope(q, heads=heads, position=position, theta=theta, factor=factor)
    k = ops.rope(k, heads=kv_heads, position=position, theta=theta, factor=factor)
    h = ops.attention(q, ops.append(cache, k, v, position), heads=heads, causal=True, position=position)
    x = ops.linear(h, weights.linear(f"{prefix}.self_attn.o_proj"), residual=x)

    h = ops.rms_norm(x, weights.tensor(f"{prefix}.post_attention_layernorm.weight"), eps)
    gate = ops.linear(h, weights.linear(f"{prefix}.mlp.gate_proj"), activation="silu")
    h = ops.multiply(gate, ops.linear(h, weights.linear(f"{prefix}.mlp.up_proj")))
    return ops.linear(h, weights.linear(f"{prefix}.mlp.down_proj"), residual=x)


def forward(
    ops: Ops,
    weights: Weights,
    config: LlamaConfig,
    x: Tensor,
    position: int,
    cache: Sequence[KeysValues],
    *,
    prefix: str = "model",
) -> Tensor:
    """Embeddings (T, hidden) -> normed hidden states (T, hidden). `cache` holds one of each layer."""
    for i in range(config.num_hidden_layers):
        x = layer(ops, weights, f"{prefix}.layers.{i}", config, x, position, cache[i])
    return ops.rms_norm(x, weights.tensor(f"{prefix}.norm.weight"), config.rms_norm_eps)


def embed(ops: Ops, weights: Weights, token_ids: Tensor, *, prefix: str = "model") -> Tensor:
    """Token ids (T,) -> (T, hidden)."""
    return ops.embedding(token_ids, weights.linear(f"{prefix}.embed_tokens"))


def logits(ops: Ops, weights: Weights, config: LlamaConfig, hidden: Tensor, *, prefix: str = "model") -> Tensor:
    """(T, hidden) -> (T, vocab)."""
    name = f"{prefix}.embed_tokens" if config.tie_word_embeddings else "lm_head"
    return ops.linear(hidden, weights.linear(name))
