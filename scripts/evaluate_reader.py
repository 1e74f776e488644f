"""How well text is read: pages that are drawn here, and lines of receipts; our reader and others on the same models.

    python3 scripts/evaluate_reader.py [--readers a,b] [--pages N] [--first SEED] [--lines FOLDER] [--threads N]
        [--json FILE]

Pages come from scripts/fixtures/pages: 20 typefaces, 8 to 40 px, columns, receipts, screenshots, signs, lean, blur,
noise, light on dark. Word F1 is over the words of all pages, in any order, case kept; the character error rate is of
the text in reading order, any space as one. Lines (--lines: a folder with research.jsonl) are given one by one: exact
with case ignored, exact with spaces ignored too, and the character error rate in capitals. Intervals are of 95 %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from support.environment import REQUIREMENTS, ScriptError, command_line, enter_venv, note, run_main

READER_VENV = "build/reader-venv"


def main() -> int:
    """Read in an environment of its own, and print what was right."""
    options = parse()
    enter_venv(READER_VENV, REQUIREMENTS / "reader.txt")
    from evaluation.text_reading import measure_readers
    from evaluation.text_reading.readers import READERS

    names = [name.strip() for name in options.readers.split(",") if name.strip()]
    unknown = sorted(set(names) - set(READERS))
    if unknown:
        raise ScriptError(f"There is no reader {', '.join(unknown)}; there are {', '.join(READERS)}.")
    pages = measure_readers.draw_pages(options.first, options.pages)
    lines = measure_readers.receipt_lines(options.lines) if options.lines else []
    found = {}
    for name in names or READERS:
        note(f"{name}: {READERS[name][0]} ...")
        found[name] = measure_readers.measure(READERS[name][1](options.threads), pages, lines)
        measure_readers.print_figures(name, found[name])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return 0


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = command_line(__doc__)
    parser.add_argument("--readers", default="", help="only these of scripts/evaluation/text_reading/readers.py")
    parser.add_argument("--pages", type=int, default=40, help="how many are drawn (40)")
    parser.add_argument("--first", type=int, default=0, help="the first page's number (0)")
    parser.add_argument("--lines", type=Path, help="a folder with research.jsonl and its images")
    parser.add_argument("--threads", type=int, default=2, help="of each reader (2)")
    parser.add_argument("--json", type=Path, help="also write figures and texts to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_main(main)
