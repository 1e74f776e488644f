"""Writes the reader's folder: both networks' weights in q8, their configuration, parts and card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyvlm.folder.model_folder import WEIGHTS
from tinyvlm.folder.part_list import write_part_list
from tinyvlm.weights.quantize import Scheme, quantize_q8, quantized_tensors
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

from . import network_layouts
from .alphabet import SPACE, latin_classes
from .arrangements import Numbers, arrange
from .onnx_layers import Graph, read_graph
from .published import DETECTOR_BLOCKS, DETECTOR_PIXELS, HEADS, LAYERS, RECOGNIZER_BLOCKS, RECOGNIZER_PIXELS

QUANTIZED_FROM = 512
"""Values of a matrix: smaller ones stay float32, which costs next to nothing."""

CARD_TEXT = Path(__file__).with_name("card.md")
LICENSE_TEXT = Path(__file__).with_name("apache-2.0.txt")
"""Whoever gets the weights has to get it."""
FILES = ("config.json", WEIGHTS)
DTYPES = {"float32": "F32", "int8": "I8"}


class Networks:
    """Both graphs, paired with our layers."""

    def __init__(self, detector: Path, recognizer: Path, *, all_characters: bool = False) -> None:
        """Read and check them. Raises ScriptError where the code would not compute what they say."""
        self.detector, self.recognizer = read_graph(detector), read_graph(recognizer)
        self.detector_layers = network_layouts.pair(self.detector.layers, network_layouts.detector())
        self.recognizer_layers = network_layouts.pair(self.recognizer.layers, network_layouts.recognizer())
        known = characters(self.recognizer)
        self.classes = list(range(len(known) + 2)) if all_characters else latin_classes(known)
        self.characters = "".join([*known, SPACE][index - 1] for index in self.classes[1:])

    def numbers(self) -> Iterator[tuple[str, str, Numbers]]:
        """Yield name, kind, and float32 weight and bias of every layer, the detector's first."""
        for place, layer in [*self.detector_layers, *self.recognizer_layers]:
            yield place.name, place.kind, arrange(place.kind, layer, self.classes)


def characters(graph: Graph) -> list[str]:
    """Return what the recogniser's classes from 1 on stand for; the file holds them, a line each."""
    (text,) = (entry.value for entry in graph.model.metadata_props if entry.key == "character")
    return str(text).split("\n")


def stored(networks: Networks, scheme: Scheme) -> dict[str, np.ndarray]:
    """Return all tensors by name; `scheme` is q8 or float32."""
    tensors = dict[str, np.ndarray]()
    for name, kind, (weight, bias) in networks.numbers():
        large = weight.ndim == 2 and weight.size >= QUANTIZED_FROM and kind not in ("image", "grow")
        if large and scheme == "q8":
            tensors |= _quantized(f"{name}.weight", np.ascontiguousarray(weight))
        else:
            tensors[f"{name}.weight"] = weight.astype(np.float32)
        if bias is not None:
            tensors[f"{name}.bias"] = bias.astype(np.float32)
    return tensors


def _quantized(name: str, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Rotation makes the recogniser twice as close to float32, and the detector no closer: there it is left out."""
    if name.startswith("recognizer."):
        return quantized_tensors(name, weight)
    values, scale = quantize_q8(weight)
    return {name: values, f"{name}_scale": scale}


def config(networks: Networks) -> dict[str, Any]:
    """Return config.json."""
    return {
        "model_type": "text_reader",
        "detector_config": {**DETECTOR_PIXELS, "blocks": _blocks(DETECTOR_BLOCKS)},
        "recognizer_config": {
            **RECOGNIZER_PIXELS,
            "blocks": _blocks(RECOGNIZER_BLOCKS),
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "layer_norm_eps": 1e-5,
            "last_layer_norm_eps": 1e-6,
            "characters": networks.characters,
        },
        "quantization_config": {"quant_method": "q8"},
    }


def write_folder(networks: Networks, folder: Path, scheme: Scheme = "q8") -> None:
    """Write all files of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config(networks), indent=1, ensure_ascii=False) + "\n", "utf-8")
    tensors = stored(networks, scheme)
    entries = {name: (DTYPES[value.dtype.name], value.shape, value.tobytes()) for name, value in tensors.items()}
    write_safetensors(folder / WEIGHTS, entries, {"format": f"tinyvlm-{scheme}"})
    with open_safetensors(folder / WEIGHTS) as file:
        end = min(info.offset for name, info in file.tensors.items() if name.startswith("recognizer."))
    write_part_list(folder, FILES, {WEIGHTS: [end]})
    (folder / "README.md").write_bytes(CARD_TEXT.read_bytes())
    (folder / "LICENSE").write_bytes(LICENSE_TEXT.read_bytes())


def _blocks(blocks: Sequence[tuple[int, int, bool]]) -> list[dict[str, Any]]:
    return [{"stride": [down, across], "squeeze": squeeze} for down, across, squeeze in blocks]
