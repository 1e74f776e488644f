"""Says what few bits a weight cost a model, before anyone is surprised by its answers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

from ..errors import TinyVLMWarning
from .quantize import Scheme
from .tensor_info import TensorInfo

SMALL = 1_000_000_000
"""Weights of a model up to which 4 bits are warned of: SmolLM2-135M was measured (docs/performance.md)."""

Q2_LOSS = "q2 spoils models that were not trained for 2 bits a weight: SmolLM2-135M answers with noise. Take q8."
Q4_LOSS = (
    "q4 costs a model as small as this one much: SmolLM2-135M says another next token than in float32 one time in five."
    " Take q8 where it fits."
)


def warn_of_loss(scheme: Scheme | None, tensors: Mapping[str, TensorInfo], stacklevel: int) -> None:
    """Warn (TinyVLMWarning) where `scheme` is known to spoil a model of these tensors, or to cost a small one much.

    `stacklevel`: as in `warnings.warn`, of the function that calls this one.
    """
    if scheme == "q2":
        warnings.warn(Q2_LOSS, TinyVLMWarning, stacklevel=stacklevel + 1)
    elif scheme == "q4" and is_small(tensors):
        warnings.warn(Q4_LOSS, TinyVLMWarning, stacklevel=stacklevel + 1)


def is_small(tensors: Mapping[str, TensorInfo]) -> bool:
    """Whether 4 bits a weight cost a model of these tensors much."""
    return sum(math.prod(info.shape) for info in tensors.values()) < SMALL
