"""Everything that has to hold, in one command: `python3 scripts/test.py [OPTIONS] [PYTEST ARGUMENTS ...]`.

Installs what the checks need (packages, Chromium, the JavaScript tools; Emscripten, Firefox and WebKit where they can
be), runs all of them, two lanes side by side, whatever fails on the way, and ends with a table. `--quick` is for
between two edits: formats, types, and the unit tests that are not marked `slow`. Paths among the pytest arguments
replace the usual folders; then pytest is all that runs. `--coverage` measures which lines of py/tinyvlm, web/engine and
web/ui the tests run, and fails below the floors of pyproject.toml and scripts/line_coverage/line_shares.py; with paths
it adds to what was measured. `--long` goes on, after all the tests, with axe in every language and scheme, a thousand
questions in one tab, a hundred kills of the page, and how long anything keeps its main thread.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from browser_checks.installed import ensure_browsers, missing_browsers
from build_kernels import UNAVAILABLE
from build_reader import UNAVAILABLE as PACKAGES_UNAVAILABLE
from mutation.javascript_mutants import ensure_instrumenter
from support.chromium import ensure_chromium
from support.environment import BUILD, PYTHON_PATH, REQUIREMENTS, ROOT, TEST_VENV, ensure_venv, run_main
from support.lanes import FAILED, OK, Lanes, Run, Step
from support.node_tools import ensure_javascript_tools
from website.site_files import prepare_site

UNIT_TESTS = "tests/unit"
PYTHON_TESTS = (UNIT_TESTS, "tests/kernels", "tests/parity")
BROWSER_TESTS = "tests/browser"
NOT_CHECKED = "NOT CHECKED HERE"
COVERAGE_PLUGINS = ("line_coverage.pytest_contexts", "line_coverage.pytest_browser")
OPTIONS = ("--quick", "--coverage", "--long")
BROWSERS = 2
"""Processes that share the browser tests, file by file: each waits more than it computes."""
_NO_TESTS_COLLECTED = 5


class Checks:
    """The steps, as this environment runs them."""

    def __init__(self, python: Path, pytest_arguments: Sequence[str], coverage: bool = False) -> None:
        """`python` is the test environment's; a person's own arguments go to every pytest."""
        self._python = python
        self._pytest_arguments = pytest_arguments
        self._coverage = coverage

    def tool(self, name: str, program: str, *arguments: str) -> Step:
        """A program of the environment that ends with 0 where all is well."""
        return Step(name, lambda run: _outcome(run(self._python.parent / program, *arguments)))

    def formats_and_types(self) -> list[Step]:
        """What is read, and not run."""
        folders = (ROOT / "wasm-kernels", ROOT / "scripts" / "linear_steps")
        sources = sorted(str(path.relative_to(ROOT)) for folder in folders for path in folder.glob("*.[ch]"))
        return [
            self.tool("ruff check", "ruff", "check"),
            self.tool("ruff format", "ruff", "format", "--check"),
            self.tool("clang-format", "clang-format", "--dry-run", "-Werror", *sources),
            Step("JavaScript: types, format", lambda run: _outcome(run(sys.executable, "scripts/javascript.py"))),
            self.tool("mypy", "mypy"),
        ]

    def kernels(self) -> Step:
        """Rebuild the kernels and compare. Where the toolchain cannot be had this says so, or fails if it must."""

        def action(run: Run) -> str:
            code = run(self._python, "scripts/build_kernels.py", "--check")
            if code != UNAVAILABLE:
                return _outcome(code)
            return FAILED if _is_ci() or os.environ.get("TINYVLM_REQUIRE_TOOLCHAIN") == "1" else NOT_CHECKED

        return Step("kernels are reproducible", action)

    def made(self, what: str, script: str) -> Step:
        """Make what is made of pinned packages and compare; where they cannot be fetched this says so."""

        def action(run: Run) -> str:
            code = run(sys.executable, script, "--check")
            return NOT_CHECKED if code == PACKAGES_UNAVAILABLE else _outcome(code)

        return Step(f"{what} reproducible", action)

    def pytest(self, name: str, *arguments: str) -> Step:
        """Run tests. A person's own selection may leave nothing in one of the folders."""

        def action(run: Run) -> str:
            code = run(self._python, *self._pytest(), *arguments, *self._pytest_arguments)
            nothing_chosen = code == _NO_TESTS_COLLECTED and self._pytest_arguments
            return OK if nothing_chosen else _outcome(code)

        return Step(name, action)

    def other_browsers(self) -> Step:
        """Whether the tests meet browsers besides Chromium: they leave out, and CI fails for, what is not here."""

        def action(run: Run) -> str:
            if not missing_browsers():
                return OK
            return FAILED if _is_ci() else NOT_CHECKED

        return Step("Firefox and WebKit are here", action)

    def long(self) -> list[Step]:
        """What takes longer than all tests together, one after the other: they measure, too."""
        scripts = (
            ("1,000 questions in one tab", "soak_page"),
            ("100 kills of the page", "kill_page"),
            ("no long tasks", "long_tasks"),
        )
        tools = [self.tool(name, self._python.name, f"scripts/{script}.py") for name, script in scripts]
        return [self.pytest("axe: every state, language and scheme", f"{BROWSER_TESTS}/test_page_axe.py"), *tools]

    def coverage(self) -> list[Step]:
        """Tell what was measured, if it was."""
        return [self.tool("coverage", self._python.name, "-m", "line_coverage.line_shares")] if self._coverage else []

    def _pytest(self) -> list[str]:
        if not self._coverage:
            return ["-m", "pytest"]
        plugins = [option for name in COVERAGE_PLUGINS for option in ("-p", name)]
        return ["-m", "coverage", "run", "-m", "pytest", *plugins]


