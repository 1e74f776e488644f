"""What keeps the page's main thread busiest: answers about a large picture, and a table of many."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from .tab import QUESTIONS, Tab

SIZE = 4000, 3000
"""12 megapixels, as telephones take them."""
GRAIN = 24
ANSWERS = 3
_IS_SHOWN = "(name) => document.querySelector('#image-name').textContent === name"
_IS_FILLED = "(count) => document.querySelectorAll('#table-rows tr[data-state=done]').length === count"


def photographs(folder: Path, count: int, seed: int) -> list[Path]:
    """Write JPEG files of shapes with a grain, which a browser decodes as slowly as photos."""
    chance = random.Random(seed)
    grain = Image.effect_noise(SIZE, GRAIN)
    paths = [folder / f"photograph-{at:02}.jpg" for at in range(1, count + 1)]
    for path in paths:
        drawn = Image.new("L", SIZE, chance.randrange(256))
        left, top = chance.randrange(SIZE[0] // 2), chance.randrange(SIZE[1] // 2)
        box = left, top, left + chance.randint(400, SIZE[0] // 2), top + chance.randint(400, SIZE[1] // 2)
        ImageDraw.Draw(drawn).ellipse(box, fill=chance.randrange(256))
        Image.merge("YCbCr", [grain, drawn, drawn.transpose(Image.Transpose.ROTATE_180)]).save(path, quality=85)
    return paths


class Acts:
    """What a person does with photographs."""

    def __init__(self, pictures: Sequence[Path]) -> None:
        """All of them are for the table, the first one is asked about."""
        self._pictures = pictures
        self.named: dict[str, Callable[[Tab], None]] = {"answers": self.answers, "table": self.table}

    def answers(self, tab: Tab) -> None:
        """Bring a picture, and ask about it."""
        picture, page = self._pictures[0], tab.page
        page.set_input_files("#file-input", picture)
        page.wait_for_function(_IS_SHOWN, arg=picture.name)
        for question in QUESTIONS[:ANSWERS]:
            answered = tab.ask(question)
            assert answered.state == "done", answered

    def table(self, tab: Tab) -> None:
        """Choose pictures for a table, and have all of its rows answered."""
        page = tab.page
        page.click("#table-button")
        page.wait_for_function("() => document.querySelector('#table-dialog').ariaBusy === 'false'")
        page.set_input_files("#table-files-input", list(self._pictures))
        page.fill("#table-question", QUESTIONS[0])
        page.click("#table-start")
        page.wait_for_function(_IS_FILLED, arg=len(self._pictures), polling=500)
