"""A static server for the site, with the headers that threads need and a policy that keeps the page to itself."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.server
import io
import re
import socket
import socketserver
import sys
import threading
import urllib.parse
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any

CONNECT_SOURCES = "'self' https://huggingface.co https://*.hf.co"
"""Where the page may fetch from: its own host, and models by name from the Hugging Face hub and its CDN."""
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src {CONNECT_SOURCES}; "
    "img-src 'self' blob:; style-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
ISOLATION = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
"""Without these two a browser gives a page one thread."""
MIME_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".zip": "application/zip",
}
COMPRESSIBLE = {".css", ".html", ".js", ".json", ".md", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"}
_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_CHUNK = 1 << 18
_LARGE = 1 << 20


class SiteServer(http.server.ThreadingHTTPServer):
    """Serves a list of files and nothing else, from the moment `start` is called until `close`.

    Raises OSError when the port is taken. Port 0 takes a free one; `url` tells which.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        files: Mapping[str, Path | bytes],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        isolated: bool = True,
        connect: str = CONNECT_SOURCES,
        compress: bool = False,
    ) -> None:
        """Bind the port.

        `isolated=False` leaves out what gives threads, as many static hosts do; `connect` is where pages may fetch
        from, as a Content-Security-Policy writes it. `compress` saves two fifths of what a first visit fetches besides
        the model: for other machines; on this one it costs more time than it saves.
        """
        self.files, self.compress = files, compress
        policy = CONTENT_SECURITY_POLICY.replace(CONNECT_SOURCES, connect)
        self.extra_headers = {**HEADERS, "Content-Security-Policy": policy, **(ISOLATION if isolated else {})}
        if compress:
            self.extra_headers["Vary"] = "Accept-Encoding"
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self.compressing = threading.Thread(target=self._compress_large, daemon=True, name="compress")
        if compress:
            self.compressing.start()

    def server_bind(self) -> None:
        """Bind without asking a name server for this machine's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def url(self) -> str:
        """The site's address, ending in a slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.server_name, self.server_name)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}/"

    def start(self) -> SiteServer:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="site").start()
        return self

    def close(self) -> None:
        """Stop serving and give the port back."""
        self.shutdown()
        self.server_close()

    def _compress_large(self) -> None:
        """Ahead of the first visitor, who would wait for it: Pyodide's WebAssembly takes half a second."""
        for name, content in self.files.items():
            with contextlib.suppress(OSError):  # it may be gone
                size, etag = _describe(content)
                if size >= _LARGE and PurePosixPath(name).suffix in COMPRESSIBLE:
                    _gzipped(content, etag)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of a file is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Tiny-VLM", ""
    timeout = 120
    server: SiteServer

    def do_GET(self) -> None:
        """Answer with a file, a part of it (RFC 9110, a single range), or 304."""
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")
        name = f"{path}index.html" if path == "" or path.endswith("/") else path
        try:
            content = self.server.files[name]
            size, etag = _describe(content)
        except (KeyError, OSError):
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        suffix = PurePosixPath(name).suffix
        zipped = self.server.compress and suffix in COMPRESSIBLE and self._takes_gzip()
        tag = f'{etag[:-1]}-gzip"' if zipped else etag
        known = [tag.strip().removeprefix("W/") for tag in self.headers.get("If-None-Match", "").split(",")]
        if tag in known or "*" in known:
            self._head(HTTPStatus.NOT_MODIFIED, {"ETag": tag})
            return
        headers = {
            "Content-Type": MIME_TYPES.get(suffix, "application/octet-stream"),
            "ETag": tag,
            "Accept-Ranges": "bytes",
        }
        if zipped:
            content = _gzipped(content, etag)
            size, headers["Content-Encoding"] = len(content), "gzip"
        status, wanted = HTTPStatus.OK, range(size)
        if self.command == "GET" and self.headers.get("If-Range", tag) == tag:
            asked = _range(self.headers.get("Range", ""), size)
            if asked is not None:
                if not asked:
                    self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"})
                    return
                status, wanted = HTTPStatus.PARTIAL_CONTENT, asked
                headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
        self._head(status, {**headers, "Content-Length": str(len(wanted))})
        if self.command == "GET":
            self._send(content, wanted)

    do_HEAD = do_GET

    def _takes_gzip(self) -> bool:
        """Parts are always those of the file itself."""
        return "Range" not in self.headers and bool(_ACCEPTS_GZIP.search(self.headers.get("Accept-Encoding", "")))

    def _send(self, content: Path | bytes, wanted: range) -> None:
        with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
            file.seek(wanted.start)
            left = len(wanted)
            while left and (chunk := file.read(min(left, _CHUNK))):
                self.wfile.write(chunk)
                left -= len(chunk)
        self.close_connection |= left > 0  # the file shrank: what was promised cannot be kept

    def _not_allowed(self) -> None:
        self.close_connection = True  # its body, if any, stays unread
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD", "Connection": "close"})

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _not_allowed

    def _refuse(self, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        body = f"{status.value} {status.phrase}\n".encode()
        self._head(status, {**(headers or {}), "Content-Type": "text/plain", "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**self.server.extra_headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the page's own messages are what matters."""


def _describe(content: Path | bytes) -> tuple[int, str]:
    """Size and ETag."""
    if isinstance(content, bytes):
        return len(content), f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    status = content.stat()
    return status.st_size, _file_etag(content, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _file_etag(path: Path, mtime_ns: int, size: int) -> str:
    """Hash a file's content; time and size are there to notice when it changes."""
    with path.open("rb") as file:
        return f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'


@lru_cache(maxsize=256)
def _gzipped(content: Path | bytes, etag: str) -> bytes:
    """Compress a file once for each of its versions, as closely as most hosts do."""
    return gzip.compress(content if isinstance(content, bytes) else content.read_bytes(), compresslevel=6, mtime=0)


def _range(header: str, size: int) -> range | None:
    """Return the bytes that a Range header asks for: an empty range if there are none, None to send the whole."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if not match or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        return range(max(0, size - int(last)), size)
    start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return range(start, stop)