def main() -> int:
    """Run everything that was asked for."""
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    quick, coverage, long = (option in arguments for option in OPTIONS)
    arguments = [argument for argument in arguments if argument not in OPTIONS]
    python = ensure_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    checks = Checks(python, arguments, coverage)
    chosen = [ROOT / argument.partition("::")[0] for argument in arguments]
    chosen = [path.resolve() for path in chosen if path.exists()]
    lanes = Lanes({**os.environ, "PYTHONPATH": PYTHON_PATH, "PYTHONUNBUFFERED": "1"})
    if chosen:
        if any(_meet(path, ROOT / BROWSER_TESTS) for path in chosen):
            lanes.set("TINYVLM_CHROMIUM", ensure_browser(python))
        lanes.run([checks.pytest("tests"), *checks.coverage()])
    elif quick:
        ensure_javascript_tools()
        lanes.run(
            checks.formats_and_types(), [checks.pytest("tests: unit, quick", UNIT_TESTS, "-m", "not slow", "-n", "2")]
        )
    else:
        ensure_javascript_tools()
        ensure_instrumenter()
        lanes.set("TINYVLM_CHROMIUM", ensure_browser(python))
        if coverage:
            shutil.rmtree(BUILD / "coverage", ignore_errors=True)
        lanes.run(
            [
                *checks.formats_and_types(),
                checks.kernels(),
                checks.made("the reader is", "scripts/build_reader.py"),
                checks.made("class names are", "scripts/build_names.py"),
                checks.pytest("tests: unit, kernels, parity", *PYTHON_TESTS),
            ],
            [
                checks.other_browsers(),
                checks.pytest("tests: browser", BROWSER_TESTS, "-n", str(BROWSERS), "--dist", "loadfile"),
            ],
        )
        if coverage:
            lanes.run(checks.coverage())
        if long:
            lanes.set("TINYVLM_LONG", "1")
            lanes.run(checks.long())
    return 0 if lanes.summary() else 1


def ensure_browser(python: Path) -> str:
    """Return Chromium's path; others are installed where they can be, and the site made before tests share it."""
    chromium = ensure_chromium(python)
    ensure_browsers()
    prepare_site(python)
    return chromium


def _outcome(code: int) -> str:
    return OK if code == 0 else FAILED


def _is_ci() -> bool:
    """Whether everything has to be checked."""
    return os.environ.get("CI") == "true"


def _meet(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or folder.is_relative_to(path)


if __name__ == "__main__":
    run_main(main)
