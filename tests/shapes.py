"""Small drawings that tests ask about. Drawn here, so that no test needs anybody's pictures."""

from __future__ import annotations

from PIL import Image, ImageDraw

COLORS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 255, 0), "yellow": (255, 255, 0)}


def shape_image(shape: str = "circle", color: str = "red", size: int = 64) -> Image.Image:
    """A filled shape on a light ground, as in the easy-VQA data set."""
    image = Image.new("RGB", (size, size), (240, 238, 245))
    draw, box = ImageDraw.Draw(image), (size * 0.3, size * 0.35, size * 0.7, size * 0.75)
    if shape == "circle":
        draw.ellipse(box, fill=COLORS[color])
    elif shape == "rectangle":
        draw.rectangle((box[0], box[1], box[2], box[1] + size * 0.25), fill=COLORS[color])
    else:
        left, top, right, bottom = box
        draw.polygon([(left, bottom), (right, bottom), ((left + right) / 2, top)], fill=COLORS[color])
    return image
