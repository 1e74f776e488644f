"""The kernels that the page's worker holds, as Python inside Pyodide sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class PageKernels:
    """`Kernels` over the JS object that web/engine/lead/kernels.js makes."""

    def __init__(self, engine: Any) -> None:
        """Fetch what is called often once: an attribute look-up across the border costs as much as the call."""
        self._exports = engine.exports
        self._write = engine.write
        self._read = engine.read
        self.run: Callable[[int, int, int, int, int, int], int] = engine.exports.program_run
        self.variant: str = engine.variant
        self.threads: int = engine.threads
        self.threads_reason: str = engine.threadsReason
        self.activation_mode: int = engine.activationMode
        self.memory_limit: int = engine.memoryLimit

    def call(self, name: str, *arguments: int) -> int:
        """See Kernels."""
        return getattr(self._exports, name)(*arguments) or 0

    def write(self, address: int, data: Any) -> None:
        """See Kernels."""
        self._write(address, data)

    def read(self, address: int, nbytes: int) -> bytes:
        """See Kernels."""
        data: bytes = self._read(address, nbytes).to_bytes()
        return data

    def close(self) -> None:
        """See Kernels. The worker ends its helpers itself."""
