"""Scores of the shipped model through the shipped package and kernels, on the easy-VQA test split (PyPI, MIT).

    .venv/bin/python scripts/evaluate.py [--limit N] [--draft] [--json FILE]     (scripts/test.py makes the environment)

Exact-match accuracy by kind of question with a 95 % Wilson interval, beside the majority answer of the training split
for the same words, which needs no image.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import easy_vqa

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "py"))
from tinyvlm import VLM
from tinyvlm.backends.kernel import KernelRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.hub import DEFAULT_MODEL, open_model
from tinyvlm.model_reader import read_model
from tinyvlm.weights.planes import DraftPlanes, SplitPlanes

DATA = Path(easy_vqa.__file__).parent / "data"


def main() -> None:
    """Evaluate and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=0, help="only the first N images")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--backend", choices=("wasm", "numpy"), default="wasm")
    parser.add_argument("--quantization", choices=("q8", "float32"), default=None)
    parser.add_argument("--draft", action="store_true", help="q8 before its low planes are in; by the kernels")
    parser.add_argument("--json", type=Path, help="also write every score to this file")
    options = parser.parse_args()
    if options.draft:
        vlm = open_draft(options.model)
    else:
        vlm = VLM.from_pretrained(options.model, backend=options.backend, quantization=options.quantization)
    prior = blind_prior()
    scores: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    started, encoded, last = time.perf_counter(), None, -1
    for question, answer, image in sorted(read_questions("test"), key=lambda row: row[2]):
        if options.limit and image >= options.limit:
            break
        if image != last:
            encoded, last = vlm.encode_image(DATA / "test" / "images" / f"{image}.png"), image
        right = vlm.ask(encoded, question) == answer
        scores[kind(question, answer)].append((right, prior.get(question) == answer))
    seconds = time.perf_counter() - started
    table = {name: summarize(rows) for name, rows in sorted(scores.items())}
    print(f"easy-VQA test split, {vlm.name}, {vlm.stats()['simd']}, {seconds:.0f} s")
    for name, row in table.items():
        interval = f"[{row['low']:.1%}, {row['high']:.1%}]"
        print(f"  {name:8} {row['accuracy']:6.1%}  {interval:16}  blind {row['blind']:6.1%}  n {row['n']}")
    if options.json:
        options.json.write_text(json.dumps(table, indent=2))


def open_draft(model: str) -> VLM:
    """Return a q8 model as a page has it while low planes are on their way."""
    folder = open_model(model)
    parts, source = read_model(folder), DraftPlanes(SplitPlanes(folder.weights()))
    return VLM(parts, KernelRunner(parts.model, source, WasmtimeKernels(), owns_kernels=True), 0, draft=True)


def read_questions(split: str) -> list[tuple[str, str, int]]:
    """Return (question, answer, image number) of a split."""
    return [tuple(row) for row in json.loads((DATA / split / "questions.json").read_text())]


def blind_prior() -> dict[str, str]:
    """Return the commonest training answer to every question: what can be known without looking."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for question, answer, _ in read_questions("train"):
        counts[question][answer] += 1
    return {question: counter.most_common(1)[0][0] for question, counter in counts.items()}


def kind(question: str, answer: str) -> str:
    """Return yes/no, shape or color."""
    if answer in ("yes", "no"):
        return "yes/no"
    return "shape" if answer in ("circle", "triangle", "rectangle") else "color"


def summarize(rows: list[tuple[bool, bool]]) -> dict[str, float]:
    """Accuracy, its 95 % Wilson interval, and the blind prior's accuracy."""
    n, z = len(rows), 1.96
    p = sum(right for right, _ in rows) / n
    centre, spread = (p + z * z / (2 * n)), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n))
    return {"accuracy": p, "low": low, "high": min(high, 1.0), "blind": sum(blind for _, blind in rows) / n, "n": n}


if __name__ == "__main__":
    main()
