"""Paths that were mistyped: told from names of the hub, which is not asked about them, and from what lies near by."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path

from ..errors import LoadError

_PATH = re.compile(r"[./~\\]|[A-Za-z]:[\\/]|.*\\")
_FILE = re.compile(r"(?:[^/@]+/)?[^/@]+\.(?:gguf|safetensors|bin|pth?|ckpt|onnx|npz|json|zip|tar|gz)", re.IGNORECASE)
"""A file in this folder or one below; of the hub's names, those with a file have three parts."""
_MOST_ENTRIES = 10_000
_MOST_NAMES = 3


def is_path(text: str) -> bool:
    """Whether `text`, which is not there, was meant as a path."""
    if _PATH.match(text) or _FILE.fullmatch(text):
        return True
    first, slash, rest = text.partition("/")
    try:  # of three parts, owner/name/file.gguf is one of the hub's names unless there is such a folder here
        return bool(slash) and "/" in rest and Path(first).is_dir()
    except (OSError, ValueError):
        return False


def path_not_found(text: str) -> LoadError:
    """Return what to raise: "path-not-found", or "path-not-found-near" where something like it is there."""
    names = _near(text)
    if not names:
        return LoadError("path-not-found", path=repr(text))
    return LoadError("path-not-found-near", path=repr(text), names=", ".join(map(repr, names)))


def _near(text: str) -> list[str]:
    """Return what is like the first name of a path that is not there, where that would be."""
    import difflib

    try:
        path = Path(text).expanduser()
        parent = next(parent for parent in path.parents if parent.is_dir())
        missing = path.relative_to(parent).parts[0].lower()
        with os.scandir(parent) as entries:
            names = {entry.name.lower(): entry.name for entry in islice(entries, _MOST_ENTRIES)}
    except (OSError, RuntimeError, ValueError, StopIteration):
        return []
    return [str(parent / names[name]) for name in difflib.get_close_matches(missing, names, _MOST_NAMES)]
