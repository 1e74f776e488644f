"""The share of lines that the tests run: `python -m line_coverage.line_shares`, after tests under coverage.

Python's comes from coverage.py, with its floor in pyproject.toml; the page's is counted here. Ends with 1 where one
lies below its floor.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support.environment import ROOT

from .javascript_lines import code_lines
from .recorded import FOLDER, Recorded, read_recorded

FLOORS = {"web/engine": 90.0, "web/ui": 98.0}
"""Percent of lines, below which nobody lets them fall."""


def main() -> int:
    """Report what there is."""
    codes = []
    if any(FOLDER.glob("python*")):
        codes.append(_report_python())
    recorded = read_recorded(ROOT)
    if any(name.endswith(".js") for name in recorded.lines):
        codes.append(_report_javascript(recorded))
    return max(codes, default=1)


def _report_python() -> int:
    coverage = [sys.executable, "-m", "coverage"]
    if any(FOLDER.glob("python.*")):
        subprocess.run([*coverage, "combine", "--append", "--quiet"], cwd=ROOT, check=True)
    command = [*coverage, "report", "--skip-covered", "--show-missing"]
    return 1 if subprocess.run(command, cwd=ROOT).returncode else 0


def _report_javascript(recorded: Recorded) -> int:
    low = 0
    for folder, floor in FLOORS.items():
        counts = count_lines(ROOT / folder, recorded)
        run, all_lines = (sum(column) for column in zip(*counts.values(), strict=True))
        print(f"\n{folder}: {percent(run, all_lines):.1f} % of {all_lines} lines (floor: {floor} %)")
        for name, (covered, lines) in sorted(counts.items(), key=lambda row: row[1][0] - row[1][1]):
            if covered < lines:
                print(f"  {percent(covered, lines):5.1f} %  {lines - covered:3} not run  {name}")
        low += percent(run, all_lines) < floor
    return 1 if low else 0


def count_lines(folder: Path, recorded: Recorded, root: Path = ROOT) -> Mapping[str, tuple[int, int]]:
    """Return for each script how many of its lines were run, and how many there are."""
    counts = {}
    for path in sorted(folder.rglob("*.js")):
        name = path.relative_to(root).as_posix()
        lines = code_lines(path.read_text(encoding="utf-8")).keys()
        counts[name] = (len(lines & recorded.lines.get(name, {}).keys()), len(lines))
    return counts


def percent(part: int, whole: int) -> float:
    """Return a share; all of nothing is all."""
    return 100 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())
