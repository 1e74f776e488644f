"""Kernels that hold nothing: programs are recorded on them to learn what a model needs."""

from __future__ import annotations

from typing import Any

BLOCK_BYTES = 64
"""What the heap (wasm-kernels/heap.c) puts before a block, and rounds it up to."""


class CountingKernels:
    """`Kernels` on which nothing runs: what is taken is counted, and all lies at one address."""

    variant = ""
    threads = 1
    threads_reason = ""
    activation_mode = 0
    memory_limit = 1 << 62

    def __init__(self, activation_bytes: int = 1) -> None:
        """Start with nothing taken; `activation_bytes` as the kernels have it that these stand for."""
        self.taken = 0
        """Bytes."""
        self._activation_bytes = activation_bytes

    def run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        """See Kernels."""
        raise NotImplementedError

    def call(self, name: str, *arguments: int) -> int:
        """See Kernels."""
        if name == "activation_bytes":
            return self._activation_bytes
        if name == "heap_alloc":
            self.taken += BLOCK_BYTES + -(-arguments[0] // BLOCK_BYTES) * BLOCK_BYTES
        return BLOCK_BYTES

    def write(self, address: int, data: Any) -> None:
        """See Kernels."""

    def read(self, address: int, nbytes: int) -> bytes:
        """See Kernels."""
        raise NotImplementedError

    def close(self) -> None:
        """See Kernels."""
