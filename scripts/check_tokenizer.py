"""Are the real SmolLM2's token ids those of the `tokenizers` package, on varied strings?

    python3 scripts/check_tokenizer.py [--strings N]

The vocabulary is that of SmolLM2-135M-Instruct, out of the file that scripts/perplexity.py fetches (93 MB, once).
"""

from __future__ import annotations

from support.environment import PERPLEXITY_VENV, REQUIREMENTS, command_line, enter_venv, run_main


def main() -> int:
    """Compare in perplexity.py's environment."""
    parser = command_line(__doc__)
    parser.add_argument("--strings", type=int, default=10_000, help="how many strings (10000)")
    options = parser.parse_args()
    enter_venv(PERPLEXITY_VENV, REQUIREMENTS / "perplexity.txt")
    from smollm2 import token_ids
    from smollm2.download import ensure_model

    count = token_ids.compare(ensure_model(), options.strings)
    print(f"{options.strings} strings, {count} tokens: ids and text are the same.")
    return 0


if __name__ == "__main__":
    run_main(main)
