"""Learns what requests look like that the bundled model was not made for: `python scripts/build_requests.py`.

    python scripts/build_requests.py               # writes py/tinyvlm/answers/requests/classifier_weights.py
    python scripts/build_requests.py --check       # learns again, and compares with what is there
    python scripts/build_requests.py --validate    # how many are recognised by weights that were learnt without them

Learnt from the lists beside request_classifier/examples.py, from tests/golden/requests.json but what is measured once,
and from a corpus on PyPI. The same numpy gives the same weights; another may round a few differently.
"""

from __future__ import annotations

from support.environment import (
    EVALUATE_VENV,
    REQUIREMENTS,
    ROOT,
    ScriptError,
    command_line,
    enter_venv,
    note,
    run_main,
)

OUT = ROOT / "py" / "tinyvlm" / "answers" / "requests" / "classifier_weights.py"


def main() -> int:
    """Write, compare or validate the weights."""
    parser = command_line(__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--check", action="store_true", help="write nothing")
    chosen.add_argument("--validate", action="store_true", help="write nothing")
    options = parser.parse_args()
    python = enter_venv(EVALUATE_VENV, REQUIREMENTS / "evaluate.txt")
    from request_classifier.corpus import first_lines
    from request_classifier.examples import caption_words, examples, kinds
    from request_classifier.lexicon import lexicon_of
    from request_classifier.linear_learning import Problem, learned, quantized
    from request_classifier.validation import validation_table
    from request_classifier.weights_file import weights_file

    found = examples(first_lines(python))
    lexicon = lexicon_of(found, caption_words(), kinds())
    problem = Problem(found, lexicon)
    if options.validate:
        print(validation_table(found, problem))
        return 0
    weights, bias = quantized(*learned(found, problem))
    text = weights_file(bias, lexicon, weights)
    if not options.check:
        OUT.write_text(text, encoding="utf-8")
        note(f"{OUT.relative_to(ROOT)}: {len(found):,} examples")
    elif text != OUT.read_text(encoding="utf-8"):
        raise ScriptError(f"{OUT.relative_to(ROOT)} is not what the lists give.")
    return 0


if __name__ == "__main__":
    run_main(main)
