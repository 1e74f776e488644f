"""A network in TensorFlow.js' graph format, run by torch: as many of its operations as NanoDet has."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_TYPES = {"float16": np.float16, "float32": np.float32, "int32": np.int32}


class TfjsGraph:
    """Weights and operations of a `model.json` and the file of weights beside it."""

    def __init__(self, path: Path) -> None:
        """Read both; raises ValueError where an operation is not one of those known here."""
        model = json.loads(path.read_text())
        self._nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
        self._known = {
            name: torch.from_numpy(values)
            for group in model["weightsManifest"]
            for name, values in _weights(path, group)
        }
        self._inputs = [name for name, node in self._nodes.items() if node["op"] == "Placeholder"]
        self._outputs = [output["name"].split(":")[0] for output in model["signature"]["outputs"].values()]
        self._order = list(dict.fromkeys(name for output in self._outputs for name in self._needed(output)))
        if unknown := {self._nodes[name]["op"] for name in self._order} - _OPS.keys() - {"Placeholder", "Const"}:
            raise ValueError(f"{path} has operations that are not known here: {', '.join(sorted(unknown))}.")

    def __call__(self, x: Tensor) -> list[Tensor]:
        """Input (B, ...) -> outputs in the order of the signature; constant shapes are taken to be of one image."""
        values: dict[str, Any] = {**self._known, self._inputs[0]: x}
        with torch.no_grad():
            for name in self._order:
                if name not in values:
                    node = self._nodes[name]
                    inputs = [_output(values, source) for source in node["input"]]
                    values[name] = _OPS[node["op"]](node.get("attr", {}), *inputs)
        return [values[name] for name in self._outputs]

    def _needed(self, name: str) -> Iterator[str]:
        """What comes before an operation, and itself; without recursion, which is too deep for such networks."""
        done, waiting = set(), [(name, False)]
        while waiting:
            at, is_ready = waiting.pop()
            if is_ready:
                yield at
            elif at not in done:
                done.add(at)
                waiting.append((at, True))
                waiting += [(_source(source), False) for source in self._nodes[at].get("input", [])]


def _source(name: str) -> str:
    return name.removeprefix("^").split(":")[0]


def _output(values: dict[str, Any], source: str) -> Tensor:
    name, _, number = source.partition(":")
    value = values[name]
    return value[int(number or 0)] if isinstance(value, (list, tuple)) else value


def _weights(path: Path, group: dict[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    data, offset = b"".join((path.parent / name).read_bytes() for name in group["paths"]), 0
    for weight in group["weights"]:
        stored = np.dtype(_TYPES[weight.get("quantization", weight)["dtype"]])
        count = int(np.prod(weight["shape"]))
        values = np.frombuffer(data, stored, count, offset).astype(_TYPES[weight["dtype"]])
        offset += count * stored.itemsize
        yield weight["name"], values.reshape(weight["shape"])


def _conv(attr: dict[str, Any], x: Tensor, kernel: Tensor) -> Tensor:
    """(B, H, W, C) by (h, w, C, N); padding is an operation of its own."""
    if base64.b64decode(attr["padding"]["s"]) != b"VALID":
        raise ValueError("Only convolutions without padding are known here.")
    strides = [int(number) for number in attr["strides"]["list"]["i"][1:3]]
    return F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), stride=strides).permute(0, 2, 3, 1)


def _max_pool(attr: dict[str, Any], x: Tensor) -> Tensor:
    size, strides = ([int(number) for number in attr[name]["list"]["i"][1:3]] for name in ("ksize", "strides"))
    return F.max_pool2d(x.permute(0, 3, 1, 2), size, strides).permute(0, 2, 3, 1)


def _pad(_: dict[str, Any], x: Tensor, paddings: Tensor, value: Tensor | None = None) -> Tensor:
    widths = [int(width) for pair in reversed(paddings.tolist()) for width in pair]
    return F.pad(x, widths, value=0.0 if value is None else float(value))


def _resize(_: dict[str, Any], x: Tensor, size: Tensor) -> Tensor:
    shape = [int(number) for number in size.tolist()]
    return F.interpolate(x.permute(0, 3, 1, 2), shape, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)


def _reshape(_: dict[str, Any], x: Tensor, shape: Tensor) -> Tensor:
    return x.reshape([x.shape[0], *(int(number) for number in shape.tolist()[1:])])


def _sparse(_: dict[str, Any], indices: Tensor, shape: Tensor, values: Tensor, default: Tensor) -> Tensor:
    dense = torch.full([int(number) for number in shape.tolist()], default.item(), dtype=default.dtype)
    for index, value in zip(indices.tolist(), values, strict=True):
        dense[tuple(index)] = value
    return dense


_OPS: dict[str, Any] = {
    "Add": lambda _, a, b: a + b,
    "AddV2": lambda _, a, b: a + b,
    "ConcatV2": lambda _, *parts: torch.cat(parts[:-1], int(parts[-1])),
    "Conv2D": _conv,
    "Identity": lambda _, x: x,
    "LeakyRelu": lambda attr, x: F.leaky_relu(x, attr["alpha"]["f"]),
    "MaxPool": _max_pool,
    "Pad": _pad,
    "PadV2": _pad,
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Sigmoid": lambda _, x: torch.sigmoid(x),
    "SparseToDense": _sparse,
    "SplitV": lambda _, x, sizes, dim: torch.split(x, [int(size) for size in sizes.tolist()], int(dim)),
    "Transpose": lambda _, x, order: x.permute([int(axis) for axis in order.tolist()]),
}
