"""Writes tests/golden/{llama,llama_tied,siglip}.npz with Hugging Face's transformers: tiny models with random weights.

    python scripts/golden/make_transformers.py

Run by hand; needs torch, numpy and transformers. Each file holds the config, weights, inputs and float32 outputs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, SiglipVisionConfig, SiglipVisionModel

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden"


def save(name: str, config: Any, model: torch.nn.Module, arrays: dict[str, torch.Tensor]) -> None:
    """Write one file; weights are prefixed with "w:"."""
    weights = {f"w:{key}": value.numpy() for key, value in model.state_dict().items()}
    outputs = {key: value.numpy() for key, value in arrays.items()}
    np.savez_compressed(FOLDER / f"{name}.npz", config=json.dumps(config.to_dict(), default=str), **weights, **outputs)


def randomize(model: torch.nn.Module) -> None:
    """Norms around one, everything else wide enough that every part counts."""
    for name, parameter in model.named_parameters():
        noise = torch.randn_like(parameter)
        scale = 0.2 if parameter.ndim == 1 else parameter.shape[-1] ** -0.5
        parameter.copy_(scale * noise + ("norm" in name and name.endswith("weight")))


def main() -> None:
    """Write both files."""
    torch.manual_seed(0)
    with torch.no_grad():
        for tied in (True, False):
            config: Any = LlamaConfig(
                vocab_size=199, hidden_size=48, intermediate_size=100, num_hidden_layers=2, num_attention_heads=6,
                num_key_value_heads=2, max_position_embeddings=64, rope_theta=5000.0, tie_word_embeddings=tied,
            )  # fmt: skip
            llama = LlamaForCausalLM(config).eval()
            randomize(llama)
            llama.tie_weights()
            ids = torch.randint(0, 199, (1, 40))
            save("llama_tied" if tied else "llama", config, llama, {"ids": ids[0], "logits": llama(ids).logits[0]})
        config = SiglipVisionConfig(
            hidden_size=48, intermediate_size=100, num_hidden_layers=2, num_attention_heads=3,
            image_size=56, patch_size=8, vision_use_head=False,
        )  # fmt: skip
        vision = SiglipVisionModel(config).eval()
        randomize(vision)
        pixels = torch.randn(1, 3, 56, 56)
        hidden = vision(pixels).last_hidden_state[0]
        save("siglip", config, vision, {"pixels": pixels[0].permute(1, 2, 0).contiguous(), "hidden": hidden})


if __name__ == "__main__":
    main()
