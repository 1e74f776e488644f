"""Makes the standard library that the page loads: of Pyodide's, what standard_library.txt names, compiled.

Pyodide's whole one lies beside it on the site, and is fetched when something else is imported (rest_of_library.py). The
list is what starting, and importing all that the page may import, loads; a test keeps it so. Pyodide itself compiles,
in Node: bytecode belongs to one version of Python, and the same sources give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from support.environment import note

from .pyodide_files import FOLDER
from .pyodide_runner import COMPILER, compiler_key, made_once, run_in_pyodide, sha256_of

WHOLE = "python_stdlib.zip"
SMALL = "python_stdlib_small.zip"
HERE = Path(__file__).parent
NAMES = HERE / "standard_library.txt"
LISTER = HERE / "list_library.py"
FINDER = HERE / "rest_of_library.py"


def ensure_standard_library(pyodide: Path = FOLDER, folder: Path | None = None, names: Path = NAMES) -> Path:
    """Return the small library, made in `folder` if it is not there or old; raises ScriptError."""
    folder = folder or pyodide / "made"

    def make() -> bytes:
        note("Compiling the page's standard library ...")
        given = {"whole.zip": pyodide / WHOLE, "names.txt": names, "finder.py": FINDER}
        return run_in_pyodide(COMPILER, given, "small.zip", pyodide)

    return made_once(folder / SMALL, _sources_key(names), make)


def used_modules(wheel: Path, templates: Path, pyodide: Path = FOLDER) -> str:
    """What standard_library.txt should say, with the whole library at hand; raises ScriptError."""
    given = {"package.whl": wheel, "templates.zip": templates}
    return run_in_pyodide(LISTER, given, "names.txt", pyodide).decode()


def _sources_key(names: Path) -> str:
    """A hash of all that the library is made from."""
    digest = hashlib.sha256(compiler_key().encode())
    for path in (names, FINDER):
        digest.update(sha256_of(path).encode())
    return digest.hexdigest()
