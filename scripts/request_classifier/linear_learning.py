"""Weights from examples: logistic regression over hashed features, Adam, whole batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tinyvlm.answers.requests.classifier import BUCKETS, Lexicon, bucket, features

from .examples import Example

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STEPS, _RATE, _DECAY = 100, 0.15, 2e-4
THRESHOLD = 1.2
"""How large a sum has to be; cross_validated() tells what it lets through."""
_ROUNDS, _ROOM, _HARDER = 8, 0.3, 2.0
_PARTS = 4
_CLIPPED = 0.995
"""Which share of the weights keeps its size."""


class Problem:
    """Examples as pairs of a row and a bucket."""

    def __init__(self, found: Sequence[Example], lexicon: Lexicon) -> None:
        """Read the features of all examples."""
        rows: list[int] = []
        buckets: list[int] = []
        for row, example in enumerate(found):
            signs = features(example.words, lexicon)
            hashed = sorted({bucket(sign) for sign in signs})
            rows += [row] * len(hashed)
            buckets += hashed
        self.rows: Ints = np.array(rows)
        self.buckets: Ints = np.array(buckets)
        self.wanted: Floats = np.array([float(example.is_request) for example in found])
        self.weights: Floats = np.array([example.weight for example in found])

    def sums(self, table: Floats) -> Floats:
        """Return the sum of every example's weights."""
        return np.bincount(self.rows, table[self.buckets], minlength=len(self.wanted)).astype(np.float64)

    def solve(self, used: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
        """Return weights of the buckets and a bias, learnt from the examples that are used."""
        counts = self.weights * used / (self.weights * used).sum()
        state = np.zeros((3, BUCKETS + 1))
        for step in range(1, _STEPS + 1):
            value, mean, square = state
            scores = np.clip(self.sums(value[:-1]) + value[-1], -30, 30)
            errors = (1 / (1 + np.exp(-scores)) - self.wanted) * counts
            slope = np.append(np.bincount(self.buckets, errors[self.rows], minlength=BUCKETS), errors.sum())
            slope[:-1] += _DECAY * value[:-1]
            mean[:] = 0.9 * mean + 0.1 * slope
            square[:] = 0.99 * square + 0.01 * slope**2
            rate = _RATE * min(1.0, 2 * (1 - step / (_STEPS + 1)))
            value -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-7)
        return state[0, :-1], float(state[0, -1])


def learned(found: Sequence[Example], problem: Problem) -> tuple[Floats, float]:
    """Return weights of the buckets and a bias, so that no question written by hand is taken for a request.

    A question that comes too near counts for more, and all is learnt again.
    """
    questions = np.array([not example.is_request and example.weight == 1 for example in found])
    everything = np.ones(len(found), dtype=bool)
    for _ in range(_ROUNDS):
        weights, bias = problem.solve(everything)
        near = questions & (problem.sums(weights) + bias > THRESHOLD - _ROOM)
        if not near.any():
            break
        problem.weights[near] *= _HARDER
    return weights, bias


def cross_validated(found: Sequence[Example], problem: Problem) -> Floats:
    """Return every example's score by weights that were learnt without it, and without it misspelled."""
    rng = np.random.default_rng(0)
    parts: dict[tuple[str, ...], int] = {}
    part = np.array([parts.setdefault(example.words, int(rng.integers(_PARTS))) for example in found])
    scores = np.zeros(len(found))
    for left_out in range(_PARTS):
        weights, bias = problem.solve(part != left_out)
        scores = np.where(part == left_out, problem.sums(weights) + bias, scores)
    return scores


def quantized(weights: Floats, bias: float) -> tuple[bytes, int]:
    """Return the weights in four bits each, two a byte, and what is to be added: above 0 the threshold is passed."""
    scale = float(np.quantile(np.abs(weights), _CLIPPED)) / 7
    levels = np.clip(np.round(weights / scale), -8, 7).astype(np.int64) + 8
    return bytes((levels[0::2] | levels[1::2] << 4).astype(np.uint8)), round((bias - THRESHOLD) / scale)
