"""The tinyvlm architecture for training: parameters named as in the model folder, arithmetic as in py/tinyvlm/models.

Only what training needs is here: many images at once, dropout, no cache. The tower can start from the map behind stage
STEM_STAGES (28 x 28 x 40 at 224 pixels), which saves most of its time where the stages before it are frozen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bundled_model.configs import LAYERS, STAGES

from .precision import tower_autocast
from .towers import CLASSES, FINE_STAGE, HEAD, HIDDEN, STEM, STEM_STAGES, Stages

DETAIL_CHANNELS = STAGES[STEM_STAGES - 1][1]
TOKENS = 14 * 14 + 7 * 7 + 2


@dataclass(frozen=True)
class Sizes:
    """Sizes of the decoder."""

    vocab_size: int = 4096
    hidden_size: int = HIDDEN
    layers: int = LAYERS
    heads: int = 4
    positions: int = 96


class Convolution(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding; ReLU6 behind it unless it is linear."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, linear: bool = False
    ):
        super().__init__(inputs, outputs, kernel, stride, groups=groups)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, N, ceil(H / stride), ceil(W / stride))"""
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((-(-x.shape[-1] // stride) - 1) * stride + kernel - x.shape[-1], 0)
        if total % 2:
            x, padding = F.pad(x, (total // 2, total - total // 2) * 2), 0
        else:
            padding = total // 2
        y = F.conv2d(x, self.weight, self.bias, stride, padding, 1, self.groups)
        return y if self.linear else F.relu6(y)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; plus the input where the shape stays."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        inner = inputs * expansion
        self.expand = Convolution(inputs, inner) if expansion > 1 else None
        self.depthwise = Convolution(inner, inner, kernel, stride, inner)
        self.project = Convolution(inner, outputs, linear=True)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, N, H / stride, W / stride)"""
        y = self.project(self.depthwise(x if self.expand is None else self.expand(x)))
        return x + y if self.residual else y


class Tower(nn.Module):
    """EfficientNet-Lite with its batch norms folded in; Lite0 unless told otherwise."""

    def __init__(self, stages: Stages = STAGES) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2)
        self.stages, inputs = nn.ModuleList(), STEM
        for expansion, channels, kernel, stride, blocks in stages:
            stage = nn.Sequential()
            for i in range(blocks):
                stage.append(InvertedResidual(inputs, channels, expansion, kernel, stride if i == 0 else 1))
                inputs = channels
            self.stages.append(stage)
        self.head = Convolution(inputs, HEAD)
        self.classifier = nn.Linear(HEAD, CLASSES)

    def detail(self, pixels: Tensor) -> Tensor:
        """(B, 3, 224, 224) normalised -> (B, 40, 28, 28)"""
        x = self.stem(pixels)
        for stage in self.stages[:STEM_STAGES]:
            x = stage(x)
        return x

    def upper(self, detail: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Detail map -> 14 x 14 map, 7 x 7 map, pooled (B, 1280), class logits (B, 1000)."""
        x = detail
        for stage in self.stages[STEM_STAGES:FINE_STAGE]:
            x = stage(x)
        fine = x
        for stage in self.stages[FINE_STAGE:]:
            x = stage(x)
        pooled = self.head(x).mean((2, 3))
        return fine, x, pooled, self.classifier(pooled)

    def upper_parameters(self) -> list[nn.Parameter]:
        """Everything that `upper` uses."""
        modules = [*self.stages[STEM_STAGES:], self.head, self.classifier]
        return [parameter for module in modules for parameter in module.parameters()]


class Connector(nn.Module):
    """Maps -> 247 image tokens: 14 x 14 cells, 7 x 7 cells, pooled features, class probabilities."""

    def __init__(self, width: int):
        super().__init__()
        self.features_28 = nn.Conv2d(DETAIL_CHANNELS, width, 2, 2)
        self.features_14 = nn.Linear(STAGES[FINE_STAGE - 1][1], width)
        self.features_7 = nn.Linear(STAGES[-1][1], width)
        self.pooled = nn.Linear(HEAD, width)
        self.classes = nn.Linear(CLASSES, width, bias=False)
        self.norm = nn.LayerNorm(width)
        self.position_embedding = nn.Parameter(torch.randn(TOKENS, width) * 0.02)
        nn.init.zeros_(self.features_28.weight)
        nn.init.zeros_(self.features_28.bias)
        nn.init.normal_(self.classes.weight, 0, 0.2)
        for linear in (self.features_14, self.features_7, self.pooled):
            nn.init.normal_(linear.weight, 0, 1 / math.sqrt(linear.in_features))
            nn.init.zeros_(linear.bias)

    def forward(self, detail: Tensor, fine: Tensor, coarse: Tensor, pooled: Tensor, classes: Tensor) -> Tensor:
        """`classes` are probabilities -> (B, 247, width)"""
        cells = self.features_14(fine.flatten(2).transpose(1, 2)) + self.features_28(detail).flatten(2).transpose(1, 2)
        tokens = torch.cat(
            [
                cells,
                self.features_7(coarse.flatten(2).transpose(1, 2)),
                self.pooled(pooled)[:, None],
                self.classes(classes)[:, None],
            ],
            1,
        )
        return self.norm(tokens) + self.position_embedding


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """(B, T, width) queries over (B, S, width) keys and values; `mask` (B, 1, T, S) is true where one may look.

    Returns (B, T, width), and the first head's scores before the softmax, (B, T, S).
    """
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    scores = q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return (scores.softmax(-1).to(v.dtype) @ v).transpose(1, 2).flatten(2), scores[:, 0]


class Dropout(nn.Module):
    """nn.Dropout to a 256th part, and faster on a CPU, which draws that one's random numbers on one thread."""

    def __init__(self, share: float):
        super().__init__()
        self._dropped = round(share * 256)
        self._random = np.random.Generator(np.random.SFC64(torch.initial_seed()))

    def forward(self, x: Tensor) -> Tensor:
        """(...) -> (...)"""
        if not self.training or not self._dropped:
            return x
        drawn = self._random.integers(0, 1 << 64, -(-x.numel() // 8), np.uint64).view(np.uint8)[: x.numel()]
        kept = torch.from_numpy(drawn).to(x.device).view(x.shape) >= self._dropped
        return x * kept * (256 / (256 - self._dropped))


class SelfAttention(nn.Module):
    """Causal attention inside the text."""

    def __init__(self, width: int):
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, heads: int, mask: Tensor) -> Tensor:
        """(B, T, width)"""
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.out(attend(q, k, v, heads, mask)[0])


class CrossAttention(nn.Module):
    """Attention from text to image tokens."""

    def __init__(self, width: int):
        super().__init__()
        self.q, self.kv, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, image: Tensor, heads: int) -> tuple[Tensor, Tensor]:
        """(B, T, width) looks at (B, S, width); also where its first head looks, (B, T, S) before the softmax"""
        k, v = self.kv(image).chunk(2, -1)
        y, scores = attend(self.q(x), k, v, heads, None)
        return self.out(y), scores


class Mlp(nn.Module):
    """Two linears with tanh-GELU between."""

    def __init__(self, width: int):
        super().__init__()
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width)"""
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class Layer(nn.Module):
    """Self-attention, cross-attention, MLP; each behind a layer norm and added to its input."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.dropout = heads, Dropout(dropout)
        self.self_attn_norm, self.self_attn = nn.LayerNorm(width), SelfAttention(width)
        self.cross_attn_norm, self.cross_attn = nn.LayerNorm(width), CrossAttention(width)
        self.mlp_norm, self.mlp = nn.LayerNorm(width), Mlp(width)

    def forward(self, x: Tensor, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, width) -> (B, T, width), and where the first head looks"""
        x = x + self.dropout(self.self_attn(self.self_attn_norm(x), self.heads, mask))
        seen, scores = self.cross_attn(self.cross_attn_norm(x), image, self.heads)
        x = x + self.dropout(seen)
        return x + self.dropout(self.mlp(self.mlp_norm(x))), scores


class Decoder(nn.Module):
    """The text decoder, output embedding tied to the input's."""

    def __init__(self, sizes: Sizes, dropout: float):
        super().__init__()
        width = sizes.hidden_size
        self.embed_tokens = nn.Embedding(sizes.vocab_size, width)
        self.embed_positions = nn.Embedding(sizes.positions, width)
        self.layers = nn.ModuleList(Layer(width, sizes.heads, dropout) for _ in range(sizes.layers))
        self.norm, self.dropout = nn.LayerNorm(width), Dropout(dropout)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, 0, 0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        for layer in self.layers:
            for linear in (layer.self_attn.out, layer.cross_attn.out, layer.mlp.down):
                nn.init.normal_(linear.weight, 0, 0.02 / math.sqrt(3 * sizes.layers))

    def forward(self, ids: Tensor, positions: Tensor, image: Tensor, mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Token ids (B, T) -> hidden states (B, T, width), and where each layer's first head looks, (B, T, S)"""
        x, looks = self.dropout(self.embed_tokens(ids) + self.embed_positions(positions)), []
        for layer in self.layers:
            x, scores = layer(x, image, mask)
            looks.append(scores)
        return self.norm(x), looks

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., width) -> (..., vocab)"""
        return F.linear(hidden, self.embed_tokens.weight)


class TinyVLM(nn.Module):
    """Tower, connector and decoder."""

    def __init__(self, sizes: Sizes, dropout: float = 0.1):
        super().__init__()
        self.vision, self.connector = Tower(), Connector(sizes.hidden_size)
        self.text, self.dropout = Decoder(sizes, dropout), Dropout(dropout)

    def image_tokens(self, detail: Tensor) -> tuple[Tensor, Tensor]:
        """Detail maps (B, 40, 28, 28), bfloat16 -> image tokens (B, 247, width), class logits (B, 1000)"""
        detail = detail.float()
        with tower_autocast(detail.device.type):
            fine, coarse, pooled, logits = self.vision.upper(detail)
        return self.connector(detail, fine, coarse, pooled, logits.softmax(-1)), logits
