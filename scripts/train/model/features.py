"""Runs the frozen beginning of the tower over all images once.

`detail.npy`: the map behind stage 3, (N, 28, 28, 40), bfloat16 seen as int16. `classes.npy`: ImageNet's class
probabilities as the untouched tower sees them, (N, 1000) float16, for photos; what training must not forget.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from support.environment import note

from ..rows import read_rows
from ..sources import imagenet_weights
from .network import Tower
from .precision import autocast
from .starting_weights import load_imagenet

PHOTOS = {"flickr", "coco", "imagenet", "daquar", "vqa", "textcaps"}
BATCH = 64


def compute_features(folder: Path, device: str) -> None:
    """Write both files beside `pixels.npy`."""
    pixels = np.load(folder / "pixels.npy", mmap_mode="r")
    photo = np.array([row.source in PHOTOS for row in read_rows(folder / "rows.jsonl")])
    tower = Tower().eval().to(device, memory_format=torch.channels_last)
    load_imagenet(tower, imagenet_weights())
    detail = np.lib.format.open_memmap(folder / "detail.npy", "w+", np.int16, (len(pixels), 28, 28, 40))
    classes = np.lib.format.open_memmap(folder / "classes.npy", "w+", np.float16, (len(pixels), 1000))
    with torch.no_grad(), autocast(device):
        for start in range(0, len(pixels), BATCH):
            batch = slice(start, start + BATCH)
            maps = tower.detail(normalized(torch.from_numpy(pixels[batch].copy()).to(device)))
            detail[batch] = maps.bfloat16().permute(0, 2, 3, 1).contiguous().view(torch.int16).cpu().numpy()
            if photo[batch].any():
                classes[batch] = tower.upper(maps)[3].float().softmax(-1).cpu().numpy()
            if start % 6400 == 0:
                note(f"  {start}")


def normalized(pixels: Tensor) -> Tensor:
    """uint8 (B, 224, 224, 3) -> (B, 3, 224, 224) as the tower was trained with"""
    return ((pixels.float() - 127) / 128).permute(0, 3, 1, 2)
