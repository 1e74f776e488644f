"""What the bundled model is: its sizes, its files of configuration, and what the page says of it."""

from __future__ import annotations

from typing import Any

from support.environment import ROOT

NAME = "tinyvlm-13m"
FOLDER = ROOT / "web" / "models" / NAME

# What `tinyvlm info` and the page show: `limits` under the name, `suggestions` as buttons.
CARD: dict[str, Any] = {
    "name": "Tiny-VLM 13M",
    "description": "A 13 million parameter model for simple questions about images and short captions.",
    "limits": "Good at drawings, shapes, short text and bar charts; photos it names and counts roughly, and is often "
    "wrong about.",
    "suggestions": ["Describe the image.", "What is in the picture?", "What does the text say?"],
}

# expansion, channels, kernel size, stride, blocks: EfficientNet-Lite0
STAGES = ((1, 16, 3, 1, 1), (6, 24, 3, 2, 2), (6, 40, 5, 2, 2), (6, 80, 3, 2, 3), (6, 112, 5, 1, 3), (6, 192, 5, 2, 4),
          (6, 320, 3, 1, 1))  # fmt: skip
LAYERS = 6

CONFIG: dict[str, Any] = {
    "model_type": "tinyvlm",
    "vision_config": {
        "model_type": "efficientnet_lite",
        "image_size": 224,
        "num_classes": 1000,
        "stem_channels": 32,
        "head_channels": 1280,
        "stages": [
            dict(zip(("expansion", "channels", "kernel_size", "stride", "blocks"), stage, strict=True))
            for stage in STAGES
        ],
    },
    # The stage whose map, twice as fine as the tokens', adds its detail to them.
    "connector_config": {"detail_stage": 2},
    "text_config": {
        "model_type": "cross_decoder",
        "hidden_size": 256,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "intermediate_size": 1024,
        "max_position_embeddings": 96,
        "vocab_size": 4096,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-5,
        "tie_word_embeddings": True,
    },
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "quantization_config": {"quant_method": "q8", "weights": "int8 per output channel", "activations": "8 bit per row"},
    "card": CARD,
}
# HF terms for (x - 127) / 128 on bytes.
PREPROCESSOR = {
    "do_resize": True,
    "size": {"height": 224, "width": 224},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [127 / 255] * 3,
    "image_std": [128 / 255] * 3,
}
# `unsure`: of validation answers that begin less surely, about one in fifteen is right (model card).
GENERATION = {
    "max_new_tokens": 32,
    "do_sample": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "unsure": {"below": 0.3, "answer": "I am not sure."},
    "requests": {"made_for": "pictures"},
    "naming": {"below": 0.4, "sure": 0.8, "likely": 0.5, "guessed": 0.2},
    "reader": True,
    "looks_at_things": True,
}
