"""Each kernel against the numpy reference of its op, over odd shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fixtures.array_source import ArraySource
from harness import Harness, assert_close
from tinyvlm.backends.map_recorder import resize_scratch_bytes
from tinyvlm.backends.opcodes import OPCODES
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import Value
from tinyvlm.errors import KernelError
from tinyvlm.ops import ACTIVATIONS, BICUBIC, BILINEAR, BOX, LANCZOS, CacheShape
from tinyvlm.weights.quantize import quantized_tensors

# The harness fixture is a session's; sharing it between examples is the point.
examples = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
activations = st.sampled_from(ACTIVATIONS)


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def q8_layer(seed: int, n: int, k: int, *, bias: bool) -> dict[str, np.ndarray]:
    layer = quantized_tensors("w.weight", normal(seed, n, k))
    return {**layer, "w.bias": normal(seed + 1, n)} if bias else layer


widths = st.one_of(st.integers(1, 70), st.sampled_from([8, 48, 64, 96, 128, 192, 320]))
"""Columns that are rotated in blocks of every size, or not at all."""


heights = st.one_of(st.integers(1, 40), st.integers(90, 130))
"""Rows of one block and of several."""


@examples
@given(heights, widths, st.integers(1, 140), activations, st.booleans(), seeds)
def test_linear_q8(harness: Harness, rows: int, k: int, n: int, activation: str, extras: bool, seed: int) -> None:
    x, residual = normal(seed, rows, k) * 3, normal(seed + 2, rows, n)

    def op(ops, w, x, r):
        return ops.linear(x, w.linear("w"), activation=activation, residual=r if extras else None)

    actual, expected = harness.both(op, x, residual, weights=q8_layer(seed, n, k, bias=extras))
    assert_close(actual, expected)


def test_linear_q8_sums_are_exact_at_the_extremes(harness: Harness) -> None:
    """All weights +-127 and all activations at the ends of their range: nothing saturates."""
    n, k = 16, 1024
    signs = np.sign(normal(1, n, k))
    weights = {"w.weight": (127 * signs).astype(np.int8), "w.weight_scale": np.ones(n, np.float32)}
    x = np.zeros((7, k), np.float32)
    x[:, ::2] = harness.steps  # scale 1, zero point 0: each value is its own byte
    actual, _ = harness.both(lambda ops, w, x: ops.linear(x, w.linear("w")), x, weights=weights)
    expected = x.astype(np.int64) @ weights["w.weight"].astype(np.int64).T
    np.testing.assert_array_equal(actual.astype(np.int64), expected)


def test_linear_q8_of_zero_rows(harness: Harness) -> None:
    """A row of zeros has no range; its answer is the bias."""
    weights = q8_layer(5, 9, 12, bias=True)
    actual, _ = harness.both(
        lambda ops, w, x: ops.linear(x, w.linear("w")), np.zeros((3, 12), np.float32), weights=weights
    )
    np.testing.assert_array_equal(actual, np.tile(weights["w.bias"], (3, 1)))


@examples
@given(heights, widths, st.integers(1, 75), activations, st.booleans(), seeds)
def test_linear_f32(harness: Harness, rows: int, k: int, n: int, activation: str, extras: bool, seed: int) -> None:
    weights = {"w.weight": normal(seed, n, k)}
    if extras:
        weights["w.bias"] = normal(seed + 1, n)

    def op(ops, w, x, r):
        return ops.linear(x, w.linear("w"), activation=activation, residual=r if extras else None)

    actual, expected = harness.both(op, normal(seed + 3, rows, k), normal(seed + 2, rows, n), weights=weights)
    assert_close(actual, expected, 1e-4)


@examples
@given(st.integers(1, 14), st.integers(1, 14), st.integers(1, 5), st.sampled_from([1, 3, 5]), st.integers(1, 3), seeds)
def test_conv2d(harness: Harness, h: int, w: int, c: int, kernel: int, stride: int, seed: int) -> None:
    weights = {"w.weight": normal(seed, 6, kernel * kernel * c), "w.bias": normal(seed + 1, 6)}

    def op(ops, w, x):
        return ops.conv2d(x, w.linear("w"), kernel=kernel, stride=stride, activation="relu6")

    actual, expected = harness.both(op, normal(seed + 2, h, w, c), weights=weights)
    assert_close(actual, expected, 1e-4)


@examples
@given(st.integers(1, 14), st.integers(1, 14), st.integers(1, 37), st.sampled_from([1, 3, 5]), st.integers(1, 3), seeds)
def test_depthwise_conv2d(harness: Harness, h: int, w: int, c: int, kernel: int, stride: int, seed: int) -> None:
    weights = {"weight": normal(seed, kernel, kernel, c), "bias": normal(seed + 1, c)}

    def op(ops, w, x):
        return ops.depthwise_conv2d(x, w.tensor("weight"), w.tensor("bias"), stride=stride, activation="relu6")

    actual, expected = harness.both(op, normal(seed + 2, h, w, c), weights=weights)
    assert_close(actual, expected)


head_counts = st.sampled_from([(1, 1), (4, 4), (6, 2), (9, 3)])


@examples
@given(
    st.integers(1, 60), st.integers(0, 140), head_counts,
    st.sampled_from([4, 10, 16, 64, 96, 160]), st.booleans(), seeds,
)  # fmt: skip
def test_attention(
    harness: Harness, rows: int, position: int, heads: tuple[int, int], dim: int, causal: bool, seed: int
) -> None:
    (heads_q, heads_kv), keys = heads, position + rows + 3  # three stale rows behind the causal end
    q, kv = normal(seed, rows, heads_q * dim) * 2, normal(seed + 1, keys, 2 * heads_kv * dim)

    def op(ops, w, q, kv):
        k, v = ops.split(kv, (heads_kv * dim, heads_kv * dim))
        kv = ops.keys_values(k, v, kv_heads=heads_kv)
        return ops.attention(q, kv, heads=heads_q, causal=causal, position=position)

    actual, expected = harness.both(op, q, kv)
    assert_close(actual, expected)


@examples
@given(
    st.integers(1, 60), st.integers(0, 300), head_counts, st.sampled_from([8, 16, 64, 80, 128]), st.booleans(), seeds
)
def test_attention_q8(
    harness: Harness, rows: int, position: int, heads: tuple[int, int], dim: int, causal: bool, seed: int
) -> None:
    """The same definition but for a weight that rounds the other way, and near float32."""
    (heads_q, heads_kv), keys = heads, position + rows + 3
    q, kv = normal(seed, rows, heads_q * dim) * 2, normal(seed + 1, keys, 2 * heads_kv * dim)

    def op(ops, w, q, kv):
        k, v = ops.split(kv, (heads_kv * dim, heads_kv * dim))
        kv = ops.keys_values(k, v, kv_heads=heads_kv)
        return ops.attention(q, kv, heads=heads_q, causal=causal, position=position)

    actual, expected = harness.both(op, q, kv, precision="q8")
    step = float(np.abs(kv[:, heads_kv * dim :]).max()) / harness.weight_steps
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1.5 * step)
    _, exact = harness.both(op, q, kv)
    assert np.linalg.norm(actual - exact) < 12 / harness.steps * np.linalg.norm(exact)


def test_the_only_key_that_a_row_sees_of_a_block_counts(harness: Harness) -> None:
    """Row 128 sees one key of the second block of 128, and nearly all of its weight lies there."""
    dim = 64
    q, kv = normal(1, 1, dim), normal(2, 132, 2 * dim)
    kv[128, :dim] = 4 * q[0]

    def op(ops, w, q, kv):
        k, v = ops.split(kv, (dim, dim))
        return ops.attention(q, ops.keys_values(k, v, kv_heads=1), heads=1, causal=True, position=128)

    actual, _ = harness.both(op, q, kv, precision="q8")
    np.testing.assert_allclose(actual[0], kv[128, dim:], rtol=0, atol=0.05)


@examples
@given(st.lists(st.integers(1, 90), min_size=1, max_size=5), head_counts, st.sampled_from([8, 64]), seeds)
@example(pieces=[1, 2], heads=(4, 4), dim=8, seed=15434)  # a weight rounds the other way where values are large
def test_a_q8_cache_filled_in_pieces_is_the_cache_filled_at_once(
    harness: Harness, pieces: list[int], heads: tuple[int, int], dim: int, seed: int
) -> None:
    (heads_q, heads_kv), rows = heads, sum(pieces)
    q, k, v = (normal(seed + i, rows, n * dim) for i, n in enumerate((heads_q, heads_kv, heads_kv)))

    def op(pieces):
        def attend(ops, w, q, k, v, cache):
            at = 0
            for size in pieces:
                part = [x[at : at + size] if isinstance(x, np.ndarray) else view(x, at, size) for x in (k, v)]
                cache = ops.append(cache, *part, at)
                at += size
            return ops.attention(q, cache, heads=heads_q, causal=True)

        return attend

    shape = CacheShape(rows + 5, heads_kv, dim)
    whole, expected = harness.both(op([rows]), q, k, v, caches=[shape], precision="q8")
    # A weight may round the other way, which moves the answer by a step of the largest value: of v, not of the answer.
    step = float(np.abs(v).max()) / harness.weight_steps
    np.testing.assert_allclose(whole, expected, rtol=0, atol=1.5 * step)
    split = harness.run(op(pieces), q, k, v, source=ArraySource({}), caches=[shape], precision="q8")
    np.testing.assert_array_equal(split, whole)


def view(x: Value, first: int, rows: int) -> Value:
    """Rows first..first+rows of an input."""
    return Value((rows, x.columns), x.storage, 4 * first * x.columns)


@examples
@given(st.integers(1, 20), st.integers(1, 70), st.booleans(), seeds)
def test_norms(harness: Harness, rows: int, columns: int, layer: bool, seed: int) -> None:
    weights = {"w": normal(seed, columns), "b": normal(seed + 1, columns)}

    def op(ops, w, x):
        if layer:
            return ops.layer_norm(x, w.tensor("w"), w.tensor("b"), 1e-5)
        return ops.rms_norm(x, w.tensor("w"), 1e-5)

    actual, expected = harness.both(op, normal(seed + 2, rows, columns) * 5 + 1, weights=weights)
    assert_close(actual, expected, 1e-4)


@examples
@given(st.integers(1, 20), st.integers(1, 70), activations, seeds)
def test_elementwise(harness: Harness, rows: int, columns: int, activation: str, seed: int) -> None:
    x = normal(seed, rows, columns) * 20
    actual, expected = harness.both(lambda ops, w, x: ops.activate(x, activation), x)
    assert_close(actual, expected)
    for op in (lambda ops, w, x, y: ops.add(x, y), lambda ops, w, x, y: ops.multiply(x, y)):
        actual, expected = harness.both(op, x, normal(seed + 1, rows, columns))
        np.testing.assert_array_equal(actual, expected)
    table = {"t": normal(seed + 2, rows + 4, columns)}
    actual, expected = harness.both(lambda ops, w, x: ops.add_positions(x, w.tensor("t"), 4), x, weights=table)
    np.testing.assert_array_equal(actual, expected)


@examples
@given(st.integers(1, 9), st.integers(0, 3000), st.integers(1, 4), st.sampled_from([2, 6, 16, 64]), seeds)
def test_rope(harness: Harness, rows: int, position: int, heads: int, dim: int, seed: int) -> None:
    def op(ops, w, x):
        return ops.rope(x, heads=heads, position=position, theta=10_000.0)

    actual, expected = harness.both(op, normal(seed, rows, heads * dim))
    assert_close(actual, expected)


def test_a_factor_makes_positions_count_less(harness: Harness) -> None:
    """Row 12 of a text stretched four times is turned as row 3 of one that is not."""
    x = normal(7, 1, 64)
    stretched, expected = harness.both(lambda ops, w, x: ops.rope(x, heads=2, position=12, theta=5e3, factor=4.0), x)
    plain, _ = harness.both(lambda ops, w, x: ops.rope(x, heads=2, position=3, theta=5e3), x)
    assert_close(stretched, expected)
    np.testing.assert_array_equal(stretched, plain)


def test_layers_that_read_the_same_rows_share_their_bytes(harness: Harness) -> None:
    weights = {
        name.replace("w.", f"{which}."): value
        for which in "ab"
        for name, value in q8_layer(ord(which), 12, 20, bias=True).items()
    }
    quantized: list[int] = []

    def op(ops, w, x):
        y = ops.add(ops.linear(x, w.linear("a")), ops.linear(x, w.linear("b")))
        y = ops.add(y, ops.linear(ops.add(x, x), w.linear("b")))
        if isinstance(ops, Recorder):
            quantized.append(sum(OPCODES[opcode] == "quantize_rows" for opcode, _, _ in ops.instructions))
        return y

    actual, expected = harness.both(op, normal(3, 9, 20), weights=weights)
    assert_close(actual, expected)
    assert quantized == [2]


@examples
@given(st.integers(1, 20), st.integers(1, 70), seeds)
def test_rows(harness: Harness, rows: int, columns: int, seed: int) -> None:
    x = normal(seed, rows, columns) * 10
    for op in (
        lambda ops, w, x: ops.softmax(x),
        lambda ops, w, x: ops.mean_rows(x),
        lambda ops, w, x: ops.concat([x, ops.row(x, rows - 1), x]),
    ):
        actual, expected = harness.both(op, x)
        assert_close(actual, expected)


@examples
@given(st.integers(1, 30), widths, st.booleans(), seeds)
def test_embedding(harness: Harness, vocabulary: int, columns: int, quantized: bool, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(0, vocabulary, 7).astype(np.int32)
    weights = q8_layer(seed, vocabulary, columns, bias=False)
    if not quantized:
        weights = {"w.weight": normal(seed, vocabulary, columns)}
    ids[:2] = vocabulary, -1  # not in the vocabulary: zeros
    actual, expected = harness.both(lambda ops, w, ids: ops.embedding(ids, w.linear("w")), ids, weights=weights)
    np.testing.assert_array_equal(actual, expected)
    assert not actual[:2].any()


@examples
@given(st.integers(1, 40), st.integers(1, 70), st.integers(1, 20), seeds)
def test_place_rows(harness: Harness, rows: int, columns: int, features: int, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(90, 100 + features + 2, rows).astype(np.int32)
    x, placed = normal(seed, rows, columns), normal(seed + 1, features, columns)
    actual, expected = harness.both(lambda ops, w, *inputs: ops.place_rows(*inputs, 100), x, ids, placed)
    np.testing.assert_array_equal(actual, expected)
    for row, token in zip(actual, ids, strict=True):
        if token >= 100:
            np.testing.assert_array_equal(row, placed[token - 100] if token < 100 + features else 0)


@pytest.mark.parametrize("resample", [BOX, BILINEAR, BICUBIC, LANCZOS])
@settings(examples, max_examples=12)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 50), st.integers(1, 50), seeds)
def test_resize(harness: Harness, resample: int, h: int, w: int, out_h: int, out_w: int, seed: int) -> None:
    """Byte for byte as any Pillow that is told to resize columns first (docs/decisions/0014-columns-first.md)."""
    from PIL import Image

    pixels = np.random.default_rng(seed).integers(0, 256, (h, w, 3)).astype(np.uint8)
    expected = np.asarray(Image.fromarray(pixels).resize((out_w, h), resample).resize((out_w, out_h), resample))
    actual, reference = harness.both(lambda ops, weights, image: ops.resize(image, out_h, out_w, resample), pixels)
    np.testing.assert_array_equal(reference, expected)
    np.testing.assert_array_equal(actual, reference)


image_sizes = st.integers(1, 60)


@examples
@given(image_sizes, image_sizes, image_sizes, image_sizes, st.data())
def test_images_of_known_size(harness: Harness, h: int, w: int, mid_h: int, mid_w: int, data: st.DataObject) -> None:
    """Resized, the result resized again, and a rectangle cut out: scratch comes from the arena."""
    resample = data.draw(st.sampled_from([BILINEAR, BICUBIC, LANCZOS]))
    height, width = data.draw(st.integers(1, mid_h)), data.draw(st.integers(1, mid_w))
    top, left = data.draw(st.integers(0, mid_h - height)), data.draw(st.integers(0, mid_w - width))
    pixels = np.random.default_rng(data.draw(seeds)).integers(0, 256, (h, w, 3)).astype(np.uint8)

    def op(ops, weights, image):
        part = ops.crop(ops.resize(image, mid_h, mid_w, resample), top, left, height, width)
        return ops.resize(part, 9, 7, resample)

    actual, expected = harness.both(op, pixels)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("resample", [BOX, BILINEAR, BICUBIC, LANCZOS])
@settings(examples, max_examples=60)
@given(*[st.integers(1, 5000)] * 4)
def test_resize_scratch_bytes(harness: Harness, resample: int, h: int, w: int, out_h: int, out_w: int) -> None:
    expected = harness.kernels.call("resize_scratch_bytes", h, w, out_h, out_w, resample)
    assert resize_scratch_bytes(h, w, out_h, out_w, resample) == expected


def test_unknown_filters_are_refused() -> None:
    with pytest.raises(KernelError, match="filter 5"):
        resize_scratch_bytes(8, 8, 4, 4, 5)


def test_normalize(harness: Harness) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    actual, expected = harness.both(
        lambda ops, w, x: ops.normalize(x, 1 / 255, (0.5, 0.4, 0.3), (0.2, 0.3, 0.5)), pixels
    )
    np.testing.assert_array_equal(actual, expected)


@examples
@given(st.integers(1, 300), st.integers(1, 64), seeds)
def test_top_k(harness: Harness, columns: int, k: int, seed: int) -> None:
    """Best first; equal logits by id."""
    logits = np.random.default_rng(seed).integers(0, 40, (1, columns)).astype(np.float32)
    k = min(k, columns)
    order = np.argsort(-logits[0], kind="stable")[:k]
    values = harness.run(lambda ops, w, x: ops.top_k(x, k)[1], logits, source=ArraySource({}))
    ids = harness.run(lambda ops, w, x: ops.top_k(x, k)[0], logits, source=ArraySource({}))
    np.testing.assert_array_equal(values, logits[0][order])
    np.testing.assert_array_equal(ids.view(np.int32), order)
