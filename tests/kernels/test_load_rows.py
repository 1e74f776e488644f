"""Loading rows of published weights: stored rows to float32, and float32 to q8, q4 and q2.

Both sides take the same roundings in the same order, so that everything here is compared bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.array_source import ArraySource
from harness import Harness
from tinyvlm.backends.kernel_interface import allocate
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.weights.gguf_types import STORED_TYPES, dequantize
from tinyvlm.weights.quantize import GROUP, QUANTIZERS, quantize_q8
from tinyvlm.weights.rotation import rotate, rotation_block
from tinyvlm.weights.source import read_array
from tinyvlm.weights.tensor_info import TensorInfo

examples = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
schemes = pytest.mark.parametrize("scheme", ["q8", "q4", "q2"])
SCALE_BYTES = {
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0],
}  # fmt: skip


@contextmanager
def buffers(harness: Harness, *sizes: int) -> Iterator[list[int]]:
    """Addresses of blocks full of garbage."""
    addresses = [allocate(harness.kernels, size) for size in sizes]
    for address, size in zip(addresses, sizes, strict=True):
        harness.kernels.write(address, b"\xab" * size)
    yield addresses
    for address in addresses:
        harness.kernels.call("heap_free", address)


def load(harness: Harness, data: bytes, code: int, n: int, k: int, head_rows: int = 0) -> np.ndarray:
    """Dequantize from an odd address, as tensors of a file may lie."""
    with buffers(harness, len(data) + 1, 4 * n * k) as (source, rows):
        harness.kernels.write(source + 1, data)
        assert harness.kernels.call("dequantize_rows", source + 1, code, rows, n, k, head_rows) == 0
        return np.frombuffer(harness.kernels.read(rows, 4 * n * k), np.float32).reshape(n, k)


def quantize(harness: Harness, scheme: str, weight: np.ndarray, rotation: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The kernel's values and scales, or None where it refuses."""
    n, k = weight.shape
    groups = -(-k // GROUP)
    width = k if scheme == "q8" else groups * GROUP * int(scheme[1]) // 8
    kinds = (np.int8, np.float32) if scheme == "q8" else (np.uint8, np.uint16)
    scale_shape = (n,) if scheme == "q8" else (n, groups)
    scale_bytes = int(np.prod(scale_shape)) * np.dtype(kinds[1]).itemsize
    with buffers(harness, weight.nbytes, n * width, scale_bytes) as (rows, values, scales):
        harness.kernels.write(rows, weight.astype(np.float32).tobytes())
        if harness.kernels.call(f"quantize_rows_{scheme}", rows, values, scales, n, k, rotation):
            return None
        codes = np.frombuffer(harness.kernels.read(values, n * width), kinds[0]).reshape(n, width)
        return codes, np.frombuffer(harness.kernels.read(scales, scale_bytes), kinds[1]).reshape(scale_shape)


def stored(dtype: str, seed: int, n: int, k: int) -> bytes:
    """Random bytes, but scales that are finite."""
    rng, kind = np.random.default_rng(seed), STORED_TYPES[dtype]
    if dtype in ("F32", "F16"):
        return rng.standard_normal((n, k)).astype({"F32": np.float32, "F16": np.float16}[dtype]).tobytes()
    blocks = rng.integers(0, 256, (n * k // kind.values, kind.nbytes), np.uint8)
    if dtype == "BF16":
        blocks[:, 1] &= 0xBF  # exponents below those of infinity
    for at in SCALE_BYTES.get(dtype, []):
        scales = rng.standard_normal(len(blocks)) * 10.0 ** rng.integers(-7, 3, len(blocks))
        blocks[:, at : at + 2] = scales.astype(np.float16)[:, None].view(np.uint8)
    return blocks.tobytes()


@examples
@given(st.sampled_from(sorted(STORED_TYPES)), st.integers(1, 9), st.integers(1, 3), st.integers(0, 3), seeds)
def test_stored_rows(harness: Harness, dtype: str, n: int, blocks: int, rest: int, seed: int) -> None:
    kind = STORED_TYPES[dtype]
    k = blocks * kind.values if kind.values > 1 else 4 * blocks + rest
    data = stored(dtype, seed, n, k)
    np.testing.assert_array_equal(load(harness, data, kind.code, n, k), dequantize(data, dtype, (n, k)))


def test_every_half(harness: Harness) -> None:
    """All of them: zeros, subnormal numbers, infinities and NaN among them."""
    halves = np.arange(1 << 16, dtype=np.uint16).reshape(64, 1024)
    with np.errstate(invalid="ignore"):
        expected = halves.view(np.float16).astype(np.float32)
    actual = load(harness, halves.tobytes(), STORED_TYPES["F16"].code, 64, 1024)
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(np.signbit(actual), np.signbit(expected))
    actual = load(harness, halves.tobytes(), STORED_TYPES["BF16"].code, 64, 1024)
    np.testing.assert_array_equal(actual, (halves.astype(np.uint32) << 16).view(np.float32))


@pytest.mark.parametrize("head_rows", [2, 8, 24])
def test_heads_come_back_in_hugging_faces_order(harness: Harness, head_rows: int) -> None:
    data = stored("Q8_0", 5, 48, 64)
    info = TensorInfo("w", "Q8_0", (48, 64), 0, len(data), rope_heads=48 // head_rows)
    source = ArraySource({})
    source.tensors["w"] = info
    source.arrays["w"] = np.frombuffer(data, np.uint8)
    np.testing.assert_array_equal(
        load(harness, data, STORED_TYPES["Q8_0"].code, 48, 64, head_rows), read_array(source, "w")
    )


def test_unknown_types_are_refused(harness: Harness) -> None:
    with buffers(harness, 64, 64) as (source, rows):
        assert harness.kernels.call("dequantize_rows", source, 16, rows, 1, 4, 0) == 1


def varied(seed: int, n: int, k: int) -> np.ndarray:
    """Rows of very different sizes, some values large, some rows and groups all zeros."""
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((n, k)) * 10.0 ** rng.integers(-12, 12, (n, 1))
    weight[rng.random((n, k)) < 0.02] *= 50
    weight[rng.random(n) < 0.1] = 0
    weight[:, : GROUP * (k // 64)][rng.random(n) < 0.2] = 0
    return weight.astype(np.float32)


@schemes
@examples
@given(st.integers(1, 9), st.integers(1, 200), st.booleans(), seeds)
def test_quantized_rows(harness: Harness, scheme: str, n: int, k: int, rotated: bool, seed: int) -> None:
    weight, rotation = varied(seed, n, k), rotation_block(k) if rotated else 1
    values, scales = QUANTIZERS[scheme](rotate(weight, rotation))
    actual = quantize(harness, scheme, weight, rotation)
    assert actual is not None
    np.testing.assert_array_equal(actual[1], scales)
    np.testing.assert_array_equal(actual[0], values)


@schemes
@pytest.mark.parametrize("rotation", [4, 8, 16, 32, 64])
def test_every_rotation(harness: Harness, scheme: str, rotation: int) -> None:
    weight = varied(rotation, 8, 192)
    values, scales = QUANTIZERS[scheme](rotate(weight, rotation))
    actual = quantize(harness, scheme, weight, rotation)
    assert actual is not None
    np.testing.assert_array_equal(actual[1], scales)
    np.testing.assert_array_equal(actual[0], values)


@schemes
def test_values_on_the_border_between_two_integers(harness: Harness, scheme: str) -> None:
    """Multiples of half a step, where rounding has to choose; and the same group mirrored, whose errors are equal."""
    weight = np.resize(np.arange(-127, 127.5, 0.5), (4, 512)).astype(np.float32)
    weight[1] *= -1
    weight[2] = np.resize([8, -8, 0.5, -0.5, 1.5, -1.5, 7.5, -7.5], 512)
    weight[3, ::2] = 0
    values, scales = QUANTIZERS[scheme](weight)
    actual = quantize(harness, scheme, weight, 1)
    assert actual is not None
    np.testing.assert_array_equal(actual[1], scales)
    np.testing.assert_array_equal(actual[0], values)


@schemes
@pytest.mark.parametrize("size", [0, 1e-45, -1e-45, 1e-40])
def test_rows_without_a_scale(harness: Harness, scheme: str, size: float) -> None:
    weight = np.full((2, 67), size, np.float32)
    values, scales = QUANTIZERS[scheme](weight)
    actual = quantize(harness, scheme, weight, 1)
    assert actual is not None
    np.testing.assert_array_equal(actual[1], scales)
    np.testing.assert_array_equal(actual[0], values)


@schemes
@pytest.mark.parametrize("value", [np.nan, -np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 63, 64, 66])
@pytest.mark.parametrize("rotation", [1, 4])
def test_values_that_are_not_finite_are_refused(
    harness: Harness, scheme: str, value: float, at: int, rotation: int
) -> None:
    weight = varied(3, 3, 67 if rotation == 1 else 68)
    weight[2, at] = value
    assert quantize(harness, scheme, weight, rotation) is None


def test_tiles_of_panels_make_the_whole_matrix(harness: Harness) -> None:
    """Loaded, quantized and packed 16 rows at a time, a matrix equals the one packed at once."""
    n, k, tile = 45, 96, 16
    data = stored("F16", 9, n, k)
    weight = np.frombuffer(data, np.float16).astype(np.float32).reshape(n, k)
    values, scale = quantize_q8(rotate(weight, 32))
    whole = KernelWeights(harness.kernels, ArraySource({"w.weight": values, "w.weight_rotated_scale": scale}))
    expected = whole.linear("w")
    padded, call = 48, harness.kernels.call
    with buffers(harness, len(data), 4 * tile * k, tile * k, 4 * padded, padded * k, 4 * padded) as (
        source, rows, int8, scales, packed, sums,
    ):  # fmt: skip
        harness.kernels.write(source, data)
        for row in range(0, n, tile):
            count = min(tile, n - row)
            call("dequantize_rows", source + 2 * row * k, STORED_TYPES["F16"].code, rows, count, k, 0)
            assert call("quantize_rows_q8", rows, int8, scales + 4 * row, count, k, 32) == 0
            call("pack_q8", int8, packed + row * k, sums + 4 * row, count, k)
        for address, other, size in (
            (packed, expected.weight, padded * k),
            (scales, expected.scale, 4 * n),
            (sums, expected.sums, 4 * padded),
        ):
            assert harness.kernels.read(address, size) == harness.kernels.read(other, size)
    for address in whole.addresses:
        call("heap_free", address)


def test_the_widest_published_matrix_takes_little_memory_besides_itself() -> None:
    """SmolVLM-500M's embeddings, 95 MB in bfloat16: whoever loads them needs at most 64 MB more than they fill."""

    class Embeddings:
        tensors = {"0.weight": TensorInfo("0.weight", "BF16", (49280, 960), 0, 2 * 49280 * 960)}  # noqa: RUF012

        def read(self, name: str) -> memoryview:
            return memoryview(bytes(self.tensors[name].nbytes))

    kernels = WasmtimeKernels(threads=1)
    before = kernels.call("heap_used")
    weights = KernelWeights(kernels, Embeddings(), "q8")
    weights.linear("0")
    peak = kernels.call("heap_peak")
    weights.finish()
    held = kernels.call("heap_used")
    assert held - before >= 49280 * 960
    assert peak - held <= 64_000_000
