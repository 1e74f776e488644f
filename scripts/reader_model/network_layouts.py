"""Our names for the layers of both published graphs, in the graphs' order, and what each layer has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.environment import ScriptError

from .onnx_layers import Layer
from .published import DETECTOR_BLOCKS, LAYERS, RECOGNIZER_BLOCKS

LEVELS = 4


@dataclass(frozen=True)
class Place:
    """A layer of ours: its name, how its numbers are arranged (arrangements.py), and what the graph must say of it."""

    name: str
    kind: str
    activation: str = ""
    kernel: tuple[int, int] = (1, 1)
    strides: tuple[int, int] = (1, 1)

    def check(self, layer: Layer) -> None:
        """Raise ScriptError unless the graph's layer is one that the model's code computes."""
        expected: tuple[object, ...] = ("Norm", "")
        found: tuple[object, ...] = (layer.kind, layer.activation)
        if self.kind in ("matrix", "queries", "attended", "head"):
            expected = ("MatMul", self.activation)
        elif self.kind != "norm":
            operator = "ConvTranspose" if self.kind == "grow" else "Conv"
            expected = (operator, self.activation, self.kernel, self.strides, self._pads(), self.kind == "depthwise")
            found = (*found, layer.weight.shape[2:], layer.strides, layer.pads, layer.groups > 1)
        if found != expected:
            raise ScriptError(f"The graph's layer for {self.name} is {found}, where the code computes {expected}.")

    def _pads(self) -> tuple[int, ...] | str:
        """Before and behind both axes; convolutions of 2 pad behind only."""
        if self.kind == "grow":
            return (0, 0, 0, 0)
        if self.kernel == (2, 2):
            return "SAME_UPPER"
        return tuple((size - 1) // 2 for size in self.kernel) * 2


def pair(layers: Sequence[Layer], places: Iterator[Place]) -> list[tuple[Place, Layer]]:
    """Return each layer with its place. Raises ScriptError where they do not fit each other."""
    known = list(places)
    if len(known) != len(layers):
        raise ScriptError(f"The graph has {len(layers)} layers, where the code computes {len(known)}.")
    for place, layer in zip(known, layers, strict=True):
        place.check(layer)
    return list(zip(known, layers, strict=True))


def detector() -> Iterator[Place]:
    """Yield the text detector's layers."""
    yield from _trunk("detector", DETECTOR_BLOCKS)
    for level in reversed(range(LEVELS)):
        yield Place(f"detector.neck.{level}.lateral", "pointwise")
        yield from _squeeze(f"detector.neck.{level}.lateral_squeeze")
    for level in reversed(range(LEVELS)):
        yield Place(f"detector.neck.{level}.depthwise", "depthwise", kernel=(5, 5))
        yield Place(f"detector.neck.{level}.project", "pointwise")
        yield from _squeeze(f"detector.neck.{level}.project_squeeze")
    yield Place("detector.head.conv", "convolution", "relu", (3, 3))
    yield Place("detector.head.grow.0", "grow", "relu", (2, 2), (2, 2))
    yield Place("detector.head.grow.1", "grow", "sigmoid", (2, 2), (2, 2))


def recognizer() -> Iterator[Place]:
    """Yield the text recogniser's layers."""
    yield from _trunk("recognizer", RECOGNIZER_BLOCKS)
    yield Place("recognizer.neck.shortcut", "pointwise", "silu")
    yield Place("recognizer.neck.reduce", "pointwise", "silu")
    yield Place("recognizer.neck.depthwise", "depthwise", "silu", (1, 7))
    for i in range(LAYERS):
        layer = f"recognizer.neck.layers.{i}"
        yield Place(f"{layer}.attention_norm", "norm")
        yield Place(f"{layer}.qkv", "queries")
        yield Place(f"{layer}.out", "attended")
        yield Place(f"{layer}.mlp_norm", "norm")
        yield Place(f"{layer}.up", "matrix", "silu")
        yield Place(f"{layer}.down", "matrix")
    yield Place("recognizer.neck.norm", "norm")
    yield Place("recognizer.head", "head")


def _trunk(network: str, blocks: Sequence[tuple[int, int, bool]]) -> Iterator[Place]:
    yield Place(f"{network}.stem.0", "image", "relu", (3, 3), (2, 2))
    yield Place(f"{network}.stem.1", "convolution", "relu", (2, 2))
    yield Place(f"{network}.stem.2", "convolution", "relu", (2, 2))
    yield Place(f"{network}.stem.3", "convolution", "relu", (3, 3), (2, 2))
    yield Place(f"{network}.stem.4", "pointwise", "relu")
    for i, (down, across, squeeze) in enumerate(blocks):
        block = f"{network}.blocks.{i}"
        yield Place(f"{block}.depthwise", "depthwise", kernel=(3, 3), strides=(down, across))
        if squeeze:
            yield from _squeeze(f"{block}.squeeze")
        yield Place(f"{block}.expand", "pointwise", "gelu")
        yield Place(f"{block}.project", "pointwise")


def _squeeze(prefix: str) -> Iterator[Place]:
    yield Place(f"{prefix}.down", "pointwise", "relu")
    yield Place(f"{prefix}.up", "gate", "hard_sigmoid")
