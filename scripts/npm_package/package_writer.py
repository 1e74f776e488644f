"""Writes the npm package as a folder, and replaces a folder only when the new one is whole."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from support.environment import ScriptError
from website.site_files import SiteFiles

from .package_files import NAME


def write_package(files: SiteFiles, out: Path) -> int:
    """Write all of `files`; return the size in bytes. Raises ScriptError where `out` holds something else."""
    if out.exists() and not _may_be_replaced(out):
        raise ScriptError(f"{out} holds something other than this package. Choose another folder with --out.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        for name, content in files.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        size = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
        if out.exists():
            os.rename(out, old)
        os.rename(new, out)
    return size


def _may_be_replaced(folder: Path) -> bool:
    """Whether it is empty, or has this package in it: nobody's files are to be lost."""
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    try:
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == NAME
