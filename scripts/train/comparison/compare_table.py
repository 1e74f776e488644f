"""The table of `compare`: what is read from single cells, and what it costs. No torch here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundled_model.configs import LAYERS
from evaluation.scores import bootstrap, ratio
from support.environment import run_module, write_atomically

from ..model.towers import (
    CLASSES,
    FINE_STAGE,
    HEAD,
    HIDDEN,
    LAYOUTS,
    STEM,
    STEM_STAGES,
    TOWERS,
    Layout,
    Tower,
    cost,
)

RESULTS, TIMES = "results.json", "times.json"
Results = dict[str, dict[str, list[list[int]]]]
"""[right, asked] of every picture, by `key` and by what was asked about."""
QUESTIONS = {"things": "things", "characters": "characters", "quarters": "characters, four a cell"}
TODAY = TOWERS[0], LAYOUTS[-1]


def key(tower: Tower, layout: Layout) -> str:
    """Name of what is compared."""
    return f"{tower.name}, {layout.name}"


def read_results(folder: Path) -> Results:
    """What is known so far."""
    path = folder / RESULTS
    return json.loads(path.read_text()) if path.exists() else {}


def table(folder: Path) -> str:
    """The markdown table of results, costs and, where they were measured, times."""
    results = read_results(folder)
    times = json.loads((folder / TIMES).read_text()) if (folder / TIMES).exists() else {}
    today = results.get(key(*TODAY), {})
    lines = [
        f"| tower | tokens of | tokens | {' | '.join(QUESTIONS.values())} | tower, MB | million MACs | ms |",
        "| --- | --- | --- |" + " --- |" * (len(QUESTIONS) + 3),
    ]
    for tower in TOWERS:
        for layout in LAYOUTS:
            name = key(tower, layout)
            found = results.get(name, {})
            shares = [_share(found.get(question, []), today.get(question, [])) for question in QUESTIONS]
            nbytes, macs = cost(tower, layout)
            costs = [
                f"{nbytes / 1e6:.1f}",
                f"{macs / 1e6:.0f}",
                f"{times[name]['median']:.1f}" if name in times else "",
            ]
            lines.append(f"| {' | '.join([tower.name, layout.name, str(layout.tokens(tower)), *shares, *costs])} |")
    return "\n".join(lines)


def _share(found: Sequence[Sequence[int]], today: Sequence[Sequence[int]]) -> str:
    """62.5 (-1.9 to +0.7): the share of right answers in percent, and the interval of its difference from today's."""
    if not found:
        return ""
    share = f"{100 * ratio(np.sum(found, 0)):.1f}"
    if not today or found == today:
        low, high = bootstrap(found, ratio)
        return f"{share} ({100 * low:.1f} to {100 * high:.1f})"
    low, high = bootstrap(np.hstack([found, today]), lambda sums: ratio(sums[..., :2]) - ratio(sums[..., 2:]))
    return f"{share} ({100 * low:+.1f} to {100 * high:+.1f})"


def measure_times(folder: Path, python: Path) -> None:
    """Have the tests' environment measure every encoder in the shipped kernels; write TIMES."""
    encoders = {key(tower, layout): encoder(tower, layout) for tower in TOWERS for layout in LAYOUTS}
    measured = run_module(python, "benchmarks.image_towers", given=json.dumps(list(encoders.values())))
    times = dict(zip(encoders, json.loads(measured), strict=True))
    write_atomically(folder / TIMES, (json.dumps(times, indent=2) + "\n").encode())


def encoder(tower: Tower, layout: Layout) -> dict[str, Any]:
    """What benchmarks/image_towers.py wants to know."""
    stages = tower.stages if layout.coarse else tower.stages[:FINE_STAGE]
    names = "expansion", "channels", "kernel_size", "stride", "blocks"
    return {
        "config": {
            "image_size": tower.size,
            "stem_channels": STEM,
            "head_channels": HEAD,
            "num_classes": CLASSES,
            "stages": [dict(zip(names, stage, strict=True)) for stage in stages],
        },
        "detail": STEM_STAGES - 1 if layout.detail else None,
        "fine": FINE_STAGE - 1 if layout.fine else None,
        "coarse": len(stages) - 1 if layout.coarse else None,
        "width": HIDDEN,
        "layers": LAYERS,
    }
