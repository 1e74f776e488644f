"""Puts small faults into the code, one at a time, and tells which of them no test notices.

    python3 scripts/mutate.py                               # lines changed since main
    python3 scripts/mutate.py py/tinyvlm/hub --list         # what would be tried
    python3 scripts/mutate.py web/ui/ask/composer.js        # a file
    python3 scripts/mutate.py --sample 200 --seed 1         # of py/tinyvlm, web/engine, web/ui and wasm-kernels

Python, JavaScript and C. Tests are chosen by the lines that they ran when `scripts/test.py --coverage` last measured
them; measure again after adding a test that is to count. Faults are put into copies of the checkout, under build/.
Results are kept there too: a run that was ended goes on where it was, and `--again` tries those that lived once more.
The score is the killed of all that build; a test that does not end kills.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from support.environment import BUILD, REQUIREMENTS, ROOT, TEST_VENV, ScriptError, command_line, enter_venv, run_main

if TYPE_CHECKING:
    from mutation.trial import Selection


def main() -> int:
    """List mutants, or try them."""
    parser = command_line(__doc__)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; all of their lines")
    parser.add_argument("--since", metavar="REF", help="only lines changed since REF (default without PATH: main)")
    parser.add_argument("--sample", type=int, metavar="N", help="N of them, each area by its lines of code")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which ones (default: 1)")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="how many at once (default: 1)")
    parser.add_argument("--limit", type=float, default=240, metavar="SECONDS", help="of tests a mutant (default: 240)")
    parser.add_argument("--tests", nargs="+", metavar="TEST", help="ask these, whatever was measured")
    parser.add_argument("--list", action="store_true", help="print the mutants, try none")
    parser.add_argument("--again", action="store_true", help="try those once more that lived")
    options = parser.parse_args()
    python = enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    return _run(options, python)


def _run(options: argparse.Namespace, python: Path) -> int:
    from mutation.files import AREAS, changed_lines, list_files, list_mutants, sample
    from mutation.results import Results, table
    from mutation.runner import run_all

    paths, since = options.paths, options.since
    if not paths and not options.sample:
        since = since or "main"
    files = list_files(paths or AREAS)
    if since:
        changed = changed_lines(since)
        files = [name for name in files if name in changed]
    mutants = list_mutants(files)
    if since:
        mutants = [mutant for mutant in mutants if mutant.line in changed[mutant.file]]
    if options.sample:
        mutants = sample(mutants, options.sample, options.seed)
    if options.list:
        for mutant in mutants:
            print(mutant)
        print(f"{len(mutants)} mutants")
        return 0
    results = Results()
    run_all(mutants, results, _selection(options), python, options.jobs, options.again, BUILD)
    print(table(mutants, results))
    return 0


def _selection(options: argparse.Namespace) -> Selection:
    from line_coverage.recorded import read_recorded
    from mutation.chosen_tests import GivenSelection, RecordedSelection

    if options.tests:
        return GivenSelection(options.tests, options.limit)
    recorded = read_recorded(ROOT)
    if not recorded.seconds:
        raise ScriptError("Nothing has been measured yet: run scripts/test.py --coverage first.")
    return RecordedSelection(recorded, options.limit)


if __name__ == "__main__":
    run_main(main)
