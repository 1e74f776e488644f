"""Text as it stands in the world: one to three lines of any size, anywhere on a card of any shape and colour."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from ..rows import Question, Region, Row
from ..sources import fonts
from ..words import with_article
from .cards import COMMON, READ, cased, font, glyph_boxes
from .drawing import COLORS, Color, contrast


def sign(seed: int, vocabulary: tuple[str, ...]) -> tuple[Image.Image, Row]:
    """Draw one sign."""
    rng = random.Random(seed)
    size = rng.randint(180, 420), rng.randint(120, 360)
    paper, ink, names = _colors(rng)
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    if rng.random() < 0.4:
        edge = rng.randint(4, 16)
        box = (edge, edge, size[0] - edge, size[1] - edge)
        draw.rounded_rectangle(box, rng.choice([0, 12, 20]), outline=ink, width=rng.randint(2, 5))
    lines = [_line(rng, vocabulary) for _ in range(rng.choices([1, 2, 3], [0.35, 0.45, 0.2])[0])]
    glyphs = _write(rng, draw, lines, size, ink)
    text = " ".join(lines)
    what = f"{with_article(names[0]).capitalize()} sign" if names else "A sign"
    questions = [
        Question(READ[0], text, "ocr", None, glyphs),
        Question(rng.choice(READ), text, "ocr", None, glyphs),
    ]
    if names:
        questions.append(Question("What color is the text?", names[1], "color"))
        questions.append(Question("What color is the background?", names[0], "color"))
    return image, Row("sign", "train", [f'{what} that says "{text}".'], questions, [], glyphs)


def _colors(rng: random.Random) -> tuple[Color, Color, tuple[str, str] | None]:
    """Paper, ink, and their names if they have any; always far enough apart to be read."""
    if rng.random() < 0.5:
        while True:
            paper, ink = rng.sample(list(COLORS), 2)
            if contrast(paper, ink) >= 220:
                return COLORS[paper], COLORS[ink], (paper, ink)
    while True:
        colors = [tuple(rng.randint(0, 255) for _ in range(3)) for _ in range(2)]
        if sum(abs(a - b) for a, b in zip(*colors, strict=True)) >= 300:
            return colors[0], colors[1], None  # type: ignore[return-value]


def _line(rng: random.Random, vocabulary: tuple[str, ...]) -> str:
    kind = rng.random()
    if kind < 0.15:
        return f"{rng.randint(1, 99)}.{rng.randint(0, 99):02}" if rng.random() < 0.4 else str(rng.randint(0, 9999))
    words = COMMON if kind < 0.6 else vocabulary
    return cased(rng, " ".join(rng.sample(words, rng.choice([1, 1, 1, 2]))))


def _write(
    rng: random.Random, draw: ImageDraw.ImageDraw, lines: list[str], size: tuple[int, int], ink: Color
) -> list[Region]:
    """Write the lines below each other, centred or from the left; return the boxes of their characters."""
    path = rng.choice(fonts())
    pixels = rng.randint(18, 72)
    while pixels > 12:
        face = font(path, pixels)
        widths = [face.getlength(line) for line in lines]
        height = pixels * 1.25 * len(lines)
        if max(widths) < size[0] * 0.88 and height < size[1] * 0.88:
            break
        pixels -= 2
    left = (size[0] - max(widths)) * rng.uniform(0.2, 0.8)
    top = (size[1] - height) * rng.uniform(0.2, 0.8)
    centred, glyphs = rng.random() < 0.6, []
    for i, (line, width) in enumerate(zip(lines, widths, strict=True)):
        x, y = left + ((max(widths) - width) / 2 if centred else 0), top + i * pixels * 1.25
        draw.text((x, y), line, font=face, fill=ink)
        glyphs += glyph_boxes(line, face, (x, y), size)
    return glyphs
