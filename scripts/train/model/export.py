"""Turns checkpoints into what scripts/build_model.py reads: averaged weights, float16, the package's names.

Runs of which one went on from the other can be averaged once more ("model soups", Wortsman et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from .starting_weights import exported_name


def export(checkpoints: Sequence[Path], out: Path) -> None:
    """Write the mean of the runs' averaged weights as a safetensors file."""
    runs = [_averaged(path) for path in checkpoints]
    means = {name: torch.stack([weights[name] for weights in runs]).mean(0) for name in runs[0]}
    save_file({exported_name(name): value.half().contiguous() for name, value in means.items()}, out)


def _averaged(checkpoint: Path) -> dict[str, Tensor]:
    """Every parameter, the averaged ones where training moved them."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return {**state["model"], **state["average"]}
