"""Weights of a model folder, to go on from what ships: int8 times its scales, in PyTorch's shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tinyvlm.hub import open_model
from tinyvlm.weights.source import Float32Weights, read_array


def read_shipped(folder: Path, shapes: dict[str, torch.Size]) -> dict[str, Tensor]:
    """Read float32 tensors under the package's names; raises ModelError for a folder that holds no model.

    `shapes` are PyTorch's: a filter is stored as (N, k * k * C), one for each channel as (k, k, C).
    """
    source = Float32Weights(open_model(folder).weights())
    named = {name: read_array(source, name) for name in source.tensors if name in shapes}
    return {name: torch.tensor(_shaped(array, shapes[name])) for name, array in named.items()}


def _shaped(stored: np.ndarray, shape: torch.Size) -> np.ndarray:
    if len(shape) != 4:
        return stored.reshape(shape)
    n, channels, height, width = shape
    if stored.ndim == 3:  # (k, k, C)
        return np.ascontiguousarray(stored.transpose(2, 0, 1)[:, None])
    return np.ascontiguousarray(stored.reshape(n, height, width, channels).transpose(0, 3, 1, 2))
