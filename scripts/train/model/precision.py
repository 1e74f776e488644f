"""In which precision a device computes: bfloat16 where it has instructions for that, which elsewhere are imitated."""

from __future__ import annotations

import torch


def autocast(device: str) -> torch.autocast:
    """Return the context in which networks run: bfloat16 beside float32, or float32 alone."""
    return torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device))


def tower_autocast(device: str) -> torch.autocast:
    """Return the context for convolutions: float32 on a CPU, whose bfloat16 takes twice as long backwards."""
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" and torch.is_autocast_enabled(device))


def has_bfloat16(device: str) -> bool:
    """Whether a device multiplies in bfloat16; x86 processors before AVX512-BF16 and AMX do not."""
    return device != "cpu" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
