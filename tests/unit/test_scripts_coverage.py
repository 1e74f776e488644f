"""Lines that V8 and coverage.py counted: what is a line, which were run, and by which test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from line_coverage.javascript_lines import code_lines, covered_lines
from line_coverage.line_shares import count_lines, percent
from line_coverage.recorded import Recorded, read_recorded

SOURCE = """// A comment.
/* Another,
   longer. */
export function pick(n) {
  if (n) {
    return "a";
  }

  return "b";
}
"""


def part(start: int, end: int, count: int) -> dict[str, int]:
    return {"startOffset": start, "endOffset": end, "count": count}


def test_lines_of_code_are_neither_comments_nor_brackets() -> None:
    found = code_lines(SOURCE)
    assert list(found) == [4, 5, 6, 9]
    assert SOURCE[found[6] :].startswith('return "a"')


def test_the_innermost_range_says_whether_a_line_was_run() -> None:
    block = SOURCE.index("{\n    return"), SOURCE.index("  }\n\n") + 3
    function = SOURCE.index("function"), SOURCE.rindex("}") + 1
    counts = [
        {"ranges": [part(0, len(SOURCE), 1)]},
        {"ranges": [part(*function, 2), part(*block, 0)]},
    ]
    assert covered_lines(SOURCE, counts) == {4, 5, 9}
    assert covered_lines(SOURCE + " ", counts) == set()  # of another text


def test_shares_are_of_all_scripts_of_a_folder(tmp_path: Path) -> None:
    for name in ("run.js", "never.js"):
        (tmp_path / "web" / "ui").mkdir(parents=True, exist_ok=True)
        (tmp_path / "web" / "ui" / name).write_text(SOURCE, encoding="utf-8")
    recorded = Recorded()
    for line in (1, 4, 5, 9):
        recorded.add("web/ui/run.js", line, {"test"})
    assert count_lines(tmp_path / "web", recorded, tmp_path) == {"web/ui/never.js": (0, 4), "web/ui/run.js": (3, 4)}
    assert (percent(3, 8), percent(0, 0)) == (37.5, 100.0)


@pytest.mark.slow
def test_each_line_of_python_knows_its_tests(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("BASE = 1\ndef one():\n    return BASE\ndef two():\n    return 2\n")
    (tmp_path / "test_mine.py").write_text(
        "import pytest\nfrom mine import one, two\n"
        "@pytest.fixture(scope='module')\ndef made():\n    return two()\n"
        "def test_one():\n    assert one() == 1\n"
        "def test_made(made):\n    assert made == 2\n"
        "def test_fails():\n    assert one() == 2\n"
    )
    (tmp_path / "pyproject.toml").write_text("[tool.coverage.run]\nsource = ['.']\ndata_file = 'out/python'\n")
    (tmp_path / "out").mkdir()
    code = (
        "import sys, pytest; from pathlib import Path; from line_coverage import recorded\n"
        "recorded.FOLDER = Path('out')\nrecorded.write_json.__defaults__ = (Path('out'),)\n"
        "sys.exit(pytest.main(['-q', '-p', 'line_coverage.pytest_contexts', 'test_mine.py']))\n"
    )
    (tmp_path / "start.py").write_text(code)
    scripts = str(Path(__file__).resolve().parents[2] / "scripts")
    command = [sys.executable, "-m", "coverage", "run", "start.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": scripts, "PATH": ""}, capture_output=True, text=True
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    (seconds,) = (tmp_path / "out").glob("seconds-*.json")
    assert set(json.loads(seconds.read_text())) == {"test_mine.py::test_one", "test_mine.py::test_made"}
    recorded = read_recorded(tmp_path, tmp_path / "out")
    assert recorded.tests_of("mine.py", range(3, 4)) == ["test_mine.py::test_one"]
    assert set(recorded.tests_of("mine.py", range(5, 6))) == set(recorded.seconds)  # a fixture is its file's
