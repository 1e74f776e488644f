"""A file server on this machine that breaks in all the ways in which networks and servers do.

It serves any origin (CORS), counts what it sends, and can be killed and started again on its port.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_PIECE = 1 << 13
_TYPES = {".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm"}
_EXPOSED = "ETag,Content-Range,Retry-After"


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose path contains `path`."""

    path: str
    times: int = 1
    status: int = 0
    """Sent in place of the file, with `headers`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    """The connection ends after this many bytes of the body."""
    stalls: bool = False
    """After `cut` bytes nothing comes any more, but the connection stays."""
    ignores_ranges: bool = False


class Request(NamedTuple):
    """A request as it came."""

    path: str
    range: tuple[int, int] | None
    """First byte and the one after the last."""
    headers: Mapping[str, str]
    time: float
    """In seconds, of a clock that only goes forward."""
    sent: int
    """Bytes of the same path that had been sent by then."""


class UnreliableServer:
    """Serves `files` from `start` until `close`; a context manager."""

    def __init__(self, files: Mapping[str, bytes], *, tells_versions: bool = True) -> None:
        """Take a free port; `tells_versions=False` leaves out ETags."""
        self.files = dict(files)
        """Paths with a slash at the beginning."""
        self.tells_versions = tells_versions
        self.redirects: dict[str, str] = {}
        """Path -> where it lies now."""
        self.faults: list[Fault] = []
        self.flips: set[tuple[str, int]] = set()
        """Paths and offsets of bytes of which one bit is wrong the next time they are sent."""
        self.requests: list[Request] = []
        self.rate = 0
        """Bytes a second and connection; 0: as many as possible."""
        self.sent: dict[str, int] = {}
        """Bytes of bodies, by path."""
        self._progress = threading.Condition()
        self._connections: set[_Handler] = set()
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(self, 0)
        self.port = int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> UnreliableServer:
        """Serve in threads."""
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def kill(self) -> None:
        """Stop, in the middle of whatever is being sent."""
        self._server.shutdown()
        self._server.server_close()
        self.drop()

    def restart(self) -> None:
        """Come back on the same port."""
        self._server = _Server(self, self.port)
        self.start()

    def drop(self) -> None:
        """Break all connections."""
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            connection.break_off()

    def close(self) -> None:
        """Stop for good."""
        self._released.set()
        self.kill()

    def __enter__(self) -> UnreliableServer:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def paths(self) -> list[str]:
        """Paths of all requests so far."""
        return [request.path for request in self.requests]

    def wait_until_sent(self, path: str, nbytes: int, timeout: float = 60) -> None:
        """Return as soon as so many bytes of a file have been sent."""
        with self._progress:
            if not self._progress.wait_for(lambda: self.sent.get(path, 0) >= nbytes, timeout):
                raise TimeoutError(f"only {self.sent.get(path, 0)} of {nbytes} bytes of {path} were asked for")

    def note(self, request: Request) -> Fault:
        """Log a request; return the fault that is due."""
        with self._lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.times > 0 and fault.path in request.path:
                    fault.times -= 1
                    return fault
        return Fault("")

    def count(self, path: str, nbytes: int) -> None:
        """Note bytes that were sent."""
        with self._progress:
            self.sent[path] = self.sent.get(path, 0) + nbytes
            self._progress.notify_all()

    def piece(self, path: str, start: int, stop: int) -> bytes:
        """Return bytes as they are sent, some of them flipped."""
        data = bytearray(self.files[path][start:stop])
        with self._lock:
            due = [flip for flip in self.flips if flip[0] == path and start <= flip[1] < stop]
            self.flips.difference_update(due)
        for _, at in due:
            data[at - start] ^= 1 << at % 8
        return bytes(data)

    def opened(self, connection: _Handler) -> None:
        """Remember a connection."""
        with self._lock:
            self._connections.add(connection)

    def wait(self, seconds: float | None) -> None:
        """Wait, unless the server is closed."""
        self._released.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, owner: UnreliableServer, port: int) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of a file is no error, nor is a connection that was broken."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        # What lies in the system's buffers when a connection breaks was sent, but never came.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _PIECE)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()
        self.server.owner.opened(self)

    def break_off(self) -> None:
        """End the connection, from another thread."""
        self.close_connection = True
        with contextlib.suppress(OSError):  # closed already
            self.request.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        owner = self.server.owner
        path = urlsplit(self.path).path
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        span = (int(asked[1]), int(asked[2]) + 1) if asked else None
        fault = owner.note(Request(path, span, self._lower(), time.monotonic(), owner.sent.get(path, 0)))
        if path in owner.redirects:
            self._head(302, {"Location": owner.redirects[path], "Content-Length": "0"})
            return
        data = owner.files.get(path)
        if fault.status or data is None:
            self._head(fault.status or 404, {**fault.headers, "Content-Length": "0"})
            return
        etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": etag} if owner.tells_versions else {}
        status, start, stop = 200, 0, len(data)
        if span and not fault.ignores_ranges and self.headers.get("If-Range", etag) == etag:
            if span[0] >= len(data):
                self._head(416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"})
                return
            status, start, stop = 206, span[0], min(span[1], len(data))
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        self._head(status, {**headers, "Content-Length": str(stop - start)})
        self._body(path, start, stop, fault)

    def do_OPTIONS(self) -> None:
        """Refuse preflights, as the hub's network does."""
        self.server.owner.note(Request(f"preflight {self.path}", None, self._lower(), time.monotonic(), 0))
        self._head(403, {"Content-Length": "0"})

    def _body(self, path: str, start: int, stop: int, fault: Fault) -> None:
        owner = self.server.owner
        end = stop if fault.cut is None else min(start + fault.cut, stop)
        for at in range(start, end, _PIECE):
            piece = owner.piece(path, at, min(at + _PIECE, end))
            owner.count(path, len(piece))  # first: a test may look as soon as the client has them
            try:
                self.wfile.write(piece)
            except OSError:
                owner.count(path, -len(piece))
                raise
            if owner.rate:
                owner.wait(_PIECE / owner.rate)
        if fault.stalls:
            owner.wait(None)
        if end < stop:
            self.close_connection = True

    def _lower(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        common = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": _EXPOSED,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Content-Type": _TYPES.get(PurePosixPath(urlsplit(self.path).path).suffix, "application/octet-stream"),
        }
        for name, value in {**common, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
