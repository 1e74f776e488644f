"""How scripts are started and get into their environments, and that their modules find each other without tricks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from support.environment import PYTHON_PATH, ROOT, ScriptError, run_module

SCRIPTS = ROOT / "scripts"
ENTRIES = [path for path in sorted(SCRIPTS.glob("*.py")) if path.name != "hatch_build.py"]

ENTRY = """
import json, os, sys, time
from pathlib import Path
from support.environment import ScriptError, enter_venv, run_main

def main():
    python = enter_venv("venv", Path("requirements.txt"), Path.cwd())
    facts = {"prefix": sys.prefix, "python": str(python), "path": os.environ["PYTHONPATH"], "arguments": sys.argv[1:]}
    print(json.dumps({**facts, "pid": os.getpid()}), flush=True)
    match sys.argv[1:]:
        case ["wait"]:
            time.sleep(60)
        case ["fail"]:
            raise ScriptError("Something a person can act on.")
    return 7

run_main(main)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An entry and what its environment needs, which is nothing."""
    folder = tmp_path_factory.mktemp("entry")
    (folder / "entry.py").write_text(ENTRY)
    (folder / "requirements.txt").write_text("# nothing\n")
    return folder


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the entry outside its environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    command = [sys.executable, "entry.py", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_an_entry_goes_on_in_its_environment_with_its_arguments(folder: Path) -> None:
    process = start(folder, "--two words", "")
    out, _ = process.communicate()
    facts = json.loads(out)
    assert facts["arguments"] == ["--two words", ""]
    assert Path(facts["prefix"]) == folder / "venv"
    assert Path(facts["python"]).is_relative_to(folder / "venv")
    assert facts["path"] == PYTHON_PATH
    assert process.returncode == 7


def test_a_failure_inside_is_a_sentence(folder: Path) -> None:
    process = start(folder, "fail")
    _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.endswith("\nSomething a person can act on.\n")
    assert "Traceback" not in errors


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_entry_leaves_no_traceback_and_no_process(folder: Path) -> None:
    process = start(folder, "wait")
    assert process.stdout
    assert json.loads(process.stdout.readline())["pid"] == process.pid  # no second process that could be left behind
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_modules_run_in_other_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the working directory does not stand in for them."""
    (tmp_path / "json.py").touch()
    monkeypatch.chdir(tmp_path)
    assert json.loads(run_module(Path(sys.executable), "json.tool", "--compact", given='{"a": [1]}')) == {"a": [1]}
    with pytest.raises(ScriptError, match=r"no\.such\.module failed"):
        run_module(Path(sys.executable), "no.such.module")


@pytest.mark.parametrize("entry", [*ENTRIES, SCRIPTS / "train"], ids=lambda path: path.name)
def test_entries_tell_about_themselves_before_anything_is_installed(entry: Path, tmp_path: Path) -> None:
    """Without site-packages, from elsewhere."""
    done = subprocess.run([sys.executable, "-S", entry, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"scripts/{entry.name}" in done.stdout


def test_no_script_edits_the_path() -> None:
    edit = re.compile(r"sys\.path(\.(append|insert|extend|remove|pop)|\[|\s*\+?=[^=])")
    assert edit.search("sys.path.insert(0, there)")
    assert edit.search("sys.path[:0] = [there]")
    assert [path.name for path in SCRIPTS.rglob("*.py") if edit.search(path.read_text(encoding="utf-8"))] == []


def test_no_two_modules_have_one_name() -> None:
    modules = [path for path in SCRIPTS.rglob("*.py") if not path.stem.startswith("__")]
    packages = [path.parent for path in SCRIPTS.rglob("__init__.py")]
    counts = Counter(path.stem for path in (*modules, *packages))
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest imports them by name: asked for both, it reads neither."""
    counts = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in counts.items() if count > 1] == []
