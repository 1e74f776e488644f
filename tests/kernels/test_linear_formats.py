"""Matrices of 4 and 2 bits a weight, and q8 without its zero blocks, against the numpy reference over odd shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.array_source import ArraySource
from harness import Harness, assert_close
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.opcodes import OPCODES
from tinyvlm.backends.recorder import Recorder
from tinyvlm.errors import ModelError
from tinyvlm.ops import ACTIVATIONS
from tinyvlm.weights.quantize import (
    dequantize_q2,
    dequantize_q4,
    prune_blocks,
    quantize_q8,
    quantized_tensors,
)
from tinyvlm.weights.source import Float32Weights

examples = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
activations = st.sampled_from(ACTIVATIONS)
formats = st.sampled_from(["q4", "q2"])
DEQUANTIZE = {"q4": dequantize_q4, "q2": dequantize_q2}


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def grouped(format_: str, weight: np.ndarray) -> dict[str, np.ndarray]:
    return quantized_tensors("w.weight", weight, format_)


def pruned(seed: int, n: int, k: int, share: float) -> dict[str, np.ndarray]:
    values, scale = quantize_q8(prune_blocks(normal(seed, n, k), share))
    return {"w.weight": values, "w.weight_scale": scale}


@examples
@given(
    formats, st.integers(1, 40), st.integers(1, 140), st.integers(1, 75), activations, st.booleans(), seeds
)  # fmt: skip
def test_linear_in_groups(
    harness: Harness, format_: str, rows: int, k: int, n: int, activation: str, extras: bool, seed: int
) -> None:
    x, residual = normal(seed, rows, k) * 3 + 1, normal(seed + 2, rows, n)
    weights = grouped(format_, normal(seed + 3, n, k))
    if extras:
        weights["w.bias"] = normal(seed + 1, n)

    def op(ops, w, x, r):
        return ops.linear(x, w.linear("w"), activation=activation, residual=r if extras else None)

    actual, expected = harness.both(op, x, residual, weights=weights)
    assert_close(actual, expected, 5e-5)


@pytest.mark.parametrize("format_", ["q4", "q2"])
def test_group_sums_are_exact_at_the_extremes(harness: Harness, format_: str) -> None:
    """The largest weights against the largest activations: nothing saturates, and powers of two stay exact."""
    n, k = 16, 256
    codes = np.where(
        normal(1, n, k // 8 * (4 if format_ == "q4" else 2)) > 0, *((0x88, 0x77) if format_ == "q4" else (0xAA, 0x55))
    )
    weights = {"w.weight": codes.astype(np.uint8), "w.weight_scale": np.full((n, k // 32), 0x3F80, np.uint16)}
    x = np.zeros((7, k), np.float32)
    x[:, ::3] = harness.steps  # scale 1, zero point 0: each value is its own byte
    actual, _ = harness.both(lambda ops, w, x: ops.linear(x, w.linear("w")), x, weights=weights)
    dense = DEQUANTIZE[format_](weights["w.weight"], weights["w.weight_scale"], k)
    np.testing.assert_array_equal(actual, x.astype(np.float64) @ dense.astype(np.float64).T)


@examples
@given(st.integers(1, 40), st.integers(1, 140), st.integers(1, 75), st.floats(0, 1), activations, st.booleans(), seeds)
def test_linear_sparse(
    harness: Harness, rows: int, k: int, n: int, share: float, activation: str, extras: bool, seed: int
) -> None:
    x, residual = normal(seed, rows, k) * 3, normal(seed + 2, rows, n)
    weights = pruned(seed + 3, n, k, share)
    if extras:
        weights["w.bias"] = normal(seed + 1, n)

    def op(ops, w, x, r):
        return ops.linear(x, w.linear("w"), activation=activation, residual=r if extras else None)

    actual, expected = harness.both(op, x, residual, weights=weights)
    assert_close(actual, expected)


@pytest.mark.parametrize(
    ("share", "kernel"), [(0, "linear_q8"), (0.05, "linear_q8"), (0.5, "linear_sparse"), (1, "linear_sparse")]
)
def test_pruned_matrices_choose_the_sparse_kernel(harness: Harness, share: float, kernel: str) -> None:
    names: list[str] = []

    def op(ops, w, x):
        y = ops.linear(x, w.linear("w"))
        if isinstance(ops, Recorder):
            names.append(OPCODES[ops.instructions[-1][0]])
        return y

    actual, expected = harness.both(op, normal(1, 3, 320), weights=pruned(2, 64, 320, share))
    assert_close(actual, expected)
    assert names == [kernel]


def test_formats_that_read_the_same_rows_pad_them_as_they_need(harness: Harness) -> None:
    """One x of 40 columns for a q8 layer, which pads to 4, and a q4 layer, which pads to 32."""
    values, scale = quantize_q8(normal(1, 9, 40))
    weights = {**grouped("q4", normal(2, 9, 40)), "v.weight": values, "v.weight_scale": scale}
    actual, expected = harness.both(
        lambda ops, w, x: ops.add(ops.linear(x, w.linear("v")), ops.linear(x, w.linear("w"))),
        normal(3, 5, 40),
        weights=weights,
    )
    assert_close(actual, expected)


@examples
@given(st.sampled_from(["q4", "q2", "sparse"]), st.integers(1, 30), st.integers(1, 140), seeds)
def test_embedding_of_every_format(harness: Harness, format_: str, vocabulary: int, columns: int, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(0, vocabulary, 7).astype(np.int32)
    if format_ == "sparse":
        weights = pruned(seed, vocabulary, columns, 0.5)
    else:
        weights = grouped(format_, normal(seed, vocabulary, columns))
    dense = np.frombuffer(Float32Weights(ArraySource(weights)).read("w.weight"), np.float32).reshape(
        vocabulary, columns
    )
    actual, expected = harness.both(lambda ops, w, ids: ops.embedding(ids, w.linear("w")), ids, weights=weights)
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(actual, dense[ids])


@pytest.mark.parametrize(
    "changed",
    [
        {"w.weight_rotated_scale": np.zeros((4, 3), np.uint16)},
        {"w.weight_rotated_scale": np.zeros((5, 2), np.uint16)},
        {"w.weight_rotated_scale": np.zeros((4, 2), np.float32)},
        {"w.weight_columns": np.zeros((0, 65), np.uint8)},
        {"w.weight_columns": np.zeros((0, 32), np.uint8)},
        {"w.weight": np.zeros((4, 33), np.uint8)},
    ],
)
def test_sizes_that_do_not_fit_are_an_error(harness: Harness, changed: dict[str, np.ndarray]) -> None:
    source = ArraySource({**grouped("q4", normal(1, 4, 64)), **changed})
    weights = KernelWeights(harness.kernels, source)
    with pytest.raises(ModelError, match="neither q4 nor q2") as caught:
        weights.linear("w")
    assert caught.value.code == "tensor-groups-wrong"
    assert not weights.addresses
