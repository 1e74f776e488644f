"""Drawings by the generators of pages and of training images, by seeds that neither measuring nor training uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image

from evaluation.shown import Shown
from fixtures.pages.page import draw_page
from train.drawn.charts import chart
from train.drawn.drawings import drawing
from train.drawn.scenes import crowd, scene
from train.drawn.sketches import sketch

SEED = 9_000_000
"""The training's seeds end below it (train/dataset/prepare.py), and so do the pages' (scripts/evaluate_reader.py)."""
PAGES = (
    ("receipt", SEED + 1, "What is the total?"),
    ("screenshot", SEED + 2, "What is this?"),
    ("sign", SEED + 3, "Read the sign."),
    ("letter", SEED + 5, "What is the date?"),
)
"""The first of each layout."""
DRAWN: tuple[tuple[str, Callable[..., Any], int, str], ...] = (
    ("bar chart", chart, SEED, "Which bar is the tallest?"),
    ("plain shape", drawing, SEED, "What shape is this?"),
    ("landscape", sketch, SEED, "Describe the image."),
    ("emojis, two kinds", crowd, SEED, "How many bicycles are there?"),
    ("emojis, one", scene, SEED + 4, "What is this?"),
    ("emojis, three kinds", scene, SEED + 13, "Is the church to the left of the chicken?"),
)
"""The first of each generator; of scenes the first with one thing, and the first with a left and a right."""


def drawings() -> list[Shown]:
    """Return all, to be drawn when they are opened."""
    made = [(name, partial(_page, seed), question) for name, seed, question in PAGES]
    made += [(name, partial(_drawn, make, seed), question) for name, make, seed, question in DRAWN]
    return [Shown(name, "drawings", f"drawn, {name}", question, draw) for name, draw, question in made]


def _page(seed: int) -> Image.Image:
    return draw_page(seed).image


def _drawn(make: Callable[[int], tuple[Image.Image, Any]], seed: int) -> Image.Image:
    return make(seed)[0]
