"""Tries mutants, several at once, each worker in a copy of the checkout of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from kernel_build.emscripten import ToolchainUnavailable, ensure_emcc
from support.environment import ScriptError, note

from .mutant import Mutant
from .results import ALIVE, Results
from .trial import KERNELS, SURVIVED, Selection, Tools, run_tests, try_mutant
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
    """Try those that have no outcome yet, and with `again` those that lived; say what becomes of each."""
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in mutants:
        outcome = results.get(mutant)
        if outcome is None or (again and outcome.result in ALIVE):
            waiting.put(mutant)
    total, writing = waiting.qsize(), threading.Lock()
    tools = Tools(python, _emcc() if any(mutant.file.startswith(KERNELS) for mutant in mutants) else ())

    errors: list[ScriptError] = []

    def work(index: int) -> None:
        try:
            try_waiting(index)
        except ScriptError as error:
            errors.append(error)

    def try_waiting(index: int) -> None:
        if waiting.empty():
            return
        sound: set[str] = set()
        tree = copy(build / "mutation" / f"tree-{index}")
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            outcome = try_mutant(mutant, tree, tools, select)
            if outcome.killer and outcome.killer not in sound:
                _check_killer(outcome.killer, tree, tools)
                sound.add(outcome.killer)
            with writing:
                results.put(mutant, outcome)
                left = waiting.qsize()
                by = f" by {outcome.killer}" if outcome.killer else ""
                note(f"[{total - left}/{total}] {outcome.result}{by} ({outcome.seconds:.0f} s): {mutant}")

    workers = [threading.Thread(target=work, args=(index,), daemon=True) for index in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if errors:
        raise errors[0]


def _check_killer(test: str, tree: WorkTree, tools: Tools) -> None:
    """What fails without a fault as well kills nothing."""
    if "::" in test and run_tests(tree, tools.python, [test], timeout=600)[0] != SURVIVED:
        raise ScriptError(f"{test} fails without a fault, too. Mend it, measure again with scripts/test.py --coverage.")


def _emcc() -> list[str]:
    try:
        return ensure_emcc()
    except ToolchainUnavailable as error:
        raise ScriptError(f"The kernels cannot be built here: {error}.") from error
