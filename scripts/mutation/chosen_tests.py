"""Which tests are asked about a mutant: those that ran its lines when they were last measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from line_coverage.recorded import Recorded
from support.environment import ROOT, ScriptError

from .mutant import Mutant

KERNEL_TESTS = ("tests/kernels", "tests/parity")
"""No one measures lines of C: of these every test runs."""


class GivenSelection:
    """The same tests for all."""

    def __init__(self, tests: Sequence[str], limit: float) -> None:
        """`limit` is of seconds, for each of them."""
        self._tests, self._limit = tests, limit

    def __call__(self, mutant: Mutant) -> Sequence[str]:
        """Return what was given."""
        return self._tests

    def seconds(self, tests: Sequence[str]) -> float:
        """Return how long they may take."""
        return self._limit * len(tests)

    def leave_out(self, test: str) -> None:
        """Raise ScriptError: who names tests wants all of them."""
        raise ScriptError(f"{test} fails without a fault, too.")


class RecordedSelection:
    """Chooses by what was recorded, within `limit` seconds for a mutant."""

    def __init__(self, recorded: Recorded, limit: float, root: Path = ROOT) -> None:
        """`limit` is of seconds that the tests took when they were measured."""
        self._recorded, self._limit, self._root = recorded, limit, root

    def __call__(self, mutant: Mutant) -> Sequence[str]:
        """Return tests, the quickest first."""
        if mutant.file.startswith("wasm-kernels/"):
            return self._within_limit(self._kernel_tests()) or list(KERNEL_TESTS)
        lines = range(mutant.line, mutant.line + mutant.original.count("\n") + 1)
        return self._within_limit(self._recorded.tests_of(mutant.file, lines) or self._naming(Path(mutant.file).stem))

    def seconds(self, tests: Sequence[str]) -> float:
        """Return how long these take; folders that nobody measured, as long as may be."""
        return sum(self._recorded.seconds.get(test, self._limit) for test in tests)

    def leave_out(self, test: str) -> None:
        """Forget a test."""
        del self._recorded.seconds[test]

    def _naming(self, module: str) -> list[str]:
        """Return tests of the files that name a module: what a table says is read once, by whoever imports it first."""
        seconds = self._recorded.seconds
        name = re.compile(rf"\b{re.escape(module)}\b")
        files = {test.partition("::")[0] for test in seconds}
        naming = {file for file in files if name.search((self._root / file).read_text(encoding="utf-8"))}
        return sorted((test for test in seconds if test.partition("::")[0] in naming), key=seconds.__getitem__)

    def _kernel_tests(self) -> list[str]:
        """Return the kernels' own tests, the quickest first, then those of whole models."""
        seconds = self._recorded.seconds
        return sorted(
            (test for test in seconds if test.startswith(KERNEL_TESTS)),
            key=lambda test: (not test.startswith(KERNEL_TESTS[0]), seconds[test]),
        )

    def _within_limit(self, tests: Sequence[str]) -> list[str]:
        chosen: list[str] = []
        total = 0.0
        for test in tests:
            total += self._recorded.seconds[test]
            if chosen and total > self._limit:
                break
            chosen.append(test)
        return chosen
