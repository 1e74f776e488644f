"""Writes tests/golden/reader.npz: what onnxruntime answers on the published text networks.

    build/onnx-venv/bin/python scripts/golden/make_reader.py      # scripts/build_reader.py makes that environment

Each network is run on a small drawn picture, as published, and once more on a graph that holds the shipped folder's
rounded weights: those are in the repository, and float32 arithmetic on them must give the same.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Started by its path, Python sees this folder alone.
    environment = Path(__file__).resolve().parents[1] / "support" / "environment.py"
    runpy.run_path(str(environment))["start_module"]("golden.make_reader")

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from PIL import Image, ImageDraw, ImageFont

from reader_model.arrangements import restore
from reader_model.network_layouts import Place
from reader_model.onnx_layers import Graph, Layer
from reader_model.published import DETECTOR_PIXELS, RECOGNIZER_PIXELS, published_files
from reader_model.reader_folder import Networks
from support.environment import ROOT
from tinyvlm.folder.model_folder import WEIGHTS
from tinyvlm.weights.safetensors import open_safetensors
from tinyvlm.weights.source import Float32Weights, WeightSource, read_array

TARGET = ROOT / "tests" / "golden" / "reader.npz"
FOLDER = ROOT / "web" / "models" / "reader"
EPSILON = 1e-5
"""Of the recogniser's batch norms."""

Array = np.ndarray


def picture(height: int, width: int, lines: Sequence[tuple[str, int]]) -> Array:
    """Draw lines of text, each of its size, below one another."""
    image = Image.new("RGB", (width, height), (238, 233, 220))
    draw = ImageDraw.Draw(image)
    y = 4
    for text, size in lines:
        draw.text((8, y), text, fill=(40, 30, 70), font=ImageFont.load_default(size))
        y += size + 8
    return np.asarray(image)


def answer(model: Any, image: Array, pixels: Mapping[str, Sequence[float]]) -> Array:
    """Return what the graph says of uint8 RGB: the detector's map, or the recogniser's logits; blue comes first."""
    last = model.graph.node[-1]
    if last.op_type == "Softmax":
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(last.input[0]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    mean, std = (np.array(pixels[name], np.float32) for name in ("image_mean", "image_std"))
    values = ((image.astype(np.float32) / 255 - mean) / std)[:, :, ::-1]
    return np.asarray(session.run(None, {"x": values.transpose(2, 0, 1)[None]})[-1])


def put_weights(graph: Graph, layers: list[tuple[Place, Layer]], source: WeightSource, classes: list[int]) -> None:
    """Put a folder's weights into the graph."""
    values = dict[str, Array]()
    for place, layer in layers:
        weight = read_array(source, f"{place.name}.weight")
        bias = read_array(source, f"{place.name}.bias") if f"{place.name}.bias" in source.tensors else None
        values[layer.weight_name], bias = restore(place.kind, layer, (weight, bias), classes)
        if layer.batch_norm and bias is not None:
            ones = np.ones_like(bias)
            numbers = (ones, bias, 0 * ones, ones - np.float32(EPSILON))
            values |= dict(zip(layer.batch_norm, numbers, strict=True))
        elif bias is not None:
            values[layer.bias_name] = bias.reshape(graph.constants[layer.bias_name].shape)
    for tensor in graph.model.graph.initializer:
        if tensor.name in values:
            tensor.CopyFrom(_tensor(values.pop(tensor.name), tensor.name))
    for node in graph.model.graph.node:
        if node.op_type == "Constant" and node.output[0] in values:
            node.attribute[0].t.CopyFrom(_tensor(values.pop(node.output[0]), ""))
    assert not values, f"not in the graph: {sorted(values)}"


def _tensor(value: Array, name: str) -> Any:
    return numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name)


def main() -> None:
    """Write the file."""
    networks = Networks(*published_files(Path(sys.executable)))
    page = picture(96, 160, [("Total 12.50", 22), ("Thank you!", 18)])
    line = picture(48, 160, [("Total 12.50", 26)])
    golden: dict[str, Any] = {"page": page, "line": line}
    golden["map"] = answer(networks.detector.model, page, DETECTOR_PIXELS)[0, 0]
    golden["logits"] = answer(networks.recognizer.model, line, RECOGNIZER_PIXELS)[0][:, networks.classes]
    with open_safetensors(FOLDER / WEIGHTS) as file:
        source = Float32Weights(file)
        put_weights(networks.detector, networks.detector_layers, source, networks.classes)
        put_weights(networks.recognizer, networks.recognizer_layers, source, networks.classes)
    golden["rounded_map"] = answer(networks.detector.model, page, DETECTOR_PIXELS)[0, 0]
    golden["rounded_logits"] = answer(networks.recognizer.model, line, RECOGNIZER_PIXELS)[0][:, networks.classes]
    np.savez_compressed(TARGET, **golden)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
