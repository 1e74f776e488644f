"""From what a recorder took down to a program in kernel memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .arena import assign_offsets
from .kernel_memory import KernelMemory
from .recorder import Recorder
from .values import Value


class LoadedProgram(NamedTuple):
    """A program in kernel memory, and where it leaves its outputs."""

    address: int
    outputs: Sequence[int]


class Recording:
    """A program whose activations have their places in an arena that is still to come."""

    def __init__(self, recorder: Recorder, outputs: Sequence[Value] = ()) -> None:
        """Place activations; `outputs` stay readable after the program has run."""
        self._recorder = recorder
        self._outputs = [recorder.keep(output) for output in outputs]
        self._offsets, self.arena_bytes = assign_offsets(recorder.storages)

    def load(self, arena: int, memory: KernelMemory) -> LoadedProgram:
        """Write the words to `memory`, for an arena that lies at this address."""
        address = memory.store(self._recorder.encode(arena, self._offsets).tobytes())
        return LoadedProgram(address, [self.address(output, arena) for output in self._outputs])

    def address(self, value: Value, arena: int) -> int:
        """Return where a value of the program lies."""
        return self._recorder.address(value, arena, self._offsets)
