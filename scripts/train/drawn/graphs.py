"""Bar charts as others draw them: two to six bars, any labels, colours, sizes, with or without values and ticks."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from ..rows import Region, Row
from ..sources import fonts
from ..words import NUMBERS
from .cards import font, glyph_boxes
from .charts import BAR_COLORS, LABELS, Bar, bar_questions
from .drawing import COLORS, Color, varied

_PURE: dict[str, Color] = {
    "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "orange": (255, 165, 0), "purple": (128, 0, 128),
    "brown": (139, 69, 19), "pink": (255, 192, 203), "gray": (128, 128, 128), "yellow": (255, 215, 0),
    "black": (20, 20, 20),
}  # fmt: skip


def graph(seed: int, vocabulary: tuple[str, ...]) -> tuple[Image.Image, Row]:
    """Draw one chart of bars of different heights."""
    rng = random.Random(seed)
    bars = rng.randint(2, 6)
    labels = _labels(rng, bars, vocabulary)
    values = rng.sample(range(1, rng.choice([11, 11, 21, 101])), bars)
    colors = rng.sample(list(_PURE), bars) if rng.random() < 0.7 else [rng.choice(BAR_COLORS)] * bars
    size = rng.randint(220, 400), rng.randint(200, 320)
    paper = (255, 255, 255) if rng.random() < 0.7 else varied(COLORS["white"], rng, 10)
    image = Image.new("RGB", size, paper)
    has_values = rng.random() < 0.75
    glyphs, drawn = _draw(rng, ImageDraw.Draw(image), size, labels, values, colors, has_values)
    questions = bar_questions(rng, labels, values, colors, drawn, has_values)
    tallest = labels[values.index(max(values))]
    caption = f"A bar chart with {NUMBERS[bars]} bars. {tallest} is the tallest."
    return image, Row("graph", "train", [caption], questions, [], glyphs)


def _labels(rng: random.Random, count: int, vocabulary: tuple[str, ...]) -> list[str]:
    kind = rng.random()
    if kind < 0.3:
        first = rng.choice([0, 0, 0, rng.randint(0, 20)])
        return [chr(ord("A") + first + i) for i in range(count)]
    if kind < 0.4:
        year = rng.randint(1995, 2025)
        return [str(year + i) for i in range(count)]
    if kind < 0.6:
        return [label.title() for label in rng.sample(LABELS, count)]
    short = [word for word in rng.sample(vocabulary, 40) if len(word) <= 6]
    return [rng.choice([str.title, str.lower])(word) for word in short[:count]]


def _draw(
    rng: random.Random,
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    labels: list[str],
    values: list[int],
    colors: list[str],
    has_values: bool,
) -> tuple[list[Region], list[Bar]]:
    """Draw axes and bars; return the boxes of all characters, and the bars."""
    width, height = size
    face = font(rng.choice([path for path in fonts() if "Sans" in path]), rng.randint(11, 17))
    left, right, top, bottom = rng.randint(14, 40), width - rng.randint(6, 20), rng.randint(20, 40), height - 28
    unit, glyphs, bars = (bottom - top) / max(values), [], []
    for line in ((left, top - 8, left, bottom), (left, bottom, right, bottom)):
        draw.line(line, fill=0, width=rng.choice([1, 2]))
    pitch = (right - left) / len(labels)
    share, pure, outlined = rng.uniform(0.45, 0.85), rng.random() < 0.6, rng.random() < 0.5

    def write(middle: float, y: float, text: str) -> list[Region]:
        x = middle - face.getlength(text) / 2
        draw.text((x, y), text, font=face, fill=0)
        boxes = glyph_boxes(text, face, (x, y), size)
        glyphs.extend(boxes)
        return boxes

    for i, (label, value, color) in enumerate(zip(labels, values, colors, strict=True)):
        middle, up = left + (i + 0.5) * pitch, bottom - value * unit
        ink = _PURE[color] if pure else COLORS[color]
        edges = middle - pitch * share / 2, up, middle + pitch * share / 2, bottom
        draw.rectangle(edges, fill=ink, outline=0 if outlined else None)
        box = Region(f"{color} bar", edges[0] / width, up / height, edges[2] / width, bottom / height)
        shown = write(middle, up - face.size - 4, str(value)) if has_values else []
        bars.append(Bar(write(middle, bottom + 4, label), shown, box))
    return glyphs, bars
