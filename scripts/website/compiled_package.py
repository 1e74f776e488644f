"""Compiles the page's wheel: bytecode without docstrings, which Python need not compile at a first visit.

The wheel itself stays on the site, for notebooks, where its docstrings are read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from support.environment import BUILD, note, write_atomically

from .pyodide_files import FOLDER
from .pyodide_runner import COMPILER, compiler_key, run_in_pyodide

PATH = BUILD / "wheel" / "tinyvlm.zip.zlib"


def ensure_compiled_package(wheel: Path, path: Path = PATH, pyodide: Path = FOLDER) -> Path:
    """Return a zip of what the wheel's modules compile to, in zlib's format, made if it is not there or old.

    Raises ScriptError.
    """
    stamp = path.with_name(f"{path.name}.sources")
    key = f"{compiler_key()} {_sha256(wheel)}"
    if path.is_file() and stamp.is_file() and stamp.read_text() == f"{key} {_sha256(path)}":
        return path
    note("Compiling the page's Python package ...")
    made = run_in_pyodide(COMPILER, {"package.whl": wheel}, "package.zip.zlib", pyodide)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, made)
    write_atomically(stamp, f"{key} {_sha256(path)}".encode())
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
