"""One mutant, and the tests that could kill it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from support.environment import ScriptError

from .kernel_objects import build_kernels
from .mutant import Mutant
from .work_tree import WorkTree

KILLED, TIMEOUT, SURVIVED, UNTESTED, NO_BUILD = "killed", "timeout", "survived", "no test runs it", "does not build"
KERNELS = "wasm-kernels/"
DEAD = frozenset({KILLED, TIMEOUT})
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_MISSING = re.compile(r"^ERROR: (?:file or directory )?not found: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant, the test that killed it, and how long that took."""

    result: str
    killer: str = ""
    seconds: float = 0.0


class Selection(Protocol):
    """Which tests are asked about a mutant."""

    def __call__(self, mutant: Mutant) -> Sequence[str]:
        """Return tests or folders of tests, those to run first at the front."""

    def seconds(self, tests: Sequence[str]) -> float:
        """Return how long these take where all is well."""

    def leave_out(self, test: str) -> None:
        """Ask this one no more."""


@dataclass(frozen=True)
class Tools:
    """What a trial runs: the test environment's Python, and Emscripten where there is C to build."""

    python: Path
    emcc: Sequence[str] = ()


def try_mutant(mutant: Mutant, tree: WorkTree, tools: Tools, select: Selection) -> Outcome:
    """Run the tests over the fault until one fails."""
    tests = select(mutant)
    if not tests:
        return Outcome(UNTESTED)
    started = time.monotonic()
    with tree.holding(mutant):
        if mutant.file.startswith(KERNELS) and not build_kernels(tools.emcc, tree.folder):
            return Outcome(NO_BUILD, seconds=time.monotonic() - started)
        result, killer = run_tests(tree, tools.python, tests, timeout=60 + 5 * select.seconds(tests))
    return Outcome(result, killer, round(time.monotonic() - started, 1))


def run_tests(tree: WorkTree, python: Path, tests: Sequence[str], timeout: float) -> tuple[str, str]:
    """Return what becomes of what is in `tree` now, and the test that killed it; `timeout` is in seconds.

    Raises ScriptError where a test is not there: no fault is noticed by that.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(tests))  # a command line would be too short
        listed.flush()
        command = [str(python), "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", f"@{listed.name}"]
        process = subprocess.Popen(
            command,
            cwd=tree.folder,
            env=_environment(tree),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # browsers too
            process.communicate()
            return TIMEOUT, ""
    if process.returncode == 0:
        return SURVIVED, ""
    failed = _FAILED.search(said)
    missing = None if failed else _MISSING.search(said)
    if missing:
        raise ScriptError(f"There is no test {missing[1]} any more: measure again with scripts/test.py --coverage.")
    # A fault may end the process, or keep the tests from being read: whoever runs them sees that.
    return KILLED, failed[1] if failed else f"exit code {process.returncode}"


def _environment(tree: WorkTree) -> dict[str, str]:
    path = os.pathsep.join(str(tree.folder / name) for name in ("py", "scripts"))
    return {**os.environ, "PYTHONPATH": path}
