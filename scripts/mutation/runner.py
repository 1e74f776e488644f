"""Tries mutants, several at once, each worker in a copy of the checkout of its own."""

from __future__ import annotations

import fcntl
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from kernel_build.emscripten import ToolchainUnavailable, ensure_emcc
from support.environment import ScriptError, note

from .mutant import Mutant
from .results import ALIVE, Results
from .trial import KERNELS, SURVIVED, Outcome, Selection, Tools, run_tests, try_mutant
from .work_tree import WorkTree


def run_all(
    mutants: Sequence[Mutant],
    results: Results,
    select: Selection,
    python: Path,
    jobs: int,
    again: bool,
    build: Path,
    copy: Callable[[Path], WorkTree] = WorkTree,
) -> None:
    """Try those that have no outcome yet, and with `again` those that lived; say what becomes of each.

    Raises ScriptError where another run is going on, or a test of those that were named fails without a fault.
    """
    tools = Tools(python, _emcc() if any(mutant.file.startswith(KERNELS) for mutant in mutants) else ())
    run = _Run(results, select, tools)
    for mutant in mutants:
        outcome = results.get(mutant)
        if outcome is None or (again and outcome.result in ALIVE):
            run.waiting.put(mutant)
    run.total = run.waiting.qsize()
    with _alone(build / "mutation"), ThreadPoolExecutor(jobs) as pool:
        folders = [build / "mutation" / f"tree-{index}" for index in range(min(jobs, run.total))]
        for done in [pool.submit(run.work, copy, folder) for folder in folders]:
            done.result()


class _Run:
    """What the workers share."""

    def __init__(self, results: Results, select: Selection, tools: Tools) -> None:
        self.waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
        self.total = 0
        self._results, self._select, self._tools = results, select, tools
        self._writing = threading.Lock()
        self._sound: set[str] = set()

    def work(self, copy: Callable[[Path], WorkTree], folder: Path) -> None:
        """Try what is waiting, in a copy of the checkout."""
        tree = copy(folder)
        while True:
            try:
                mutant = self.waiting.get_nowait()
            except queue.Empty:
                return
            self._tell(mutant, self._try(mutant, tree))

    def _try(self, mutant: Mutant, tree: WorkTree) -> Outcome:
        """Try until what kills is a test that does not fail without the fault; such tests are not asked again."""
        while True:
            outcome = try_mutant(mutant, tree, self._tools, self._select)
            if self._is_sound(outcome.killer, tree):
                return outcome
            note(f"{outcome.killer} fails without a fault, too: mend it. It kills nothing.")
            self._select.leave_out(outcome.killer)

    def _is_sound(self, test: str, tree: WorkTree) -> bool:
        if "::" not in test or test in self._sound:
            return True
        if run_tests(tree, self._tools.python, [test], timeout=600)[0] != SURVIVED:
            return False
        self._sound.add(test)
        return True

    def _tell(self, mutant: Mutant, outcome: Outcome) -> None:
        with self._writing:
            self._results.put(mutant, outcome)
            number = self.total - self.waiting.qsize()
            by = f" by {outcome.killer}" if outcome.killer else ""
            note(f"[{number}/{self.total}] {outcome.result}{by} ({outcome.seconds:.0f} s): {mutant}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs would put their faults into the same copies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ScriptError("Another run of scripts/mutate.py is going on in this checkout.") from error
        yield


def _emcc() -> list[str]:
    try:
        return ensure_emcc()
    except ToolchainUnavailable as error:
        raise ScriptError(f"The kernels cannot be built here: {error}.") from error
