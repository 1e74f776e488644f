"""What training minimises: answers, and lessons for single cells, words and classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..dataset.targets import GLYPHS, UNKNOWN
from ..model.network import TinyVLM
from .batches import Batch

BACKGROUND = 0.1
"""Weight of cells with nothing in them, beside 1 for the others."""
LOOKING_LAYERS = 2, 4
"""Layers whose first head learns where to look first and last."""


class Lessons(nn.Module):
    """Linear heads on image tokens, thrown away after training."""

    def __init__(self, width: int, things: int, words: int) -> None:
        super().__init__()
        self.things, self.centres = nn.Linear(width, things + 1), nn.Linear(width, 1)
        self.glyphs = nn.Linear(width, 4 * (len(GLYPHS) + 1))
        self.words = nn.Linear(width, max(words, 1))  # without photos there are no words to learn
        nn.init.constant_(self.words.bias, -6.0)

    def forward(self, tokens: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Image tokens (B, 247, width) -> the mean loss of every lesson, where the batch has any."""
        fine, coarse = tokens[:, :196], tokens[:, 196:245]
        losses = {}
        known = batch.things_7[:, 0, 0] != UNKNOWN
        if known.any():
            logits = self.things(torch.cat([fine[known], coarse[known]], 1))
            targets = torch.cat([batch.things_14[known].flatten(1), batch.things_7[known].flatten(1)], 1)
            losses["things"] = cell_loss(logits, targets)
            centres = self.centres(fine[known]).float().squeeze(-1)
            wanted = batch.centres[known].flatten(1)
            losses["centres"] = F.binary_cross_entropy_with_logits(centres, wanted, pos_weight=centres.new_tensor(5.0))
        known = (batch.glyphs != UNKNOWN).flatten(1).any(1)
        if known.any():
            logits = self.glyphs(fine[known]).unflatten(-1, (4, -1))
            quarters = batch.glyphs[known].unflatten(1, (14, 2)).unflatten(3, (14, 2))  # (B, y, dy, x, dx)
            losses["glyphs"] = cell_loss(logits, quarters.permute(0, 1, 3, 2, 4).flatten(3).flatten(1, 2))
        known = (batch.words >= 0).any(1)
        if known.any():
            pooled = self.words(tokens[known]).float().logsumexp(1)
            losses["words"] = F.binary_cross_entropy_with_logits(pooled, batch.words[known]) * 20
        return losses


def cell_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy over cells (..., classes) and (...,); cells with nothing in them count less."""
    logits, targets = logits.flatten(0, -2).float(), targets.flatten()
    weight = torch.where(targets == 0, BACKGROUND, 1.0) * (targets != UNKNOWN)
    losses = F.cross_entropy(logits, targets.clamp_min(0), reduction="none")
    return (losses * weight).sum() / weight.sum().clamp_min(1)


@dataclass(frozen=True)
class Answers:
    """What the decoder made of a batch."""

    loss: Tensor  # weighted cross-entropy of all answers
    looks: Tensor  # cross-entropy of where it looks, mean over what is known
    asked: Tensor  # (B, T) where answers' tokens are predicted
    right: Tensor  # (asked,) whether each of them is right


def answer(model: TinyVLM, batch: Batch, tokens: Tensor, smoothing: float = 0.0) -> Answers:
    """Run the decoder on image tokens (B, 247, width); `smoothing` of what should be said, over all tokens."""
    hidden, looks = hidden_states(model, batch, tokens)
    asked = batch.labels >= 0
    logits = model.text.logits(hidden[asked]).float()
    labels, weights = batch.labels[asked], batch.weights[asked]
    losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    loss = (losses * weights).sum() / weights.sum()
    return Answers(loss, look_loss(looks, batch), asked, logits.argmax(-1) == labels)


def hidden_states(model: TinyVLM, batch: Batch, tokens: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Run the decoder over texts that stand side by side and see only themselves; see `Decoder.forward`."""
    length = batch.ids.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=batch.ids.device).tril()
    mask = ((batch.segments[:, :, None] == batch.segments[:, None, :]) & causal)[:, None]
    hidden, looks = model.text(batch.ids, batch.positions, tokens, mask)
    return hidden, looks


def look_loss(looks: list[Tensor], batch: Batch) -> Tensor:
    """Cross-entropy between where the first heads of two layers look and where they should."""
    loss = looks[0].sum() * 0
    for hop, layer in enumerate(LOOKING_LAYERS):
        chosen = batch.looks[:, 2] == hop
        if chosen.any():
            row, position, _ = batch.looks[chosen].unbind(1)
            scores = looks[layer][row, position].float().log_softmax(-1)
            loss = loss - (batch.look_targets[chosen] * scores).sum(-1).mean()
    return loss


def class_loss(logits: Tensor, teacher: Tensor) -> Tensor:
    """Divergence from the untouched tower's class probabilities, over images that have them."""
    known = teacher.sum(1) > 0.5
    if not known.any():
        return logits.sum() * 0
    wanted = teacher[known]
    return (wanted * (wanted.clamp_min(1e-6).log() - logits[known].float().log_softmax(-1))).sum(-1).mean()
