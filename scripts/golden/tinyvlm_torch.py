"""The tinyvlm architecture in plain PyTorch: an independent reference that golden files are made with.

Weights have the names and shapes of the model folder, float32. One image, one text, no cache, no quantization.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F

Tensors = Mapping[str, torch.Tensor]


def run(
    weights: Tensors, config: Mapping[str, Any], pixels: torch.Tensor, ids: torch.Tensor
) -> dict[str, torch.Tensor]:
    """uint8 pixels (S, S, 3) and token ids (T,) -> features, image tokens and logits (T, vocab)."""
    features, tokens = image_tokens(weights, config, pixels)
    return {"features": features, "image_tokens": tokens, "logits": logits(weights, config["text_config"], tokens, ids)}


def image_tokens(w: Tensors, config: Mapping[str, Any], pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the last feature map (C, h, w) and the image tokens (cells + 2, hidden)."""
    x = ((pixels.float() - 127) / 128).permute(2, 0, 1)[None]
    stem = w["vision.stem.weight"]
    stem = stem.view(stem.shape[0], 3, 3, 3).permute(0, 3, 1, 2)
    x = F.relu6(F.conv2d(same(x, 3, 2), stem, w["vision.stem.bias"], 2))
    maps = []
    for s, stage in enumerate(config["vision_config"]["stages"]):
        for b in range(stage["blocks"]):
            x = block(w, f"vision.stages.{s}.{b}", x, stage, stage["stride"] if b == 0 else 1)
        maps.append(x)
    head = F.relu6(pointwise(w, "vision.head", x))
    pooled = head.mean((2, 3))
    classes = linear(w, "vision.classifier", pooled).softmax(-1)
    rows = [maps[4].flatten(2)[0].T, maps[6].flatten(2)[0].T, pooled, classes]
    names = ("features_14", "features_7", "global", "classes")
    parts = [linear(w, f"connector.{name}", x) for name, x in zip(names, rows, strict=True)]
    if "connector_config" in config:
        finer = maps[config["connector_config"]["detail_stage"]]
        filters = w["connector.features_28.weight"].unflatten(1, (2, 2, finer.shape[1])).permute(0, 3, 1, 2)
        detail = F.conv2d(finer, filters, w["connector.features_28.bias"], stride=2)
        parts[0] = parts[0] + detail[0].flatten(1).T
    tokens = torch.cat(parts)
    return x[0], norm(w, "connector.norm", tokens) + w["connector.position_embedding"]


def block(w: Tensors, name: str, x: torch.Tensor, stage: Mapping[str, int], stride: int) -> torch.Tensor:
    """Inverted residual block."""
    y, k = x, stage["kernel_size"]
    if stage["expansion"] != 1:
        y = F.relu6(pointwise(w, f"{name}.expand", y))
    filters = w[f"{name}.depthwise.weight"].permute(2, 0, 1)[:, None]
    y = F.relu6(F.conv2d(same(y, k, stride), filters, w[f"{name}.depthwise.bias"], stride, groups=y.shape[1]))
    y = pointwise(w, f"{name}.project", y)
    return x + y if stride == 1 and x.shape == y.shape else y


def logits(w: Tensors, config: Mapping[str, Any], image: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Decoder: (T,) ids looking at image tokens (S, hidden) -> (T, vocab)."""
    heads, count = config["num_attention_heads"], len(ids)
    x = w["text.embed_tokens.weight"][ids] + w["text.embed_positions.weight"][:count]
    causal = torch.ones(count, count, dtype=torch.bool).tril()
    for i in range(config["num_hidden_layers"]):
        name = f"text.layers.{i}"
        q, k, v = linear(w, f"{name}.self_attn.qkv", norm(w, f"{name}.self_attn_norm", x)).chunk(3, -1)
        x = x + linear(w, f"{name}.self_attn.out", attend(q, k, v, heads, causal))
        q = linear(w, f"{name}.cross_attn.q", norm(w, f"{name}.cross_attn_norm", x))
        k, v = linear(w, f"{name}.cross_attn.kv", image).chunk(2, -1)
        x = x + linear(w, f"{name}.cross_attn.out", attend(q, k, v, heads, None))
        hidden = F.gelu(linear(w, f"{name}.mlp.up", norm(w, f"{name}.mlp_norm", x)), approximate="tanh")
        x = x + linear(w, f"{name}.mlp.down", hidden)
    return norm(w, "text.norm", x) @ w["text.embed_tokens.weight"].T


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int, mask: torch.Tensor | None) -> torch.Tensor:
    """Multi-head attention over (T, width)."""
    q, k, v = (x.view(len(x), heads, -1).transpose(0, 1) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, mask).transpose(0, 1).flatten(1)


def same(x: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """Pad as TensorFlow's "same"."""
    sides = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides)


def pointwise(w: Tensors, name: str, x: torch.Tensor) -> torch.Tensor:
    """1 x 1 convolution."""
    return F.conv2d(x, w[f"{name}.weight"][:, :, None, None], w[f"{name}.bias"])


def linear(w: Tensors, name: str, x: torch.Tensor) -> torch.Tensor:
    """x W^T + b"""
    return F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))


def norm(w: Tensors, name: str, x: torch.Tensor) -> torch.Tensor:
    """Layer norm."""
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], 1e-5)
