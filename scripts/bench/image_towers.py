"""Milliseconds of image encoding with towers and token layouts that might be, on one thread of the shipped kernels.

    python3 scripts/train compare --time

runs it. It reads a JSON list of encoders (scripts/train/compare_table.py: encoder) and writes a list of {"median",
"low", "high"}, milliseconds from normalised pixels to every layer's keys and values. Weights are random, of their true
shape and precision; encoders take turns, so that a slow minute of the machine is one of all.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import zlib
from array import array
from typing import Any

from networks import ATTENTION, Network
from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import Storage, Value
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.models.parts import efficientnet
from tinyvlm.weights.tensor_info import TensorInfo

REPEATS = 31


def measure(kernels: Kernels, encoders: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Medians of REPEATS runs each, and what encloses the middle half."""
    networks = [_network(kernels, encoder) for encoder in encoders]
    seconds: list[list[float]] = [[] for _ in networks]
    for _ in range(REPEATS + 1):
        for network, found in zip(networks, seconds, strict=True):
            found.append(network.seconds("encode"))
    figures = []
    for found in seconds:
        low, middle, high = (1000 * value for value in statistics.quantiles(found[1:], n=4))  # the first warms up
        figures.append({"median": round(middle, 2), "low": round(low, 2), "high": round(high, 2)})
    return figures


def _network(kernels: Kernels, encoder: dict[str, Any]) -> Network:
    network = Network(kernels, {})
    network.weights = KernelWeights(kernels, _Weights(_shapes(encoder)))
    size = encoder["config"]["image_size"]
    noise = array("f", [random.Random(1).uniform(-1, 1) for _ in range(size * size * 3)]).tobytes()
    pixels = Value((size, size, 3), Storage(len(noise), network.constants.store(noise)))
    recorder = Recorder(network.constants, ATTENTION)
    for value in _encode(recorder, network.weights, encoder, pixels):
        recorder.keep(value)
    network.runs["encode"] = network.load(recorder), (0, 0, 0)
    return network


def _encode(ops: Recorder, weights: KernelWeights, encoder: dict[str, Any], pixels: Value) -> list[Value]:
    """What models/tinyvlm.py does, with fewer kinds of tokens."""
    config, parts = efficientnet.EfficientNetConfig.from_dict(encoder["config"]), []
    features = efficientnet.tower(ops, weights, "vision", config, pixels)

    def rows(x: Value) -> Value:
        return ops.reshape(x, x.shape[0] * x.shape[1], x.shape[2])

    if encoder["fine"] is not None:
        detail = None
        if encoder["detail"] is not None:
            layer = weights.linear("connector.features_28")
            detail = rows(ops.conv2d(features[encoder["detail"]], layer, kernel=2, stride=2))
        layer = weights.linear("connector.features_14")
        parts.append(ops.linear(rows(features[encoder["fine"]]), layer, residual=detail))
    if encoder["coarse"] is not None:
        coarse = features[encoder["coarse"]]
        pooled, classes = efficientnet.classify(ops, weights, "vision", coarse)
        parts.append(ops.linear(rows(coarse), weights.linear("connector.features_7")))
        parts.append(ops.linear(pooled, weights.linear("connector.global")))
        parts.append(ops.linear(classes, weights.linear("connector.classes")))
    tokens = ops.concat(parts) if len(parts) > 1 else parts[0]
    tokens = ops.layer_norm(tokens, weights.tensor("norm.weight"), weights.tensor("norm.bias"), 1e-5)
    tokens = ops.add(tokens, tokens)  # for the position embedding
    return [ops.linear(tokens, weights.linear(f"kv.{i}")) for i in range(encoder["layers"])]


def _shapes(encoder: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Of every weight that `_encode` asks for: (N, K) of matrices, (k, k, C) of depthwise filters."""
    config, width = efficientnet.EfficientNetConfig.from_dict(encoder["config"]), encoder["width"]
    shapes: dict[str, tuple[int, ...]] = {}

    def layer(name: str, *shape: int, bias: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, (bias,)

    layer("vision.stem", config.stem_channels, 27, bias=config.stem_channels)
    inputs, channels = config.stem_channels, []
    for s, stage in enumerate(config.stages):
        for b in range(stage.blocks):
            name, inner, kernel = f"vision.stages.{s}.{b}", inputs * stage.expansion, stage.kernel_size
            layer(f"{name}.expand", inner, inputs, bias=inner)
            layer(f"{name}.depthwise", kernel, kernel, inner, bias=inner)
            layer(f"{name}.project", stage.channels, inner, bias=stage.channels)
            inputs = stage.channels
        channels.append(inputs)
    head, classes = config.head_channels, config.num_classes
    layer("vision.head", head, inputs, bias=head)
    layer("vision.classifier", classes, head, bias=classes)
    for name, stage, cells in (("features_28", "detail", 4), ("features_14", "fine", 1), ("features_7", "coarse", 1)):
        if encoder[stage] is not None:
            layer(f"connector.{name}", width, cells * channels[encoder[stage]], bias=width)
    layer("connector.global", width, head, bias=width)
    layer("connector.classes", width, classes, bias=width)
    shapes["norm.weight"] = shapes["norm.bias"] = (width,)
    for i in range(encoder["layers"]):
        layer(f"kv.{i}", 2 * width, width, bias=2 * width)
    return shapes


class _Weights:
    """A WeightSource of random q8 matrices; the stem and all that is no matrix is float32."""

    def __init__(self, shapes: dict[str, tuple[int, ...]]) -> None:
        self.tensors: dict[str, TensorInfo] = {}
        for name, shape in shapes.items():
            matrix = len(shape) == 2 and name != "vision.stem.weight"
            self._add(name, "I8" if matrix else "F32", shape)
            if matrix:
                self._add(f"{name}_scale", "F32", shape[:1])

    def _add(self, name: str, dtype: str, shape: tuple[int, ...]) -> None:
        count = 1
        for side in shape:
            count *= side
        self.tensors[name] = TensorInfo(name, dtype, shape, 0, count * (4 if dtype == "F32" else 1))

    def read(self, name: str) -> bytes:
        """Any bytes for matrices; scales that keep activations near one, and small floats for all else."""
        info, seeded = self.tensors[name], random.Random(zlib.crc32(name.encode()))
        if info.dtype == "I8":
            return seeded.randbytes(info.nbytes)
        if name.endswith("_scale"):
            columns = self.tensors[name.removesuffix("_scale")].shape[1]
            return array("f", [1 / (74 * columns**0.5)] * info.shape[0]).tobytes()
        return array("f", [seeded.uniform(-0.3, 0.3) for _ in range(info.nbytes // 4)]).tobytes()


if __name__ == "__main__":
    kernels = WasmtimeKernels(threads=1)
    json.dump(measure(kernels, json.load(sys.stdin)), sys.stdout)
    kernels.close()
