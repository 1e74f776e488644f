"""Whose turn it is with a model: one thread's at a time, while the others wait."""

from __future__ import annotations

import os
import threading

from .errors import InputError


class Turns:
    """A lock around whatever uses a model. A thread that has it may take it again.

    Kernels, KV cache and image slot are one of each: two threads between each other's calls would read the other's
    text, and two inside one wasmtime store end the process.
    """

    def __init__(self) -> None:
        """Start open, with no thread inside."""
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._closed = False

    def __enter__(self) -> None:
        """Wait for the turn; raises InputError("model-closed") where there will be none."""
        self._lock_of_this_process().acquire()
        if self._closed:
            self._lock.release()
            raise InputError("model-closed")

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self._lock.release()

    def end(self) -> bool:
        """Wait for the turn, and let it be the last; returns whether it was open until now."""
        with self._lock_of_this_process():
            was_open = not self._closed
            self._closed = True
        return was_open

    def _lock_of_this_process(self) -> threading.RLock:
        """Return the lock; a new one in a forked child, as no thread is there that could let go of the old one."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = threading.RLock()
        return self._lock
