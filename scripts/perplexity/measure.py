"""Runs the same windows of text through variants of one model and compares their next-token distributions."""

from __future__ import annotations

import hashlib
import platform
import pydoc_data.topics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from _environment import ScriptError, note
from harness import ArraySource
from smollm2 import SmolLM2
from tinyvlm.backends.arena import assign_offsets
from tinyvlm.backends.kernel_interface import ACTIVATION_BITS, Kernels, allocate
from tinyvlm.backends.kernel_memory import KernelConstants
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.kv_cache import new_cache
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.reference_ops import KeysValues, ReferenceOps
from tinyvlm.backends.reference_weights import ReferenceWeights
from tinyvlm.backends.values import Storage, Value
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.models.parts import llama
from tinyvlm.ops import Precision
from tinyvlm.weights.quantize import quantize_q8, quantized_tensors
from tinyvlm.weights.source import Float32Weights, WeightSource

WINDOW = 512
"""Tokens that see each other. Position 0 has nothing before it: neither its token nor its prediction counts."""

TOPICS = ("specialnames", "compound", "types", "formatstrings", "debugger", "execmodel", "import", "assignment")
"""Long chapters of Python's manual, none part of another."""

TOLERANCE = 1e-3
"""How far float32 kernels may be from numpy, relative to the largest logit."""

Logits = Callable[[np.ndarray], np.ndarray]
"""Token ids int32 (WINDOW,) -> float32 (WINDOW, vocab)."""


@dataclass(frozen=True)
class Variant:
    """A way of computing the model: how matrices and the KV cache are held, and which build runs it, or numpy."""

    name: str
    weights: str
    attention: Precision
    backend: str


VARIANTS = (
    Variant("float32", "float32", "float32", "relaxed"),
    Variant("q8 weights alone", "q8 as float32", "float32", "relaxed"),
    Variant("q8 attention alone", "float32", "q8", "simd128"),
    Variant("q8 plain", "q8 plain", "q8", "simd128"),
    Variant("q8 numpy", "q8", "q8", "numpy"),
    Variant("q8 simd128", "q8", "q8", "simd128"),
    Variant("q8 relaxed", "q8", "q8", "relaxed"),
    Variant("q4 simd128", "q4", "q8", "simd128"),
)
"""What is run, in the order of the table; "float32" is what the others are compared with."""


