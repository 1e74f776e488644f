"""Where downloads are kept: a folder a model, in it a folder a version, and `refs/` telling which version a name means.

    ~/.cache/tinyvlm/huggingface.co/OWNER--NAME/refs/main        the commit that `main` was when it was last asked for
    ~/.cache/tinyvlm/huggingface.co/OWNER--NAME/COMMIT/...       its files

A file carries its own name only once it is whole and verified; until then it is `NAME.part`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from ..errors import LoadError, TinyVLMError, TinyVLMWarning

_DEFAULT_ROOT = "~/.cache/tinyvlm"
_LOCK_RETRY_S = 0.2
_CHUNK = 1 << 20


class CacheEntry:
    """All versions of one model."""

    def __init__(self, *names: str) -> None:
        """Describe the folder at `names` below TINYVLM_CACHE (default: ~/.cache/tinyvlm)."""
        self._names = [quote(name, safe="@+ ").replace("%3A", "_") for name in names]

    @property
    def path(self) -> Path:
        """Where the model's versions are; raises LoadError where the cache has no place: no home, or nobody's."""
        root = os.environ.get("TINYVLM_CACHE") or _DEFAULT_ROOT
        try:
            return Path(root).expanduser().joinpath(*self._names)
        except RuntimeError as error:
            raise LoadError("cache-not-writable", path=root, reason=str(error).rstrip(".")) from error

    def version(self, ref: str) -> str | None:
        """Return the version that `ref` meant when it was remembered."""
        try:
            return self._ref(ref).read_text(encoding="ascii").strip() or None
        except (OSError, ValueError, LoadError):
            return None

    def remember(self, ref: str, version: str) -> None:
        """Note which version `ref` means, where the cache can be written."""
        if self.version(ref) != version:
            with suppress(LoadError):
                write_atomically(self._ref(ref), version.encode())

    def folder(self, version: str) -> Path:
        """Return where a version's files are, or would be."""
        return self.path / version

    def _ref(self, ref: str) -> Path:
        return self.path / "refs" / quote(ref, safe="")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this model's lock: one process downloads, others wait and then find the files there."""
        path = self.path
        try:
            path.mkdir(parents=True, exist_ok=True)
            file = open(path / "lock", "ab")  # noqa: SIM115 (closed below, which gives the lock back)
        except OSError as error:
            raise storage_error(error, path) from error
        with file:
            _wait_for_lock(file)
            yield


class Seals:
    """What was found right: the sum of each file, and its size and time then.

    A file is read through again only where it looks otherwise now. So damage is noticed, and models of gigabytes are
    opened at once.
    """

    def __init__(self, entry: CacheEntry, version: str) -> None:
        """Read those of a version, which lie beside its folder."""
        self._path: Path | None = None
        self._seals: dict[str, list[object]] = {}
        with suppress(OSError, ValueError, AttributeError, LoadError):
            self._path = entry.path / f"{version}.sums.json"
            seals = json.loads(self._path.read_bytes())
            self._seals = {file: seal for file, seal in seals.items() if isinstance(seal, list) and seal}

    def is_sound(self, path: Path, size: int | None, digest: str | None) -> bool:
        """Whether a file is there and is what it should be or, where nobody knows that, what it was when it came."""
        try:
            look = _look(path)
            if size not in (None, look[0]):
                return False
            seal = self._seals.get(str(path)) or [digest]
            digest = digest or str(seal[0] or "")
            if seal == [digest, *look]:
                return True
            found = file_digest(path, digest)
        except OSError:
            return False
        if digest and found != digest:
            return False
        self.seal(path, found)
        return True

    def seal(self, path: Path, digest: str | None) -> None:
        """Note that a file is whole; `digest` is its sum, where that is known already."""
        try:
            self._seals[str(path)] = [digest or file_digest(path), *_look(path)]
        except OSError:
            return
        if self._path is not None:
            write_if_possible(self._path, json.dumps(self._seals).encode())


def _look(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def file_digest(path: Path, like: str = "") -> str:
    """Return a file's hash of the kind that `like` is: git's for a blob where that has 40 digits, sha256 otherwise."""
    is_git = len(like) == 40
    digest = hashlib.sha1(usedforsecurity=False) if is_git else hashlib.sha256()
    with open(path, "rb") as file:
        if is_git:
            digest.update(b"blob %d\0" % path.stat().st_size)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def tell_kept(model: str, error: TinyVLMError) -> None:
    """Warn that a model comes from the cache, and why it could not be asked for."""
    note = LoadError("cache-used", model=model, reason=str(error).rstrip("."))
    warnings.warn(TinyVLMWarning(str(note)), stacklevel=2)


def write_if_possible(path: Path, data: bytes) -> None:
    """Write what saves work the next time; a cache that cannot be written is no error here."""
    with suppress(LoadError):
        write_atomically(path, data)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a small file so that no one ever sees half of it; raises LoadError."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
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
