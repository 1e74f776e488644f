"""q4, q2 and block pruning: what they lose, and their edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fixtures.array_source import ArraySource
from tinyvlm.errors import ModelError
from tinyvlm.weights.quantize import (
    dequantize_q2,
    dequantize_q4,
    from_bfloat16,
    group_layout,
    prune_blocks,
    quantize_q2,
    quantize_q4,
    to_bfloat16,
)
from tinyvlm.weights.source import Float32Weights

SCHEMES = [(quantize_q4, dequantize_q4, 4, 0.083), (quantize_q2, dequantize_q2, 2, 0.331)]
schemes = pytest.mark.parametrize(("quantize", "dequantize", "bits", "error"), SCHEMES)


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@schemes
def test_error_of_gaussian_weights(quantize: Callable, dequantize: Callable, bits: int, error: float) -> None:
    weight, x = normal(256, 512), normal(20, 512)
    restored = dequantize(*quantize(weight), 512)
    assert np.linalg.norm(restored - weight) < error * np.linalg.norm(weight)
    assert np.linalg.norm(x @ restored.T - x @ weight.T) < 1.02 * error * np.linalg.norm(x @ weight.T)


@schemes
@pytest.mark.parametrize("k", [1, 31, 32, 33, 70])
def test_shapes(quantize: Callable, dequantize: Callable, bits: int, error: float, k: int) -> None:
    codes, scale = quantize(normal(5, k))
    groups = -(-k // 32)
    assert (codes.dtype, codes.shape) == (np.uint8, (5, groups * 4 * bits))
    assert (scale.dtype, scale.shape) == (np.uint16, (5, groups))
    assert dequantize(codes, scale, k).shape == (5, k)
    tensors = {"w": codes, "w_scale": scale, "w_columns": np.zeros((0, k), np.uint8)}
    layout = group_layout(ArraySource(tensors).tensors, "w")
    assert (layout.bits, layout.n, layout.k, layout.groups) == (bits, 5, k, groups)


@schemes
def test_groups_of_zeros(quantize: Callable, dequantize: Callable, bits: int, error: float) -> None:
    weight = normal(3, 64)
    weight[1, 32:] = 0
    assert not dequantize(*quantize(weight), 64)[1, 32:].any()


@schemes
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(
    quantize: Callable, dequantize: Callable, bits: int, error: float, value: float
) -> None:
    with pytest.raises(ModelError) as caught:
        quantize(np.array([[value, 1]], np.float32))
    assert caught.value.code == "weights-not-finite"


def test_levels_are_restored_exactly() -> None:
    """Weights that are multiples of a scale come back as they were, the extreme on either side."""
    levels = np.resize(np.arange(-8, 8), (1, 32)).astype(np.float32)
    for weight in (levels, -levels):
        np.testing.assert_allclose(dequantize_q4(*quantize_q4(weight), 32), weight, atol=0.45)
    codes = np.array([[0x80, 0x7F] * 8], np.uint8)
    assert dequantize_q4(codes, to_bfloat16([[-0.5]]), 4).tolist() == [[-0.0, 4.0, 0.5, -3.5]]
    codes = np.array([[0b11_10_01_00] * 8], np.uint8)
    assert dequantize_q2(codes, to_bfloat16([[2]]), 4).tolist() == [[1, 3, -3, -1]]


def test_bfloat16_rounds_half_to_even() -> None:
    values = np.array([1, -1, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20, 0], np.float32)
    assert from_bfloat16(to_bfloat16(values)).tolist() == [1, -1, 1, 1 + 2**-6, 1 + 2**-7, 0]


@pytest.mark.parametrize("share", [0, 0.25, 0.6, 1])
def test_pruning_takes_the_smallest_blocks(share: float) -> None:
    weight = normal(40, 320) * np.linspace(0.1, 1, 320, dtype=np.float32)
    pruned = prune_blocks(weight, share)
    zero = ~pruned.reshape(5, 8, 10, 32).any(axis=(1, 3))
    assert zero.sum() == round(share * 50)
    kept = ~zero.repeat(8, axis=0).repeat(32, axis=1)
    np.testing.assert_array_equal(pruned, weight * kept)
    norms = (weight.reshape(5, 8, 10, 32) ** 2).sum(axis=(1, 3))
    if 0 < share < 1:
        assert norms[zero].max() <= norms[~zero].min()


def test_pruning_leaves_odd_shapes_their_shape() -> None:
    assert prune_blocks(normal(13, 45), 0.5).shape == (13, 45)


@schemes
def test_float32_weights_multiply_out(quantize: Callable, dequantize: Callable, bits: int, error: float) -> None:
    codes, scale = quantize(normal(5, 70))
    arrays: dict[str, Any] = {"w": codes, "w_scale": scale, "w_columns": np.zeros((0, 70), np.uint8)}
    plain = Float32Weights(ArraySource(arrays))
    assert list(plain.tensors) == ["w"]
    assert plain.tensors["w"].shape == (5, 70)
    np.testing.assert_array_equal(
        np.frombuffer(plain.read("w"), np.float32).reshape(5, 70), dequantize(codes, scale, 70)
    )


def test_float32_weights_widen_bfloat16() -> None:
    plain = Float32Weights(ArraySource({"b": to_bfloat16([1.5, -2])}))
    assert np.frombuffer(plain.read("b"), np.float32).tolist() == [1.5, -2]
