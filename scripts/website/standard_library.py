"""Makes the standard library that the page loads: of Pyodide's, what standard_library.txt names, compiled.

Pyodide's whole one lies beside it on the site, and is fetched when something else is imported (rest_of_library.py). The
list is what starting, and importing all that the page may import, loads; a test keeps it so. Pyodide itself compiles,
in Node: bytecode belongs to one version of Python, and the same sources give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from support.environment import note, write_atomically

from .pyodide_files import FOLDER
from .pyodide_runner import COMPILER, compiler_key, run_in_pyodide

WHOLE = "python_stdlib.zip"
SMALL = "python_stdlib_small.zip"
HERE = Path(__file__).parent
NAMES = HERE / "standard_library.txt"
LISTER = HERE / "list_library.py"
FINDER = HERE / "rest_of_library.py"
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


def _sources_key(names: Path) -> str:
    """A hash of all that the library is made from."""
    digest = hashlib.sha256(compiler_key().encode())
    for path in (names, FINDER):
        digest.update(_sha256(path).encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
