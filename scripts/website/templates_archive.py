"""Packs what chat templates need in the page: Jinja and MarkupSafe, of the versions in requirements/run.txt.

Pyodide's own copies are in no package registry. The Python files of the usual wheels do as well: MarkupSafe falls back
to them where its compiled part is missing.
"""

from __future__ import annotations

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

from support.environment import BUILD, ScriptError, write_atomically

PATH = BUILD / "wheel" / "templates.zip"
PACKAGES = ("jinja2", "markupsafe")
_WHERE = """
import importlib, sys
for name in sys.argv[1:]:
    print(importlib.import_module(name).__path__[0])
"""


def ensure_templates(python: Path, path: Path = PATH) -> Path:
    """Return a zip of the packages that `python` has installed; the same files give the same bytes."""
    done = subprocess.run([str(python), "-P", "-c", _WHERE, *PACKAGES], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise ScriptError("Jinja is not installed in the environment of requirements/run.txt.")
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in map(Path, done.stdout.split()):
            for file in sorted(folder.glob("*.py")):
                archive.writestr(zipfile.ZipInfo(f"{folder.name}/{file.name}"), file.read_bytes())
    if not path.is_file() or path.read_bytes() != data.getvalue():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data.getvalue())
    return path
