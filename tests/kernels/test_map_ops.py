"""Kernels of ops that read, pool or rearrange maps (h, w, C) against the numpy reference, over odd shapes."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness import Harness, assert_close
from tinyvlm.backends import map_recorder
from tinyvlm.ops import PADDING_BYTE, POOLS
from tinyvlm.weights.quantize import quantized_tensors

examples = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 14)
paddings = st.sampled_from(["same", "centred"])


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


@examples
@given(
    sides, sides, st.integers(1, 37), st.sampled_from([(1, 1), (2, 3), (3, 3), (5, 5), (1, 5), (1, 7), (4, 2)]),
    st.sampled_from([(1, 1), (2, 1), (2, 2), (1, 2), (3, 1)]), paddings, seeds,
)  # fmt: skip
def test_depthwise_filters_and_strides_that_are_not_square(
    harness: Harness, h: int, w: int, c: int, kernel: tuple[int, int], stride: tuple[int, int], padding: str, seed: int
) -> None:
    weights = {"weight": normal(seed, *kernel, c), "bias": normal(seed + 1, c)}

    def op(ops, w, x):
        filters, bias = w.tensor("weight"), w.tensor("bias")
        return ops.depthwise_conv2d(x, filters, bias, stride=stride, padding=padding, activation="relu")

    actual, expected = harness.both(op, normal(seed + 2, h, w, c), weights=weights)
    assert actual.shape == (math.ceil(h / stride[0]), math.ceil(w / stride[1]), c)
    assert_close(actual, expected)


def test_where_the_first_window_begins(harness: Harness) -> None:
    """Of six pixels, windows of three with stride two begin at the first pixel, or one before it."""
    x = np.arange(1.0, 7.0, dtype=np.float32).reshape(1, 6, 1)
    weights = {"weight": np.ones((1, 3, 1), np.float32), "bias": np.zeros(1, np.float32)}
    sums = {"same": [6, 12, 11], "centred": [3, 9, 15]}
    for padding, expected in sums.items():

        def op(ops, w, x, padding=padding):
            return ops.depthwise_conv2d(x, w.tensor("weight"), w.tensor("bias"), stride=(1, 2), padding=padding)

        for result in harness.both(op, x, weights=weights):
            np.testing.assert_array_equal(result.reshape(-1), expected)


@examples
@given(
    sides, sides, st.integers(1, 40), st.sampled_from([1, 2, 3, 5]), st.integers(1, 3), paddings, st.booleans(), seeds
)
def test_conv2d_cuts_its_windows_alike_in_float32_and_in_q8(
    harness: Harness, h: int, w: int, c: int, kernel: int, stride: int, padding: str, quantized: bool, seed: int
) -> None:
    matrix = normal(seed, 11, kernel * kernel * c)
    layer = quantized_tensors("w.weight", matrix) if quantized else {"w.weight": matrix}

    def op(ops, w, x):
        return ops.conv2d(x, w.linear("w"), kernel=kernel, stride=stride, padding=padding, activation="relu")

    weights = {**layer, "w.bias": normal(seed + 1, 11)}
    actual, expected = harness.both(op, normal(seed + 2, h, w, c), weights=weights)
    assert_close(actual, expected, 1e-4)


def test_windows_too_long_to_be_quantized_at_once_are_the_same(harness: Harness, monkeypatch) -> None:
    weights = quantized_tensors("w.weight", normal(1, 11, 9 * 8))

    def op(ops, w, x):
        return ops.conv2d(x, w.linear("w"), kernel=3, stride=1)

    at_once, _ = harness.both(op, normal(2, 7, 9, 8), weights=weights)
    monkeypatch.setattr(map_recorder, "MAX_QUANTIZED_WINDOW", 71)
    first_cut, _ = harness.both(op, normal(2, 7, 9, 8), weights=weights)
    np.testing.assert_array_equal(at_once, first_cut)


@examples
@given(
    sides, sides, st.integers(1, 21), st.sampled_from(POOLS), st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)), seeds,
)  # fmt: skip
def test_pool(
    harness: Harness, h: int, w: int, c: int, kind: str, window: tuple[int, int], stride: tuple[int, int], seed: int
) -> None:
    """All elements are below 0: what lies outside the image would be the largest, and would pull means up."""
    x = -np.abs(normal(seed, h, w, c)) - 1
    actual, expected = harness.both(lambda ops, w, x: ops.pool(x, kind, window=window, stride=stride), x)
    assert actual.max() <= -1
    assert_close(actual, expected)


@examples
@given(sides, sides, st.integers(1, 21), st.integers(1, 8), st.booleans(), seeds)
def test_upsample(harness: Harness, h: int, w: int, c: int, factor: int, extra: bool, seed: int) -> None:
    def op(ops, w, x, r):
        return ops.upsample(x, factor, residual=r if extra else None)

    inputs = normal(seed, h, w, c), normal(seed + 1, h * factor, w * factor, c)
    actual, expected = harness.both(op, *inputs)
    np.testing.assert_array_equal(actual, expected)


@examples
@given(sides, sides, st.integers(1, 9), st.integers(1, 3), seeds)
def test_depth_to_space(harness: Harness, h: int, w: int, c: int, factor: int, seed: int) -> None:
    x = normal(seed, h, w, factor * factor * c)
    actual, expected = harness.both(lambda ops, w, x: ops.depth_to_space(x, factor), x)
    np.testing.assert_array_equal(actual, expected)
    y, i = h * factor - 1, factor - 1  # the lowest row is made of the last row's lowest channels
    np.testing.assert_array_equal(actual[y, 0], x[h - 1, 0, i * factor * c : (i * factor + 1) * c])


@examples
@given(sides, sides, st.integers(1, 37), st.booleans(), seeds)
def test_scale_columns(harness: Harness, h: int, w: int, c: int, residual: bool, seed: int) -> None:
    x, factors = normal(seed, h, w, c), normal(seed + 1, 1, c)
    actual, expected = harness.both(lambda ops, w, x, f: ops.scale_columns(x, f, residual=residual), x, factors)
    assert_close(actual, expected)


@examples
@given(sides, sides, st.lists(st.integers(1, 20), min_size=1, max_size=4), seeds)
def test_join_columns(harness: Harness, h: int, w: int, columns: list[int], seed: int) -> None:
    parts = [normal(seed + i, h, w, c) for i, c in enumerate(columns)]
    actual, expected = harness.both(lambda ops, w, *parts: ops.join_columns(parts), *parts)
    np.testing.assert_array_equal(actual, expected)


@examples
@given(st.integers(1, 20), st.integers(1, 70), seeds)
def test_best_columns(harness: Harness, rows: int, columns: int, seed: int) -> None:
    """Few values, so that many are the largest: the first counts."""
    x = np.random.default_rng(seed).integers(-5, 1, (rows, columns)).astype(np.float32)
    actual, expected = harness.both(lambda ops, w, x: ops.best_columns(x), x)
    np.testing.assert_array_equal(actual, expected)
    assert [list(row).index(max(row)) for row in x] == list(actual[:, 0])


@examples
@given(sides, sides, st.integers(1, 5), seeds)
def test_to_bytes(harness: Harness, h: int, w: int, c: int, seed: int) -> None:
    x = np.random.default_rng(seed).uniform(-0.2, 1.2, (h, w, c)).astype(np.float32)
    actual, expected = harness.both(lambda ops, w, x: ops.to_bytes(x), x)
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_allclose(actual, np.clip(x * 255.0, 0, 255), rtol=0, atol=0.51)


def test_bytes_at_the_ends_of_the_range(harness: Harness) -> None:
    x = np.array([[-9, 0, 0.4 / 255, 0.6 / 255, 254.4 / 255, 254.6 / 255, 1, 9] * 3], np.float32)
    for result in harness.both(lambda ops, w, x: ops.to_bytes(x), x):
        assert list(result[0]) == [0, 0, 0, 1, 254, 255, 255, 255] * 3


@examples
@given(sides, sides, st.integers(1, 30), st.integers(1, 9), st.integers(0, 30), seeds)
@example(h=1, w=1, out_w=5, out_h=3, columns=5, seed=0)
def test_rectify(harness: Harness, h: int, w: int, out_w: int, out_h: int, columns: int, seed: int) -> None:
    """Maps that turn, stretch, tilt and leave the image; a sum may round to the neighbouring byte."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (h, w, 3)).astype(np.uint8)
    matrix = [*rng.uniform(-2, 2, 2), rng.uniform(-2, w), *rng.uniform(-2, 2, 2), rng.uniform(-2, h), 0.01, 0.02]

    def op(ops, weights, image):
        return ops.rectify(image, matrix, out_h, out_w, columns=columns)

    actual, expected = harness.both(op, pixels)
    assert (actual[:, columns:] == PADDING_BYTE).all()
    difference = np.abs(actual.astype(int) - expected.astype(int))
    assert difference.max(initial=0) <= 1
    assert (difference > 0).mean() <= 0.05 or difference.size < 60


