"""Turns trained weights into the model folder that ships.

    python scripts/build_model.py WEIGHTS.safetensors TOKENIZER.json OUT [--float32]

WEIGHTS are float16 or float32, named as py/tinyvlm/models wants them and shaped as PyTorch has them: what
`python3 scripts/train export` writes. OUT gets the Hugging Face layout: configs, tokenizer, q8 weights and parts.json.
With --float32, matrices stay as they are, to measure what q8 costs (scripts/evaluate.py --unrounded). What the page
says of the model is CARD. The model card, README.md, is left alone. Needs numpy and the package.

    tinyvlm quantize OUT NEW --to q8

writes a folder that was made before, with the same weights, as it would be made now.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "py"))
from tinyvlm.folder.model_folder import WEIGHTS
from tinyvlm.folder.part_list import write_part_list
from tinyvlm.folder.quantizer import write_weights
from tinyvlm.models.architecture import ModelFiles, load_architecture
from tinyvlm.weights.quantize import Scheme, quantize_q8
from tinyvlm.weights.safetensors import PADDING, open_safetensors, write_safetensors
from tinyvlm.weights.source import NUMPY_DTYPES, ChosenWeights

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
LAYER = (
    ("self_attn_norm", "vector"), ("self_attn.qkv", "matrix"), ("self_attn.out", "matrix"),
    ("cross_attn_norm", "vector"), ("cross_attn.q", "matrix"), ("cross_attn.kv", "matrix"),
    ("cross_attn.out", "matrix"), ("mlp_norm", "vector"), ("mlp.up", "matrix"), ("mlp.down", "matrix"),
)  # fmt: skip

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
}
FILES = ("config.json", "preprocessor_config.json", "generation_config.json", "tokenizer.json", WEIGHTS)


def main(weights: str, tokenizer: str, out: str, scheme: Scheme = "q8") -> None:
    """Convert and write everything but the card; `scheme` is q8 or float32."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    trained = read_float32(weights)
    for name, content in (
        ("config.json", CONFIG),
        ("preprocessor_config.json", PREPROCESSOR),
        ("generation_config.json", GENERATION),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    model = load_architecture(ModelFiles(CONFIG, PREPROCESSOR, GENERATION))
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / WEIGHTS
        write_safetensors(whole, dict(stored(trained, scheme)), {})
        with open_safetensors(whole) as source:
            names = [name for name in source.tensors if not name.startswith(PADDING)]
            ends = write_weights(folder / WEIGHTS, model, ChosenWeights(source, names), scheme)
    write_part_list(folder, FILES, {WEIGHTS: ends})


def stored(trained: dict[str, np.ndarray], scheme: Scheme) -> Iterator[tuple[str, tuple[str, tuple[int, ...], bytes]]]:
    """Yield tensors as the file holds them: matrices as `scheme` says, the rest as float32."""
    for name, value, kind in convert(trained):
        if scheme == "q8" and kind in ("matrix", "convolution") and name.endswith(".weight"):
            values, scale = quantize_q8(value)
            yield name, ("I8", values.shape, values.tobytes())
            yield f"{name}_scale", ("F32", scale.shape, scale.tobytes())
        else:
            yield name, ("F32", value.shape, value.tobytes())


def convert(trained: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray, str]]:
    """Yield (name, float32 value, kind) in the order of execution; every trained tensor is used exactly once."""
    left = set(trained)
    for name, kind in _names():
        for suffix in ("", ".weight", ".bias"):
            if name + suffix not in left:
                continue
            left.remove(name + suffix)
            value = trained[name + suffix]
            if suffix == ".weight" and kind in ("stem", "convolution"):  # (N, C, k, k) -> (N, k*k*C)
                value = value.transpose(0, 2, 3, 1).reshape(value.shape[0], -1)
            elif suffix == ".weight" and kind == "depthwise":  # (C, 1, k, k) -> (k, k, C)
                value = value[:, 0].transpose(1, 2, 0)
            elif suffix == ".weight" and kind == "matrix":
                value = value.reshape(value.shape[0], -1)
            yield name + suffix, np.ascontiguousarray(value), kind
    assert not left, f"unused: {sorted(left)}"


def read_float32(path: str) -> dict[str, np.ndarray]:
    """Read every tensor of a safetensors file as float32."""
    with open_safetensors(path) as source:
        return {
            name: np.frombuffer(source.read(name), NUMPY_DTYPES[info.dtype]).reshape(info.shape).astype(np.float32)
            for name, info in source.tensors.items()
            if not name.startswith(PADDING)
        }


def _names() -> Iterator[tuple[str, str]]:
    """(name, kind) in the order of execution"""
    yield "vision.stem", "stem"
    for s, (expansion, *_, blocks) in enumerate(STAGES):
        for b in range(blocks):
            if expansion > 1:
                yield f"vision.stages.{s}.{b}.expand", "matrix"
            yield f"vision.stages.{s}.{b}.depthwise", "depthwise"
            yield f"vision.stages.{s}.{b}.project", "matrix"
    yield "vision.head", "matrix"
    yield "vision.classifier", "matrix"
    yield "connector.features_28", "convolution"
    for name in ("features_14", "features_7", "global", "classes"):
        yield f"connector.{name}", "matrix"
    yield "connector.norm", "vector"
    yield "connector.position_embedding", "table"
    yield "text.embed_tokens", "matrix"
    yield "text.embed_positions", "vector"
    for i in range(LAYERS):
        for name, kind in LAYER:
            yield f"text.layers.{i}.{name}", kind
    yield "text.norm", "vector"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("weights", "tokenizer", "out"):
        parser.add_argument(name)
    parser.add_argument("--float32", dest="scheme", action="store_const", const="float32", default="q8")
    main(**vars(parser.parse_args()))
