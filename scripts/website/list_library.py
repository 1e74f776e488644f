"""Runs in Pyodide: writes to `/work/names.txt` which modules of the standard library the page loads, or may load.

Those are the ones that are there once Pyodide has started, those that come with every module of the page's package and
of Jinja, those that any function of the package imports, and the encodings that either names. `/work` holds
`package.whl` and `templates.zip`.
"""

from __future__ import annotations

import ast
import codecs
import contextlib
import importlib
import shutil
import sys
import zipfile
from pathlib import Path
from zipimport import zipimporter

FOLDER = Path("/work")
ARCHIVES = ("package.whl", "templates.zip")
OURS = "tinyvlm"
NOT_IN_PAGES = {"urllib.request"}
"""Opens an image at a URL, natively."""


def main() -> None:
    """Import all of it."""
    into = next(path for path in sys.path if path.endswith("site-packages"))
    for archive in ARCHIVES:
        shutil.unpack_archive(FOLDER / archive, into, "zip")
        with zipfile.ZipFile(FOLDER / archive) as files:
            for name in files.namelist():
                if name.endswith(".py"):
                    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                    _import_all(module, ast.parse(files.read(name)))
    loaded = [getattr(module, "__spec__", None) for module in sys.modules.values()]
    names = sorted({spec.name for spec in loaded if spec and isinstance(spec.loader, zipimporter)})
    (FOLDER / "names.txt").write_text("".join(f"{name}\n" for name in names))


def _import_all(module: str, source: ast.Module) -> None:
    """Import a module, and what its functions would."""
    wanted = {module}
    for node in ast.walk(source):
        if isinstance(node, ast.Import) and module.startswith(OURS):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level and module.startswith(OURS):
            wanted.add(node.module)
        elif isinstance(node, ast.Call):
            for encoding in _encodings(node):
                codecs.lookup(encoding)
    for name in sorted(wanted - NOT_IN_PAGES):
        with contextlib.suppress(ImportError):  # numpy, Pillow, and what Jinja has for those who have more of it
            importlib.import_module(name)


def _encodings(call: ast.Call) -> set[str]:
    """What `text.encode("utf-8")` and `open(path, encoding="utf-8")` name."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "encoding"]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("encode", "decode"):
        named += call.args[:1]
    return {value.value for value in named if isinstance(value, ast.Constant) and isinstance(value.value, str)}


main()
