"""Makes the standard library that the page loads: of Pyodide's, what standard_library.txt names, compiled.

Pyodide's whole one lies beside it on the site, and is fetched when something else is imported (rest_of_library.py). The
list is what starting, and importing all that the page may import, loads; a test keeps it so. Pyodide itself compiles,
in Node: bytecode belongs to one version of Python, and the same sources give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from support.environment import ScriptError, note, write_atomically
from support.node_tools import LEAST_NODE, ensure_node_programs

from .pyodide_files import CORE, FOLDER

WHOLE = "python_stdlib.zip"
SMALL = "python_stdlib_small.zip"
HERE = Path(__file__).parent
NAMES = HERE / "standard_library.txt"
COMPILER = HERE / "compile_library.py"
LISTER = HERE / "list_library.py"
FINDER = HERE / "rest_of_library.py"
_RUNNER = HERE / "in_pyodide.mjs"
_KEY = f"{SMALL}.sources"


def ensure_standard_library(pyodide: Path = FOLDER, folder: Path | None = None, names: Path = NAMES) -> Path:
    """Return the small library, made in `folder` if it is not there or old; raises ScriptError."""
    folder = folder or pyodide / "made"
    path, stamp = folder / SMALL, folder / _KEY
    key = _sources_key(names)
    if path.is_file() and stamp.is_file() and stamp.read_text() == f"{key} {_sha256(path)}":
        return path
    note("Compiling the page's standard library ...")
    given = {"whole.zip": pyodide / WHOLE, "names.txt": names, "finder.py": FINDER}
    made = run_in_pyodide(COMPILER, given, "small.zip", pyodide)
    write_atomically(path, made)
    write_atomically(stamp, f"{key} {_sha256(path)}".encode())
    return path


def used_modules(wheel: Path, templates: Path, pyodide: Path = FOLDER) -> str:
    """What standard_library.txt should say, with the whole library at hand; raises ScriptError."""
    given = {"package.whl": wheel, "templates.zip": templates}
    return run_in_pyodide(LISTER, given, "names.txt", pyodide).decode()


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


def _sources_key(names: Path) -> str:
    """A hash of all that the library is made from."""
    digest = hashlib.sha256("".join(CORE.values()).encode())
    for path in (names, COMPILER, FINDER, _RUNNER):
        digest.update(_sha256(path).encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
