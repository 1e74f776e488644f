"""How the next token is picked from the best logits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import InputError


@dataclass(frozen=True)
class SamplingParams:
    """How an answer is chosen. Raises InputError("bad-sampling") for values out of range."""

    max_new_tokens: int = 32
    temperature: float = 0.0
    """0 takes the likeliest token; 1 samples from the model's own distribution."""
    top_k: int = 0
    """Sample from the k likeliest only; 0 = no limit (the backends keep 64)."""
    top_p: float = 1.0
    """Sample from the fewest tokens that hold this much probability (Holtzman et al. 2020)."""
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        number = (int, float)
        self._check("max_new_tokens", int, lambda n: n >= 1, "a whole number of at least 1")
        self._check("temperature", number, lambda t: 0 <= t <= 10, "a number from 0 to 10")
        self._check("top_k", int, lambda k: k >= 0, "a whole number of 0 or more")
        self._check("top_p", number, lambda p: 0 < p <= 1, "a number above 0 and at most 1")
        self._check("seed", (int, type(None)), lambda s: True, "a whole number")

    def _check(self, name: str, kinds: type | tuple[type, ...], fits: Callable[[Any], bool], wanted: str) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, kinds) or not fits(value):
            raise InputError("bad-sampling", f"{name} must be {wanted}, not {value!r}.", option=name)


class Sampler:
    """Picks tokens for one answer."""

    def __init__(self, params: SamplingParams) -> None:
        """Start the answer's random numbers."""
        self._params, self._random = params, random.Random(params.seed)

    def pick(self, candidates: Sequence[tuple[int, float]]) -> int:
        """Return a token id from (id, logit) pairs sorted by falling logit; one at least."""
        params = self._params
        if params.temperature == 0:
            return candidates[0][0]
        if params.top_k:
            candidates = candidates[: params.top_k]
        best = candidates[0][1]
        weights = [math.exp((logit - best) / params.temperature) for _, logit in candidates]
        budget, kept, count = params.top_p * sum(weights), 0.0, 0
        while kept < budget and count < len(weights):
            kept += weights[count]
            count += 1
        return self._random.choices([token for token, _ in candidates[:count]], weights[:count])[0]
