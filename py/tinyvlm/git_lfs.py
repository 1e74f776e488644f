"""Git LFS keeps a few lines in the place of a file until it is told to bring the file itself.

Format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. web/engine/shared/git_lfs.js knows the same.
"""

from __future__ import annotations

_BEGINNING = b"version https://git-lfs.github.com/spec/"
LEAST_BYTES = 8
"""How much of a file tells: no format that is read here begins with the same."""


def is_pointer(data: bytes | memoryview) -> bool:
    """Whether a file that begins with these bytes, LEAST_BYTES or more, is what Git LFS keeps in the place of one."""
    beginning = bytes(data[: len(_BEGINNING)])
    return len(beginning) >= LEAST_BYTES and _BEGINNING.startswith(beginning)
