"""A sheet of cases for people to look at: image, question, answer, and what was wanted.

Only images that may be shown to anyone: easy-VQA and what we draw ourselves.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from .measure import Asked
from .tasks import EASY_VQA

PUBLISHABLE = (EASY_VQA, "synthetic-emoji-scenes", "synthetic-text-cards", "synthetic-bar-charts")
"""Sources whose images are under MIT or our own; photos of research sets are not ours to show."""

_SIDE, _LINE, _MARGIN, _COLUMNS, _ROWS = 192, 16, 10, 6, 3
_INK, _GREEN, _RED = "#202020", "#18753c", "#b3261e"


def write_sheets(asked: Sequence[Asked], folder: Path) -> list[Path]:
    """Write right.png and wrong.png: a seeded choice, sources and kinds of question in turn; returns what there is."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, right in (("right", True), ("wrong", False)):
        cases = choose(asked, right, _COLUMNS * _ROWS)
        if cases:
            written.append(folder / f"{name}.png")
            _sheet(cases).save(written[-1])
    return written


def choose(asked: Sequence[Asked], right: bool, count: int, seed: int = 0) -> list[Asked]:
    """Return up to `count` publishable cases, no image twice, going round through sources and kinds."""
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for row in asked:
        if row.right == right and row.question.source in PUBLISHABLE:
            groups[row.question.source, row.question.kind].append(row)
    chooser, chosen, images = random.Random(seed), list[Asked](), set[Path]()
    for rows in groups.values():
        chooser.shuffle(rows)
    while any(groups.values()) and len(chosen) < count:
        for rows in groups.values():
            while rows and rows[-1].question.image in images:
                rows.pop()
            if rows and len(chosen) < count:
                chosen.append(rows.pop())
                images.add(chosen[-1].question.image)
    return chosen


def _sheet(cases: Sequence[Asked]) -> Image.Image:
    width, height = _SIDE + 2 * _MARGIN, _SIDE + 5 * _LINE + _MARGIN
    rows = -(-len(cases) // _COLUMNS)
    sheet = Image.new("RGB", (min(len(cases), _COLUMNS) * width, rows * height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for at, case in enumerate(cases):
        left, top = at % _COLUMNS * width + _MARGIN, at // _COLUMNS * height + _MARGIN
        with Image.open(case.question.image) as image:
            sheet.paste(image.convert("RGB").resize((_SIDE, _SIDE)), (left, top))
        lines = [*_wrapped(draw, font, case.question.text)[:2], case.answer.text]
        colors = [_INK] * (len(lines) - 1) + [_GREEN if case.right else _RED]
        if not case.right:
            lines.append(f"wanted: {case.question.answer}")
            colors.append(_INK)
        for number, (line, color) in enumerate(zip(lines, colors, strict=True)):
            draw.text((left, top + _SIDE + 2 + number * _LINE), _cut(draw, font, line), fill=color, font=font)
    return sheet


def _wrapped(draw: ImageDraw.ImageDraw, font: Any, text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > _SIDE:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _cut(draw: ImageDraw.ImageDraw, font: Any, text: str) -> str:
    while draw.textlength(text, font=font) > _SIDE + _MARGIN:
        text = text[:-2] + "…"
    return text
