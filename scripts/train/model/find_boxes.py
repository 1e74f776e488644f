"""Looks once through all photos of a set for things, and writes where they are beside its rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from support.environment import note

from ..dataset.photo_boxes import BOXES, PHOTOS, Found, write_boxes
from ..rows import read_rows
from .detector import Detector
from .precision import autocast

BATCH = 16


def find_boxes(folder: Path, graph: Path) -> None:
    """Write `boxes.jsonl` beside `pixels.npy`."""
    rows = [number for number, row in enumerate(read_rows(folder / "rows.jsonl")) if row.source in PHOTOS]
    write_boxes(folder / BOXES, _found(np.load(folder / "pixels.npy", mmap_mode="r"), rows, Detector(graph)))


def _found(pixels: np.ndarray, rows: list[int], detector: Detector) -> Iterator[tuple[int, list[Found]]]:
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        with autocast("cpu"):
            yield from zip(some, detector(pixels[some]), strict=True)
        if start % (100 * BATCH) == 0:
            note(f"  {start}")
