"""Turns trained weights into the model folder: PyTorch's shapes into the package's, matrices into q8."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tinyvlm.folder.model_folder import CLASS_NAMES, WEIGHTS
from tinyvlm.folder.part_list import write_part_list
from tinyvlm.folder.quantizer import write_weights
from tinyvlm.models.architecture import ModelFiles, load_architecture
from tinyvlm.weights.quantize import Scheme, quantize_q8
from tinyvlm.weights.safetensors import PADDING, open_safetensors, write_safetensors
from tinyvlm.weights.source import NUMPY_DTYPES, ChosenWeights

from .configs import CONFIG, FOLDER, GENERATION, LAYERS, PREPROCESSOR, STAGES

LAYER = (
    ("self_attn_norm", "vector"), ("self_attn.qkv", "matrix"), ("self_attn.out", "matrix"),
    ("cross_attn_norm", "vector"), ("cross_attn.q", "matrix"), ("cross_attn.kv", "matrix"),
    ("cross_attn.out", "matrix"), ("mlp_norm", "vector"), ("mlp.up", "matrix"), ("mlp.down", "matrix"),
)  # fmt: skip
FILES = ("config.json", "preprocessor_config.json", "generation_config.json", CLASS_NAMES, "tokenizer.json", WEIGHTS)


def write_folder(weights: Path, tokenizer: Path, folder: Path, scheme: Scheme = "q8") -> None:
    """Convert and write everything but the card; `scheme` is q8 or float32."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = read_float32(weights)
    for name, content in (
        ("config.json", CONFIG),
        ("preprocessor_config.json", PREPROCESSOR),
        ("generation_config.json", GENERATION),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    if not (folder / CLASS_NAMES).exists():
        shutil.copyfile(FOLDER / CLASS_NAMES, folder / CLASS_NAMES)  # scripts/build_names.py makes it
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


def read_float32(path: Path) -> dict[str, np.ndarray]:
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
