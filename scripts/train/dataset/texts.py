"""From a row to tokens: which questions are asked, how they are written, how several share one sequence."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer

from ..rows import Question, Region, Row

PAD, BOS, EOS = 0, 1, 2
IGNORED = -100
DESCRIBE = "Describe the image."
CAPTION_PROMPTS = (DESCRIBE, "Describe this picture.", "Write a caption for the photo.", "Caption this image.",
                   "What does the image show?")  # fmt: skip
LOOKED_AT = {"action", "color", "wearing", "where"}
"""What a photo is asked before whether things are in it, of which there are many more."""
SHORTEST, LONGEST = "Describe the image in a few words.", "Describe the image in detail."


class Encoder:
    """Writes questions and answers as the package's prompt does, and remembers their tokens."""

    def __init__(self, path: Path) -> None:
        """Open a tokenizer.json."""
        self._tokenizer = Tokenizer.from_file(str(path))
        self._known: dict[str, list[int]] = {}

    def question(self, text: str) -> list[int]:
        """`<bos>` Q: text A: with a capital first and a mark at the end, as the package writes every question."""
        mark = "" if text.endswith((".", "?", "!")) else "?"
        return [BOS, *self._encode(f" Q: {text[:1].upper()}{text[1:]}{mark} A:")]

    def answer(self, text: str) -> list[int]:
        """Text `<eos>`"""
        return [*self._encode(f" {text}"), EOS]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of an answer."""
        return self._tokenizer.decode([i for i in ids if i > EOS]).strip()

    def _encode(self, text: str) -> list[int]:
        if text not in self._known:
            self._known[text] = self._tokenizer.encode(text).ids
        return self._known[text]


@dataclass(frozen=True)
class Look:
    """Where one should look, `hop` 0 first or 1 last, when the token at `position` has been read."""

    position: int
    hop: int
    regions: list[Region]


@dataclass
class Packed:
    """Several questions about one image side by side; each sees only itself. Lists of one length, but the last two."""

    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def add(self, question: list[int], answer: list[int], pair: Question, spans: list[list[Region]] | None) -> None:
        """Append a pair. An answer of n tokens weighs sqrt(n) in all, so that a yes counts beside a caption.

        `spans`: where each of the answer's tokens is written, if it is.
        """
        count = len(question) + len(answer) - 1
        self.kinds.append(pair.type)
        begin = len(self.ids) + len(question) - 1
        if pair.seek is not None:
            self.looks.append(Look(begin, 0, pair.seek))
        if spans:
            self.looks += [Look(begin + i, 1, regions) for i, regions in enumerate(spans) if regions]
        elif pair.find is not None:
            self.looks.append(Look(begin, 1, pair.find))
        self.ids += (question + answer)[:-1]
        self.positions += range(count)
        self.segments += [len(self.kinds)] * count
        self.labels += [IGNORED] * (len(question) - 1) + answer
        self.weights += [0.0] * (len(question) - 1) + [len(answer) ** -0.5] * len(answer)

    def padded(self, length: int) -> None:
        """Fill up to `length`."""
        missing = length - len(self.ids)
        self.ids += [PAD] * missing
        self.positions += [0] * missing
        self.segments += [0] * missing
        self.labels += [IGNORED] * missing
        self.weights += [0.0] * missing


def pack(pairs: Sequence[Question], encoder: Encoder, length: int) -> Packed:
    """Put as many pairs as fit into one sequence; those that do not fit are left out."""
    packed = Packed()
    for pair in pairs:
        q, a = encoder.question(pair.q), encoder.answer(pair.a)
        if len(packed.ids) + len(q) + len(a) - 1 <= length:
            packed.add(q, a, pair, spelled(pair, a, encoder))
    packed.padded(length)
    return packed


def spelled(pair: Question, answer: list[int], encoder: Encoder) -> list[list[Region]] | None:
    """Where each token of the answer is written; None where `find` is something else than the answer's characters."""
    if not pair.find or "".join(region.label for region in pair.find) != pair.a.replace(" ", ""):
        return None
    spans, used = [], 0
    for token in answer[:-1]:
        count = len(encoder.decode([token]).replace(" ", ""))
        spans.append(pair.find[used : used + count])
        used += count
    return spans


def training_pairs(row: Row, rng: random.Random) -> list[Question]:
    """A row's captions and questions in a random order, the most useful first."""
    questions = rng.sample(row.questions, len(row.questions))
    captions = _caption_pairs(row, rng)
    if row.source in ("flickr", "coco"):
        seen = [pair for pair in questions if pair.type in LOOKED_AT][:3]
        return captions[:2] + seen + [pair for pair in questions if pair not in seen] + captions[2:]
    if row.source == "text":
        reading = [pair for pair in questions if pair.type == "ocr"]
        return reading + captions + [pair for pair in questions if pair.type != "ocr"]
    if rng.random() < 0.3:
        return captions[:1] + questions
    return questions + captions


def _caption_pairs(row: Row, rng: random.Random) -> list[Question]:
    captions = rng.sample(row.captions, len(row.captions))
    prompts = [DESCRIBE if rng.random() < 0.6 else rng.choice(CAPTION_PROMPTS) for _ in captions]
    pairs = [Question(prompt, text, "caption") for prompt, text in zip(prompts, captions, strict=True)]
    if len(captions) > 1 and rng.random() < 0.25:
        prompt, pick = rng.choice([(SHORTEST, min), (LONGEST, max)])
        pairs.insert(0, Question(prompt, pick(captions, key=len), "caption"))
    return pairs
