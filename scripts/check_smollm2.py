"""Does the real SmolLM2 say the same in q8 as in float32? Ten prompts, greedy, 32 tokens.

    python3 scripts/check_smollm2.py

SmolLM2-135M-Instruct out of the GGUF file that scripts/perplexity.py fetches (93 MB, once), opened as users open it.
The reference is numpy in float32, KV cache included; compared with it are the kernels under wasmtime. For each answer
that differs the table tells how far apart the reference's two best logits were at the first token that differs: where
they are closer than what 8 bits lose, either token may win. Two minutes.
"""

from __future__ import annotations

from support.environment import PERPLEXITY_VENV, REQUIREMENTS, command_line, enter_venv, run_main


def main() -> int:
    """Compare in perplexity.py's environment."""
    command_line(__doc__).parse_args()
    enter_venv(PERPLEXITY_VENV, REQUIREMENTS / "perplexity.txt")
    from smollm2 import greedy_answers
    from smollm2.download import ensure_model

    greedy_answers.compare(ensure_model())
    return 0


if __name__ == "__main__":
    run_main(main)
