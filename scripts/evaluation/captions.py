"""CIDEr and BLEU-4 of captions, by the code that papers use (`pycocoevalcap`).

Only its scorers, which are pure Python: the tokenizer there is a Java program, and we compare `tasks.words` instead,
lower case without punctuation. CIDEr weighs word groups by how rare they are in the references of the images that are
scored, so it changes with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .scores import bleu, bootstrap, ratio
from .tasks import words


def caption_scores(references: Sequence[Sequence[str]], captions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return CIDEr and BLEU-4, each with its interval over images, of one caption an image."""
    from pycocoevalcap.bleu.bleu_scorer import BleuScorer
    from pycocoevalcap.cider.cider_scorer import CiderScorer

    cider, counts = CiderScorer(), BleuScorer()
    for wanted, given in zip(references, captions, strict=True):
        pair = words(given), [words(reference) for reference in wanted]
        cider += pair
        counts += pair
    mean, each = cider.compute_score()
    scores, _ = counts.compute_score(option="closest")
    rows = [_bleu_parts(row) for row in counts.ctest]
    return {
        "CIDEr": _figure(float(mean), bootstrap(np.stack([each, np.ones(len(each))], 1), ratio)),
        "BLEU-4": _figure(float(scores[3]), bootstrap(rows, bleu)),
    }


def _bleu_parts(row: dict[str, Any]) -> list[float]:
    """What one image adds to `scores.bleu`; of the references' lengths, the closest counts."""
    length = row["testlen"]
    _, closest = min((abs(wanted - length), wanted) for wanted in row["reflen"])
    return [*row["correct"], *row["guess"], length, closest]


def _figure(value: float, interval: tuple[float, float]) -> dict[str, float]:
    return {"value": value, "low": interval[0], "high": interval[1]}
