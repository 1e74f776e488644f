"""What was read in pictures, put before a question: models that see little or nothing answer about it, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .reading import Reading

SHARE = 3
"""Pictures' texts take no more than one in so many tokens of what a model remembers."""

_CUT = " [...]"
"""Behind a text that goes on."""

CountTokens = Callable[[str], int]


def with_text(question: str, readings: Sequence[Reading], max_positions: int, count_tokens: CountTokens) -> str:
    r"""Return a question behind what its pictures say, each cut at a word to its part of the model's context.

        "Text in the picture:\nCORNER SHOP\nTea\t2.10\n\nWhat does the tea cost?"

    Rows and blocks are as in `Reading.text`. Several pictures are counted. That nothing was found is said, too.
    """
    room = max_positions // SHARE // max(len(readings), 1)
    pictures = ["the picture"] if len(readings) == 1 else [f"picture {n + 1}" for n in range(len(readings))]
    texts = [_cut(reading.text, room, count_tokens) for reading in readings]
    parts = [
        f"Text in {picture}:\n{text}" if text else f"No text was found in {picture}."
        for picture, text in zip(pictures, texts, strict=True)
    ]
    return "\n\n".join([*parts, question])


def _cut(text: str, room: int, count_tokens: CountTokens) -> str:
    """Return the words of a text that are no more than `room` tokens, counted word by word."""
    for word in re.finditer(r"\s*\S+", text):
        room -= count_tokens(word[0])
        if room < 0:
            return text[: word.start()] + _CUT
    return text
