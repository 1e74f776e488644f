"""The site over a slow link, which all connections share; Chromium's own throttling leaves workers out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from website.site_server import SiteServer

_CHUNK = 1 << 14


class ThrottledServer(SiteServer):
    """Sends no more than so many bits a second in all."""

    def __init__(self, files: Mapping[str, Path | bytes], bits_per_s: float) -> None:
        """Bind a free port; what can be is compressed, as most hosts do."""
        super().__init__(files, compress=True)
        self._link = _Link(bits_per_s)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; what is sent there goes over the link."""
        connection, address = super().get_request()
        throttled = _ThrottledSocket(fileno=connection.detach())
        throttled.link = self._link
        return throttled, address


class _Link:
    def __init__(self, bits_per_s: float) -> None:
        self._bytes_per_s, self._free_at, self._lock = bits_per_s / 8, 0.0, threading.Lock()

    def carry(self, nbytes: int) -> None:
        """Return when so many bytes have been carried."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + nbytes / self._bytes_per_s
            wait = self._free_at - time.monotonic()
        time.sleep(max(0.0, wait))


class _ThrottledSocket(socket.socket):
    link: _Link

    def sendall(self, data: Any, *flags: int) -> None:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _CHUNK):
            chunk = view[start : start + _CHUNK]
            self.link.carry(len(chunk))
            super().sendall(chunk, *flags)
