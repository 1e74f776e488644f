"""Builds the wheel that the page loads: Python alone, since kernels and weights reach the page as files of their own.

The wheel is kept in build/wheel and built again only when something that goes into it has changed; the same sources
give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from support.environment import BUILD, ROOT, ScriptError, note

FOLDER = BUILD / "wheel"
_KEY = "sources.sha256"
_EPOCH = "1577836800"
"""2020-01-01: the date of every file in the wheel, so that its bytes tell nothing but its content."""


def ensure_core_wheel(python: Path, folder: Path = FOLDER, root: Path = ROOT) -> Path:
    """Return the wheel, built by `python` (which has build and hatchling); raises ScriptError."""
    key, stamp = _sources_key(root), folder / _KEY
    built = sorted(folder.glob("*.whl"))
    if len(built) == 1 and stamp.exists() and stamp.read_text() == key:
        return built[0]
    note("Building the page's Python package ...")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        done = subprocess.run(
            [str(python), "-P", "-m", "build", "--wheel", "--no-isolation", "--outdir", scratch, str(root)],
            env={**os.environ, "TINYVLM_CORE_WHEEL": "1", "SOURCE_DATE_EPOCH": _EPOCH},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise ScriptError(f"The Python package could not be built:\n{done.stdout}")
        (wheel,) = Path(scratch).glob("*.whl")
        for old in built:
            old.unlink(missing_ok=True)
        path = wheel.replace(folder / wheel.name)
    stamp.write_text(key)
    return path


def _sources_key(root: Path) -> str:
    """A hash of all that the wheel is made from."""
    digest = hashlib.sha256()
    fixed = ["pyproject.toml", "LICENSE", "scripts/hatch_build.py"]
    for path in [*(root / name for name in fixed), *sorted((root / "py").rglob("*.py"))]:
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()
