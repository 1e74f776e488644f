"""Memory that was freed stays the process's own, for the next step."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""As glibc's malloc.h has them."""


def keep_freed_memory() -> None:
    """Keep glibc from handing large tensors back at once: each step asks for them again, and the kernel clears them."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, -1)
