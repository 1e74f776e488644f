"""The op that tells where attention looks: as its definition has it, and true to the attention it tells of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import Harness, assert_close
from tinyvlm.ops import CacheShape, Precision

examples = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
HEADS = [(1, 1, range(1)), (4, 4, range(1)), (4, 4, range(2, 4)), (6, 2, range(6)), (9, 3, range(4, 8))]
"""Query heads, key/value heads, and which of the former are asked for."""


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def weights_of(heads: tuple[int, int, range], dim: int, causal: bool, position: int) -> Callable[..., Any]:
    heads_q, heads_kv, of = heads

    def op(ops, w, q, kv):
        k, v = ops.split(kv, (heads_kv * dim, heads_kv * dim))
        held = ops.keys_values(k, v, kv_heads=heads_kv)
        return ops.attention_weights(q, held, heads=heads_q, of=of, causal=causal, position=position)

    return op


def by_hand(q: np.ndarray, kv: np.ndarray, heads: tuple[int, int, range], dim: int, causal: bool, position: int) -> Any:
    """One row, one head and one key after the other, in float64."""
    heads_q, heads_kv, of = heads
    keys = position + len(q) if causal else len(kv)
    weights = np.zeros((len(q), keys))
    for row in range(len(q)):
        seen = position + row + 1 if causal else keys
        for head in of:
            k = kv[:seen, head * heads_kv // heads_q * dim :][:, :dim].astype(np.float64)
            scores = k @ q[row, head * dim : (head + 1) * dim].astype(np.float64) / dim**0.5
            raised = np.exp(scores - scores.max())
            weights[row, :seen] += raised / raised.sum() / len(of)
    return weights


@pytest.mark.parametrize("precision", ["float32", "q8"])
@examples
@given(
    st.integers(1, 9), st.integers(0, 140), st.sampled_from(HEADS),
    st.sampled_from([4, 8, 10, 16, 64, 80, 128, 160]), st.booleans(), seeds,
)  # fmt: skip
def test_weights_are_the_reference_s(
    harness: Harness,
    precision: Precision,
    rows: int,
    position: int,
    heads: tuple[int, int, range],
    dim: int,
    causal: bool,
    seed: int,
) -> None:
    """Heads whose size is none for 8 bits are held in float32 by both."""
    q, kv = normal(seed, rows, heads[0] * dim), normal(seed + 1, position + rows + 3, 2 * heads[1] * dim)
    actual, expected = harness.both(weights_of(heads, dim, causal, position), q, kv, precision=precision)
    assert actual.shape == (rows, position + rows if causal else len(kv))
    assert_close(actual, expected)
    np.testing.assert_allclose(actual.sum(axis=1), 1, atol=1e-5)
    exact = by_hand(q, kv, heads, dim, causal, position)
    if precision == "float32":
        np.testing.assert_allclose(actual, exact, rtol=0, atol=2e-5)
    else:
        assert np.abs(actual - exact).max() < 0.1


@pytest.mark.parametrize("precision", ["float32", "q8"])
def test_attention_is_its_weights_times_the_values(harness: Harness, precision: Precision) -> None:
    """What is told is what was done: of a KV cache that text was appended to, behind other text."""
    rows, dim, heads = 3, 16, 4
    q, k, v = (normal(seed, rows, heads * dim) for seed in (1, 2, 3))
    before = normal(4, 5, 2 * heads * dim)

    def looked(ops, w, q, k, v, before, cache):
        cache = ops.append(cache, *ops.split(before, (heads * dim, heads * dim)), 0)
        cache = ops.append(cache, k, v, 5)
        return ops.attention_weights(q, cache, heads=heads, of=range(1, 2), causal=True, position=5)

    def attended(ops, w, q, k, v, before, cache):
        cache = ops.append(cache, *ops.split(before, (heads * dim, heads * dim)), 0)
        return ops.attention(q, ops.append(cache, k, v, 5), heads=heads, causal=True, position=5)

    inputs = (q, k, v, before)
    shape = CacheShape(40, heads, dim)
    weights, _ = harness.both(looked, *inputs, caches=[shape], precision=precision)
    y, _ = harness.both(attended, *inputs, caches=[shape], precision=precision)
    values = np.concatenate([before[:, heads * dim :], v])[:, dim : 2 * dim]
    np.testing.assert_allclose(
        weights @ values, y[:, dim : 2 * dim], rtol=0, atol=1e-5 if precision == "float32" else 0.05
    )
