"""A small text decoder that looks at an image through cross-attention (pre-norm transformer, Vaswani et al. 2017).

Every layer: causal self-attention with a KV cache, cross-attention to the image, MLP with tanh-GELU. Learned positions,
output embedding tied to the input's. Weight names: `{prefix}.embed_tokens`, `.embed_positions`, `.norm`, and
`.layers.{i}.{self_attn_norm, self_attn.{qkv,out}, cross_attn_norm, cross_attn.{q,kv,out}, mlp_norm, mlp.{up,down}}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ...ops import CacheShape, KeysValues, Ops, Tensor, Weights


@dataclass(frozen=True)
class CrossDecoderConfig:
    """Sizes of the decoder."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    layer_norm_eps: float

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> CrossDecoderConfig:
        """Read `text_config`; other activations than tanh-GELU and untied embeddings are refused."""
        if config["hidden_act"] != "gelu_pytorch_tanh" or not config["tie_word_embeddings"]:
            raise ValueError("cross_decoder needs hidden_act gelu_pytorch_tanh and tied embeddings")
        return cls(**{field.name: config[field.name] for field in fields(cls)})

    def cache_shapes(self) -> list[CacheShape]:
        """Return every layer's KV cache."""
        heads = self.num_attention_heads
        shape = CacheShape(self.max_position_embeddings, heads, self.hidden_size // heads)
        return [shape] * self.num_hidden_layers


def _norm(ops: Ops, weights: Weights, name: str, x: Tensor, epsilon: float) -> Tensor:
    return ops.layer_norm(x, weights.tensor(f"{name}.weight"), weights.tensor(f"{name}.bias"), epsilon)


def image_keys_values(
    ops: Ops, weights: Weights, prefix: str, config: CrossDecoderConfig, image_tokens: Tensor
) -> list[Tensor]:
    """Image tokens (S, hidden) -> per layer keys and values side by side, (S, 2 * hidden)."""
    layers = range(config.num_hidden_layers)
    return [ops.linear(image_tokens, weights.linear(f"{prefix}.layers.{i}.cross_attn.kv")) for i in layers]


def layer(
    ops: Ops,
    weights: Weights,
    prefix: str,
    config: CrossDecoderConfig,
    x: Tensor,
    position: int,
    image_kv: Tensor,
    cache: KeysValues,
) -> Tensor:
    """One decoder layer: x (T, hidden) at `position`.. -> (T, hidden); appends its keys and values to the cache."""
    width = config.hidden_size
    heads = config.num_attention_heads
    eps = config.layer_norm_eps

    h = _norm(ops, weights, f"{prefix}.self_attn_norm", x, eps)
    q, k, v = ops.split(ops.linear(h, weights.linear(f"{prefix}.self_attn.qkv")), (width, width, width))
    h = ops.attention(q, ops.append(cache, k, v, position), heads=heads, causal=True, position=position)
    x = ops.linear(h, weights.linear(f"{prefix}.self_attn.out"), residual=x)

    h = _norm(ops, weights, f"{prefix}.cross_attn_norm", x, eps)
    q = ops.linear(h, weights.linear(f"{prefix}.cross_attn.q"))
    keys, values = ops.split(image_kv, (width, width))
    h = ops.attention(q, ops.keys_values(keys, values, kv_heads=heads), heads=heads, causal=False)
    x = ops.linear(h, weights.linear(f"{prefix}.cross_attn.out"), residual=x)

    h = _norm(ops, weights, f"{prefix}.mlp_norm", x, eps)
    h = ops.linear(h, weights.linear(f"{prefix}.mlp.up"), activation="gelu_tanh")
    return ops.linear(h, weights.linear(f"{prefix}.mlp.down"), residual=x)


def forward(
    ops: Ops,
    weights: Weights,
    prefix: str,
    config: CrossDecoderConfig,
    token_ids: Tensor,
    position: int,
    image_kv: Sequence[Tensor],
    cache: Sequence[KeysValues],
) -> Tensor:
    """Token ids (T,) -> normed hidden states (T, hidden). `cache` holds one of each layer."""
    x = ops.embedding(token_ids, weights.linear(f"{prefix}.embed_tokens"))
    x = ops.add_positions(x, weights.tensor(f"{prefix}.embed_positions.weight"), position)
    for i in range(config.num_hidden_layers):
        x = layer(ops, weights, f"{prefix}.layers.{i}", config, x, position, image_kv[i], cache[i])
    return _norm(ops, weights, f"{prefix}.norm", x, config.layer_norm_eps)


def logits(ops: Ops, weights: Weights, prefix: str, hidden: Tensor) -> Tensor:
    """(T, hidden) -> (T, vocab) through the tied embedding."""
    return ops.linear(hidden, weights.linear(f"{prefix}.embed_tokens"))
