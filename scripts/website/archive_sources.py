"""Places on the web that may have a file whose hash is known, and the file from the first that gives those bytes."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from support.environment import ScriptError, note, write_atomically
from support.packages import SourceError


class Source(Protocol):
    """A place that may have the files."""

    name: str

    def read(self, file: str) -> bytes:
        """Return what it has under that name, unchecked; raises SourceError."""


class WebSource:
    """Files under a URL. Trouble that may pass is tried again, a clear "no" is not."""

    def __init__(self, name: str, base: str, *, tries: int = 4, pause_s: float = 1.0, timeout_s: float = 30) -> None:
        self.name, self._base = name, base
        self._tries, self._pause_s, self._timeout_s = tries, pause_s, timeout_s

    def read(self, file: str) -> bytes:
        """See Source."""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(self._pause_s * 2 ** (attempt - 1))
            try:
                return self._download(file)
            except urllib.error.HTTPError as error:
                error.close()
                reason = f"it answered {error.code} {error.reason}"
                if error.code < 500 and error.code not in (408, 429):
                    raise SourceError(reason) from error
            except (OSError, http.client.HTTPException) as error:
                cause = error.reason if isinstance(error, urllib.error.URLError) else error
                reason = str(cause) or type(cause).__name__
                if isinstance(cause, (socket.gaierror, ConnectionRefusedError)):
                    raise SourceError(f"it cannot be reached ({reason})", lasting=True) from error
        raise SourceError(f"{reason}, {self._tries} times", lasting=True)

    def _download(self, file: str) -> bytes:
        with urllib.request.urlopen(f"{self._base}{file}", timeout=self._timeout_s) as response:
            total = int(response.headers.get("Content-Length") or 0)
            data, shown = bytearray(), 0.0
            while chunk := response.read(1 << 16):
                data += chunk
                if time.monotonic() - shown > 0.2 and sys.stderr.isatty():
                    shown = time.monotonic()
                    part = f" of {total / 1e6:.1f}" if total else ""
                    print(f"\r  {file}: {len(data) / 1e6:.1f}{part} MB", end="\033[K", file=sys.stderr, flush=True)
            if shown:
                print(end="\r\033[K", file=sys.stderr, flush=True)
        if total and len(data) != total:
            raise http.client.IncompleteRead(bytes(data), total - len(data))
        return bytes(data)


def ensure_file(
    path: Path, file: str, sha256: str, sources: Sequence[Source], *, package: str, trouble: dict[str, str]
) -> Path:
    """Return `path`, after fetching `file` of a package where it is missing or damaged; raises ScriptError.

    `trouble` remembers, across files, the sources that are of no use.
    """
    with contextlib.suppress(OSError):
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
    note(f"Fetching {file} of {package} ...")
    reasons = []
    for source in sources:
        reason = trouble.get(source.name)
        if reason is None:
            try:
                data = source.read(file)
            except SourceError as error:
                reason = str(error)
                if error.lasting:
                    trouble[source.name] = reason
            else:
                if hashlib.sha256(data).hexdigest() == sha256:
                    write_atomically(path, data)
                    return path
                reason = "what it gave is not the pinned file"
        reasons.append(f"  {source.name}: {reason}.")
    raise ScriptError("\n".join([f"{file} of {package} could not be fetched:", *reasons]))
