"""Weights that come in a few rows at a time are packed as those that are read at once, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness import ArraySource, Harness
from tinyvlm.backends import kernel_quantizer
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.streamed_weights import Fill, StreamedWeights
from tinyvlm.backends.values import LinearWeight, packed_row_bytes, padded_rows
from tinyvlm.weights import planes
from tinyvlm.weights.planes import JoinedPlanes, SplitPlanes
from tinyvlm.weights.quantize import Scheme, quantized_tensors, to_bfloat16
from tinyvlm.weights.source import WeightSource

N, K = 45, 100
"""Neither is a whole number of panels or groups."""
FILL_BYTES = 16 * K
"""16 rows of bytes, or 8 that are quantized, which is the least: several fills, the last of them short."""


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def with_bias(arrays: Mapping[str, np.ndarray]) -> ArraySource:
    return ArraySource({**arrays, "w.bias": normal(2, N)})


def in_planes() -> tuple[WeightSource, ArraySource]:
    """A q8 matrix that is seen whole, and the file in which it is in planes."""
    source = with_bias(quantized_tensors("w.weight", normal(1, N, K), "q8"))
    split = SplitPlanes(source)
    file = ArraySource({})
    file.tensors = dict(split.tensors)
    file.arrays = {name: np.frombuffer(split.read(name), np.uint8) for name in split.tensors}
    return JoinedPlanes(file), file


SOURCES: dict[str, Callable[[], ArraySource]] = {
    "float32": lambda: with_bias({"w.weight": normal(1, N, K)}),
    "bfloat16": lambda: with_bias({"w.weight": to_bfloat16(normal(1, N, K))}),
    "convolution": lambda: with_bias({"w.weight": normal(1, N, 4, 5, 5)}),
    "q8": lambda: with_bias(quantized_tensors("w.weight", normal(1, N, K), "q8")),
    "q4": lambda: with_bias(quantized_tensors("w.weight", normal(1, N, K), "q4")),
    "q2": lambda: with_bias(quantized_tensors("w.weight", normal(1, N, K), "q2")),
}
CASES: list[tuple[str, Scheme]] = [
    *((kind, scheme) for kind in ("float32", "bfloat16", "convolution") for scheme in ("float32", "q8", "q4", "q2")),
    *((kind, "float32") for kind in ("q8", "q4", "q2")),
]


class Unread:
    """A source of which only the headers are there."""

    def __init__(self, source: WeightSource) -> None:
        self.tensors = source.tensors

    def read(self, name: str) -> Any:
        raise AssertionError(f"{name} was read")


def packed(harness: Harness, layer: LinearWeight) -> dict[str, bytes]:
    """What lies at the layer's addresses."""
    n, k = layer.shape
    parts = {
        "weight": (layer.weight, padded_rows(n) * packed_row_bytes(layer.format, k)),
        "bias": (layer.bias, 4 * padded_rows(n)),
        "scale": (layer.scale, 4 * padded_rows(n)),
        "sums": (layer.sums, 4 * padded_rows(n)),
    }
    return {part: harness.kernels.read(address, nbytes) for part, (address, nbytes) in parts.items() if address}


def at_once(harness: Harness, source: WeightSource, scheme: Scheme = "float32") -> tuple[str, dict[str, bytes]]:
    weights = KernelWeights(harness.kernels, source, scheme)
    layer = weights.linear("w")
    result = layer.format, packed(harness, layer)
    weights.free()
    return result


def streamed(
    harness: Harness,
    weights: StreamedWeights,
    file: WeightSource,
    order: Callable[[Sequence[Fill]], Sequence[Fill]],
) -> tuple[str, dict[str, bytes]]:
    layer = weights.linear("w")
    for fill in order(weights.fills):
        address = harness.kernels.call("heap_alloc", fill.nbytes)
        harness.kernels.write(address, file.read(fill.tensor)[fill.begin : fill.begin + fill.nbytes])
        fill.place(address)
        harness.kernels.call("heap_free", address)
    result = layer.format, packed(harness, layer)
    weights.free()
    return result


def backwards(fills: Sequence[Fill]) -> Sequence[Fill]:
    return fills[::-1]


@pytest.mark.parametrize("order", [list, backwards])
@pytest.mark.parametrize(("kind", "scheme"), CASES)
def test_fills_make_the_whole_matrix(
    harness: Harness,
    kind: str,
    scheme: Scheme,
    order: Callable[[Sequence[Fill]], Sequence[Fill]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = SOURCES[kind]()
    expected = at_once(harness, source, scheme)
    monkeypatch.setattr(kernel_quantizer, "FILL_BYTES", FILL_BYTES)
    weights = StreamedWeights(harness.kernels, Unread(source), scheme)
    assert streamed(harness, weights, source, order) == expected
    assert at_once(harness, source, scheme) == expected, "read at once, a few rows at a time"


@pytest.mark.parametrize("scheme", ["float32", "q8", "q4", "q2"])
def test_fills_hold_whole_heads(harness: Harness, scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that llama.cpp has reordered within heads of 12, and panels of 8: 24 rows go in at a time."""
    source = ArraySource({"w.weight": normal(1, 48, K)})
    source.tensors["w.weight"] = replace(source.tensors["w.weight"], rope_heads=4)
    expected = at_once(harness, source, scheme)
    monkeypatch.setattr(kernel_quantizer, "FILL_BYTES", FILL_BYTES)
    weights = StreamedWeights(harness.kernels, Unread(source), scheme)
    assert streamed(harness, weights, source, list) == expected
    assert len(weights.fills) == 2


def test_planes_make_the_whole_matrix(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the high plane, a draft, and then the low one."""
    monkeypatch.setattr(planes, "LEAST_VALUES", 1)
    source, file = in_planes()
    expected = at_once(harness, source)
    monkeypatch.setattr(kernel_quantizer, "FILL_BYTES", FILL_BYTES)
    weights = StreamedWeights(harness.kernels, source)
    weights.stage = "vision"
    weights.linear("w")
    assert [fill.stage for fill in weights.fills].count("refine") == 3
    assert {fill.stage for fill in weights.fills if not fill.tensor.endswith("_low")} == {"vision"}
    assert streamed(harness, weights, file, list) == expected


def test_zero_blocks_of_what_is_on_its_way_are_packed_too(harness: Harness) -> None:
    """They are not known to be zero; what is read at once goes to the sparse kernel."""
    source = with_bias({"w.weight": np.zeros((N, K), np.int8), "w.weight_scale": np.ones(N, np.float32)})
    format_, parts = streamed(harness, StreamedWeights(harness.kernels, Unread(source)), source, list)
    assert format_ == "q8"
    assert not any(parts["weight"])
    assert at_once(harness, SOURCES["q8"]())[0] == "q8"
    weights = KernelWeights(harness.kernels, source)
    assert weights.linear("w").format == "sparse"
    weights.free()
