"""Writes parts.json: sizes and sha256 sums of a model folder's files, and of the parts in which they are fetched."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PART_LIST = "parts.json"
PART_LIST_FORMAT = 1
PART_BYTES, LEAST_PART_BYTES = 8 << 20, 1 << 20
"""A part's size, and what it may shrink to so that a file has eight parts."""


def write_part_list(
    folder: str | os.PathLike[str], names: Sequence[str], ends: Mapping[str, Sequence[int]] | None = None
) -> None:
    """Write the list of these files of `folder`, in the order in which a loader should ask for them.

    `ends` says of a file at which offsets its stages end: parts end there, and each tells its stage, so that what is
    needed first need not share the network with what comes later.
    """
    root = Path(folder)
    files = [_describe(root / name, (ends or {}).get(name, ())) for name in names]
    text = json.dumps({"format": PART_LIST_FORMAT, "files": files}, indent=1) + "\n"
    (root / PART_LIST).write_text(text, encoding="utf-8")


def _describe(path: Path, ends: Sequence[int]) -> dict[str, Any]:
    whole = hashlib.sha256()
    parts = list[dict[str, Any]]()
    offset = 0
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        for end, stage in _part_ends(size, ends):
            data = file.read(end - offset)
            whole.update(data)
            part = {"offset": offset, "length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            parts.append({**part, "stage": stage} if ends else part)
            offset = end
    entry: dict[str, Any] = {"name": path.name, "size": size, "sha256": whole.hexdigest()}
    return {**entry, "parts": parts} if len(parts) > 1 else entry


def _part_ends(size: int, ends: Sequence[int]) -> list[tuple[int, int]]:
    """Cut each stretch between `ends` into parts of about the same size; return where they end, and their stages."""
    most = min(max(-(-size // 8), LEAST_PART_BYTES), PART_BYTES)
    result = list[tuple[int, int]]()
    start = 0
    for stage, end in enumerate(sorted({*ends, size} - {0})):
        count = -(-(end - start) // most)
        result += [(start + (end - start) * (index + 1) // count, stage) for index in range(count)]
        start = end
    return result
