"""What the kernel backend needs from whoever holds the WebAssembly instance: the page's worker, or wasmtime."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import KernelError

ACTIVATION_BITS = (7, 8, 8)
"""Bits of a quantized activation, by the activation mode that the start-up probe found."""


class Kernels(Protocol):
    """One instance of the kernels and its memory. Addresses are ints; 0 is never valid."""

    variant: str
    """"relaxed" or "simd128"."""
    threads: int
    threads_reason: str
    """Why this many, for people."""
    activation_mode: int
    memory_limit: int
    """Bytes that this memory can ever hold."""

    def run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        """Run the program at this address; returns its result or -1 when stopped."""

    def call(self, name: str, *arguments: int) -> int:
        """Call another export by name; 0 when it returns nothing."""

    def write(self, address: int, data: Any) -> None:
        """Copy a bytes-like (in the page also a JS Uint8Array) into kernel memory."""

    def read(self, address: int, nbytes: int) -> bytes:
        """Copy out of kernel memory."""

    def close(self) -> None:
        """End the helper threads."""


def allocate(kernels: Kernels, nbytes: int) -> int:
    """Return the address of `nbytes` fresh bytes aligned to 64; raises KernelError("out-of-memory")."""
    address = kernels.call("heap_alloc", nbytes) & 0xFFFFFFFF
    if not address:
        raise KernelError("out-of-memory", megabytes=-(-nbytes // 1_000_000))
    return address
