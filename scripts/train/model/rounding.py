"""Training with quantization in the loop: forward and backward passes see what a quantized model holds.

Gradients are taken at the rounded weights and applied to the exact ones (the straight-through estimator, Bengio et al.
2013). Matrices are rounded as py/tinyvlm/weights does it: q8, or the upper half of q8, which a draft answers from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tinyvlm.weights.planes import LEAST_VALUES

from .network import Convolution, TinyVLM


def matrices(model: TinyVLM) -> list[nn.Parameter]:
    """Weights that are quantized and trained: all of matrices and dense convolutions, and the table of tokens."""
    found = [model.text.embed_tokens.weight]
    for module in model.modules():
        depthwise = isinstance(module, Convolution) and module.groups > 1
        if isinstance(module, nn.Linear | nn.Conv2d) and not depthwise:
            found.append(module.weight)
    return [weight for weight in found if weight.requires_grad]


def rounded(weight: Tensor, draft: bool) -> Tensor:
    """(N, ...) float -> what int8 with one scale a row stands for, or with `draft`, its upper four bits alone."""
    rows = weight.flatten(1)
    scale = rows.abs().amax(1, keepdim=True) / 127
    scale = torch.where(scale > 0, scale, 1.0)
    values = (rows / scale).round().clamp(-127, 127)
    if draft and weight.numel() >= LEAST_VALUES:
        middle = torch.tensor([8.0, 7.0], device=weight.device).repeat(-(-rows.shape[1] // 2))[: rows.shape[1]]
        values = (values / 16).floor() * 16 + middle
    return (values * scale).view_as(weight)


@contextmanager
def rounding(weights: list[nn.Parameter], draft: bool) -> Iterator[None]:
    """Put rounded values in the weights' place, and the exact ones back at the end."""
    exact = [weight.detach().clone() for weight in weights]
    for weight in weights:
        weight.data.copy_(rounded(weight.detach(), draft))
    try:
        yield
    finally:
        for weight, value in zip(weights, exact, strict=True):
            weight.data.copy_(value)
