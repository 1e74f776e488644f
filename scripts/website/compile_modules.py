"""Runs in Pyodide: compiles Python for the page, so that it starts sooner and less has to come.

Docstrings, and columns of lines (PYTHONNODEBUGRANGES), are left out: without sources a traceback shows neither. Pyodide
copies docstrings of its own at its start, so those of its packages stay. `/work` holds one of two things:

- `whole.zip`, the standard library, `names.txt`, with a module a line, and `finder.py`: it gets `small.zip`;
- `package.whl`: it gets `package.zip.zlib`, whose modules are compressed as one: they have much in common.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import marshal
import sys
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

FOLDER = Path("/work")
FINDER = "rest_of_library"
LIBRARY = "/lib/python312.zip"
"""Where Pyodide puts its library: what tracebacks say."""
UNCHECKED = 1
"""Of a .pyc's flags (PEP 552): it has no source to be compared with."""
PYODIDE_PACKAGES = ("pyodide", "_pyodide")


def main() -> None:
    """Write the archive; its bytes follow from what goes in."""
    if (FOLDER / "package.whl").exists():
        _compile_package()
    else:
        _compile_library()


def _compile_package() -> None:
    place = next(path for path in sys.path if path.endswith("site-packages"))
    with zipfile.ZipFile(FOLDER / "package.whl") as wheel:
        sources = [name for name in wheel.namelist() if name.endswith(".py")]
        modules = {name: _compile(wheel.read(name), name, place) for name in sources}
    (FOLDER / "package.zip.zlib").write_bytes(zlib.compress(_archive(modules, zipfile.ZIP_STORED), 9))


def _compile_library() -> None:
    whole = FOLDER / "whole.zip"
    with zipfile.ZipFile(whole) as archive:
        sources = {_module(name): name for name in archive.namelist() if name.endswith(".py")}
        names = (FOLDER / "names.txt").read_text().split()
        compiled = {sources[name]: _compile(archive.read(sources[name]), sources[name], LIBRARY) for name in names}
    rest = sorted(set(sources) - set(names))
    finder = (FOLDER / "finder.py").read_text()
    finder += f"NAMES = frozenset({' '.join(rest)!r}.split())\n"
    finder += f"SHA256 = {hashlib.sha256(whole.read_bytes()).hexdigest()!r}\n"
    compiled[f"{FINDER}.py"] = _compile(finder.encode(), f"{FINDER}.py", LIBRARY)
    (FOLDER / "small.zip").write_bytes(_archive(compiled, zipfile.ZIP_DEFLATED))


def _archive(compiled: Mapping[str, bytes], compression: int) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", compresslevel=9) as archive:
        for file, code in sorted(compiled.items()):
            archive.writestr(zipfile.ZipInfo(f"{file}c"), code, compression)
    return made.getvalue()


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _compile(source: bytes, file: str, place: str) -> bytes:
    tree = ast.parse(source)
    if not file.startswith(tuple(f"{name}/" for name in PYODIDE_PACKAGES)):
        _strip_docstrings(tree)
    code = compile(tree, f"{place}/{file}", "exec", dont_inherit=True)
    header = importlib.util.MAGIC_NUMBER + UNCHECKED.to_bytes(4, "little") + bytes(8)
    return header + marshal.dumps(code)


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), first)]


main()
