"""Linear probes: what one matrix can read from the frozen features of single cells."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..model.towers import Layout
from .cells import Cells, Lesson, centre_cells, in_coarser, labelled_cells

STEPS, BATCH, RATE, DECAY = 250, 512, 4e-3, 1e-2
Maps = tuple[Tensor, Tensor, Tensor]
"""Maps of 1/8, 1/16 and 1/32 of N pictures, float16 (N, side, side, C)."""


def ask(maps: Maps, layout: Layout, lesson: Lesson, train: int, device: str, quarters: bool = False) -> list[list[int]]:
    """Learn from the first `train` pictures; [right, asked] of each of the others.

    There is one answer a cell, or one for each of its `quarters`, every quarter with a probe of its own.
    """
    grid, count = maps[1 if layout.fine else 2].shape[1] * (1 + quarters), len(lesson.regions)
    known, asked = labelled_cells(lesson, range(train), grid), centre_cells(lesson, range(train, count), grid)
    found = np.zeros((count - train, 2), np.int64)
    for quarter in range(4 if quarters else 1):
        if quarters:
            learned, tested = known.where(known.quarter == quarter), asked.where(asked.quarter == quarter)
        else:
            learned, tested = known, asked
        to_learn, to_answer = (
            (cell_features(maps, layout, cells, grid), torch.from_numpy(cells.label)) for cells in (learned, tested)
        )
        right = named_rightly(to_learn, to_answer, len(lesson.numbers) + 1, device)
        np.add.at(found, tested.picture - train, np.stack([right, np.ones_like(right)], 1))
    return found.tolist()


def cell_features(maps: Maps, layout: Layout, cells: Cells, grid: int) -> Tensor:
    """What a layout's tokens are made of at N cells of a `grid` at least as fine, float32 (N, C).

    A cell of the map of 1/16 comes, as the layout has them, with its four cells of the map of 1/8 and with the cell of
    the map of 1/32 in which it lies.
    """
    detail, fine, coarse = maps
    picture, parts = torch.from_numpy(cells.picture), []

    def at(side: int) -> tuple[Tensor, Tensor]:
        line, column = (in_coarser(index, grid, side) for index in (cells.line, cells.column))
        return torch.from_numpy(line), torch.from_numpy(column)

    if layout.fine:
        line, column = at(fine.shape[1])
        parts.append(fine[picture, line, column])
        if layout.detail:
            missing = 2 * fine.shape[1] - detail.shape[1]
            padded = F.pad(detail, (0, 0, 0, missing, 0, missing))
            parts += [padded[picture, 2 * line + down, 2 * column + right] for down in (0, 1) for right in (0, 1)]
    if layout.coarse:
        parts.append(coarse[(picture, *at(coarse.shape[1]))])
    return torch.cat(parts, 1).float()


def named_rightly(train: tuple[Tensor, Tensor], asked: tuple[Tensor, Tensor], classes: int, device: str) -> np.ndarray:
    """Train a linear classifier on features (N, C) and labels (N,); which of others it names rightly, bool (M,)."""
    torch.manual_seed(0)
    features, labels = train
    mean, spread = features.mean(0), features.std(0) + 1e-3
    features, labels = ((features - mean) / spread).to(device), labels.to(device)
    head = nn.Linear(features.shape[1], classes).to(device)
    nn.init.zeros_(head.weight)
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        chosen = torch.randint(len(labels), (BATCH,)).to(device)
        with torch.autocast(device, torch.bfloat16):
            logits = head(features[chosen])
        loss = F.cross_entropy(logits.float(), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        answers = head(((asked[0] - mean) / spread).to(device)).argmax(-1).cpu()
    right: np.ndarray = (answers == asked[1]).numpy()
    return right
