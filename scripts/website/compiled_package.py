"""Compiles the page's wheel: bytecode without docstrings, which Python need not compile at a first visit.

The wheel itself stays on the site, for notebooks, where its docstrings are read.
"""

from __future__ import annotations

from pathlib import Path

from support.environment import BUILD, note

from .pyodide_files import FOLDER
from .pyodide_runner import COMPILER, compiler_key, made_once, run_in_pyodide, sha256_of

PATH = BUILD / "wheel" / "tinyvlm.zip.zlib"


def ensure_compiled_package(wheel: Path, path: Path = PATH, pyodide: Path = FOLDER) -> Path:
    """Return a zip of what the wheel's modules compile to, in zlib's format, made if it is not there or old.

    Raises ScriptError.
    """

    def make() -> bytes:
        note("Compiling the page's Python package ...")
        return run_in_pyodide(COMPILER, {"package.whl": wheel}, "package.zip.zlib", pyodide)

    return made_once(path, f"{compiler_key()} {sha256_of(wheel)}", make)
