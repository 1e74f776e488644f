"""docs/images.md: what the page and the package say of every odd image. Tests compare it with what they do say.

`TINYVLM_WRITE_TABLES=1 pytest tests/browser/test_page_odd_images.py` writes its tables anew.
"""

from __future__ import annotations

import os
import re
from itertools import groupby
from pathlib import Path

from odd_images import ODD_IMAGES, Maker
from tinyvlm.errors import InputError
from tinyvlm.media.images import RGBImage, load_image

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "images.md"
_START = "<!-- written by tests/image_table.py -->\n"
_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", re.M)


def package_answer(make: Maker) -> RGBImage | str:
    """Return the pixels, or the code of the error."""
    try:
        return load_image(make())
    except InputError as error:
        return error.code


def verdict(answer: RGBImage | str) -> str:
    """Return how the document puts it."""
    return f"`{answer}`" if isinstance(answer, str) else f"{answer.width} × {answer.height}"


def documented() -> dict[str, tuple[str, str]]:
    """Return what the document says: by name, the page's verdict and the package's."""
    _, tables = DOCUMENT.read_text(encoding="utf-8").split(_START)
    rows: dict[str, tuple[str, str]] = {}
    for section in tables.split("### ")[1:]:
        group = section.partition("\n")[0]
        for name, page, package in _ROW.findall(section):
            if name not in ("file", "---"):
                rows[f"{group}: {name}"] = (page, package)
    return rows


def write(verdicts: dict[str, tuple[str, str]]) -> None:
    """Write the tables anew, if that was asked for."""
    if os.environ.get("TINYVLM_WRITE_TABLES") != "1":
        return
    before, _ = DOCUMENT.read_text(encoding="utf-8").split(_START)
    lines = []
    for group, names in groupby(ODD_IMAGES, lambda name: name.partition(": ")[0]):
        lines += [f"\n### {group}\n", "| file | page | package |", "| --- | --- | --- |"]
        lines += [f"| {name.partition(': ')[2]} | {' | '.join(verdicts[name])} |" for name in names]
    DOCUMENT.write_text(before + _START + "\n".join(lines) + "\n", encoding="utf-8")
