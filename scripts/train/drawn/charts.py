"""Bar charts with labels under and values over the bars."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from ..rows import Question, Region, Row
from ..sources import chart_font
from ..words import NUMBERS
from .cards import font, glyph_boxes
from .drawing import COLORS

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


def chart(seed: int) -> tuple[Image.Image, Row]:
    """Draw one chart of three to five bars of different heights."""
    rng = random.Random(seed)
    bars = rng.randint(3, 5)
    labels = [label.title() for label in rng.sample(LABELS, bars)]
    values, colors = rng.sample(range(1, 11), bars), rng.sample(BAR_COLORS, bars)
    image = Image.new("RGB", (SIZE, SIZE), (255, 255, 255))
    glyphs, bars_drawn = _draw(ImageDraw.Draw(image), labels, values, colors)
    questions = bar_questions(rng, labels, values, colors, bars_drawn, True)
    tallest = labels[values.index(max(values))]
    caption = f"A bar chart with {NUMBERS[bars]} bars. {tallest} is the tallest."
    return image, Row("chart", "train", [caption], questions, [bar.box for bar in bars_drawn], glyphs)


def bar_questions(
    rng: random.Random, labels: list[str], values: list[int], colors: list[str], bars: list[Bar], has_values: bool
) -> list[Question]:
    """What one can ask about any chart; values only where they are written, colours where bars differ in them."""
    tall, short = values.index(max(values)), values.index(min(values))
    boxes = [bar.box for bar in bars]
    questions = [
        _label("Which bar is the tallest?", bars[tall], bars[tall].value or [bars[tall].box]),
        _label("Which bar is the shortest?", bars[short], bars[short].value or [bars[short].box]),
        Question("How many bars are there?", NUMBERS[len(bars)], "count", boxes, boxes),
    ]
    differ = len(set(colors)) == len(colors)
    for i in rng.sample(range(len(bars)), 2):
        bar = bars[i]
        if has_values:
            text = f"What is the value of {labels[i]}?"
            questions.append(Question(text, str(values[i]), "chart", bar.label, bar.value))
        questions.append(Question(f"What color is the {labels[i]} bar?", colors[i], "color", bar.label, [bar.box]))
    i, j = rng.sample(range(len(bars)), 2)
    larger, text = "yes" if values[i] > values[j] else "no", f"Is {labels[i]} larger than {labels[j]}?"
    seek, find = bars[i].value or [bars[i].box], bars[j].value or [bars[j].box]
    questions.append(Question(text, larger, "compare", seek, find))
    if differ:
        questions.append(_label(f"Which label has the {colors[i]} bar?", bars[i], [bars[i].box]))
    return questions


def _label(text: str, bar: Bar, seek: list[Region]) -> Question:
    return Question(text, "".join(glyph.label for glyph in bar.label), "chart", seek, bar.label)


def _draw(
    draw: ImageDraw.ImageDraw, labels: list[str], values: list[int], colors: list[str]
) -> tuple[list[Region], list[Bar]]:
    """Draw axes, ticks and bars; return the boxes of all characters, and the bars."""
    face, glyphs, bars = font(chart_font(), 12), [], []

    def write(x: float, y: float, text: str) -> list[Region]:
        draw.text((x, y), text, font=face, fill=0)
        boxes = glyph_boxes(text, face, (x, y), (SIZE, SIZE))
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
