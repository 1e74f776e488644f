"""A small tinyvlm with random weights, the same wherever it is made: for golden files and the tests that read them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# expansion, channels, kernel size, stride, blocks
STAGES = [(1, 8, 3, 1, 1), (6, 12, 3, 2, 2), (6, 20, 5, 2, 2), (4, 24, 3, 2, 1), (6, 28, 5, 1, 2), (3, 36, 5, 2, 2),
          (2, 40, 3, 1, 1)]  # fmt: skip
CONFIG: dict[str, Any] = {
    "model_type": "tinyvlm",
    "vision_config": {
        "image_size": 64,
        "num_classes": 37,
        "stem_channels": 16,
        "head_channels": 72,
        "stages": [
            dict(zip(("expansion", "channels", "kernel_size", "stride", "blocks"), s, strict=True)) for s in STAGES
        ],
    },
    "connector_config": {"detail_stage": 2},
    "text_config": {
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 100,
        "max_position_embeddings": 40,
        "vocab_size": 301,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-5,
        "tie_word_embeddings": True,
    },
    "bos_token_id": 1,
    "eos_token_id": 2,
}
PREPROCESSOR = {
    "size": {"height": 64, "width": 64},
    "resample": 2,
    "rescale_factor": 1 / 255,
    "image_mean": [127 / 255] * 3,
    "image_std": [128 / 255] * 3,
}


def shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor's name and shape."""
    vision, text = CONFIG["vision_config"], CONFIG["text_config"]
    result: dict[str, tuple[int, ...]] = {}

    def linear(name: str, n: int, k: int, *, bias: bool = True) -> None:
        result[f"{name}.weight"] = (n, k)
        if bias:
            result[f"{name}.bias"] = (n,)

    linear("vision.stem", vision["stem_channels"], 27)
    width = vision["stem_channels"]
    for s, (expansion, channels, kernel, _, blocks) in enumerate(STAGES):
        for b in range(blocks):
            name, middle = f"vision.stages.{s}.{b}", width * expansion
            if expansion > 1:
                linear(f"{name}.expand", middle, width)
            result[f"{name}.depthwise.weight"] = (kernel, kernel, middle)
            result[f"{name}.depthwise.bias"] = (middle,)
            linear(f"{name}.project", channels, middle)
            width = channels
    linear("vision.head", vision["head_channels"], width)
    linear("vision.classifier", vision["num_classes"], vision["head_channels"])
    hidden = text["hidden_size"]
    linear("connector.features_14", hidden, STAGES[4][1])
    linear("connector.features_28", hidden, 2 * 2 * STAGES[2][1])
    linear("connector.features_7", hidden, STAGES[6][1])
    linear("connector.global", hidden, vision["head_channels"])
    linear("connector.classes", hidden, vision["num_classes"], bias=False)
    result["connector.position_embedding"] = (4 * 4 + 2 * 2 + 2, hidden)
    result["text.embed_tokens.weight"] = (text["vocab_size"], hidden)
    result["text.embed_positions.weight"] = (text["max_position_embeddings"], hidden)
    norms = ["connector.norm", "text.norm"]
    for i in range(text["num_hidden_layers"]):
        name = f"text.layers.{i}"
        norms += [f"{name}.{part}_norm" for part in ("self_attn", "cross_attn", "mlp")]
        linear(f"{name}.self_attn.qkv", 3 * hidden, hidden)
        linear(f"{name}.self_attn.out", hidden, hidden)
        linear(f"{name}.cross_attn.q", hidden, hidden)
        linear(f"{name}.cross_attn.kv", 2 * hidden, hidden)
        linear(f"{name}.cross_attn.out", hidden, hidden)
        linear(f"{name}.mlp.up", text["intermediate_size"], hidden)
        linear(f"{name}.mlp.down", hidden, text["intermediate_size"])
    for name in norms:
        result[f"{name}.weight"] = result[f"{name}.bias"] = (hidden,)
    return result


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Draw all tensors in order of name: matrices with unit gain, norms around one, biases and tables small."""
    draw = np.random.RandomState(seed).standard_normal  # RandomState: its stream is frozen for good
    result = {}
    for name, shape in sorted(shapes().items()):
        value = draw(shape)
        if "norm.weight" in name:
            value = 1 + 0.1 * value
        elif name.endswith("depthwise.weight"):
            value *= 1.4 / math.sqrt(shape[0] * shape[1])
        elif len(shape) == 2 and "embed" not in name:
            value *= 1.4 / math.sqrt(shape[1])
        elif name.endswith("bias"):
            value *= 0.1
        result[name] = value.astype(np.float32)
    return result


def inputs(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 pixels (64, 64, 3), smooth with noise, and 30 token ids."""
    rng = np.random.RandomState(seed + 1000)
    y, x = np.mgrid[:64, :64] / 64
    waves = np.stack([np.sin(9 * x + 3 * c) * np.cos(7 * y - c) for c in range(3)], axis=-1)
    pixels = 127 + 100 * waves + 20 * rng.standard_normal((64, 64, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8), rng.randint(3, CONFIG["text_config"]["vocab_size"], 30)
