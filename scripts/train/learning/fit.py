"""Trains: resumable, seeded, logged; on a CPU and on a GPU alike, with float32 weights."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from support.environment import ScriptError, note

from ..dataset.texts import DESCRIBE, Packed, pack
from ..model.network import Sizes, TinyVLM
from ..model.precision import autocast
from ..model.rounding import matrices, rounding
from ..rows import Question
from .batches import Batch, Sampler, Set
from .cider import Cider
from .losses import Lessons, answer, class_loss
from .rewards import LONGEST_CAPTION, Rewards
from .sampling import write


@dataclass(frozen=True)
class Schedule:
    """Everything that decides how a run goes.

    With `rounding`, steps see q8 and drafts' four bits in turn. `rewarded`: of how many photos a step draws `samples`
    captions each, and rewards them.
    """

    steps: int = 4000
    batch: int = 48
    rate: float = 8e-4
    tower_rate: float = 2e-4
    warmup: int = 100
    weight_decay: float = 0.05
    dropout: float = 0.1
    average: float = 0.998
    smoothing: float = 0.02
    rounding: bool = False
    rewarded: int = 0
    samples: int = 5
    lessons: dict[str, float] = field(
        default_factory=lambda: {"things": 0.4, "centres": 1.0, "glyphs": 0.4, "words": 0.3}
    )
    looks: float = 0.5
    classes: float = 0.2
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "flickr": 0.25, "emoji": 0.15, "crowd": 0.16, "text": 0.08, "sign": 0.05, "chart": 0.06, "graph": 0.04,
            "sketch": 0.04, "easy-vqa": 0.12, "shapes": 0.02, "imagenet": 0.01, "daquar": 0.01, "coco": 0.01,
            "sroie": 0.01, "vqa": 0.10, "textcaps": 0.05, "place": 0.05,
        }
    )  # fmt: skip
    seed: int = 0
    validate: int = 400


class Run:
    """A model in training, in a folder that keeps its log and its checkpoint."""

    def __init__(self, schedule: Schedule, data: Set, model: TinyVLM, folder: Path, device: str) -> None:
        """Go on from `folder`'s checkpoint where there is one."""
        torch.manual_seed(schedule.seed)
        self.schedule, self.data, self.folder, self.device = schedule, data, folder, device
        self.model = model.to(device)
        self.model.vision.to(memory_format=torch.channels_last)
        width = model.text.embed_tokens.weight.shape[1]
        self.lessons = Lessons(width, len(data.targets.things), len(data.targets.words)).to(device)
        frozen = set(self.model.vision.parameters()) - set(self.model.vision.upper_parameters())
        for parameter in frozen:
            parameter.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(self._groups(), betas=(0.9, 0.98), fused=True)
        self.average = {n: p.detach().clone() for n, p in self.model.named_parameters() if p.requires_grad}
        self._rounded = matrices(self.model)
        self._rewards: Rewards | None = None
        self.step, self.seconds = 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._checkpoint = folder / "checkpoint.pt"
        if self._checkpoint.exists():
            self._load()

    def take_lessons(self, checkpoint: Path) -> None:
        """Go on with those lessons of an earlier run that are about the same names, unless this run has begun."""
        if self.step == 0:
            state = torch.load(checkpoint, map_location=self.device, weights_only=True)
            others = tuple(head for head, names in self._names().items() if state.get(head) != names)
            kept = {name: value for name, value in state["lessons"].items() if not name.startswith(others)}
            self.lessons.load_state_dict(kept, strict=False)

    def _names(self) -> dict[str, list[str]]:
        """What the outputs of lessons stand for, which depends on the set."""
        return {"things": self.data.targets.things, "words": self.data.targets.words}

    def fit(self) -> None:
        """Train to the end of the schedule."""
        seed = self.schedule.seed * 1_000_003 + self.step
        sampler = Sampler(self.data, self.schedule.shares, seed)
        self._rewards = Rewards(self.data, "flickr", seed) if self.schedule.rewarded else None
        sums: dict[str, list[float]] = defaultdict(list)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(sampler.draw, self.schedule.batch)
            while self.step < self.schedule.steps:
                batch = waiting.result()
                waiting = pool.submit(sampler.draw, self.schedule.batch)
                started = time.perf_counter()
                for name, value in self._update(batch.to(self.device)).items():
                    sums[name].append(value)
                self.seconds += time.perf_counter() - started
                self.step += 1
                if self.step % 25 == 0:
                    self._log({name: round(sum(values) / len(values), 4) for name, values in sums.items()})
                    sums.clear()
                if self.step % self.schedule.validate == 0 or self.step == self.schedule.steps:
                    self._log({"validation": self.validate()})
                    self._save()

    def _update(self, batch: Batch) -> dict[str, float]:
        self.model.train()
        self._set_rates()
        self.optimizer.zero_grad(set_to_none=True)
        with rounding(self._rounded, draft=self.step % 2 == 1) if self.schedule.rounding else nullcontext():
            with autocast(self.device):
                losses, figures = self._losses(batch)
            torch.stack(list(losses.values())).sum().backward()
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        self.optimizer.step()
        with torch.no_grad():
            share = 1 - min(self.schedule.average, (1 + self.step) / (20 + self.step))
            for name, parameter in self.model.named_parameters():
                if name in self.average:
                    self.average[name].lerp_(parameter, share)
        return {**{name: loss.item() for name, loss in losses.items()}, **figures, "norm": norm.item()}

    def _losses(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, float]]:
        """What is minimised, by name, and what is only looked at."""
        tokens, class_logits = self.model.image_tokens(batch.detail.contiguous(memory_format=torch.channels_last))
        losses = {name: loss * self.schedule.lessons[name] for name, loss in self.lessons(tokens, batch).items()}
        answers = answer(self.model, batch, self.model.dropout(tokens), self.schedule.smoothing)
        losses["answers"], losses["looks"] = answers.loss, answers.looks * self.schedule.looks
        losses["classes"] = class_loss(class_logits, batch.classes) * self.schedule.classes
        figures = {"right": answers.right.float().mean().item()}
        if self._rewards:
            losses["drawn"], figures["reward"] = self._rewards.loss(
                self.model, self.schedule.rewarded, self.schedule.samples, self.device
            )
        return losses, figures

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Share of answers that are right to the last token, by source and kind, with the averaged weights."""
        kept = {n: p.detach().clone() for n, p in self.model.named_parameters() if n in self.average}
        self._put(self.average)
        self.model.eval()
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        loss, seen = 0.0, 0
        for numbers, texts in self._validation():
            batch = self.data.batch(numbers, texts).to(self.device)
            with autocast(self.device):
                tokens, _ = self.model.image_tokens(batch.detail.contiguous(memory_format=torch.channels_last))
                answers = answer(self.model, batch, tokens)
            loss, seen = loss + answers.loss.item(), seen + 1
            wrong = torch.zeros_like(answers.asked)
            wrong[answers.asked] = ~answers.right
            for line, (number, text) in enumerate(zip(numbers, texts, strict=True)):
                for segment, kind in enumerate(text.kinds, 1):
                    entry = counts[f"{self.data.rows[number].source} {kind}"]
                    entry[0] += not wrong[line][batch.segments[line] == segment].any().item()
                    entry[1] += 1
        captions = self._caption_score()
        self._put(kept)
        shares = {k: round(a / n, 4) for k, (a, n) in sorted(counts.items())}
        return {"loss": round(loss / seen, 4), "flickr CIDEr": captions, **shares}

    def _caption_score(self) -> float:
        """CIDEr of greedy captions of held-out photos."""
        numbers = [i for i, row in enumerate(self.data.rows) if (row.source, row.split) == ("flickr", "val")]
        numbers = [i for i in numbers if self.data.rows[i].captions]
        references = [self.data.rows[i].captions for i in numbers]
        cider, question, score = Cider(references), self.data.encoder.question(DESCRIBE), 0.0
        for start in range(0, len(numbers), 50):
            some = numbers[start : start + 50]
            detail = self.data.batch(some, [Packed()] * len(some)).detail.to(self.device)
            with autocast(self.device):
                tokens, _ = self.model.image_tokens(detail.contiguous(memory_format=torch.channels_last))
                written = write(self.model, tokens, question, 1, LONGEST_CAPTION, greedy=True)[:, 0]
            for ids, said in zip(written.tolist(), references[start:], strict=False):
                score += cider.score(self.data.encoder.decode(ids), said)
        return round(score / max(len(numbers), 1), 4)

    def _validation(self) -> list[tuple[list[int], list[Packed]]]:
        """As many questions as fit of every held-out row, in batches."""
        lines = []
        for number, row in enumerate(self.data.rows):
            if row.split != "val":
                continue
            pairs = [Question(DESCRIBE, caption, "caption") for caption in row.captions[:1]]
            lines.append((number, pack([*pairs, *row.questions], self.data.encoder, self.data.length)))
        return [tuple(zip(*lines[i : i + 64], strict=True)) for i in range(0, len(lines), 64)]  # type: ignore[misc]

    def _put(self, values: dict[str, Tensor]) -> None:
        for name, parameter in self.model.named_parameters():
            if name in values:
                parameter.data.copy_(values[name])

    def _groups(self) -> list[dict[str, Any]]:
        """Decoder, connector and lessons at one rate, the tower at its own; vectors and tables without decay."""
        tower = self.model.vision.upper_parameters()
        named = [*self.model.text.named_parameters(), *self.model.connector.named_parameters()]
        named += list(self.lessons.named_parameters())
        plain = [p for n, p in named if p.ndim < 2 or "embed" in n]
        decayed = [p for n, p in named if not (p.ndim < 2 or "embed" in n)]
        return [
            {"params": decayed, "peak": self.schedule.rate, "weight_decay": self.schedule.weight_decay},
            {"params": plain, "peak": self.schedule.rate, "weight_decay": 0.0},
            {"params": [p for p in tower if p.ndim > 1], "peak": self.schedule.tower_rate, "weight_decay": 0.01},
            {"params": [p for p in tower if p.ndim < 2], "peak": self.schedule.tower_rate, "weight_decay": 0.0},
        ]

    def _set_rates(self) -> None:
        """Linear warm-up, then half a cosine to 2 % of the peak."""
        warm = min(1.0, (self.step + 1) / self.schedule.warmup)
        share = warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.step / self.schedule.steps)))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share

    def _log(self, entry: dict[str, Any]) -> None:
        line = json.dumps({"step": self.step, "seconds": round(self.seconds), **entry})
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(line + "\n")
        note(line)

    def _save(self) -> None:
        """Write the checkpoint beside the old one, then take its place."""
        scratch = self._checkpoint.with_suffix(".part")
        state = {
            "schedule": asdict(self.schedule), "step": self.step, "seconds": self.seconds, "average": self.average,
            "model": self.model.state_dict(), "lessons": self.lessons.state_dict(),
            "optimizer": self.optimizer.state_dict(), **self._names(),
        }  # fmt: skip
        torch.save(state, scratch)
        scratch.replace(self._checkpoint)

    def _load(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        if any(state.get(head) != names for head, names in self._names().items()):
            raise ScriptError(f"{self._checkpoint} was trained on another set: begin a new run with --start.")
        self.model.load_state_dict(state["model"])
        self.lessons.load_state_dict(state["lessons"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, scheduled in zip(self.optimizer.param_groups, self._groups(), strict=True):
            group.update(peak=scheduled["peak"], weight_decay=scheduled["weight_decay"])  # not the checkpoint's
        self.average = {name: value.to(self.device) for name, value in state["average"].items()}
        self.step, self.seconds = state["step"], state["seconds"]
        note(f"Going on at step {self.step}")


def new_model(sizes: Sizes, schedule: Schedule) -> TinyVLM:
    """Return an untrained model."""
    torch.manual_seed(schedule.seed)
    return TinyVLM(sizes, schedule.dropout)
