"""Colours and backgrounds that all generators share."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

Color = tuple[int, int, int]

COLORS: dict[str, Color] = {
    "white": (245, 245, 245),
    "black": (25, 25, 25),
    "red": (205, 50, 50),
    "green": (80, 160, 80),
    "blue": (70, 120, 210),
    "yellow": (240, 215, 90),
    "orange": (240, 150, 60),
    "purple": (140, 80, 180),
    "pink": (240, 170, 200),
    "gray": (140, 140, 140),
    "brown": (135, 90, 55),
}
_SKIES: list[Color] = [(150, 200, 245), (110, 160, 230), (250, 200, 150)]
_GROUNDS: list[tuple[Color, str]] = [
    ((95, 165, 75), "grass"),
    ((225, 200, 140), "sand"),
    ((235, 240, 248), "snow"),
    ((60, 120, 190), "water"),
]


def varied(color: Color, rng: random.Random, spread: int = 12) -> Color:
    """A colour near this one, that still has its name."""
    return tuple(min(255, max(0, value + rng.randint(-spread, spread))) for value in color)  # type: ignore[return-value]


def contrast(a: str, b: str) -> int:
    """Sum of absolute differences of two named colours."""
    return sum(abs(x - y) for x, y in zip(COLORS[a], COLORS[b], strict=True))


def background(rng: random.Random, size: int) -> tuple[Image.Image, str, str | None]:
    """A plain, shaded or outdoor background: (image, its words, its colour's name or None)."""
    kind, color = rng.random(), rng.choice(list(COLORS))
    if kind < 0.35:
        return Image.new("RGB", (size, size), COLORS[color]), f"{color} background", color
    if kind < 0.6:
        image = Image.new("RGB", (size, size))
        draw = ImageDraw.Draw(image)
        for y in range(size):
            light = 0.75 + 0.45 * y / size
            draw.line((0, y, size, y), fill=tuple(min(255, int(v * light)) for v in COLORS[color]))
        return image, f"{color} background", color
    image = Image.new("RGB", (size, size))
    draw = ImageDraw.Draw(image)
    ground, name = rng.choice(_GROUNDS)
    horizon = int(size * rng.uniform(0.3, 0.6))
    draw.rectangle((0, 0, size, horizon), fill=rng.choice(_SKIES))
    draw.rectangle((0, horizon, size, size), fill=ground)
    dark = tuple(max(0, value - 20) for value in ground)
    for _ in range(300):
        draw.point((rng.randrange(size), rng.randrange(horizon, size)), fill=dark)
    return image, name, None


def on_background(words: str, color: str | None) -> str:
    """grass -> on the grass; orange background -> on an orange background"""
    if color:
        return f"on {'an' if words[0] in 'aeiou' else 'a'} {words}"
    return f"{'in' if words in ('snow', 'water') else 'on'} the {words}"
