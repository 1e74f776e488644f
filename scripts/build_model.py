"""Turns trained weights into the model folder that ships.

    python scripts/build_model.py WEIGHTS.safetensors TOKENIZER.json OUT [--float32]

WEIGHTS are float16 or float32, named as py/tinyvlm/models wants them and shaped as PyTorch has them: what
`python3 scripts/train export` writes. OUT gets the Hugging Face layout: configs, tokenizer, q8 weights and parts.json.
With --float32, matrices stay as they are, to measure what q8 costs (scripts/evaluate.py --unrounded). What the page
says of the model is CARD in bundled_model/configs.py. The model card, README.md, is left alone.

    tinyvlm quantize OUT NEW --to q8

writes a folder that was made before, with the same weights, as it would be made now.
"""

from __future__ import annotations

from pathlib import Path

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, run_main


def main() -> int:
    """Write the folder in the test environment, which has numpy."""
    parser = command_line(__doc__)
    for name in ("weights", "tokenizer", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--float32", dest="scheme", action="store_const", const="float32", default="q8")
    options = parser.parse_args()
    enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from bundled_model.folder_writer import write_folder

    write_folder(options.weights, options.tokenizer, options.out, options.scheme)
    return 0


if __name__ == "__main__":
    run_main(main)
