"""Llama and SigLIP, as functions over ops, against files that transformers wrote (scripts/golden)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.array_source import ArraySource
from harness import Harness
from tinyvlm.backends.reference_ops import KeysValues, ReferenceOps
from tinyvlm.backends.reference_weights import ReferenceWeights
from tinyvlm.backends.values import Value
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.models.parts import llama, siglip
from tinyvlm.ops import CacheShape, Precision
from tinyvlm.weights.quantize import quantized_tensors

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
Run = Callable[..., np.ndarray]


def read(name: str) -> tuple[dict[str, Any], dict[str, np.ndarray], Any]:
    """Config, weights, and the file itself for inputs and outputs."""
    file = np.load(GOLDEN / f"{name}.npz")
    return json.loads(str(file["config"])), {key[2:]: file[key] for key in file.files if key.startswith("w:")}, file


def run_reference(
    op: Callable[..., Any],
    *inputs: np.ndarray,
    source: ArraySource,
    caches: Sequence[CacheShape] = (),
    precision: Precision = "float32",
) -> np.ndarray:
    """Harness.run, on numpy."""
    held = [KeysValues(shape, precision) for shape in caches]
    return np.asarray(op(ReferenceOps(attention=precision), ReferenceWeights(source), *inputs, *held))


@pytest.fixture(params=["numpy", "relaxed 1", "relaxed 2", "simd128 2"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Calls `op(ops, weights, *inputs)` on one backend."""
    if request.param == "numpy":
        yield run_reference
        return
    variant, threads = request.param.split()
    kernels = WasmtimeKernels(variant=variant, threads=int(threads))
    yield Harness(kernels).run
    kernels.close()


def assert_equal(actual: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(actual - expected).max() < 1e-3
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


def text(config: llama.LlamaConfig, chunks: tuple[int, ...]) -> Callable[..., Any]:
    """An op that feeds ids chunk by chunk through the cache; logits of the last chunk."""

    def op(ops: Any, weights: Any, ids: Any, *cache: Any) -> Any:
        at, hidden = 0, None
        for size in chunks:
            part = ids[at : at + size] if isinstance(ids, np.ndarray) else Value((size,), ids.storage, 4 * at)
            hidden = llama.forward(ops, weights, config, llama.embed(ops, weights, part), at, cache)
            at += size
        return llama.logits(ops, weights, config, hidden)

    return op


@pytest.mark.parametrize("chunks", [(40,), (13, 1, 1, 25)])
@pytest.mark.parametrize("name", ["llama", "llama_tied"])
def test_llama_logits(run: Run, name: str, chunks: tuple[int, ...]) -> None:
    """Grouped-query attention, rotary positions, tied and untied embeddings; whole and in chunks through the cache."""
    raw, weights, file = read(name)
    config = llama.LlamaConfig.from_dict(raw)
    ids, caches = file["ids"].astype(np.int32), config.cache_shapes(40)
    actual = run(text(config, chunks), ids, source=ArraySource(weights), caches=caches)
    assert_equal(actual, file["logits"][-chunks[-1] :])


def test_llama_with_a_q8_cache_stays_near(run: Run) -> None:
    """A prompt, then single steps, all through attention in 8 bits."""
    raw, weights, file = read("llama")
    config = llama.LlamaConfig.from_dict(raw)
    ids, caches = file["ids"].astype(np.int32), config.cache_shapes(40)
    actual = run(text(config, (30, 1, 1, 8)), ids, source=ArraySource(weights), caches=caches, precision="q8")
    expected = file["logits"][-8:]
    assert np.linalg.norm(actual - expected) < 0.03 * np.linalg.norm(expected)


@pytest.mark.parametrize(
    "change",
    [
        {"rope_scaling": {"factor": 2}}, {"rope_scaling": {"type": "dynamic", "factor": 2}},
        {"rope_parameters": {"rope_type": "yarn", "factor": 2}}, {"rope_scaling": {"type": "linear", "factor": 0}},
        {"attention_bias": True}, {"hidden_act": "gelu"},
    ],
)  # fmt: skip
def test_other_llamas_are_refused(change: dict[str, Any]) -> None:
    raw, _, _ = read("llama")
    with pytest.raises(ValueError, match="not supported"):
        llama.LlamaConfig.from_dict({**raw, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"rope_scaling": {"type": "linear", "factor": 2.0}}, {"rope_scaling": {"rope_type": "linear", "factor": 2}},
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 100.0}},
    ],
)  # fmt: skip
def test_linear_scaling_is_read(change: dict[str, Any]) -> None:
    raw, _, _ = read("llama")
    assert llama.LlamaConfig.from_dict({**raw, **change}).rope_factor == 2


def siglip_weights(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Below "v.", the patch convolution as a matrix in (row, column, channel) order."""
    named = {f"v.{name}": value for name, value in weights.items()}
    kernel = named["v.embeddings.patch_embedding.weight"]
    named["v.embeddings.patch_embedding.weight"] = kernel.transpose(0, 2, 3, 1).reshape(kernel.shape[0], -1)
    return named


def test_siglip_hidden_states(run: Run) -> None:
    raw, weights, file = read("siglip")
    config = siglip.SiglipConfig.from_dict(raw)

    def op(ops: Any, w: Any, pixels: Any) -> Any:
        return siglip.encode(ops, w, "v", config, pixels)

    assert_equal(run(op, file["pixels"], source=ArraySource(siglip_weights(weights))), file["hidden"])


@pytest.mark.parametrize("precision", ["float32", "q8"])
def test_siglip_in_q8_stays_near(run: Run, precision: Precision) -> None:
    """q8 weights, and attention in float32 or 8 bits."""
    raw, weights, file = read("siglip")
    config, arrays = siglip.SiglipConfig.from_dict(raw), dict[str, np.ndarray]()
    for name, value in siglip_weights(weights).items():
        if value.ndim == 2 and "position" not in name:
            arrays |= quantized_tensors(name, value)
        else:
            arrays[name] = value

    def op(ops: Any, w: Any, pixels: Any) -> Any:
        return siglip.encode(ops, w, "v", config, pixels)

    actual, expected = run(op, file["pixels"], source=ArraySource(arrays), precision=precision), file["hidden"]
    assert np.linalg.norm(actual - expected) < 0.05 * np.linalg.norm(expected)
