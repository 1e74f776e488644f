"""Fetching files over HTTP: tried again when that can help, continued where they broke off, verified before use.

Where the sums of a file's parts are known, a part that is wrong is fetched again alone.

Standard library only. `huggingface_hub` would bring an HTTP client, progress bars and YAML for what is needed here,
and could not be used in the page.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import LoadError
from ..progress import Meter, OnProgress
from .cache import file_digest, storage_error
from .transport import Connection, TransientError

_Result = TypeVar("_Result")
_CHUNK = 1 << 20
_DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Before the second try, the third, ...; a try that brought a chunk or more starts the count anew."""
_MAX_RETRY_AFTER_S = 60
_PATIENCE_S = 4.0
"""How long a server may think about a question whose answer of last time is in the cache."""


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch, and what is known about it."""

    name: str
    url: str
    size: int | None = None
    digest: str | None = None
    """sha256, or git's blob hash (40 digits)."""
    etag: str | None = None
    """Strong; a continued download is only of use while it stays the same."""


@dataclass(frozen=True)
class Part:
    """A piece of a file, and the sha256 sum of its bytes."""

    offset: int
    length: int
    sha256: str


class Downloader:
    """Fetches files, one after the other."""

    def __init__(
        self,
        connection: Connection,
        *,
        progress: OnProgress | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`sleep` waits so many seconds between two tries."""
        self._connection = connection
        self._sleep = sleep
        self._progress = progress or (lambda _: None)

    def read(self, url: str, limit: int, *, patient: bool = True) -> bytes:
        """Return a small file's bytes; raises LoadError. Not `patient`: at once, or after one try and a few seconds."""

        def read() -> bytes:
            with self._connection.open(url, {})[0] as response:
                data: bytes = self._receive(response, url, limit + 1)
                length = response.headers.get("Content-Length", "")
            if len(data) > limit:
                raise LoadError("file-too-large", file=url, limit=limit)
            if length.isdecimal() and len(data) < int(length):
                raise TransientError("download-short", url=url, received=len(data), size=int(length))
            return data

        return self._persist(read, lambda: 0) if patient else _soon(read, url)

    def describe(self, name: str, url: str, *, patient: bool = True) -> RemoteFile:
        """Ask a server about a file, by its first byte; raises LoadError. For `patient` see `read`."""

        def ask() -> RemoteFile:
            response, first = self._connection.open(url, {"Range": "bytes=0-0"})
            with response:
                etag = response.headers.get("ETag", "")
                size = _total(response)
            linked_size = first.get("X-Linked-Size", "")
            digest = first.get("X-Linked-ETag", "").strip('"')
            return RemoteFile(
                name,
                url,
                int(linked_size) if linked_size.isdecimal() else size,
                digest if re.fullmatch("[0-9a-f]{64}", digest) else None,
                etag if etag.startswith('"') else None,
            )

        return self._persist(ask, lambda: 0) if patient else _soon(ask, url)

    def fetch(self, file: RemoteFile, folder: Path, parts: Sequence[Part] = ()) -> None:
        """Bring a file into a folder, going on where an earlier try ended; raises LoadError, and then keeps what came.

        What is there under the file's name must have been checked by the caller; it is replaced. Where `parts` are
        told, which make up the whole file, only those are fetched that are not there or wrong.
        """
        target = folder / file.name
        part = target.with_name(f"{file.name}.part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if parts and target.exists() and not part.exists():
                target.replace(part)  # damaged; most of it may be right
            meter = Meter(self._progress, "model", kept=_size(part))
            continued = self._complete(file, part, meter)
            if not matches(part, file.size, file.digest) and not self._mend(file, part, parts) and continued:
                part.unlink()  # its beginning was of something else: once more, from the start
                self._complete(file, part, meter)
            if not matches(part, file.size, file.digest):
                part.unlink(missing_ok=True)
                raise LoadError("checksum-mismatch", file=file.url)
            part.replace(target)
        except OSError as error:
            raise storage_error(error, target) from error
        meter.update(file.name, _size(target), _size(target), done=True)

    def _complete(self, file: RemoteFile, part: Path, meter: Meter) -> bool:
        """Fetch what `part` lacks; return whether something was there before, from an earlier try of now or then."""
        continued = False

        def go_on() -> None:
            nonlocal continued
            continued |= _size(part) > 0
            if file.size is not None:
                _check_space(part.parent, file.size - _size(part))
            if not (file.digest and 0 < _size(part) == file.size):
                self._go_on(file, part, meter)

        self._persist(go_on, lambda: _size(part))
        return continued

    def _go_on(self, file: RemoteFile, part: Path, meter: Meter) -> None:
        """Append what is missing to `part`."""
        start = _size(part)
        if start and (file.size is None or start >= file.size or not (file.digest or file.etag)):
            part.unlink()  # nothing tells whether it is the beginning of what the server has now
            start = 0
        headers = {}
        if start:
            headers = {"Range": f"bytes={start}-"} | ({"If-Range": file.etag} if file.etag else {})
        try:
            response, _ = self._connection.open(file.url, headers)
        except LoadError as error:
            if not start or error.details.get("status") != 416:
                raise
            part.unlink()
            return self._go_on(file, part, meter)
        with response:
            size = file.size if file.size is not None else _total(response)
            if response.status == 206 and _range_start(response) != start:
                part.unlink(missing_ok=True)
                raise TransientError("download-range-wrong", url=file.url)
            written = start if response.status == 206 else 0
            with open(part, "ab" if written else "wb") as out:
                while (size is None or written <= size) and (chunk := self._receive(response, file.url, _CHUNK)):
                    out.write(chunk)
                    written += len(chunk)
                    meter.update(file.name, written, size)
        if size is not None and written < size:
            raise TransientError("download-short", url=file.url, received=written, size=size)

    def _mend(self, file: RemoteFile, path: Path, parts: Sequence[Part]) -> bool:
        """Fetch the wrong ones of `parts` again; return False where the server does not send parts."""
        if not parts or _size(path) != file.size:
            return False
        with open(path, "r+b") as whole:
            for part in parts:
                whole.seek(part.offset)
                if _is_part(whole.read(part.length), part):
                    continue
                data = self._persist(partial(self._read_part, file, part), lambda: 0)
                if data is None:
                    return False
                whole.seek(part.offset)
                whole.write(data)
        return True

    def _read_part(self, file: RemoteFile, part: Part) -> bytes | None:
        """Return a part's bytes, verified; None where the server does not send parts."""
        last = part.offset + part.length - 1
        response, _ = self._connection.open(file.url, {"Range": f"bytes={part.offset}-{last}"})
        with response:
            if response.status != 206 or _range_start(response) != part.offset:
                return None
            data: bytes = self._receive(response, file.url, part.length)
        if len(data) < part.length:
            raise TransientError("download-short", url=file.url, received=len(data), size=part.length)
        if not _is_part(data, part):
            raise TransientError("checksum-mismatch", file=file.url)
        return data

    def _persist(self, action: Callable[[], _Result], progressed: Callable[[], int]) -> _Result:
        """Try until `action` succeeds, fails for good, or has failed too often without getting further."""
        tries = 0
        while True:
            before = progressed()
            try:
                return action()
            except TransientError as error:
                if progressed() - before >= _CHUNK:
                    tries = 0
                if tries == len(_DELAYS_S) or error.retry_after > _MAX_RETRY_AFTER_S:
                    raise
                self._sleep(max(_DELAYS_S[tries], error.retry_after))
                tries += 1

    @staticmethod
    def _receive(response: Any, url: str, most: int) -> bytes:
        """Read; what goes wrong here is the network's doing, not the disk's."""
        try:
            data: bytes = response.read(most)
        except (OSError, http.client.HTTPException) as error:
            raise TransientError("download-cut-off", url=url) from error
        return data


def _soon(action: Callable[[], _Result], url: str) -> _Result:
    """Do what asks a server, but for a few seconds only: looking up a name, too, may hang."""
    outcomes: queue.SimpleQueue[_Result | Exception] = queue.SimpleQueue()

    def act() -> None:
        try:
            outcomes.put(action())
        except Exception as error:
            outcomes.put(error)

    threading.Thread(target=act, daemon=True).start()
    try:
        outcome = outcomes.get(timeout=_PATIENCE_S)
    except queue.Empty:
        raise TransientError("no-answer", host=urlsplit(url).netloc, reason="timed out") from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def matches(path: Path, size: int | None, digest: str | None) -> bool:
    """Whether a file is there, of that size and digest."""
    try:
        return size in (None, path.stat().st_size) and (digest is None or file_digest(path, digest) == digest)
    except OSError:
        return False


def _is_part(data: bytes, part: Part) -> bool:
    return hashlib.sha256(data).hexdigest() == part.sha256


def _check_space(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, "")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _total(response: Any) -> int | None:
    """Return the whole file's size, whichever part of it the reply holds."""
    length: str = response.headers.get("Content-Length", "")
    if response.status == 206:
        length = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(length) if length.isdecimal() else None


def _range_start(response: Any) -> int | None:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else None
