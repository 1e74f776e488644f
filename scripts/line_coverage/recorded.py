"""What was measured: which lines of a file were run, and by which tests, Python's and the page's alike."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coverage import CoverageData

from support.environment import BUILD, write_atomically

FOLDER = BUILD / "coverage"
"""Each process of a run leaves files of its own here; what coverage.py writes is named in pyproject.toml."""


@dataclass
class Recorded:
    """`lines[file][line]` are the contexts that ran it: tests, and test files whose fixtures did."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """Of each test that passed."""

    def add(self, file: str, line: int, contexts: set[str]) -> None:
        """Note who ran a line."""
        self.lines.setdefault(file, {}).setdefault(line, set()).update(contexts)

    def tests_of(self, file: str, lines: range) -> list[str]:
        """Return the tests that run any of the lines, the quickest first; all of the file's where only imports do."""
        of_file = self.lines.get(file, {})
        contexts = {context for line in lines for context in of_file.get(line, ()) if context}
        tests = self._tests(contexts)
        if not tests:
            tests = self._tests({context for found in of_file.values() for context in found if context})
        return sorted(tests, key=lambda test: (self.seconds[test], test))

    def _tests(self, contexts: set[str]) -> set[str]:
        files = {context for context in contexts if "::" not in context}
        tests = contexts - files
        return {test for test in self.seconds if test in tests or test.partition("::")[0] in files}


def read_recorded(root: Path, folder: Path = FOLDER) -> Recorded:
    """Return all that lies in `folder`."""
    recorded = Recorded()
    for path in sorted(folder.glob("seconds-*.json")):
        recorded.seconds |= json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(folder.glob("python*")):
        _read_python(recorded, path, root)
    for path in sorted(folder.glob("javascript-*.json")):
        for file, line, context in _javascript_lines(path):
            recorded.add(file, line, {context})
    return recorded


def write_json(kind: str, content: dict[str, Any], folder: Path = FOLDER) -> None:
    """Keep what this process has found: "seconds" of tests, or "javascript" lines."""
    write_atomically(folder / f"{kind}-{os.getpid()}-{time.time_ns()}.json", json.dumps(content).encode())


def _read_python(recorded: Recorded, path: Path, root: Path) -> None:
    data = CoverageData(str(path))
    data.read()
    for name in data.measured_files():
        if not Path(name).is_relative_to(root):
            continue
        file = Path(name).relative_to(root).as_posix()
        for line, contexts in data.contexts_by_lineno(name).items():
            recorded.add(file, line, set(contexts))


def _javascript_lines(path: Path) -> Iterator[tuple[str, int, str]]:
    """The file is `{test: {file: [lines]}}`."""
    for context, files in json.loads(path.read_text(encoding="utf-8")).items():
        for file, lines in files.items():
            for line in lines:
                yield file, line, context
