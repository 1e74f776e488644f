"""Draws what a run's log says: losses, and the share of right answers on held-out images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

SHOWN = {
    "easy-vqa presence": "easy-VQA yes/no",
    "emoji count": "emoji count",
    "emoji presence": "emoji presence",
    "emoji object": "emoji object",
    "text ocr": "text cards, exact",
    "chart chart": "charts",
    "flickr presence": "photo yes/no",
}


def draw_curves(folders: Sequence[Path], out: Path) -> None:
    """Losses on the left, held-out accuracy on the right; runs follow each other on one time axis."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    losses: list[tuple[float, float]] = []
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in SHOWN}
    begin = 0.0
    for folder in folders:
        entries = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        for entry in entries:
            minutes = (begin + entry["seconds"]) / 60
            if "answers" in entry:
                losses.append((minutes, entry["answers"]))
            for name in SHOWN:
                if name in entry.get("validation", {}):
                    scores[name].append((minutes, 100 * entry["validation"][name]))
        begin += entries[-1]["seconds"]
    left.plot(*zip(*losses, strict=True), color="#555", linewidth=1)
    left.set(xlabel="minutes of training", ylabel="loss of answers (training)")
    for name, points in scores.items():
        if points:
            right.plot(*zip(*points, strict=True), marker=".", label=SHOWN[name])
    right.set(xlabel="minutes of training", ylabel="right on held-out images, %", xlim=(0, None), ylim=(0, 100))
    right.legend(fontsize=8)
    figure.savefig(out, metadata={"Date": None})
