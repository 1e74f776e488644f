"""Captions rewarded by what people wrote: CIDEr of captions that the model draws itself.

Cross-entropy teaches to continue people's captions; what is judged are the model's own ("self-critical sequence
training", Rennie et al. 2017; with the mean of an image's other captions as the baseline, Luo 2020). Only training
photos' captions are used, also for how common words are.
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from support.environment import ScriptError

from ..dataset.texts import CAPTION_PROMPTS, DESCRIBE, EOS, PAD, Packed
from ..model.network import TinyVLM
from ..rows import Question
from .batches import Set
from .cider import Cider
from .losses import hidden_states
from .sampling import write

LONGEST_CAPTION = 24
"""Tokens; a caption that has not ended by then earns nothing."""


class Rewards:
    """Draws captions of training photos and rewards them."""

    def __init__(self, data: Set, source: str, seed: int) -> None:
        """`source`: whose photos; their captions are the references."""
        self._data, self._random = data, random.Random(seed)
        self._numbers = [i for i, row in enumerate(data.rows) if (row.source, row.split) == (source, "train")]
        self._numbers = [i for i in self._numbers if data.rows[i].captions]
        if not self._numbers:
            raise ScriptError(f"The set has no captions of {source} photos to reward; --rewarded wants them (--data).")
        self.cider = Cider([data.rows[i].captions for i in self._numbers])

    def loss(self, model: TinyVLM, photos: int, count: int, device: str) -> tuple[Tensor, float]:
        """Draw `count` captions of each of some photos: the loss that makes the better ones likelier, and their mean.

        The image tokens get no gradient.
        """
        numbers = self._random.sample(self._numbers, photos)
        prompt = DESCRIBE if self._random.random() < 0.6 else self._random.choice(CAPTION_PROMPTS)
        question = self._data.encoder.question(prompt)
        detail = self._data.batch(numbers, [Packed()] * photos).detail.to(device)
        training = model.training
        model.eval()
        with torch.no_grad():
            tokens, _ = model.image_tokens(detail.contiguous(memory_format=torch.channels_last))
        written = write(model, tokens, question, count, LONGEST_CAPTION, greedy=False).cpu()
        model.train(training)
        earned = [
            self._reward(number, answer) for number, answers in zip(numbers, written, strict=True) for answer in answers
        ]
        rewards = torch.tensor(earned).view(photos, count)
        texts = [_packed(question, *pair) for pair in zip(written, advantages(rewards), strict=True)]
        batch = self._data.batch(numbers, texts).to(device)
        hidden, _ = hidden_states(model, batch, model.dropout(tokens))
        asked = batch.labels >= 0
        losses = F.cross_entropy(model.text.logits(hidden[asked]).float(), batch.labels[asked], reduction="none")
        return (losses * batch.weights[asked]).mean(), rewards.mean().item()

    def _reward(self, number: int, answer: Tensor) -> float:
        ids = answer.tolist()
        if EOS not in ids:
            return 0.0
        return self.cider.score(self._data.encoder.decode(ids), self._data.rows[number].captions)


def _packed(question: list[int], answers: Tensor, weights: Tensor) -> Packed:
    """One photo's captions side by side, each token weighing what its caption is worth."""
    packed = Packed()
    for answer, weight in zip(answers.tolist(), weights.tolist(), strict=True):
        ids = [token for token in answer if token != PAD]
        packed.add(question, ids, Question("", "", "caption"), None)
        packed.weights[-len(ids) :] = [weight] * len(ids)
    packed.padded(len(answers) * (len(question) + LONGEST_CAPTION - 1))
    return packed


def advantages(rewards: Tensor) -> Tensor:
    """Rewards (B, count) -> how much better each caption is than its image's others on average, in deviations."""
    count = rewards.shape[1]
    others = (rewards.sum(1, keepdim=True) - rewards) / (count - 1)
    better = rewards - others
    return better / better.std().clamp_min(1e-6)
