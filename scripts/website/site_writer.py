"""Writes the site as files, and replaces a folder only when the new one is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from support.environment import ScriptError

from .site_files import SiteFiles
from .site_server import HEADERS, ISOLATION


def write_site(files: SiteFiles, out: Path) -> int:
    """Write all of `files` and what hosts want besides; return the size in bytes. Raises ScriptError."""
    if out.exists() and not _may_be_replaced(out):
        raise ScriptError(f"{out} holds something other than a site. Choose another folder with --out.")
    hosts = {".nojekyll": b"", "_headers": _headers()}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        for name, content in {**files, **hosts}.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                target.write_bytes(content)
            else:
                shutil.copyfile(content, target)
        size = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
        if out.exists():
            os.rename(out, old)
        try:
            os.rename(new, out)
        except OSError:
            os.rename(old, out)
            raise
    return size


def _may_be_replaced(folder: Path) -> bool:
    """Whether it is empty or was written by this script: nobody's files are to be lost."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or {".nojekyll", "site.json", "sw.js"} <= names


def _headers() -> bytes:
    """For hosts that read this file (Netlify, Cloudflare Pages): threads from the first moment, without a reload."""
    lines = [f"  {name}: {value}" for name, value in {**HEADERS, **ISOLATION}.items()]
    return "\n".join(["/*", *lines, ""]).encode()
