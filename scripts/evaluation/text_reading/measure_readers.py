"""Pages and lines given to a reader, and what was right."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from fixtures.pages.page import Page, draw_page
from support.environment import ScriptError

from .readers import Reader
from .reading_scores import Figure, character_error_rate, exact, word_f1

LINES = "sroie2019-lines"
"""Source of the rows whose images are lines of receipts."""


def draw_pages(first: int, count: int) -> list[Page]:
    """Return pages by their numbers."""
    return [draw_page(first + number) for number in range(count)]


def receipt_lines(folder: Path) -> list[tuple[Image.Image, str]]:
    """Return the validation lines of a data folder with what they say. Raises ScriptError where there are none."""
    try:
        rows = [json.loads(line) for line in (folder / "research.jsonl").read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError as error:
        raise ScriptError(str(error)) from error
    chosen = [row for row in rows if row["source"] == LINES and row["split"] == "val"]
    return [(Image.open(folder / row["image"]).convert("RGB"), row["qa"][0]["a"]) for row in chosen]


def measure(reader: Reader, pages: Sequence[Page], lines: Sequence[tuple[Image.Image, str]]) -> dict[str, Any]:
    """Return figures of a reader, by layout too, and all that it read."""
    started = time.perf_counter()
    texts = [reader.read(page.image) for page in pages]
    seconds = (time.perf_counter() - started) / max(len(pages), 1)
    found: dict[str, Any] = {"pages": texts, "lines": [reader.read_line(image) for image, _ in lines]}
    figures: dict[str, Figure] = {}
    if pages:
        found["seconds a page"] = seconds
        wanted = [page.text for page in pages]
        figures |= {"word F1": word_f1(wanted, texts), "pages, CER": character_error_rate(wanted, texts)}
        figures |= _by_layout(pages, texts)
    if lines:
        figures |= _line_figures([text for _, text in lines], found["lines"])
    return {"figures": {name: asdict(figure) for name, figure in figures.items()}, **found}


def _by_layout(pages: Sequence[Page], texts: Sequence[str]) -> dict[str, Figure]:
    figures = {}
    for layout in dict.fromkeys(page.layout for page in pages):
        pairs = [(page.text, text) for page, text in zip(pages, texts, strict=True) if page.layout == layout]
        wanted, given = (list(side) for side in zip(*pairs, strict=True))
        figures[f"{layout}, word F1"] = word_f1(wanted, given)
        figures[f"{layout}, CER"] = character_error_rate(wanted, given)
    return figures


def _line_figures(wanted: Sequence[str], given: Sequence[str]) -> dict[str, Figure]:
    capitals = [[text.upper() for text in side] for side in (wanted, given)]
    bare = [["".join(text.split()) for text in side] for side in capitals]
    return {
        "lines, exact, case ignored": exact(*capitals),
        "lines, exact, spaces ignored too": exact(*bare),
        "lines, CER in capitals": character_error_rate(*capitals),
    }


def print_figures(name: str, found: Mapping[str, Any]) -> None:
    """Print a reader's figures as a table."""
    print(f"\n{name}" + (f", {found['seconds a page']:.2f} s a page" if "seconds a page" in found else ""))
    for key, figure in found["figures"].items():
        print(f"  {key:34}{Figure(**figure)}")
