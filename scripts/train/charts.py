"""Bar charts with labels under and values over the bars."""

from __future__ import annotations

import random
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from cards import glyph_boxes
from drawing import COLORS
from rows import Question, Region, Row
from sources import chart_font
from words import NUMBERS

SIZE, BOTTOM, STEP = 256, 220, 19
LABELS = (  # noqa: SIM905  a list would be a line a word
    "apples pears plums cats dogs birds red blue green mon tue wed thu fri north south east west tea milk coffee"
).split()
BAR_COLORS = ["red", "blue", "green", "orange", "purple", "brown", "pink", "gray"]


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(chart_font(), 12)


def chart(seed: int) -> tuple[Image.Image, Row]:
    """Draw one chart of three to five bars of different heights."""
    rng = random.Random(seed)
    bars = rng.randint(3, 5)
    labels = [label.title() for label in rng.sample(LABELS, bars)]
    values, colors = rng.sample(range(1, 11), bars), rng.sample(BAR_COLORS, bars)
    image = Image.new("RGB", (SIZE, SIZE), (255, 255, 255))
    glyphs, things = _draw(ImageDraw.Draw(image), labels, values, colors)
    tallest, shortest = labels[values.index(max(values))], labels[values.index(min(values))]
    questions = [
        Question("Which bar is the tallest?", tallest, "chart"),
        Question("Which bar is the shortest?", shortest, "chart"),
        Question("How many bars are there?", NUMBERS[bars], "count"),
    ]
    for i in rng.sample(range(bars), 2):
        questions.append(Question(f"What is the value of {labels[i]}?", str(values[i]), "chart"))
        questions.append(Question(f"What color is the {labels[i]} bar?", colors[i], "color"))
    i, j = rng.sample(range(bars), 2)
    questions.append(
        Question(f"Is {labels[i]} larger than {labels[j]}?", "yes" if values[i] > values[j] else "no", "compare")
    )
    questions.append(Question(f"Which label has the {colors[i]} bar?", labels[i], "chart"))
    caption = f"A bar chart with {NUMBERS[bars]} bars. {tallest} is the tallest."
    return image, Row("chart", "train", [caption], questions, things, glyphs)


def _draw(
    draw: ImageDraw.ImageDraw, labels: list[str], values: list[int], colors: list[str]
) -> tuple[list[Region], list[Region]]:
    """Draw axes, ticks and bars; return the boxes of characters and of bars."""
    font, glyphs, things = _font(), [], []

    def write(x: float, y: float, text: str) -> None:
        draw.text((x, y), text, font=font, fill=0)
        glyphs.extend(glyph_boxes(text, font, (x, y), (SIZE, SIZE)))

    draw.line((28, 20, 28, BOTTOM), fill=0)
    draw.line((28, BOTTOM, 250, BOTTOM), fill=0)
    for tick in range(0, 11, 2):
        write(8, BOTTOM - 8 - tick * STEP, str(tick))
        draw.line((25, BOTTOM - tick * STEP, 28, BOTTOM - tick * STEP), fill=0)
    width = 216 / len(labels)
    for i, (label, value, color) in enumerate(zip(labels, values, colors, strict=True)):
        left, top = 34 + i * width, BOTTOM - value * STEP
        draw.rectangle((left, top, left + width * 0.7, BOTTOM), fill=COLORS[color], outline=0)
        write(left, BOTTOM + 4, label)
        write(left + width * 0.25, top - 14, str(value))
        things.append(Region(f"{color} bar", left / SIZE, top / SIZE, (left + width * 0.7) / SIZE, BOTTOM / SIZE))
    return glyphs, things
