"""Runs Python programs in the site's own Pyodide, in Node: what is compiled there belongs to its version of Python."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from support.environment import ScriptError, write_atomically
from support.node_tools import LEAST_NODE, ensure_node_programs

from .pyodide_files import CORE, FOLDER

COMPILER = Path(__file__).with_name("compile_modules.py")
_RUNNER = Path(__file__).with_name("in_pyodide.mjs")


def run_in_pyodide(program: Path, given: Mapping[str, Path], made: str, pyodide: Path = FOLDER) -> bytes:
    """Run a Python program in Pyodide and return the file that it makes in /work, where it finds the `given` ones.

    Raises ScriptError.
    """
    node = ensure_node_programs(LEAST_NODE) / "node"
    with tempfile.TemporaryDirectory() as scratch:
        for name, path in given.items():
            shutil.copyfile(path, Path(scratch, name))
        command = [str(node), str(_RUNNER), str(pyodide), str(program), scratch]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise ScriptError(f"{program.name} failed in Pyodide:\n{done.stdout}")
        return Path(scratch, made).read_bytes()


def made_once(path: Path, key: str, make: Callable[[], bytes]) -> Path:
    """Return `path`, written anew where it is not there, is damaged, or was made from what has another key."""
    stamp = path.with_name(f"{path.name}.sources")
    if path.is_file() and stamp.is_file() and stamp.read_text() == f"{key} {sha256_of(path)}":
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, make())
    write_atomically(stamp, f"{key} {sha256_of(path)}".encode())
    return path


def sha256_of(path: Path) -> str:
    """Return the hash of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compiler_key() -> str:
    """A hash of all that decides what COMPILER makes of the same sources."""
    digest = hashlib.sha256("".join(CORE.values()).encode())
    for path in (COMPILER, _RUNNER):
        digest.update(sha256_of(path).encode())
    return digest.hexdigest()
