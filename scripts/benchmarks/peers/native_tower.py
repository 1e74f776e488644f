"""Seconds of the tower natively, for reference: onnxruntime, and torch where someone has put it into the environment.

    python -m benchmarks.peers.native_tower ROUNDS MODEL...        (in the peers' environment)

Prints JSON: `samples[who][threads]`, and `versions`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from ..networks import SIGLIP, siglip_pixels


def onnxruntime_run(model: str, pixels: np.ndarray, threads: int) -> Callable[[], Any]:
    """Return what encodes once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"pixels": pixels})


def torch_run(model: str, pixels: np.ndarray, threads: int) -> Callable[[], Any]:
    """The same in torch, with the weights of the float32 file."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    weights = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in onnx.load(model).graph.initializer}
    c, image = SIGLIP, torch.tensor(pixels)
    patch, side, heads = c.patch_size, c.image_size // c.patch_size, c.num_attention_heads

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, weights[f"{name}.weight"].T, weights[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        scale, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return functional.layer_norm(x, scale.shape, scale, bias, c.layer_norm_eps)

    def run() -> torch.Tensor:
        x = image.reshape(side, patch, side, patch, 3).permute(0, 2, 1, 3, 4).reshape(side * side, -1)
        x = linear(x, "v.embeddings.patch_embedding") + weights["v.embeddings.position_embedding.weight"]
        for i in range(c.num_hidden_layers):
            name = f"v.encoder.layers.{i}"
            h = norm(x, f"{name}.layer_norm1")
            parts = (linear(h, f"{name}.self_attn.{part}_proj") for part in "qkv")
            q, k, v = (part.reshape(side * side, heads, -1).transpose(0, 1)[None] for part in parts)
            h = functional.scaled_dot_product_attention(q, k, v)[0].transpose(0, 1).reshape(x.shape)
            x = x + linear(h, f"{name}.self_attn.out_proj")
            h = functional.gelu(linear(norm(x, f"{name}.layer_norm2"), f"{name}.mlp.fc1"), approximate="tanh")
            x = x + linear(h, f"{name}.mlp.fc2")
        return norm(x, "v.post_layernorm")

    encode: Callable[[], Any] = torch.inference_mode()(run)
    return encode


def main() -> None:
    """Measure, all in turn."""
    rounds, models = int(sys.argv[1]), sys.argv[2:]
    pixels = np.frombuffer(siglip_pixels(), np.float32).reshape(SIGLIP.image_size, SIGLIP.image_size, 3)
    makers = {f"onnxruntime, {Path(model).stem[-4:]}": (onnxruntime_run, model) for model in models}
    versions = {"onnxruntime": onnxruntime.__version__}
    if importlib.util.find_spec("torch"):
        import torch

        makers["torch, fp32"] = (torch_run, models[0])
        versions["torch"] = torch.__version__
    samples: dict[str, dict[int, list[float]]] = {name: {} for name in makers}
    for threads in (1, 2):
        runs = {name: make(model, pixels, threads) for name, (make, model) in makers.items()}
        for _ in range(1 + rounds):
            for name, run in runs.items():
                started = time.perf_counter()
                run()
                samples[name].setdefault(threads, []).append(time.perf_counter() - started)
    print(json.dumps({"samples": samples, "versions": versions}))


if __name__ == "__main__":
    main()
