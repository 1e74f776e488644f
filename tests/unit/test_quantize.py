"""q8 at its edges; its ordinary error is in test_safetensors.py."""

from __future__ import annotations

import numpy as np
import pytest

from tinyvlm.errors import ModelError
from tinyvlm.weights.quantize import dequantize_q8, quantize_q8


def test_halves_round_to_even() -> None:
    values, scale = quantize_q8(np.array([[127, 0.5, 1.5, 2.5, -0.5, -1.5]], np.float32))
    assert scale.tolist() == [1]
    assert values.tolist() == [[127, 0, 2, 2, 0, -2]]


def test_each_row_reaches_its_own_end() -> None:
    weight = np.array([[1e-3, -2e-3], [500, -1000]], np.float32)
    values, scale = quantize_q8(weight)
    assert values.tolist() == [[64, -127], [64, -127]]
    np.testing.assert_allclose(dequantize_q8(values, scale)[:, 1], weight[:, 1], rtol=1e-6)


@pytest.mark.parametrize("size", [0, 1e-45, -1e-45])
def test_rows_without_a_scale_get_one(size: float) -> None:
    values, scale = quantize_q8(np.full((2, 3), size, np.float32))
    assert scale.tolist() == [1, 1]
    assert not values.any()


@pytest.mark.parametrize("shape", [(0, 4), (2, 0)])
def test_empty_matrices(shape: tuple[int, int]) -> None:
    values, scale = quantize_q8(np.zeros(shape, np.float32))
    assert (values.shape, scale.shape) == (shape, shape[:1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ModelError) as caught:
        quantize_q8(np.array([[value, 1]], np.float32))
    assert caught.value.code == "weights-not-finite"
