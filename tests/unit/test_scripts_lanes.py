"""Steps side by side (scripts/support/lanes.py): outcomes, output in one piece, and nothing left when interrupted."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from support.environment import ScriptError
from support.lanes import FAILED, OK, Lanes, Run, Step


def step(name: str, code: str) -> Step:
    """Run Python code."""
    return Step(name, lambda run: OK if run(sys.executable, "-c", code) == 0 else FAILED)


def test_every_step_runs_and_one_failure_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(run: Run) -> str:
        raise ScriptError("It cannot be had here.")

    lanes = Lanes(os.environ)
    lanes.run([step("fails", "raise SystemExit('why')"), step("after", "print('still run')")], [Step("no", refuse)])
    assert not lanes.summary()
    said = capsys.readouterr().out
    assert "why" in said
    assert "still run" in said
    assert "It cannot be had here." in said
    assert said.count(FAILED) == 4  # each where it happened, and in the table
    fine = Lanes(os.environ)
    fine.run([step("one", "")], [step("two", "")])
    assert fine.summary()


def test_nothing_is_left_running_when_interrupted(tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    os.mkfifo(pids)
    code = f"import os, time; open({str(pids)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    found: list[int] = []

    def interrupt() -> None:
        found.append(int(pids.read_text()))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    lanes = Lanes(os.environ)
    with pytest.raises(KeyboardInterrupt):
        lanes.run([step("endless", code)], [step("short", "")])
    for thread in threading.enumerate():
        if thread.daemon and "_run_lane" in thread.name:
            thread.join(30)
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
