"""Text cards: a few words or a number on a plain card, with every character's box."""

from __future__ import annotations

import math
import random
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from ..rows import Question, Region, Row
from ..sources import fonts
from ..words import with_article
from .drawing import COLORS, contrast

WIDTH = 256
READ = ("What does the text say?", "Read the text.", "What is written here?", "What does the sign say?")
COMMON = (  # noqa: SIM905  a list would be a line a word
    "open closed exit stop sale coffee pizza hotel school library museum bakery garden market station welcome "
    "danger warning push pull ticket menu bread milk tea fresh fish taxi bus parking hospital police pharmacy music "
    "cinema theater books flowers shoes kitchen office summer winter spring hello thanks please enter private "
    "public north south east west center city park river bridge street road avenue lunch dinner today tomorrow "
    "monday friday sunday free new big small hot cold red blue green happy birthday party keep left right slow fast "
    "only no yes men women water power level floor room gate train platform total price cash card change receipt"
).split()


@cache
def font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def card(seed: int, vocabulary: tuple[str, ...]) -> tuple[Image.Image, Row]:
    """Draw one card; one in four takes its words from `vocabulary` or from random letters."""
    rng = random.Random(seed)
    size = WIDTH, rng.choice([128, 160, 192, 256])
    paper, ink = rng.sample(list(COLORS), 2)
    while contrast(paper, ink) < 220:
        paper, ink = rng.sample(list(COLORS), 2)
    text = _text(rng, vocabulary)
    image = Image.new("RGB", size, COLORS[paper])
    draw = ImageDraw.Draw(image)
    face = _fitting(rng.choice(fonts()), text, draw, size)
    if rng.random() < 0.3:
        draw.rounded_rectangle((6, 6, size[0] - 6, size[1] - 6), 14, outline=COLORS[ink], width=3)
    box = draw.textbbox((0, 0), text, font=face)
    x, y = (size[0] - (box[2] - box[0])) / 2 - box[0], (size[1] - (box[3] - box[1])) / 2 - box[1]
    draw.text((x, y), text, font=face, fill=COLORS[ink])
    angle = rng.uniform(-6, 6) if rng.random() < 0.4 else 0.0
    if angle:
        image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=COLORS[paper])
    glyphs = [_turned(glyph, angle, size) for glyph in glyph_boxes(text, face, (x, y), size)]
    questions = [
        Question(rng.choice(READ) if rng.random() < 0.4 else READ[0], text, "ocr", None, glyphs),
        Question(READ[0], text, "ocr", None, glyphs),
        Question("What color is the text?", ink, "color"),
        Question("What color is the background?", paper, "color"),
    ]
    if " " in text:
        words = text.split()
        first, last = glyphs[: len(words[0])], glyphs[-len(words[-1]) :]
        which = rng.choice([("first", words[0], first), ("last", words[-1], last)])
        questions.append(Question(f"What is the {which[0]} word?", which[1], "ocr", None, which[2]))
    return image, Row(
        "text", "train", [f'{with_article(paper).capitalize()} sign that says "{text}".'], questions, [], glyphs
    )


def glyph_boxes(
    text: str, face: ImageFont.FreeTypeFont, origin: tuple[float, float], size: tuple[int, int]
) -> list[Region]:
    """Every visible character's box when `text` is drawn at `origin` in an image of `size`."""
    boxes = []
    for i, character in enumerate(text):
        if character == " ":
            continue
        start = origin[0] + face.getlength(text[:i])
        _, top, _, bottom = face.getbbox(character)
        end = start + face.getlength(character)
        boxes.append(
            Region(
                character,
                start / size[0],
                (origin[1] + top) / size[1],
                end / size[0],
                (origin[1] + bottom) / size[1],
            )
        )
    return boxes


def _text(rng: random.Random, vocabulary: tuple[str, ...]) -> str:
    kind = rng.random()
    if kind < 0.5:
        text = " ".join(rng.sample(COMMON, rng.choice([1, 1, 2, 2, 3])))
    elif kind < 0.66:
        text = str(rng.randint(0, 99999))
    elif kind < 0.82:
        text = f"{rng.choice(COMMON)} {rng.randint(1, 999)}"
    elif kind < 0.94:
        text = " ".join(rng.sample(vocabulary, rng.choice([1, 1, 2])))
    else:
        text = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 7)))
    return cased(rng, text)


def cased(rng: random.Random, text: str) -> str:
    """All large, all small, or the first letters large."""
    return rng.choice([str.upper, str.lower, str.title])(text)


def _fitting(path: str, text: str, draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> ImageFont.FreeTypeFont:
    """The largest size of a font, 64 to 14 pixels, in which the text fits."""
    for pixels in range(64, 12, -2):
        face = font(path, pixels)
        box = draw.textbbox((0, 0), text, font=face)
        if box[2] - box[0] < size[0] * 0.9 and box[3] - box[1] < size[1] * 0.8:
            break
    return face


def _turned(box: Region, angle: float, size: tuple[int, int]) -> Region:
    """Move a box as `Image.rotate` moves its centre."""
    if not angle:
        return box
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    x = ((box.left + box.right) / 2 - 0.5) * size[0]
    y = ((box.top + box.bottom) / 2 - 0.5) * size[1]
    shift_x = (x * cosine + y * sine - x) / size[0]
    shift_y = (-x * sine + y * cosine - y) / size[1]
    return Region(box.label, box.left + shift_x, box.top + shift_y, box.right + shift_x, box.bottom + shift_y)
