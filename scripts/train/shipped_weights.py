"""Weights of a model folder, to go on from what ships: int8 times its scales, in PyTorch's shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tinyvlm.model_folder import WEIGHTS
from tinyvlm.weights.planes import JoinedPlanes
from tinyvlm.weights.safetensors import PADDING, open_safetensors
from tinyvlm.weights.source import NUMPY_DTYPES


def read_shipped(folder: Path, shapes: dict[str, torch.Size]) -> dict[str, Tensor]:
    """Read float32 tensors under the package's names.

    `shapes` are PyTorch's: a filter is stored as (N, k * k * C), one for each channel as (k, k, C).
    """
    with open_safetensors(folder / WEIGHTS) as file:
        source = JoinedPlanes(file)
        arrays = {
            name: np.frombuffer(source.read(name), NUMPY_DTYPES[info.dtype]).reshape(info.shape).astype(np.float32)
            for name, info in source.tensors.items()
            if not name.startswith(PADDING)
        }
    scales = {name: arrays.pop(name) for name in list(arrays) if name.endswith("_scale")}
    for name, scale in scales.items():
        arrays[name.removesuffix("_scale")] *= scale[:, None]
    return {name: torch.from_numpy(_shaped(array, shapes[name])) for name, array in arrays.items() if name in shapes}


def _shaped(stored: np.ndarray, shape: torch.Size) -> np.ndarray:
    if len(shape) != 4:
        return stored.reshape(shape)
    n, channels, height, width = shape
    if stored.ndim == 3:  # (k, k, C)
        return np.ascontiguousarray(stored.transpose(2, 0, 1)[:, None])
    return np.ascontiguousarray(stored.reshape(n, height, width, channels).transpose(0, 3, 1, 2))
