"""`Explanation`: for each word of an answer, where in the image the model looked, and how sure it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..backends.looking import TokenLook
from ..media.encoded_image import EncodedImage
from ..models.architecture import Architecture
from ..models.looks import Grid
from ..text.tokenizer import StreamDecoder, Tokenizer
from .generation import GenerationStats, Generator

Kind = Literal["own", "unsure", "named", "unserved", "read"]
"""Whose words an answer is: the model's own, or what was given in their place (GenerationStats)."""


@dataclass(frozen=True)
class ExplainedWord:
    """A word of an answer, with the space before it."""

    text: str
    probability: float
    """Product over the word's tokens: softmax over all logits, before temperature, penalties and constraints."""
    alternatives: Sequence[tuple[str, float]]
    """(text, probability) of up to 8 likeliest first tokens of the word, itself among them; "" is the answer's end."""
    heat: Sequence[Sequence[float]] | None
    """rows x columns numbers with the sum 1, over the upright image from its top left, all cells of one size: where the
    model looked, the mean over the word's tokens; None where that is not known."""
    elsewhere: float
    """0 to 1: the share of attention that `heat` leaves out as it went to no place: to tokens of the image as a whole,
    or to text. Where it is near 1, `heat` says little."""


@dataclass(frozen=True)
class Explanation:
    """An answer and its words, joined the answer; none where the answer is not the model's own words."""

    text: str
    kind: Kind
    draft: bool
    """Whether the weights were still to become exact."""
    words: Sequence[ExplainedWord]

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold; numbers with 6 places."""
        return {
            "text": self.text,
            "kind": self.kind,
            "draft": self.draft,
            "words": [
                {
                    "text": word.text,
                    "probability": round(word.probability, 6),
                    "alternatives": [{"text": text, "probability": round(p, 6)} for text, p in word.alternatives],
                    "heat": word.heat and [[round(cell, 6) for cell in row] for row in word.heat],
                    "elsewhere": round(word.elsewhere, 6),
                }
                for word in self.words
            ],
        }


def explained(
    pieces: Iterator[str],
    stats: GenerationStats,
    image: EncodedImage,
    generator: Generator,
    model: Architecture,
    tokenizer: Tokenizer,
) -> Iterator[str | Explanation]:
    """Yield the pieces of an answer about an image, "" while its tokens are run once more, and the explanation.

    `stats` are filled while the pieces come.
    """
    text = ""
    for piece in pieces:
        text += piece
        yield piece
    kind = kind_of(stats)
    looks = []
    for look in generator.looks(stats, image) if kind == "own" else ():
        looks.append(look)
        yield ""
    grid = model.grid(image.plan) if model.looks else None
    words = tuple(words_of(text, stats.ids, looks, tokenizer, grid)) if looks else ()
    yield Explanation(text, kind, stats.draft, words)


def kind_of(stats: GenerationStats) -> Kind:
    """Return whose words an answer is."""
    flags: dict[Kind, bool] = {
        "unsure": stats.unsure,
        "named": stats.named,
        "unserved": stats.unserved,
        "read": stats.read,
    }
    return next((kind for kind, is_set in flags.items() if is_set), "own")


def words_of(
    text: str, ids: Sequence[int], looks: Sequence[TokenLook], tokenizer: Tokenizer, grid: Grid | None
) -> Iterator[ExplainedWord]:
    """Yield the words of an answer, given its tokens and how each came about.

    `text` is what was answered: without the space before it, and cut where an answer was to stop. The looks' weights
    are of the image's tokens in the order of `grid`; None where nothing tells where the model looked.
    """
    at = 0
    for spelled, part in _words(ids, tokenizer):
        word = spelled if at else spelled.lstrip()
        word = word[: len(text) - at]
        if not word:
            continue
        at += len(word)
        mine = looks[part.start : part.stop]
        probability = 1.0
        for look in mine:
            probability *= look.probability
        alternatives = [(_spelled(tokenizer, token), p) for token, p in mine[0].candidates]
        heat, placed = heat_of(mine, grid)
        yield ExplainedWord(word, probability, alternatives, heat, 1 - placed)


def _words(ids: Sequence[int], tokenizer: Tokenizer) -> Iterator[tuple[str, range]]:
    """Yield each word's text and tokens: a space begins a word, and so does each mark at a word's end."""
    decoder = StreamDecoder(tokenizer)
    pieces = [decoder.push(token) for token in ids]
    pieces[-1] += decoder.flush()
    end = len(ids)
    found = []
    in_marks = True  # no letter stands between here and the word's end
    for start in reversed(range(end)):
        piece = pieces[start]
        begins = start == 0 or piece[:1].isspace()
        in_marks &= bool(piece) and not any(map(str.isalnum, piece))
        if begins or in_marks:
            found.append(("".join(pieces[start:end]), range(start, end)))
            end = start
        in_marks |= begins
    return reversed(found)


def _spelled(tokenizer: Tokenizer, token: int) -> str:
    return "" if token in tokenizer.special_ids else tokenizer.token_bytes(token).decode(errors="replace")


def heat_of(looks: Sequence[TokenLook], grid: Grid | None) -> tuple[list[list[float]] | None, float]:
    """Return the mean map of some tokens, and which share of attention it has; None without a grid."""
    if grid is None:
        return None, 0.0
    return grid.spread([sum(weights) / len(looks) for weights in zip(*(look.weights for look in looks), strict=True)])
