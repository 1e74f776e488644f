"""Bar charts with labels under and values over the bars."""

from __future__ import annotations

import random
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Bar:
    """Where a bar, the characters of its label and those of its value are."""

    label: list[Region]
    value: list[Region]
    box: Region


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
    glyphs, bars_drawn = _draw(ImageDraw.Draw(image), labels, values, colors)
    things = [bar.box for bar in bars_drawn]
    tall, short = values.index(max(values)), values.index(min(values))
    questions = [
        _label("Which bar is the tallest?", bars_drawn[tall], bars_drawn[tall].value),
        _label("Which bar is the shortest?", bars_drawn[short], bars_drawn[short].value),
        Question("How many bars are there?", NUMBERS[bars], "count", things, things),
    ]
    for i in rng.sample(range(bars), 2):
        bar = bars_drawn[i]
        questions.append(Question(f"What is the value of {labels[i]}?", str(values[i]), "chart", bar.label, bar.value))
        questions.append(Question(f"What color is the {labels[i]} bar?", colors[i], "color", bar.label, [bar.box]))
    i, j = rng.sample(range(bars), 2)
    larger = "yes" if values[i] > values[j] else "no"
    text = f"Is {labels[i]} larger than {labels[j]}?"
    questions.append(Question(text, larger, "compare", bars_drawn[i].value, bars_drawn[j].value))
    questions.append(_label(f"Which label has the {colors[i]} bar?", bars_drawn[i], [bars_drawn[i].box]))
    tallest = labels[tall]
    caption = f"A bar chart with {NUMBERS[bars]} bars. {tallest} is the tallest."
    return image, Row("chart", "train", [caption], questions, things, glyphs)


def _label(text: str, bar: Bar, seek: list[Region]) -> Question:
    return Question(text, "".join(glyph.label for glyph in bar.label), "chart", seek, bar.label)


def _draw(
    draw: ImageDraw.ImageDraw, labels: list[str], values: list[int], colors: list[str]
) -> tuple[list[Region], list[Bar]]:
    """Draw axes, ticks and bars; return the boxes of all characters, and the bars."""
    font, glyphs, bars = _font(), [], []

    def write(x: float, y: float, text: str) -> list[Region]:
        draw.text((x, y), text, font=font, fill=0)
        boxes = glyph_boxes(text, font, (x, y), (SIZE, SIZE))
        glyphs.extend(boxes)
        return boxes

    draw.line((28, 20, 28, BOTTOM), fill=0)
    draw.line((28, BOTTOM, 250, BOTTOM), fill=0)
    for tick in range(0, 11, 2):
        write(8, BOTTOM - 8 - tick * STEP, str(tick))
        draw.line((25, BOTTOM - tick * STEP, 28, BOTTOM - tick * STEP), fill=0)
    width = 216 / len(labels)
    for i, (label, value, color) in enumerate(zip(labels, values, colors, strict=True)):
        left, top = 34 + i * width, BOTTOM - value * STEP
        right = left + width * 0.7
        draw.rectangle((left, top, right, BOTTOM), fill=COLORS[color], outline=0)
        box = Region(f"{color} bar", left / SIZE, top / SIZE, right / SIZE, BOTTOM / SIZE)
        bars.append(Bar(write(left, BOTTOM + 4, label), write(left + width * 0.25, top - 14, str(value)), box))
    return glyphs, bars
