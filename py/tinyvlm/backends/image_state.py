"""What encoding an image left, in kernel memory: in the slot that text programs read, or kept beside it."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence

from .kernel_interface import Kernels, allocate
from .kernel_memory import KernelMemory
from .values import Storage, Value


class ImageState:
    """What encode left of one image: in the runner's slot, or in kernel memory of its own.

    Any thread may let go of it last, also while another runs the kernels: its memory is then only noted as left.
    """

    def __init__(self, address: int, nbytes: int) -> None:
        """Describe what lies in the slot, at `address`."""
        self.address = address
        self.nbytes = nbytes
        self._leaving: weakref.finalize[..., ImageState] | None = None  # notes its own memory, if it has any

    def move_out(self, kernels: Kernels, left: deque[int]) -> None:
        """Leave the slot for memory of its own, whose address goes to `left` when the object is gone."""
        slot = self.address
        self.address = allocate(kernels, self.nbytes)
        self._leaving = weakref.finalize(self, left.append, self.address)
        self._leaving.atexit = False
        kernels.call("memory_copy", self.address, slot, self.nbytes)

    def move_in(self, kernels: Kernels, slot: int) -> None:
        """Leave memory of its own for the slot, which is free."""
        own = self.address
        kernels.call("memory_copy", slot, own, self.nbytes)
        self.address = slot
        if self._leaving and self._leaving.detach():
            kernels.call("heap_free", own)


class ImageSlot:
    """Where text programs read an image's state: in one place, so that it is kept and brought back with one copy."""

    def __init__(self, memory: KernelMemory, shapes: Sequence[tuple[int, int]], max_views: int) -> None:
        """Make room in `memory` for `max_views` views, the state of each of float32 tensors of these shapes."""
        self._kernels = memory.kernels
        self._shapes = shapes
        self._max_views = max_views
        self._view_bytes = sum(4 * rows * columns for rows, columns in shapes)
        self._address = memory.alloc(max(self._view_bytes * max_views, 4))
        self._current: weakref.ref[ImageState] | None = None  # the state in the slot
        self._left: deque[int] = deque()  # memory of states that are gone

    def free_left(self) -> None:
        """Give back the memory of states that are gone; for the thread whose turn it is."""
        while self._left:
            self._kernels.call("heap_free", self._left.popleft())

    def values(self, views: int | None = None) -> list[Value]:
        """Return the slot's tensors, for so many views; for as many as there may be by default."""
        values = []
        at = self._address
        for view_rows, columns in self._shapes:
            rows = view_rows * (self._max_views if views is None else views)
            values.append(Value((rows, columns), Storage(4 * rows * columns, at)))
            at += 4 * rows * columns
        return values

    def vacate(self) -> None:
        """Make the slot free: a state that lies there, and is still wanted, gets memory of its own."""
        state = self._current and self._current()
        if state and state.address == self._address:
            state.move_out(self._kernels, self._left)
        self._current = None

    def take_view(self) -> ImageState:
        """Return the state of one view, which a program has left in the slot."""
        return self._hold(ImageState(self._address, self._view_bytes))

    def join(self, states: Sequence[ImageState]) -> ImageState:
        """Return the state of an image of which these are the views', in order."""
        self.vacate()
        whole = ImageState(self._address, 0)
        for state in states:
            self._kernels.call("memory_copy", self._address + whole.nbytes, state.address, state.nbytes)
            whole.nbytes += state.nbytes
        return self._hold(whole)

    def select(self, state: ImageState | None) -> None:
        """Bring an image's state into the slot; None, where a text has no image, leaves it as it is."""
        self.free_left()
        if state is not None and (self._current is None or self._current() is not state):
            self.vacate()
            state.move_in(self._kernels, self._address)
            self._hold(state)

    def _hold(self, state: ImageState) -> ImageState:
        self._current = weakref.ref(state)
        return state
