"""Where downloads are kept: a folder a model, in it a folder a version, and `refs/` telling which version a name means.

    ~/.cache/tinyvlm/huggingface.co/OWNER--NAME/refs/main        the commit that `main` was when it was last asked for
    ~/.cache/tinyvlm/huggingface.co/OWNER--NAME/COMMIT/...       its files

A file carries its own name only once it is whole and verified; until then it is `NAME.part`.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from ..errors import LoadError

_LOCK_RETRY_S = 0.2


class CacheEntry:
    """All versions of one model."""

    def __init__(self, *names: str) -> None:
        """Describe the folder at `names` below TINYVLM_CACHE (default: ~/.cache/tinyvlm)."""
        root = os.environ.get("TINYVLM_CACHE")
        self.path = Path(root).expanduser() if root else Path.home() / ".cache" / "tinyvlm"
        for name in names:
            self.path /= quote(name, safe="@+ ").replace("%3A", "_")

    def version(self, ref: str) -> str | None:
        """Return the version that `ref` meant when it was remembered."""
        try:
            return self._ref(ref).read_text(encoding="ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def remember(self, ref: str, version: str) -> None:
        """Note which version `ref` means."""
        write_atomically(self._ref(ref), version.encode())

    def folder(self, version: str) -> Path:
        """Return where a version's files are, or would be."""
        return self.path / version

    def _ref(self, ref: str) -> Path:
        return self.path / "refs" / quote(ref, safe="")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this model's lock: one process downloads, others wait and then find the files there."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = open(self.path / "lock", "ab")  # noqa: SIM115 (closed below, which gives the lock back)
        except OSError as error:
            raise storage_error(error, self.path) from error
        with file:
            _wait_for_lock(file)
            yield


def write_atomically(path: Path, data: bytes) -> None:
    """Write a small file so that no one ever sees half of it; raises LoadError."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> LoadError:
    """Return what to raise where the cache cannot be written: "disk-full" or "cache-not-writable"."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LoadError("disk-full", path=str(path))
    return LoadError("cache-not-writable", path=str(path), reason=error.strerror or str(error))


if sys.platform == "win32":
    import msvcrt

    def _wait_for_lock(file: BinaryIO) -> None:
        while True:
            try:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(_LOCK_RETRY_S)
            else:
                return
else:

    def _wait_for_lock(file: BinaryIO) -> None:
        import fcntl

        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_LOCK_RETRY_S)
            except OSError:  # a file system without locks
                return
            else:
                return
