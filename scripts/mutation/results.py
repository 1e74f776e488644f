"""What became of the mutants, kept between runs, and the table that tells it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from support.environment import BUILD, write_atomically

from .files import AREAS, area_of
from .mutant import Mutant
from .trial import DEAD, NO_BUILD, SURVIVED, UNTESTED, Outcome

RESULTS = BUILD / "mutation" / "results.json"
ALIVE = frozenset({SURVIVED, UNTESTED})


class Results:
    """Outcomes by mutant, in a file."""

    def __init__(self, path: Path = RESULTS) -> None:
        """Read what earlier runs left."""
        self._path = path
        self._outcomes: dict[str, dict[str, object]] = {}
        if path.exists():
            self._outcomes = json.loads(path.read_text(encoding="utf-8"))

    def get(self, mutant: Mutant) -> Outcome | None:
        """Return what became of a mutant, if it has been tried."""
        kept = self._outcomes.get(mutant.key)
        return Outcome(**kept["outcome"]) if kept else None  # type: ignore[arg-type]

    def put(self, mutant: Mutant, outcome: Outcome) -> None:
        """Keep an outcome at once: a run may be ended at any time."""
        self._outcomes[mutant.key] = {"mutant": str(mutant), "outcome": asdict(outcome)}
        write_atomically(self._path, json.dumps(self._outcomes, indent=1).encode())


def table(mutants: Sequence[Mutant], results: Results) -> str:
    """Return the score of each area, and of all; then those that live."""
    rows: list[tuple[str, ...]] = [("area", "mutants", "killed", "survived", "no test", "no build", "score")]
    areas = [*AREAS, *sorted({area_of(mutant.file) for mutant in mutants} - set(AREAS))]
    for area in areas:
        of_area = [mutant for mutant in mutants if area_of(mutant.file) == area]
        if of_area:
            rows.append((area, *_figures(of_area, results)))
    rows.append(("all", *_figures(mutants, results)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    living = [mutant for mutant in mutants if (outcome := results.get(mutant)) and outcome.result in ALIVE]
    return "\n".join([*lines, "", *(f"lives: {mutant}" for mutant in living)])


def _figures(mutants: Sequence[Mutant], results: Results) -> tuple[str, ...]:
    found = [outcome.result for mutant in mutants if (outcome := results.get(mutant))]
    dead = sum(result in DEAD for result in found)
    survived, untested, no_build = (found.count(result) for result in (SURVIVED, UNTESTED, NO_BUILD))
    counted = len(found) - no_build
    score = f"{100 * dead / counted:.1f} %" if counted else "-"
    return (*(str(count) for count in (len(found), dead, survived, untested, no_build)), score)
