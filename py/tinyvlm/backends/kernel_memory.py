"""Kernel memory by owner: what was taken is given back as a whole."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager

from .kernel_interface import Kernels, allocate


class KernelMemory:
    """What one owner took of kernel memory."""

    def __init__(self, kernels: Kernels) -> None:
        """Start with nothing."""
        self.kernels = kernels
        self.addresses: list[int] = []

    def alloc(self, nbytes: int) -> int:
        """Return the address of `nbytes` fresh bytes; raises KernelError("out-of-memory")."""
        self.addresses.append(allocate(self.kernels, nbytes))
        return self.addresses[-1]

    def zeros(self, nbytes: int) -> int:
        """Return the address of `nbytes` zeros."""
        return self.store(bytes(nbytes))

    def store(self, data: bytes) -> int:
        """Return the address of a copy of `data`."""
        address = self.alloc(len(data))
        self.kernels.write(address, data)
        return address

    def free(self) -> None:
        """Give all of it back, the last first."""
        while self.addresses:
            self.kernels.call("heap_free", self.addresses.pop())


@contextmanager
def borrowed(kernels: Kernels) -> Iterator[KernelMemory]:
    """Yield memory that is given back when the block ends, however it does."""
    memory = KernelMemory(kernels)
    try:
        yield memory
    finally:
        memory.free()


class Scratch:
    """Memory by use, which is overwritten at every use and grows as it must."""

    def __init__(self, kernels: Kernels) -> None:
        """Start with nothing."""
        self._kernels = kernels
        self._held: dict[str, tuple[int, int]] = {}

    def borrow(self, use: str, nbytes: int) -> int:
        """Return where `nbytes` are free for `use`."""
        address, held = self._held.get(use, (0, 0))
        if held < nbytes:
            if held:
                del self._held[use]  # nothing to free again, should there be no more memory
                self._kernels.call("heap_free", address)
            address = allocate(self._kernels, nbytes)
            self._held[use] = address, nbytes
        return address

    def free(self) -> None:
        """Give all of it back."""
        for address, _ in self._held.values():
            self._kernels.call("heap_free", address)
        self._held.clear()


class KernelConstants(KernelMemory):
    """`Constants` in kernel memory."""

    def __init__(self, kernels: Kernels) -> None:
        """Ask `kernels` how they hold activations."""
        super().__init__(kernels)
        self.activation_bytes = kernels.call("activation_bytes")
        self._ropes: dict[tuple[int, int, float, float], int] = {}

    def rope_table(self, head_dim: int, positions: int, theta: float, factor: float) -> int:
        """See Constants. Layers share tables."""
        key = (head_dim, positions, theta, factor)
        if key not in self._ropes:
            frequencies = array("d", [theta ** (-i / head_dim) / factor for i in range(0, head_dim, 2)])
            source = self.store(frequencies.tobytes())
            table = self.alloc(4 * head_dim * positions)
            self.kernels.call("rope_table", source, table, positions, head_dim // 2)
            self._ropes[key] = table
        return self._ropes[key]
