"""Gets fflate, the library by which the page zips and unzips its history, into build/vendor: pinned as Pyodide is.

Of the two builds in the package this is the small one: 33 kB, where the ES module has 91 kB with its comments.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.environment import BUILD, ScriptError
from support.node_tools import NpmPackage, ensure_npm_package
from support.packages import PackageSource, SourceError

from .archive_sources import Source, WebSource, ensure_file

FFLATE = NpmPackage("fflate", "0.8.3", "38c2cd824402407b43153c782274aec2ea83ea688e4aa0b743c5f2c305857d92")
FOLDER = BUILD / "vendor"
TYPES = "fflate.d.ts"
"""For whoever checks the page's types; no part of the site."""
FILES = {
    "fflate.js": ("umd/index.js", "462ef8041fc970e3615a20a9dd2b2e3047a073b2da729ef4f02b634bba8b7b83"),
    "fflate.LICENSE.txt": ("LICENSE", "0a1df3a083d0c010560aa342e87959c8c1070e6fd54545741f083f22d0c8b551"),
    TYPES: ("lib/index.d.ts", "985db2599e33d85a70a6da5f2b7b6f1b0bf9b9119781b684573a1a9b463e0cc4"),
}
"""Name in `FOLDER` -> name in the package, and its sha256."""


class NodeEnvironment:
    """npm from PyPI, for machines that have none of their own and reach registries alone. Asked last: it is large."""

    name = "npm in an environment of its own"

    def read(self, file: str) -> bytes:
        """See Source."""
        try:
            return (ensure_npm_package(FFLATE) / file).read_bytes()
        except ScriptError as error:
            raise SourceError(str(error), lasting=True) from error


def ensure_zip_library(folder: Path = FOLDER) -> dict[str, Path]:
    """Return the library's files by name, after fetching those that are missing or damaged; raises ScriptError."""
    with tempfile.TemporaryDirectory() as scratch:
        return fetch(folder, default_sources(Path(scratch)))


def default_sources(scratch: Path) -> list[Source]:
    """Where the package's files can be had."""
    name = f"{FFLATE.name}@{FFLATE.version}"
    command = ["npm", "pack", "--loglevel=error", name]
    npm = PackageSource("the npm package fflate", command, "fflate-*.tgz", "package", scratch)
    return [npm, WebSource("jsDelivr", f"https://cdn.jsdelivr.net/npm/{name}/"), NodeEnvironment()]


def fetch(folder: Path, sources: Sequence[Source], files: Mapping[str, tuple[str, str]] = FILES) -> dict[str, Path]:
    """Complete `folder`: of a file's sources the first that gives matching bytes wins. Raises ScriptError."""
    package, trouble = f"{FFLATE.name} {FFLATE.version}", dict[str, str]()
    return {
        name: ensure_file(folder / name, file, sha256, sources, package=package, trouble=trouble)
        for name, (file, sha256) in files.items()
    }
