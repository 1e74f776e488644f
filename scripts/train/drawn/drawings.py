"""Plain shapes: one to five circles, triangles and rectangles, with questions about colour, shape, number and place."""

from __future__ import annotations

import random
from collections import Counter

from PIL import Image, ImageDraw

from ..rows import Question, Region, Row
from ..words import NUMBERS, counted, listed, plural, sentence, with_article
from .drawing import COLORS, contrast, varied

SIZE = 256
SHAPES = ("circle", "triangle", "rectangle")
INKS = [color for color in COLORS if color not in ("white", "pink")]


def drawing(seed: int) -> tuple[Image.Image, Row]:
    """Draw one to five shapes that do not touch on a plain background."""
    rng = random.Random(seed)
    paper = "white" if rng.random() < 0.5 else rng.choice(list(COLORS))
    image = Image.new("RGB", (SIZE, SIZE), varied(COLORS[paper], rng))
    draw = ImageDraw.Draw(image)
    cells = [(x, y) for x in range(3) for y in range(3)]
    rng.shuffle(cells)
    count = rng.choices([1, 2, 3, 4, 5], [0.35, 0.25, 0.18, 0.12, 0.1])[0]
    inks = [ink for ink in INKS if contrast(ink, paper) > 150]
    things = []
    for _ in range(count):
        shape, ink = rng.choice(SHAPES), rng.choice(inks)
        side = rng.randint(70, 200) if count == 1 else rng.randint(44, 80)
        if count == 1:
            left, top = rng.randint(0, SIZE - side), rng.randint(0, SIZE - side)
        else:
            column, line = cells.pop()
            left, top = int(column * SIZE / 3) + rng.randint(0, 4), int(line * SIZE / 3) + rng.randint(0, 4)
        box = _draw(draw, shape, (left, top, side), varied(COLORS[ink], rng, 8), rng)
        things.append(Region(f"{ink} {shape}", *(value / SIZE for value in box)))
    found = Counter(thing.label for thing in things)
    phrase = listed([counted(name, number) for name, number in found.items()])
    background = f"{with_article(paper)} background"
    captions = [f"{sentence(phrase)} on {background}.", f"A picture of {phrase}.", f"{sentence(phrase)}."]
    questions = _questions(rng, things)
    questions.append(Question("What color is the background?", paper, "color"))
    return image, Row("shapes", "train", captions, questions, things)


def _draw(
    draw: ImageDraw.ImageDraw, shape: str, place: tuple[int, int, int], color: tuple[int, ...], rng: random.Random
) -> tuple[int, int, int, int]:
    left, top, side = place
    width, height = side, side
    if shape == "rectangle":
        width, height = int(side * rng.uniform(0.5, 1)), int(side * rng.uniform(0.5, 1))
    box = (left, top, left + width, top + height)
    if shape == "circle":
        draw.ellipse(box, fill=color)
    elif shape == "rectangle":
        draw.rectangle(box, fill=color)
    else:
        tip = left + int(width * rng.uniform(0.2, 0.8))
        draw.polygon([(tip, top), (left, top + height), (left + width, top + height)], fill=color)
    return box


def _questions(rng: random.Random, things: list[Region]) -> list[Question]:
    colors, shapes = zip(*(thing.label.split() for thing in things), strict=True)
    questions = []

    def ask(text: str, answer: str, kind: str, *words: str) -> None:
        """Ask about the things whose label has all `words`."""
        here = [thing for thing in things if set(words) <= set(thing.label.split())]
        questions.append(Question(text, answer, kind, here, here))

    if len(things) == 1:
        ask("What color is the shape?", colors[0], "color")
        ask("What shape is in the image?", shapes[0], "shape")
        ask(f"What is the color of the {shapes[0]}?", colors[0], "color")
        ask(f"What is the {colors[0]} shape?", shapes[0], "shape")
    else:
        once = [i for i, shape in enumerate(shapes) if shapes.count(shape) == 1]
        for i in once[:2]:
            ask(f"What color is the {shapes[i]}?", colors[i], "color", shapes[i])
        for i in (i for i, color in enumerate(colors) if colors.count(color) == 1):
            ask(f"What shape is {colors[i]}?", shapes[i], "shape", colors[i])
            break
    ask("How many shapes are there?", NUMBERS[len(things)], "count")
    for shape in rng.sample(SHAPES, 2):
        ask(f"How many {plural(shape)} are there?", NUMBERS[shapes.count(shape)], "count", shape)
    absent = [color for color in COLORS if color not in colors]
    for color, answer in ((rng.choice(colors), "yes"), (rng.choice(absent), "no")):
        ask(f"Is there {with_article(color)} shape?", answer, "presence", color)
    shape = rng.choice(SHAPES)
    ask(f"Is there a {shape}?", "yes" if shape in shapes else "no", "presence", shape)
    return questions
