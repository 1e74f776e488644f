"""Everything that has to hold, in one command: `python3 scripts/test.py [--fast] [PYTEST ARGUMENTS ...]`.

Installs what the checks need (packages and Chromium; Emscripten where it can be), runs all of them, whatever fails on
the way, and ends with a table. `--fast` leaves out the browser tests and the rebuilding of the kernels. Paths among
the pytest arguments replace the usual folders; then pytest is all that runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from build_kernels import UNAVAILABLE
from support.chromium import ensure_chromium
from support.environment import REQUIREMENTS, ROOT, TEST_VENV, ScriptError, ensure_venv, run_main
from website.pyodide_files import ensure_pyodide

PYTHON_TESTS = ("tests/unit", "tests/kernels", "tests/parity")
BROWSER_TESTS = "tests/browser"
OK, FAILED, NOT_CHECKED, LEFT_OUT = "ok", "FAILED", "NOT CHECKED HERE", "left out by --fast"
_NO_TESTS_COLLECTED = 5


class Checks:
    """Runs named steps and remembers how each went."""

    def __init__(self, python: Path, pytest_arguments: Sequence[str]) -> None:
        self._python, self._pytest_arguments = python, list(pytest_arguments)
        self._rows: list[tuple[str, str, float]] = []
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT / "py"), "PYTHONUNBUFFERED": "1"}

    def step(self, name: str, action: Callable[[], str]) -> None:
        """Run one step; it returns its outcome or raises ScriptError."""
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        try:
            outcome = action()
        except ScriptError as error:
            print(error, flush=True)
            outcome = FAILED
        self._rows.append((name, outcome, time.monotonic() - started))

    def leave_out(self, name: str) -> None:
        """Say in the table that a step did not run."""
        self._rows.append((name, LEFT_OUT, 0.0))

    def summary(self) -> bool:
        """Print the table; return whether nothing failed."""
        width = max(len(name) for name, _, _ in self._rows)
        print("\n=== summary")
        for name, outcome, seconds in self._rows:
            print(f"{name:{width}}  {seconds:6.1f} s  {outcome}")
        return all(outcome != FAILED for _, outcome, _ in self._rows)

    def run(self, *command: str) -> int:
        """Run a command in the checkout; return its exit code."""
        return subprocess.run(command, cwd=ROOT, env=self._environment).returncode

    def tool(self, *arguments: str) -> str:
        """Run a module or program of the environment."""
        program, *rest = arguments
        return OK if self.run(str(self._python.parent / program), *rest) == 0 else FAILED

    def pytest(self, *paths: str) -> str:
        """Run tests. A person's own selection may leave nothing in one of the folders."""
        code = self.run(str(self._python), "-m", "pytest", *paths, *self._pytest_arguments)
        return OK if code == 0 or (code == _NO_TESTS_COLLECTED and self._pytest_arguments) else FAILED

    def browser_tests(self, *paths: str) -> str:
        """Fetch what the page and its tests need, then run them."""
        self._environment["TINYVLM_CHROMIUM"] = ensure_chromium(self._python)
        ensure_pyodide(self._python)
        return self.pytest(*paths)

    def c_format(self) -> str:
        """Compare the C sources with .clang-format."""
        sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "wasm-kernels").glob("*.[ch]"))
        return self.tool("clang-format", "--dry-run", "-Werror", *sources)

    def kernels(self) -> str:
        """Rebuild the kernels and compare. Where the toolchain cannot be had this says so, or fails if it must."""
        code = self.run(str(self._python), "scripts/build_kernels.py", "--check")
        if code != UNAVAILABLE:
            return OK if code == 0 else FAILED
        required = os.environ.get("CI") == "true" or os.environ.get("TINYVLM_REQUIRE_TOOLCHAIN") == "1"
        print(f"\n*** {NOT_CHECKED}: the reason is above. The kernels were not rebuilt. ***", flush=True)
        return FAILED if required else NOT_CHECKED


def main() -> int:
    """Run everything that was asked for."""
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    fast = "--fast" in arguments
    arguments = [argument for argument in arguments if argument != "--fast"]
    checks = Checks(ensure_venv(TEST_VENV, REQUIREMENTS / "test.txt"), arguments)
    chosen = [argument for argument in arguments if (ROOT / argument.partition("::")[0]).exists()]
    if chosen:
        browser = (ROOT / BROWSER_TESTS).resolve()
        paths = [(ROOT / argument.partition("::")[0]).resolve() for argument in chosen]
        in_browser = any(path.is_relative_to(browser) or browser.is_relative_to(path) for path in paths)
        checks.step("tests", checks.browser_tests if in_browser else checks.pytest)
        return 0 if checks.summary() else 1
    checks.step("ruff check", lambda: checks.tool("ruff", "check"))
    checks.step("ruff format", lambda: checks.tool("ruff", "format", "--check"))
    checks.step("mypy", lambda: checks.tool("mypy"))
    checks.step("clang-format", checks.c_format)
    if fast:
        checks.leave_out("kernels are reproducible")
    else:
        checks.step("kernels are reproducible", checks.kernels)
    checks.step("tests: unit, kernels, parity", lambda: checks.pytest(*PYTHON_TESTS))
    if fast:
        checks.leave_out("tests: browser")
    else:
        checks.step("tests: browser", lambda: checks.browser_tests(BROWSER_TESTS))
    return 0 if checks.summary() else 1


if __name__ == "__main__":
    run_main(main)
