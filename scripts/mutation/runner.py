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
from .trial import KERNELS, Selection, Tools, try_mutant
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

    def work(index: int) -> None:
        if waiting.empty():
            return
        tree = copy(build / "mutation" / f"tree-{index}")
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            outcome = try_mutant(mutant, tree, tools, select)
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


def _emcc() -> list[str]:
    try:
        return ensure_emcc()
    except ToolchainUnavailable as error:
        raise ScriptError(f"The kernels cannot be built here: {error}.") from error
