"""Pictures that a seed draws, no two alike."""

from __future__ import annotations

import random
from io import BytesIO

from PIL import Image, ImageDraw

SIDES = (64, 480)


def picture(chance: random.Random) -> bytes:
    """A PNG of a few shapes on a ground, each of a size of its own."""
    size = chance.randint(*SIDES), chance.randint(*SIDES)
    image = Image.new("RGB", size, _color(chance))
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(1, 5)):
        left, top = chance.randrange(size[0]), chance.randrange(size[1])
        box = (left, top, left + chance.randint(8, size[0]), top + chance.randint(8, size[1]))
        shape = chance.choice((draw.ellipse, draw.rectangle))
        shape(box, fill=_color(chance))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _color(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)
