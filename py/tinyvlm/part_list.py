"""Writes parts.json: sizes and sha256 sums of a model folder's files, and of large ones' parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PART_LIST = "parts.json"
PART_BYTES = 8 << 20


def write_part_list(folder: Path, names: Sequence[str]) -> None:
    """Write the list of these files of `folder`, in the order in which a loader should ask for them."""
    files = [_describe(folder / name) for name in names]
    (folder / PART_LIST).write_text(json.dumps({"format": 1, "files": files}, indent=1) + "\n", encoding="utf-8")


def _describe(path: Path) -> dict[str, Any]:
    whole, parts, end = hashlib.sha256(), list[dict[str, Any]](), 0
    buffer = memoryview(bytearray(PART_BYTES))
    with open(path, "rb") as file:
        while length := file.readinto(buffer):
            whole.update(buffer[:length])
            parts.append({"offset": end, "length": length, "sha256": hashlib.sha256(buffer[:length]).hexdigest()})
            end += length
    entry: dict[str, Any] = {"name": path.name, "size": end, "sha256": whole.hexdigest()}
    return {**entry, "parts": parts} if len(parts) > 1 else entry
