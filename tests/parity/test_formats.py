"""The bundled model with its q8 matrices in other formats: the whole path from tensors to answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness import ArraySource
from shapes import shape_image
from tinyvlm.backends.kernel_interface import ACTIVATION_BITS
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.reference_runner import ReferenceRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image
from tinyvlm.vlm import read_model
from tinyvlm.weights.quantize import prune_blocks, quantize_q2, quantize_q4, quantize_q8
from tinyvlm.weights.source import Float32Weights

FORMATS = {"q4": quantize_q4, "q2": quantize_q2, "pruned": lambda w: quantize_q8(prune_blocks(w, 0.3))}


def convert(scheme: str) -> ArraySource:
    """Every q8 matrix in another format, embedding included."""
    source, arrays = open_model().weights(), dict[str, Any]()
    plain = Float32Weights(source)
    for name, info in plain.tensors.items():
        if name.startswith("__padding"):
            continue
        value = np.frombuffer(plain.read(name), np.float32).reshape(info.shape)
        if source.tensors[name].dtype != "I8":
            arrays[name] = value
            continue
        arrays[name], arrays[f"{name}_scale"] = FORMATS[scheme](value)
        if arrays[name].dtype == np.uint8:
            arrays[f"{name}_columns"] = np.zeros((0, info.shape[1]), np.uint8)
    return ArraySource(arrays)


@pytest.mark.parametrize("variant", ["relaxed", "simd128"])
@pytest.mark.parametrize("scheme", FORMATS)
def test_a_whole_model_in_another_format(scheme: str, variant: str) -> None:
    """The kernels give the reference's logits, and the same ones however many threads share the work."""
    source, parts = convert(scheme), read_model(open_model())
    image = load_image(shape_image("triangle", "blue"))
    ids = [1, *parts.tokenizer.encode(" Q: What color is the shape? A:")]
    results = []
    for threads in (1, 2, 3):
        kernels = WasmtimeKernels(variant=variant, threads=threads)
        bits = ACTIVATION_BITS[kernels.activation_mode]
        runner = KernelRunner(parts.model, KernelWeights(kernels, source), owns_kernels=True)
        results.append(runner.logits(runner.encode([image], None), ids))
        runner.close()
    assert results[0] == results[1] == results[2]
    reference = ReferenceRunner(parts.model, source, activation_steps=(1 << bits) - 1)
    expected = np.frombuffer(reference.logits(reference.encode([image], None), ids), np.float32)
    actual = np.frombuffer(results[0], np.float32)
    assert np.corrcoef(expected, actual)[0, 1] > 0.99
    if scheme == "q4":
        assert parts.tokenizer.decode([int(actual.reshape(len(ids), -1)[-1].argmax())]).strip() == "blue"
