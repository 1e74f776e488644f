"""A server on this machine that behaves like the Hugging Face hub, its content delivery network on another origin.

What it imitates was seen in replies of huggingface.co in 2026: a file of a repository is asked for as
`/OWNER/NAME/resolve/REVISION/FILE`; a small one is a 307 to another path of the hub, one in large file storage (LFS) a
302 to the CDN, with size and sha256 in `X-Linked-Size` and `X-Linked-ETag`. The hub lets any origin read its replies
and exposes EXPOSED; the CDN exposes everything, but refuses preflights. Reasons for a refusal are in `X-Error-Code`;
without a token, what does not exist is a 401.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

EXPOSED = (
    "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,"
    "X-Linked-Size,X-Linked-ETag,X-Xet-Hash"
)
LFS_SUFFIXES = (".safetensors", ".gguf")
_PIECES_PER_S = 50


@dataclass
class Repository:
    """One repository: its files, the same at each of its revisions."""

    files: dict[str, bytes]
    commit: str = "0123456789abcdef0123456789abcdef01234567"
    revisions: tuple[str, ...] = ("main",)
    gated: bool = False
    blobs: bool = True
    """Whether the list of files tells sizes and hashes; not every mirror of the hub does."""


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose path contains `path`."""

    path: str
    times: int = 1
    server: str = ""
    """"hub" or "cdn"; empty for both."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    """Sent in place of the file."""
    cut: int | None = None
    """The connection ends after this many bytes of the body."""
    rate: int = 0
    """Bytes a second."""
    ignores_ranges: bool = False
    raw: bytes | None = None
    """All that is sent, in place of a reply."""


class Request(NamedTuple):
    """A request as it came."""

    server: str
    method: str
    path: str
    headers: Mapping[str, str]


class HubServer:
    """Hub and CDN, each on a free port, from `start` until `close`; a context manager."""

    def __init__(self) -> None:
        """Bind the ports."""
        self.repositories: dict[str, Repository] = {}
        self.files: dict[str, bytes] = {}
        """Paths outside any repository, as on a plain web server: "/model/parts.json"."""
        self.tokens = {"hf_good"}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._servers = {name: _Server(name, self) for name in ("hub", "cdn")}

    @property
    def url(self) -> str:
        """The hub's address, without a slash at the end."""
        return self._servers["hub"].url

    @property
    def cdn_url(self) -> str:
        """The CDN's."""
        return self._servers["cdn"].url

    def start(self) -> HubServer:
        """Serve in threads."""
        for name, server in self._servers.items():
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True, name=name).start()
        return self

    def close(self) -> None:
        """Stop serving and give the ports back."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def __enter__(self) -> HubServer:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def paths(self, server: str = "") -> list[str]:
        """Paths of all requests so far but preflights, without their queries."""
        return [
            urlsplit(request.path).path
            for request in self.requests
            if request.server.startswith(server) and request.method != "OPTIONS"
        ]

    def note(self, request: Request) -> Fault | None:
        """Log a request; return the fault that is due."""
        with self._lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.times > 0 and fault.path in request.path and fault.server in ("", request.server):
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str, hub: HubServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name, self.hub = name, hub

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of a file is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        hub, name = self.server.hub, self.server.name
        fault = hub.note(Request(name, self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        fault = fault or Fault("")
        if fault.raw is not None:
            self.close_connection = True
            self.wfile.write(fault.raw)
        elif fault.status:
            self._refuse(fault.status, "", "", fault.headers)
        else:
            url = urlsplit(self.path)
            path = unquote(url.path)
            if path in hub.files:
                self._send(hub.files[path], fault)
            elif name == "cdn":
                self._cdn(path, fault)
            else:
                self._hub(url.path, parse_qs(url.query), fault)

    do_HEAD = do_GET

    def do_OPTIONS(self) -> None:
        """Answer a preflight: the hub allows all, the CDN nothing."""
        hub, name = self.server.hub, self.server.name
        hub.note(Request(name, self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        allowed = {
            "Access-Control-Allow-Methods": "GET,HEAD,OPTIONS",
            "Access-Control-Allow-Headers": self.headers.get("Access-Control-Request-Headers", ""),
        }
        self._head(200 if name == "hub" else 403, {**(allowed if name == "hub" else {}), "Content-Length": "0"})

    def _hub(self, path: str, query: Mapping[str, Any], fault: Fault) -> None:
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)", path):
            if repository := self._find(match[1], unquote(match[2])):
                listing = _listing(match[1], repository, repository.blobs and "blobs" in query)
                self._send(json.dumps(listing).encode(), fault, {"Content-Type": "application/json"})
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            if repository := self._find(match[1], unquote(match[2])):
                self._resolve(match[1], repository, unquote(match[3]))
        elif match := re.fullmatch(r"/api/resolve-cache/models/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)", path):
            repository = self._find(match[1], match[2])
            if repository and self._may_read(match[1], repository):
                data = repository.files[unquote(match[3])]
                self._send(data, fault, {"ETag": f'"{_git_sha1(data)}"', "X-Repo-Commit": repository.commit})
        else:
            self._refuse(404, "", "Not found")

    def _find(self, name: str, revision: str) -> Repository | None:
        """Return the repository, or refuse."""
        repository, token = self.server.hub.repositories.get(name), self._token()
        if token and token not in self.server.hub.tokens and not (repository and repository.gated):
            self._refuse(401, "", "Invalid credentials in Authorization header")
        elif repository is None:
            self._refuse(404 if token else 401, "RepoNotFound", "Repository not found")
        elif revision not in (*repository.revisions, repository.commit):
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return repository
        return None

    def _may_read(self, name: str, repository: Repository) -> bool:
        """Whether files may be read; refuses where not. The list of a gated repository's files is public."""
        if repository.gated and self._token() not in self.server.hub.tokens:
            status = 403 if self._token() else 401
            self._refuse(status, "GatedRepo", f"Access to model {name} is restricted.")
            return False
        return True

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _resolve(self, name: str, repository: Repository, file: str) -> None:
        if not self._may_read(name, repository):
            return
        headers = {"X-Repo-Commit": repository.commit, "Accept-Ranges": "bytes", "Content-Length": "0"}
        data = repository.files.get(file)
        if data is None:
            self._refuse(404, "EntryNotFound", "Entry not found", headers)
        elif file.endswith(LFS_SUFFIXES):
            headers |= {"X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
            self._head(302, {**headers, "Location": f"{self.server.hub.cdn_url}/blobs/{name}/{quote(file)}?signed=1"})
        else:
            location = f"/api/resolve-cache/models/{name}/{repository.commit}/{quote(file)}"
            self._head(307, {**headers, "ETag": f'"{_git_sha1(data)}"', "Location": location})

    def _cdn(self, path: str, fault: Fault) -> None:
        match = re.fullmatch(r"/blobs/([^/]+/[^/]+)/(.+)", path)
        repository = self.server.hub.repositories.get(match[1]) if match else None
        if self.headers.get("Authorization"):
            self._refuse(400, "", "Only one auth mechanism allowed")
        elif match and repository and match[2] in repository.files:
            self._send(repository.files[match[2]], fault)
        else:
            self._refuse(403, "", "Access denied")

    def _send(self, data: bytes, fault: Fault, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a file or the range of it that was asked for (RFC 9110)."""
        data = data if fault.content is None else fault.content
        etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes", **(headers or {})}
        status, start, stop = 200, 0, len(data)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and not fault.ignores_ranges and self.headers.get("If-Range", headers["ETag"]) == headers["ETag"]:
            start, stop = int(asked[1]), min(int(asked[2]) + 1, len(data)) if asked[2] else len(data)
            if start >= len(data):
                self._refuse(416, "", "", {"Content-Range": f"bytes */{len(data)}"})
                return
            status, headers["Content-Range"] = 206, f"bytes {start}-{stop - 1}/{len(data)}"
        self._head(status, {**headers, "Content-Length": str(stop - start)})
        if self.command == "HEAD":
            return
        if fault.cut is not None:
            self.close_connection, stop = True, min(start + fault.cut, stop)
        step = max(1, fault.rate // _PIECES_PER_S) if fault.rate else len(data) or 1
        for at in range(start, stop, step):
            self.wfile.write(data[at : min(at + step, stop)])
            if fault.rate:
                threading.Event().wait(1 / _PIECES_PER_S)

    def _refuse(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        reason = {"X-Error-Code": code, "X-Error-Message": message}
        body = message.encode()
        self._head(
            status, {**(headers or {}), **{k: v for k, v in reason.items() if v}, "Content-Length": str(len(body))}
        )
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        if self.server.name == "hub":
            cors = {
                "Access-Control-Allow-Origin": self.headers.get("Origin", "https://huggingface.co"),
                "Vary": "Origin",
            }
            cors["Access-Control-Expose-Headers"] = EXPOSED
        else:
            cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
        for name, value in {**cors, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def _listing(name: str, repository: Repository, blobs: bool) -> dict[str, Any]:
    """The reply to `/api/models/OWNER/NAME/revision/REVISION`; sizes and hashes only with `?blobs=true`."""
    siblings = []
    for file, data in repository.files.items():
        entry: dict[str, Any] = {"rfilename": file}
        if blobs:
            entry |= {"size": len(data), "blobId": _git_sha1(data)}
            if file.endswith(LFS_SUFFIXES):
                entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        siblings.append(entry)
    gated = "manual" if repository.gated else False
    return {"id": name, "sha": repository.commit, "private": False, "gated": gated, "siblings": siblings}


def _git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
