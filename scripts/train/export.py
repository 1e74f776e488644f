"""Turns a checkpoint into what scripts/build_model.py reads: averaged weights, float16, the package's names."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file


def export(checkpoint: Path, out: Path) -> None:
    """Write a safetensors file of every parameter, the averaged ones where training moved them."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    weights = {**state["model"], **state["average"]}
    save_file({_name(name): value.half().contiguous() for name, value in weights.items()}, out)


def _name(name: str) -> str:
    """The package's name; `global`, which Python keeps for itself, is `pooled` here."""
    return name.replace("connector.pooled.", "connector.global.")
