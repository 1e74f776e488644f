"""Runs in Pyodide: writes to `/work/names.txt` which modules of the standard library the page loads, or may load.

Those are the ones that are there once Pyodide has started, those that come with every module of the page's package and
of Jinja, and those that any function of the package imports. `/work` holds `package.whl` and `templates.zip`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import shutil
import sys
import zipfile
from pathlib import Path
from zipimport import zipimporter

FOLDER = Path("/work")
ARCHIVES = ("package.whl", "templates.zip")
NOT_IN_PAGES = {"urllib.request"}
"""Opens an image at a URL, natively."""


def main() -> None:
    """Import all of it."""
    into = next(path for path in sys.path if path.endswith("site-packages"))
    wanted: set[str] = set()
    for archive in ARCHIVES:
        shutil.unpack_archive(FOLDER / archive, into, "zip")
        with zipfile.ZipFile(FOLDER / archive) as files:
            for name in files.namelist():
                if name.endswith(".py"):
                    wanted.add(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
                    wanted |= _imports(files.read(name)) if archive == ARCHIVES[0] else set()
    for module in sorted(wanted - NOT_IN_PAGES):
        with contextlib.suppress(ImportError):  # numpy, Pillow, and what Jinja has for them that have asked for it
            importlib.import_module(module)
    loaded = [getattr(module, "__spec__", None) for module in sys.modules.values()]
    names = sorted({spec.name for spec in loaded if spec and isinstance(spec.loader, zipimporter)})
    (FOLDER / "names.txt").write_text("".join(f"{name}\n" for name in names))


def _imports(source: bytes) -> set[str]:
    """Modules that are named in full."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


main()
