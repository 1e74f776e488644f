"""Batches for training and validation: stored maps, packed texts, and what cells should know."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..dataset.photo_boxes import BOXES, read_boxes, with_looks
from ..dataset.targets import TOKENS, Targets, look_target
from ..dataset.texts import Encoder, Packed, pack, training_pairs
from ..model.starting_weights import detail_tensors
from ..rows import read_rows

COUNTED = {"emoji", "crowd", "place", "shapes", "sketch"}
"""Sources whose questions are about things that may be there several times or not at all."""


@dataclass
class Batch:
    """Tensors of B images with T tokens of text each."""

    detail: Tensor  # (B, 40, 28, 28) bfloat16
    classes: Tensor  # (B, 1000) teacher's probabilities; zeros where there is none
    ids: Tensor  # (B, T)
    positions: Tensor  # (B, T)
    segments: Tensor  # (B, T)
    labels: Tensor  # (B, T)
    weights: Tensor  # (B, T)
    things_14: Tensor  # (B, 14, 14)
    things_7: Tensor  # (B, 7, 7)
    glyphs: Tensor  # (B, 28, 28)
    centres: Tensor  # (B, 14, 14)
    words: Tensor  # (B, words); -1 where there are no captions
    looks: Tensor  # (L, 3): row, position, hop
    look_targets: Tensor  # (L, 247) distributions over image tokens

    def to(self, device: str) -> Batch:
        """Move everything."""
        return Batch(*(getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)))


class Set:
    """A prepared folder."""

    def __init__(self, folder: Path, encoder: Encoder, length: int) -> None:
        """Open rows, maps and class probabilities; `length` is T."""
        self.rows = list(read_rows(folder / "rows.jsonl"))
        for number, found in read_boxes(folder / BOXES).items():
            self.rows[number] = with_looks(self.rows[number], found)
        self.encoder, self.length, self.targets = encoder, length, Targets(self.rows)
        self._detail = np.load(folder / "detail.npy", mmap_mode="r")
        self._classes = np.load(folder / "classes.npy", mmap_mode="r")

    def batch(self, numbers: list[int], texts: list[Packed]) -> Batch:
        """Collect images and their texts."""
        order = np.array(numbers)
        rows = [self.rows[i] for i in numbers]
        words = np.full((len(rows), len(self.targets.words)), -1, np.float32)
        for line, row in zip(words, rows, strict=True):
            if found := self.targets.word_numbers(row):
                line[:] = 0
                line[found] = 1
        looks = [(line, look) for line, text in enumerate(texts) for look in text.looks]
        counted = [self.rows[numbers[line]].source in COUNTED for line, _ in looks]
        look_targets = [look_target(look.regions, count) for (_, look), count in zip(looks, counted, strict=True)]
        return Batch(
            detail_tensors(torch.from_numpy(self._detail[order])),
            torch.from_numpy(self._classes[order].astype(np.float32)),
            torch.tensor([text.ids for text in texts]),
            torch.tensor([text.positions for text in texts]),
            torch.tensor([text.segments for text in texts]),
            torch.tensor([text.labels for text in texts]),
            torch.tensor([text.weights for text in texts]),
            torch.from_numpy(np.stack([self.targets.thing_map(row, 14) for row in rows])).long(),
            torch.from_numpy(np.stack([self.targets.thing_map(row, 7) for row in rows])).long(),
            torch.from_numpy(np.stack([self.targets.glyph_map(row, 28) for row in rows])).long(),
            torch.from_numpy(np.stack([self.targets.centre_map(row) for row in rows])),
            torch.from_numpy(words),
            torch.tensor([(line, look.position, look.hop) for line, look in looks], dtype=torch.long).view(-1, 3),
            torch.from_numpy(np.stack(look_targets) if looks else np.zeros((0, TOKENS), np.float32)),
        )


class Sampler:
    """Draws training batches by source; every source runs through its images before it starts again."""

    def __init__(self, data: Set, shares: dict[str, float], seed: int) -> None:
        """`shares`: how often each source is drawn, relative to the others; those without images are left out."""
        self._data = data
        self._random = random.Random(seed)
        self._waiting: dict[str, list[int]] = defaultdict(list)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(data.rows):
            if row.split == "train":
                self._numbers[row.source].append(number)
        self._shares = {source: share for source, share in shares.items() if source in self._numbers}

    def draw(self, size: int) -> Batch:
        """Return a batch of `size` images."""
        sources = self._random.choices(list(self._shares), list(self._shares.values()), k=size)
        numbers = [self._next(source) for source in sources]
        pairs = (training_pairs(self._data.rows[number], self._random) for number in numbers)
        return self._data.batch(numbers, [pack(pair, self._data.encoder, self._data.length) for pair in pairs])

    def _next(self, source: str) -> int:
        if not self._waiting[source]:
            self._waiting[source] = self._random.sample(self._numbers[source], len(self._numbers[source]))
        return self._waiting[source].pop()
