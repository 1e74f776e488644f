"""Does the real SmolLM2 say the same in q8 as in float32? Ten prompts, greedy, 32 tokens.

    python3 scripts/check_smollm2.py

SmolLM2-135M-Instruct out of the GGUF file that scripts/perplexity.py fetches (93 MB, once), opened as users open it.
The reference is numpy in float32, KV cache included; compared with it are the kernels under wasmtime. For each answer
that differs the table tells how far apart the reference's two best logits were at the first token that differs: where
they are closer than what 8 bits lose, either token may win. Two minutes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from _environment import note, run_main
from perplexity import ensure_model, run_in_venv

if TYPE_CHECKING:
    from tinyvlm import VLM
    from tinyvlm.ops import Precision
    from tinyvlm.weights.quantize import Scheme

PROMPTS = (
    "What is the capital of France?",
    "Why is the sky blue?",
    "Write a haiku about the sea.",
    "Explain what a prime number is.",
    'Translate "good morning" into Spanish.',
    "What is 12 + 30?",
    "List three fruits that are red.",
    "Who wrote Romeo and Juliet?",
    "Write a Python function that adds two numbers.",
    "Give me one tip for sleeping better.",
)
TOKENS = 32


@dataclass(frozen=True)
class Variant:
    """How matrices and the KV cache are held, and which build of the kernels runs them."""

    name: str
    weights: Scheme
    attention: Precision
    build: str


VARIANTS = (
    Variant("q8 relaxed", "q8", "q8", "relaxed"),
    Variant("q8 simd128", "q8", "q8", "simd128"),
    Variant("q8 simd128, float32 KV cache", "q8", "float32", "simd128"),
    Variant("float32 relaxed", "float32", "float32", "relaxed"),
)
"""As shipped, in both builds; what the KV cache has to do with it; and the kernels by themselves."""


@dataclass(frozen=True)
class Answer:
    """Token ids and text."""

    ids: list[int]
    text: str


def main() -> int:
    """Print both answers wherever they differ, and how many are equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    returncode = run_in_venv(__file__)
    if returncode is not None:
        return returncode
    from tinyvlm import VLM

    path = ensure_model()
    note("numpy, float32 ...")
    reference = VLM.from_pretrained(str(path), backend="numpy", quantization="float32")
    expected = [answer(reference, prompt) for prompt in PROMPTS]
    for prompt, right in zip(PROMPTS, expected, strict=True):
        print(f"{prompt}\n    {right.text!r}")
    for variant in VARIANTS:
        note(f"{variant.name} ...")
        model = open_variant(path, variant)
        bits = "" if variant.weights == "float32" else f", activations of {model.stats()['activation_bits']} bits"
        print(f"\n{variant.name}{bits}")
        equal = 0
        for prompt, right in zip(PROMPTS, expected, strict=True):
            given = answer(model, prompt)
            equal += given.text == right.text
            print(f"    {prompt:48} {verdict(reference, prompt, right, given)}")
        print(f"    {equal} of {len(PROMPTS)} answers are equal.")
        model.close()
    return 0


def open_variant(path: Path, variant: Variant) -> VLM:
    """Open the file as `VLM.from_pretrained` does, which leaves the build and the KV cache to the package."""
    from tinyvlm import VLM
    from tinyvlm.backends.kernel_runner import KernelRunner
    from tinyvlm.backends.kernel_weights import KernelWeights
    from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
    from tinyvlm.folder.model_reader import read_model
    from tinyvlm.hub import open_model

    folder = open_model(str(path))
    source = folder.weights()
    parts = read_model(folder, source)
    weights = KernelWeights(WasmtimeKernels(variant=variant.build), source, variant.weights)
    return VLM(parts, KernelRunner(parts.model, weights, owns_kernels=True, attention=variant.attention), 0.0)


def answer(model: VLM, prompt: str) -> Answer:
    """Ask, greedily."""
    text = model.ask(None, prompt, max_new_tokens=TOKENS)
    return Answer(model.tokenize(text), text)


def verdict(reference: VLM, prompt: str, right: Answer, given: Answer) -> str:
    """Say that answers are equal, or from which token not, how sure the reference was there, and what came instead."""
    import numpy as np

    if given.text == right.text:
        return "equal"
    pairs = zip(right.ids, given.ids, strict=False)
    first = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(right.ids), len(given.ids)))
    logits = reference.logits([*reference.prompt_ids(prompt), *right.ids[:first]])[-1]
    second, best = np.sort(logits)[-2:]
    return f"differs from token {first + 1}, margin {best - second:.3f}: {given.text!r}"


if __name__ == "__main__":
    run_main(main)