def test_rectify_by_known_maps(harness: Harness) -> None:
    """The image itself, turned by a quarter, between pixels, and as a trapezium."""
    pixels = np.random.default_rng(3).integers(0, 256, (6, 9, 3)).astype(np.uint8)

    def look(matrix: list[float], height: int, width: int) -> np.ndarray:
        actual, expected = harness.both(lambda ops, w, image: ops.rectify(image, matrix, height, width), pixels)
        np.testing.assert_array_equal(actual, expected)
        return actual

    np.testing.assert_array_equal(look([1, 0, 0, 0, 1, 0, 0, 0], 6, 9), pixels)
    np.testing.assert_array_equal(look([0, 1, 0, -1, 0, 5, 0, 0], 9, 6), np.rot90(pixels, -1))
    between = look([1, 0, 0.5, 0, 1, 0, 0, 0], 6, 8).astype(float)
    assert np.abs(between - (pixels[:, :-1].astype(float) + pixels[:, 1:]) / 2).max() <= 0.5
    # Row y of the trapezium is read at (x, y) / (1 + y).
    tilted = look([1, 0, 0, 0, 1, 0, 0, 1], 2, 9)
    np.testing.assert_array_equal(tilted[1:], look([0.5, 0, 0, 0, 0, 0.5, 0, 0], 1, 9))
