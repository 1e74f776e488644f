"""Steps side by side: each tells its outcome, its output is printed in one piece, and a table ends the run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .environment import ROOT, ScriptError

OK = "ok"
FAILED = "FAILED"

Run = Callable[..., int]
"""Runs a command in the checkout, its output where the step's belongs; returns its exit code."""


@dataclass(frozen=True)
class Step:
    """One check: `action` is given a `Run`, and returns the outcome or raises ScriptError."""

    name: str
    action: Callable[[Run], str]


class Lanes:
    """Runs lanes of steps, one lane beside the other, whatever fails on the way."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Every command gets this environment."""
        self._environment = dict(environment)
        self._rows: list[tuple[str, str, float]] = []
        self._printing = threading.Lock()

    def run(self, *lanes: Sequence[Step]) -> None:
        """Run the steps of each lane in turn. A single lane prints as it goes."""
        if len(lanes) == 1:
            for step in lanes[0]:
                self._print(f"\n=== {step.name}")
                self._take(step, None)
            return
        threads = [threading.Thread(target=self._run_lane, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def set(self, variable: str, value: str) -> None:
        """Let every command see an environment variable."""
        self._environment[variable] = value

    def summary(self) -> bool:
        """Print the table; return whether nothing failed."""
        width = max(len(name) for name, _, _ in self._rows)
        print("\n=== summary")
        for name, outcome, seconds in self._rows:
            print(f"{name:{width}}  {seconds:6.1f} s  {outcome}")
        return all(outcome != FAILED for _, outcome, _ in self._rows)

    def _run_lane(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._print(f"--- {step.name} ...")
            with tempfile.TemporaryFile() as output:
                outcome, seconds = self._take(step, output)
                output.seek(0)
                said = output.read().decode(errors="replace").rstrip()
            self._print(f"\n=== {step.name}: {outcome} after {seconds:.1f} s\n{said}\n")

    def _take(self, step: Step, output: IO[bytes] | None) -> tuple[str, float]:
        started = time.monotonic()

        def run(*command: str | Path) -> int:
            stderr = None if output is None else subprocess.STDOUT
            done = subprocess.run(command, cwd=ROOT, env=self._environment, stdout=output, stderr=stderr)
            return done.returncode

        try:
            outcome = step.action(run)
        except ScriptError as error:
            if output is None:
                self._print(str(error))
            else:
                output.write(f"{error}\n".encode())
            outcome = FAILED
        seconds = time.monotonic() - started
        self._rows.append((step.name, outcome, seconds))
        return outcome, seconds

    def _print(self, text: str) -> None:
        with self._printing:
            print(text, flush=True)
            sys.stderr.flush()