def measure(model: SmolLM2, tokens: int) -> dict[str, Any]:
    """Return the figures of every variant over `tokens` tokens, rounded down to whole windows."""
    text = "\n\n".join(pydoc_data.topics.topics[name] for name in TOPICS)
    windows = spread(model.encode(text), tokens // WINDOW)
    quantized = ArraySource(quantize(model.weights, "q8"))
    sources = {
        "float32": ArraySource(model.weights),
        "q8": quantized,
        "q8 as float32": Float32Weights(quantized),
        "q8 plain": ArraySource(quantize(model.weights, None)),
        "q4": ArraySource(quantize(model.weights, "q4")),
    }
    runs, activations, opened = dict[str, Logits](), dict[str, str](), list[Kernels]()
    for variant in VARIANTS:
        note(f"preparing {variant.name} ...")
        source, bits = sources[variant.weights], 8
        if variant.backend == "numpy":
            runs[variant.name] = reference_logits(source, model.config, variant.attention)
        else:
            opened.append(kernels := WasmtimeKernels(variant=variant.backend))
            runs[variant.name] = kernel_logits(kernels, source, model.config, variant.attention)
            bits = ACTIVATION_BITS[kernels.activation_mode]
        activations[variant.name] = f"{bits} bits" if variant.weights in ("q8", "q8 plain", "q4") else "float32"
    check_answer(model, runs["float32"])
    difference = check_float32(
        runs["float32"], reference_logits(sources["float32"], model.config, "float32"), windows[0]
    )
    scores = {name: list[np.ndarray]() for name in runs}
    for index, ids in enumerate(windows):
        note(f"window {index + 1} of {len(windows)} ...")
        expected = log_softmax(runs["float32"](ids))
        for name, run in runs.items():
            actual = expected if name == "float32" else log_softmax(run(ids))
            scores[name].append(compare(actual, expected, ids))
    for kernels in opened:
        kernels.close()
    joined = {name: np.concatenate(parts, axis=1) for name, parts in scores.items()}
    return {
        "model": model.name,
        "python": platform.python_version(),
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "tokens": windows.size,
        "window": WINDOW,
        "predictions": joined["float32"].shape[1],
        "float32_difference": difference,
        "variants": {
            name: {"activations": activations[name], **summarize(score, joined["float32"])}
            for name, score in joined.items()
        },
    }


# ---- the model -----------------------------------------------------------------------------------------------------


def record(ops: Any, weights: Any, config: llama.LlamaConfig, ids: Any, cache: Any) -> Any:
    """Logits of all positions of one window; `cache` holds one of each layer."""
    hidden = llama.forward(ops, weights, config, llama.embed(ops, weights, ids), 0, cache)
    return llama.logits(ops, weights, config, hidden)


def kernel_logits(kernels: Kernels, source: WeightSource, config: llama.LlamaConfig, attention: Precision) -> Logits:
    """Pack the weights and record one program for all windows."""
    constants = KernelConstants(kernels)
    recorder = Recorder(constants, attention)
    ids = Value((WINDOW,), Storage(4 * WINDOW, constants.store(bytes(4 * WINDOW))))
    cache = [
        new_cache(shape, attention, lambda nbytes: constants.store(bytes(nbytes)))
        for shape in config.cache_shapes(WINDOW)
    ]
    logits = recorder.keep(record(recorder, KernelWeights(kernels, source), config, ids, cache))
    offsets, size = assign_offsets(recorder.storages)
    arena = allocate(kernels, size)
    program = constants.store(recorder.encode(arena, offsets).tobytes())

    def run(token_ids: np.ndarray) -> np.ndarray:
        kernels.write(ids.storage.address or 0, token_ids.tobytes())
        kernels.run(program, 0, 0, 0, 0, 0)
        data = kernels.read(arena + offsets[logits.storage], 4 * WINDOW * config.vocab_size)
        return np.frombuffer(data, np.float32).reshape(logits.shape)

    return run


def reference_logits(source: WeightSource, config: llama.LlamaConfig, attention: Precision) -> Logits:
    """The same in numpy."""
    weights = ReferenceWeights(source)

    def run(token_ids: np.ndarray) -> np.ndarray:
        cache = [KeysValues(shape, attention) for shape in config.cache_shapes(WINDOW)]
        return np.asarray(record(ReferenceOps(attention=attention), weights, config, token_ids, cache))

    return run


def quantize(weights: dict[str, np.ndarray], scheme: str | None) -> dict[str, np.ndarray]:
    """Every matrix, the embedding that is also the output layer among them; None is q8 without rotation."""
    arrays = dict[str, np.ndarray]()
    for name, values in weights.items():
        if values.ndim != 2:
            arrays[name] = values
        elif scheme:
            arrays |= quantized_tensors(name, values, scheme)
        else:
            arrays[name], arrays[f"{name}_scale"] = quantize_q8(values)
    return arrays


# ---- text and figures ----------------------------------------------------------------------------------------------


def spread(ids: np.ndarray, count: int) -> np.ndarray:
    """`count` windows at even distances, so that a few tokens also see all of the text; none overlap."""
    if not 0 < count <= ids.size // WINDOW:
        raise ScriptError(f"--tokens: from {WINDOW} to {ids.size // WINDOW * WINDOW}, which is all of the text.")
    starts = np.arange(count) * (ids.size // count)
    return np.stack([ids[start : start + WINDOW] for start in starts])


def check_answer(model: SmolLM2, run: Logits) -> None:
    """Raise ScriptError unless the model says what it is known to say: weights in the wrong order would not."""
    prompt = model.encode("The capital of France is")
    logits = run(np.pad(prompt, (0, WINDOW - prompt.size)))  # causal: what follows the prompt does not matter
    answer = model.decode(int(logits[prompt.size - 1].argmax()))
    if answer != " Paris":
        raise ScriptError(f"The model continues 'The capital of France is' with {answer!r}: it was read wrongly.")


def check_float32(kernels: Logits, reference: Logits, ids: np.ndarray) -> float:
    """Return the largest difference of the float32 kernels from numpy in one window, relative to the largest logit."""
    expected = reference(ids)
    difference = float(np.abs(kernels(ids) - expected).max() / np.abs(expected).max())
    if not difference < TOLERANCE:
        raise ScriptError(f"Float32 logits of the kernels differ from numpy's by {difference:.1e} of the largest.")
    return difference


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """float32 (T, vocab) logits -> logarithms of the probabilities."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True, dtype=np.float64)).astype(np.float32)


def compare(actual: np.ndarray, expected: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """float64 (3, WINDOW - 2), of each prediction: cross entropy, KL divergence from `expected`, same greedy token."""
    p, q = expected[1:-1], actual[1:-1]
    entropy = -q[np.arange(len(q)), ids[2:]]
    divergence = (np.exp(p) * (p - q)).sum(axis=1, dtype=np.float64)
    return np.stack([entropy, divergence, p.argmax(axis=1) == q.argmax(axis=1)]).astype(np.float64)


def summarize(scores: np.ndarray, baseline: np.ndarray) -> dict[str, float]:
    """Figures of one variant from `compare`'s rows. The error is one standard error of the paired difference."""
    change = scores[0] - baseline[0]
    ratio = float(np.exp(change.mean()))
    return {
        "perplexity": float(np.exp(scores[0].mean())),
        "perplexity_change_percent": 100 * (ratio - 1),
        "perplexity_change_error_percent": 100 * ratio * float(change.std() / change.size**0.5),
        "kl_divergence": float(scores[1].mean()),
        "same_greedy_token": float(scores[2].mean()),
    }
