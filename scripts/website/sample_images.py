"""Draws the page's sample images, from fixed seeds."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from support.environment import ScriptError

MAX_BYTES = 30_000
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 211, 0)}


@dataclass(frozen=True)
class Sample:
    """One image of the page, and questions that suit it."""

    file: str
    alt: str
    questions: list[str]
    image: Image.Image


def shape_canvas(seed: int) -> Image.Image:
    """A very light ground of a random tint, as easy-VQA's images have, at its 64 pixels."""
    rng = random.Random(seed)
    return Image.new("RGB", (64, 64), (rng.randint(230, 255), rng.randint(230, 255), rng.randint(230, 255)))


def red_circle() -> Image.Image:
    """A filled red circle, a little off the middle."""
    image = shape_canvas(1)
    ImageDraw.Draw(image).ellipse((17, 13, 45, 41), fill=COLOURS["red"])
    return image.resize((256, 256), Image.Resampling.NEAREST)


def blue_triangle() -> Image.Image:
    """A filled blue triangle."""
    image = shape_canvas(2)
    ImageDraw.Draw(image).polygon([(31, 14), (50, 46), (13, 46)], fill=COLOURS["blue"])
    return image.resize((256, 256), Image.Resampling.NEAREST)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu where it is installed, Pillow's own font elsewhere."""
    try:
        return ImageFont.truetype("DejaVuSans-Bold.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def text_card() -> Image.Image:
    """Two words in large letters on a coloured card."""
    image = Image.new("RGB", (320, 240), (250, 232, 196))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((14, 14, 305, 225), radius=16, outline=(122, 62, 20), width=5)
    draw.text((160, 90), "Fresh", fill=(122, 62, 20), font=font(64), anchor="mm")
    draw.text((160, 158), "bread", fill=(122, 62, 20), font=font(64), anchor="mm")
    return image


def bar_chart() -> Image.Image:
    """Four coloured bars with labels; the third is the highest."""
    image = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(image)
    small = font(20)
    bars = zip(COLOURS.values(), "ABCD", (3, 5, 8, 2), strict=True)
    for index, (colour, label, value) in enumerate(bars):
        left = 52 + index * 64
        draw.rectangle((left, 196 - value * 20, left + 40, 196), fill=colour)
        draw.text((left + 20, 216), label, fill="black", font=small, anchor="mm")
        draw.text((left + 20, 182 - value * 20), str(value), fill="black", font=small, anchor="mm")
    draw.line((32, 18, 32, 197, 306, 197), fill="black", width=3)
    return image


def landscape() -> Image.Image:
    """Sun, hills, a house and trees under an evening sky."""
    rng = random.Random(5)
    width, height = 320, 240
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        part = y / height
        draw.line((0, y, width, y), fill=(int(120 + 130 * part), int(180 + 40 * part), int(235 - 45 * part)))
    draw.ellipse((228, 32, 276, 80), fill=(255, 226, 120))
    for base, colour in ((150, (112, 150, 140)), (172, (84, 138, 96)), (196, (62, 120, 66))):
        ridge: list[tuple[float, float]] = []
        level = float(base)
        for x in range(0, width + 20, 20):
            level += rng.uniform(-9, 9)
            ridge.append((x, level))
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    draw.rectangle((86, 158, 136, 198), fill=(236, 222, 200))
    draw.polygon([(78, 160), (111, 130), (144, 160)], fill=(176, 62, 48))
    draw.rectangle((104, 176, 118, 198), fill=(104, 68, 42))
    for x, y in ((190, 206), (222, 214), (36, 212), (268, 204)):
        draw.rectangle((x - 3, y - 14, x + 3, y), fill=(90, 62, 40))
        draw.ellipse((x - 15, y - 46, x + 15, y - 10), fill=(38, 98, 50))
    return image.filter(ImageFilter.SMOOTH)


def samples() -> list[Sample]:
    """All samples, in the page's order."""
    shape_questions = ["What shape is in the image?", "What color is the shape?", "Is there a blue shape?"]
    return [
        Sample(
            "red-circle.png",
            "A red circle",
            [*shape_questions, "Describe the image."],
            red_circle(),
        ),
        Sample(
            "blue-triangle.png",
            "A blue triangle",
            [*shape_questions, "Describe the image."],
            blue_triangle(),
        ),
        Sample(
            "text-card.png",
            "A card that says Fresh bread",
            ["What does the text say?", "Describe the image."],
            text_card(),
        ),
        Sample(
            "bar-chart.png",
            "A bar chart with four bars",
            ["Which bar is the tallest?", "What color is the C bar?", "How many bars are there?"],
            bar_chart(),
        ),
        Sample(
            "landscape.png",
            "A house between hills",
            ["Describe the image.", "Is there a house in the picture?", "Is there a boat in the picture?"],
            landscape(),
        ),
    ]


def write_samples(folder: Path) -> None:
    """Write all images and the list of them; raises ScriptError for one that is too large."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for sample in samples():
        path = folder / sample.file
        sample.image.save(path, optimize=True)
        if path.stat().st_size > MAX_BYTES:
            raise ScriptError(f"{path} has {path.stat().st_size} bytes, more than {MAX_BYTES}.")
        listed.append({"file": sample.file, "alt": sample.alt, "questions": sample.questions})
    (folder / "samples.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
