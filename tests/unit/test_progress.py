"""What is told while something is fetched, and how a terminal shows it."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.progress import Meter, Progress
from tinyvlm.progress_bar import show_progress

MB = 10**6


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def event(loaded: int, *, done: bool = False, **fields: object) -> Progress:
    facts = {"step": "model", "file": "model.safetensors", "total": 10 * MB, "kept": 0, "speed": 0.0}
    return Progress(**{**facts, "remaining_s": None, **fields, "loaded": loaded, "done": done})  # type: ignore[arg-type]


@given(st.integers(0, 1000), st.lists(st.tuples(st.floats(0, 10), st.integers(0, 1000)), min_size=1))
def test_progress_never_falls(kept: int, steps: list[tuple[float, int]]) -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, "model", kept=kept, clock=lambda: now)
    for seconds, loaded in steps:
        now += seconds
        meter.update("file", loaded, 1000)
    loaded_so_far = [progress.loaded for progress in told]
    assert loaded_so_far == sorted(loaded_so_far)
    assert min(loaded_so_far) >= kept
    assert all(progress.speed >= 0 and (progress.remaining_s or 0) >= 0 for progress in told)


@given(st.integers(1, 1000), st.integers(2, 40))
def test_a_steady_speed_is_told_as_it_is(rate: int, seconds: int) -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, "model", kept=500, clock=lambda: now)
    for second in range(1, seconds):
        now = float(second)
        meter.update("file", 500 + rate * second, 500 + rate * seconds)
    assert told[-1].speed == pytest.approx(rate)
    assert told[-1].remaining_s == pytest.approx(1)


def test_speed_is_that_of_the_last_seconds() -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, "model", clock=lambda: now)
    for then, loaded in ((1.0, 100), (60.0, 200), (61.0, 1200), (65.0, 5200)):
        now = then
        meter.update("file", loaded, None)
    assert told[-1].speed == pytest.approx(1000)
    assert told[-1].total == 0
    assert told[-1].remaining_s is None


def test_a_terminal_gets_a_bar() -> None:
    terminal = Terminal()
    show = show_progress(terminal)
    show(event(4 * MB, kept=2 * MB))
    show(event(10 * MB, kept=2 * MB, done=True))
    show(event(1, total=90, file="config.json", done=True))
    shown = terminal.getvalue()
    assert "model.safetensors: 100%" in shown
    assert "10.0M/10.0M" in shown
    assert shown.endswith("\n")
    assert "config.json" not in shown


def test_tensors_are_one_bar() -> None:
    terminal = Terminal()
    show = show_progress(terminal)
    for index, name in enumerate(("embed", "head"), 1):
        show(event(index, total=2, step="quantize", file=name, done=index == 2))
    assert "2/2" in terminal.getvalue()
    assert "head" in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 1


def test_without_tqdm_a_line_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    terminal = Terminal()
    show = show_progress(terminal)
    show(event(4 * MB, speed=1.5 * MB, remaining_s=4.0))
    show(event(10 * MB, kept=3 * MB, done=True))
    first, last = terminal.getvalue().split("\r")[1:]
    assert first == "model.safetensors: 4.0 of 10.0 MB, 1.5 MB/s, about 4 s left"
    assert last.rstrip(" ") == "model.safetensors: 10.0 of 10.0 MB, 3.0 MB were here" + " " * 7 + "\n"


def test_a_narrow_terminal_gets_lines_that_do_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setenv("COLUMNS", "30")
    terminal = Terminal()
    show_progress(terminal)(event(4 * MB, speed=1.5 * MB, remaining_s=4.0))
    assert terminal.getvalue() == "\rmodel.safetensors: 4.0 of 10."


@pytest.mark.parametrize("with_tqdm", [False, True])
@pytest.mark.parametrize("is_terminal", [False, True])
def test_what_cannot_be_shown_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, with_tqdm: bool, is_terminal: bool
) -> None:
    if not with_tqdm:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    seen: list[str] = []

    class Full(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

        def write(self, text: str) -> int:
            seen.append(text)
            raise OSError(28, "No space left on device")

    show_progress(Full())(event(10 * MB, done=True))
    assert seen
    monkeypatch.setattr(sys, "stderr", None)
    show_progress()(event(10 * MB, done=True))


def test_a_log_gets_a_line_a_file() -> None:
    log = io.StringIO()
    show = show_progress(log)
    show(event(4 * MB))
    show(event(10 * MB, done=True))
    show(event(2, total=2, step="quantize", file="head", done=True))
    assert log.getvalue() == "model.safetensors: 10.0 of 10.0 MB\n2 of 2: head\n"


def test_the_oldest_count_stays_until_another_is_old_enough() -> None:
    """Speed is taken over at least the window, where there is so much: 0 s to 8 s, not 4 s to 8 s."""
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, "model", clock=lambda: now)
    for now, loaded in ((4.0, 100), (8.0, 500), (9.0, 500)):  # noqa: B007  the clock reads it
        meter.update("file", loaded, 1000)
    assert [progress.speed for progress in told] == [100 / 4, 500 / 8, 400 / 5]


def test_each_file_has_a_bar_of_its_own_though_the_last_was_not_done() -> None:
    terminal = Terminal()
    show = show_progress(terminal)
    show(event(4 * MB))
    show(event(5 * MB, file="other.safetensors", total=20 * MB))
    show(event(20 * MB, file="other.safetensors", total=20 * MB, done=True))
    show(event(20 * MB, file="other.safetensors", total=20 * MB, done=True))  # verified once more
    shown = terminal.getvalue()
    assert "model.safetensors:  40%" in shown
    assert "other.safetensors: 100%" in shown
    assert shown.count("\n") == 3
