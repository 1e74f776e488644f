"""Figures and how sure they are: Wilson intervals for shares, a seeded bootstrap over images for all else.

Everything that is bootstrapped is a function of sums over images, so a statistic takes sums (..., D) and returns (...),
and all samples are one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = Any
Statistic = Callable[[Array], Array]

BINS = 15
"""Of equal width, as is usual for the expected calibration error (Guo et al. 2017)."""

_REPEATS, _Z = 2000, 1.959964


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share `right / n` (Wilson 1927); (0, 1) where nothing was asked."""
    if not n:
        return 0.0, 1.0
    p, z2 = right / n, _Z * _Z
    centre, spread = p + z2 / (2 * n), _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max((centre - spread) / (1 + z2 / n), 0.0), min((centre + spread) / (1 + z2 / n), 1.0)


def bootstrap(parts: Array, statistic: Statistic, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of statistic(sum of parts), images (I, D) being drawn anew 2,000 times."""
    parts = np.asarray(parts, np.float64)
    drawn = np.random.default_rng(seed).multinomial(len(parts), np.full(len(parts), 1 / len(parts)), _REPEATS)
    low, high = np.percentile(statistic(drawn @ parts), (2.5, 97.5))
    return float(low), float(high)


def ratio(sums: Array) -> Array:
    """(..., 2) -> first / second: a mean, or edits over characters."""
    return sums[..., 0] / np.maximum(sums[..., 1], 1e-12)


def edit_distance(a: str, b: str) -> int:
    """Return how many characters must be put in, left out or replaced to make one of the other (Levenshtein 1966)."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]


def character_errors(wanted: Sequence[str], given: Sequence[str]) -> list[tuple[int, int]]:
    """Return (edits, characters wanted) of each; `ratio` of their sums is the character error rate."""
    return [(edit_distance(w, g), len(w)) for w, g in zip(wanted, given, strict=True)]


def calibration_bins(probabilities: Sequence[float], right: Sequence[bool]) -> Array:
    """Return what one image's answers add to the calibration error, (3 * BINS,): counts, probabilities and hits."""
    bins = np.zeros((3, BINS))
    for probability, hit in zip(probabilities, right, strict=True):
        at = min(int(probability * BINS), BINS - 1)
        bins[:, at] += 1, probability, hit
    return bins.reshape(-1)


def calibration_error(sums: Array) -> Array:
    """(..., 3 * BINS) -> (...): how far, on average over answers, a bin's hits are from what its answers promised."""
    counts, promised, hits = np.moveaxis(np.reshape(sums, (*np.shape(sums)[:-1], 3, BINS)), -2, 0)
    return np.abs(promised - hits).sum(-1) / np.maximum(counts.sum(-1), 1)


def withheld(first: Sequence[float], right: Sequence[bool], threshold: float) -> dict[str, float]:
    """What happens if answers are kept back whose first token is less likely than `threshold`.

    `share` of the answers kept back; how many of them would have been right, `right`; and of the others, `kept_right`.
    """
    back = [hit for probability, hit in zip(first, right, strict=True) if probability < threshold]
    kept = len(first) - len(back)
    return {
        "threshold": threshold,
        "share": len(back) / max(len(first), 1),
        "right": sum(back) / max(len(back), 1),
        "kept_right": (sum(right) - sum(back)) / max(kept, 1),
    }


def bleu(sums: Array) -> Array:
    """(..., 10) -> (...): BLEU-4 of hits and candidates for 1 to 4 words in a row, and both lengths (Papineni 2002)."""
    hits, guesses, length, wanted = sums[..., :4], sums[..., 4:8], sums[..., 8], sums[..., 9]
    precision = np.exp(np.log((hits + 1e-15) / (guesses + 1e-9)).mean(-1))
    return precision * np.exp(np.minimum(1 - wanted / np.maximum(length, 1e-9), 0))
