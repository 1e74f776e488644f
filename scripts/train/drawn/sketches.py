"""Drawn scenes: houses, trees, cars, boats and more, in plain shapes, on grass, sand, snow or water."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from ..rows import Question, Region, Row
from ..words import NUMBERS, counted, listed, plural, sentence, with_article
from .drawing import COLORS, Color, varied
from .scenes import HOW_MANY, PRESENT, WHAT

Box = tuple[float, float, float, float]
Draw = ImageDraw.ImageDraw
GROUNDS = {"grass": (70, 140, 70), "sand": (225, 200, 140), "snow": (238, 242, 248), "water": (60, 120, 190)}
SKIES: list[Color] = [(135, 195, 240), (190, 220, 250), (250, 205, 160), (40, 50, 90)]
PAINTS = [color for color in COLORS if color not in ("white", "black", "gray")]
DARK: Color = (90, 60, 40)


def _house(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    roof = y0 + (y1 - y0) * 0.45
    draw.rectangle((x0 + (x1 - x0) * 0.1, roof, x1 - (x1 - x0) * 0.1, y1), fill=(240, 230, 210))
    draw.polygon([(x0, roof), ((x0 + x1) / 2, y0), (x1, roof)], fill=color)
    draw.rectangle((x0 * 0.55 + x1 * 0.45, y1 - (y1 - y0) * 0.3, x0 * 0.4 + x1 * 0.6, y1), fill=DARK)


def _tree(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    middle, thick = (x0 + x1) / 2, (x1 - x0) * 0.1
    draw.rectangle((middle - thick, y0 + (y1 - y0) * 0.5, middle + thick, y1), fill=DARK)
    draw.ellipse((x0, y0, x1, y0 + (y1 - y0) * 0.7), fill=color)


def _pine(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    middle, thick = (x0 + x1) / 2, (x1 - x0) * 0.1
    draw.rectangle((middle - thick, y0 + (y1 - y0) * 0.8, middle + thick, y1), fill=DARK)
    for low in (0.4, 0.65, 0.85):
        draw.polygon([(middle, y0 + (low - 0.4) * (y1 - y0)), (x0, y0 + low * (y1 - y0)), (x1, y0 + low * (y1 - y0))],
                     fill=color)  # fmt: skip


def _car(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    w, h = x1 - x0, y1 - y0
    draw.rectangle((x0 + w * 0.2, y0 + h * 0.25, x0 + w * 0.75, y0 + h * 0.6), fill=color)
    draw.rectangle((x0 + w * 0.27, y0 + h * 0.32, x0 + w * 0.68, y0 + h * 0.5), fill=(210, 230, 245))
    draw.rectangle((x0, y0 + h * 0.5, x1, y0 + h * 0.8), fill=color)
    for wheel in (0.22, 0.76):
        draw.ellipse((x0 + w * (wheel - 0.1), y0 + h * 0.68, x0 + w * (wheel + 0.1), y1), fill=(20, 20, 20))


def _boat(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    w, h = x1 - x0, y1 - y0
    draw.line((x0 + w * 0.5, y0, x0 + w * 0.5, y0 + h * 0.7), fill=DARK, width=max(1, int(w * 0.04)))
    draw.polygon([(x0 + w * 0.54, y0 + h * 0.05), (x0 + w * 0.54, y0 + h * 0.62), (x0 + w * 0.95, y0 + h * 0.62)],
                 fill=(250, 250, 250))  # fmt: skip
    hull = [(x0, y0 + h * 0.7), (x1, y0 + h * 0.7), (x0 + w * 0.8, y1), (x0 + w * 0.2, y1)]
    draw.polygon(hull, fill=color)


def _ball(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    draw.ellipse(b, fill=color)
    draw.arc((x0 + (x1 - x0) * 0.3, y0, x1 + (x1 - x0) * 0.3, y1), 120, 240, fill=(255, 255, 255), width=2)


def _flower(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    w, middle = x1 - x0, (x0 + x1) / 2
    draw.line((middle, y0 + w * 0.5, middle, y1), fill=(40, 120, 50), width=max(2, int(w * 0.08)))
    for dx, dy in ((0, 0.28), (0, -0.28), (0.28, 0), (-0.28, 0)):
        x, y = middle + dx * w, y0 + w * 0.5 + dy * w
        draw.ellipse((x - w * 0.22, y - w * 0.22, x + w * 0.22, y + w * 0.22), fill=color)
    draw.ellipse((middle - w * 0.15, y0 + w * 0.35, middle + w * 0.15, y0 + w * 0.65), fill=(250, 220, 80))


def _person(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    w, h, middle = x1 - x0, y1 - y0, (x0 + x1) / 2
    draw.ellipse((middle - h * 0.11, y0, middle + h * 0.11, y0 + h * 0.22), fill=(235, 195, 160))
    draw.rectangle((middle - w * 0.22, y0 + h * 0.22, middle + w * 0.22, y0 + h * 0.62), fill=color)
    for side in (-1, 1):
        draw.line((middle + side * w * 0.12, y0 + h * 0.6, middle + side * w * 0.2, y1), fill=(50, 50, 80),
                  width=max(2, int(w * 0.14)))  # fmt: skip
        draw.line((middle + side * w * 0.2, y0 + h * 0.28, middle + side * w * 0.48, y0 + h * 0.5), fill=color,
                  width=max(2, int(w * 0.12)))  # fmt: skip


def _sun(draw: Draw, b: Box, color: Color) -> None:
    del color
    draw.ellipse(b, fill=(255, 225, 110))


def _cloud(draw: Draw, b: Box, color: Color) -> None:
    del color
    x0, y0, x1, y1 = b
    w = x1 - x0
    for left, up in ((0, 0.35), (0.25, 0.1), (0.55, 0.3)):
        draw.ellipse((x0 + w * left, y0 + (y1 - y0) * up, x0 + w * (left + 0.45), y1), fill=(245, 248, 252))


def _kite(draw: Draw, b: Box, color: Color) -> None:
    x0, y0, x1, y1 = b
    middle, cross = (x0 + x1) / 2, y0 + (y1 - y0) * 0.35
    draw.polygon([(middle, y0), (x1, cross), (middle, y1), (x0, cross)], fill=color)


@dataclass(frozen=True)
class Kind:
    """How a thing is drawn: its height over its width, its size, what colours it has; in the sky or on the ground."""

    draw: Callable[[Draw, Box, Color], None]
    aspect: float = 1.0
    smallest: int = 36
    largest: int = 90
    paints: tuple[str, ...] = tuple(PAINTS)
    sky: bool = False
    alone: bool = False


KINDS = {
    "house": Kind(_house, 1.0, 50, 110),
    "tree": Kind(_tree, 1.4, 28, 70, ("green",)),
    "pine tree": Kind(_pine, 1.5, 28, 64, ("green",)),
    "car": Kind(_car, 0.6, 48, 110),
    "boat": Kind(_boat, 1.0, 44, 96),
    "ball": Kind(_ball, 1.0, 22, 60),
    "flower": Kind(_flower, 1.8, 20, 44),
    "person": Kind(_person, 2.0, 24, 48),
    "sun": Kind(_sun, 1.0, 30, 60, (), True, True),
    "cloud": Kind(_cloud, 0.5, 50, 100, (), True),
    "kite": Kind(_kite, 1.3, 24, 50, sky=True),
}


def sketch(seed: int) -> tuple[Image.Image, Row]:
    """Draw one scene of one to four kinds of things."""
    rng = random.Random(seed)
    size = rng.randint(240, 400), rng.randint(220, 320)
    ground = rng.choice(list(GROUNDS))
    image, horizon = _landscape(rng, size, ground)
    things, paints = _place(rng, image, horizon)
    found: dict[str, list[Region]] = {}
    for thing in things:
        found.setdefault(thing.label, []).append(thing)
    phrase = listed([_phrase(name, len(regions)) for name, regions in found.items()])
    captions = [f"A drawing of {phrase} {'in' if ground in ('snow', 'water') else 'on'} the {ground}.",
                f"A drawing of {phrase}.", f"{sentence(phrase)}."]  # fmt: skip
    questions = [Question(rng.choice(WHAT), phrase, "object", things, things)]
    questions.append(Question("What is on the ground?", ground, "place"))
    for name, regions in found.items():
        if not KINDS[name].alone:
            form = rng.choice(HOW_MANY).format(plural=plural(name))
            questions.append(Question(form, NUMBERS[len(regions)], "count", regions, regions))
        if len(regions) == 1 and name in paints and len(KINDS[name].paints) > 1:
            questions.append(Question(f"What color is the {name}?", paints[name], "color", regions, regions))
    absent = rng.sample([name for name in KINDS if name not in found], 3)
    for name in [*rng.sample(sorted(found), min(3, len(found))), *absent[: max(2, len(found))]]:
        here = found.get(name, [])
        form = PRESENT[0] if rng.random() < 0.5 else rng.choice(PRESENT)
        answer = "yes" if here else "no"
        questions.append(Question(form.format(a=with_article(name)), answer, "presence", here, here))
    return image, Row("sketch", "train", captions, questions)


def _phrase(name: str, count: int) -> str:
    return f"the {name}" if KINDS[name].alone else counted(name, count)


def _landscape(rng: random.Random, size: tuple[int, int], ground: str) -> tuple[Image.Image, int]:
    """Sky that grows lighter downwards, ground, sometimes hills; returns the horizon's line too."""
    width, height = size
    horizon, sky = int(height * rng.uniform(0.45, 0.7)), rng.choice(SKIES)
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for y in range(horizon):
        draw.line((0, y, width, y), fill=tuple(min(255, int(v + 50 * y / horizon)) for v in sky))
    if rng.random() < 0.4:
        for _ in range(3):
            x, reach = rng.randint(0, width), rng.randint(width // 4, width // 2)
            box = (x - reach, horizon - rng.randint(20, 60), x + reach, horizon + reach)
            draw.ellipse(box, fill=varied((90, 140, 100), rng))
    draw.rectangle((0, horizon, width, height), fill=varied(GROUNDS[ground], rng))
    return image, horizon


def _place(rng: random.Random, image: Image.Image, horizon: int) -> tuple[list[Region], dict[str, str]]:
    """Draw things that hardly overlap; return their boxes, and the colour's name of each kind."""
    draw = ImageDraw.Draw(image)
    boxes: list[tuple[float, float, float, float]] = []
    things: list[Region] = []
    paints: dict[str, str] = {}
    for name in rng.sample(list(KINDS), rng.choices([1, 2, 3, 4], [0.3, 0.35, 0.25, 0.1])[0]):
        kind = KINDS[name]
        paint = rng.choice(kind.paints) if kind.paints else ""
        for _ in range(1 if kind.alone else rng.choices([1, 2, 3, 4, 5], [0.5, 0.22, 0.14, 0.08, 0.06])[0]):
            for _attempt in range(12):
                width = rng.randint(kind.smallest, kind.largest)
                height = width * kind.aspect
                x = rng.uniform(0, image.width - width)
                foot = rng.uniform(height, horizon) if kind.sky else rng.uniform(max(height, horizon), image.height)
                box = (x, foot - height, x + width, foot)
                if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in boxes):
                    kind.draw(draw, box, varied(COLORS[paint], rng, 15) if paint else (0, 0, 0))
                    boxes.append(box)
                    w, h = image.size
                    things.append(Region(name, box[0] / w, box[1] / h, box[2] / w, box[3] / h))
                    paints[name] = paint
                    break
    return things, paints
