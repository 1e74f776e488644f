"""How the next token is picked: repetition penalty, constraint, temperature, top-k, top-p, min-p, in this order.

The order and the meaning of each are those of the `transformers` package, for the 64 tokens with the best logits that a
backend hands over. The whole row is asked for where the best token may be none of these: so temperature 0 is exact.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import islice, takewhile
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from .constraints import Constraint

_KEPT = 64


@dataclass(frozen=True)
class SamplingParams:
    """How an answer is chosen. Raises InputError for values out of range; numpy's numbers become Python's."""

    max_new_tokens: int = 32
    temperature: float = 0.0
    """0 takes the likeliest token; 1 samples from the model's own distribution."""
    top_k: int = 0
    """Sample from the k likeliest only; 0 = no limit (the backends keep 64)."""
    top_p: float = 1.0
    """Sample from the fewest tokens that hold this much probability (Holtzman et al. 2020)."""
    min_p: float = 0.0
    """Leave out tokens that are less likely than this share of the likeliest (Nguyen et al. 2024)."""
    repetition_penalty: float = 1.0
    """Above 1 makes tokens unlikelier that the text has already (Keskar et al. 2019)."""
    stop: Sequence[str] = ()
    """The answer ends before the first of these texts."""
    seed: int | None = None
    unsure: bool = True
    """Whether a model may say that it is not sure in place of a greedy answer to a question (unsure.py), and what it
    can do in place of an answer to anything that it was not made for (requests/)."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._check_number("temperature", 10)
        self._check_number("min_p", 1)
        self._check_positive("top_p", 1)
        self._check_positive("repetition_penalty", 10)
        self._check_count("max_new_tokens", 1)
        self._check_count("top_k", 0)
        self._check_seed()
        if not isinstance(self.stop, (list, tuple)) or not _are_texts(self.stop):
            raise InputError("stop-invalid", value=repr(self.stop))
        if not isinstance(self.unsure, bool):
            raise InputError("bad-argument", name="unsure", expected="True, False", value=repr(self.unsure))

    def _check_number(self, option: str, most: float) -> None:
        value = getattr(self, option)
        if not (_is_number(value) and 0 <= value <= most):
            raise InputError("bad-sampling", option=option, least=0, most=most, value=repr(value))
        self._set(option, float(value))

    def _check_positive(self, option: str, most: float) -> None:
        value = getattr(self, option)
        if not (_is_number(value) and 0 < value <= most):
            raise InputError("sampling-not-positive", option=option, most=most, value=repr(value))
        self._set(option, float(value))

    def _check_count(self, option: str, least: int) -> None:
        value = getattr(self, option)
        if not (_is_whole(value) and value >= least):
            raise InputError("sampling-not-a-count", option=option, least=least, value=repr(value))
        self._set(option, int(value))

    def _check_seed(self) -> None:
        if self.seed is None:
            return
        if not _is_whole(self.seed):
            raise InputError("seed-invalid", value=repr(self.seed))
        self._set("seed", int(self.seed))

    def _set(self, option: str, value: float) -> None:
        object.__setattr__(self, option, value)


ANSWER_OPTIONS = (*(field.name for field in fields(SamplingParams)), "choices", "schema")

_ELSEWHERE = {
    "do_sample": "temperature",
    "grammar": "schema",
    "json_schema": "schema",
    "max_completion_tokens": "max_new_tokens",
    "max_length": "max_new_tokens",
    "n_predict": "max_new_tokens",
    "num_predict": "max_new_tokens",
    "response_format": "schema",
    "stop_sequences": "stop",
    "stop_strings": "stop",
    "withText": "with_text",
}
"""What other packages call them, where spelling alone does not tell."""


def check_options(options: Iterable[str]) -> None:
    """Raise InputError for a name that is no option of an answer, with the one that is meant where that can be told."""
    for option in options:
        if option not in ANSWER_OPTIONS:
            meant = _option_like(option)
            if meant is None:
                raise InputError("sampling-unknown", option=option)
            raise InputError("sampling-misnamed", option=option, meant=meant)


def _option_like(name: str) -> str | None:
    from difflib import get_close_matches  # only where something is wrong

    close = get_close_matches(name, ANSWER_OPTIONS, 1, 0.7)
    return _ELSEWHERE.get(name) or (close[0] if close else None)


class Sampler:
    """Picks tokens for one answer."""

    def __init__(
        self, params: SamplingParams, constraint: Constraint | None = None, end_ids: Collection[int] = ()
    ) -> None:
        """Start the answer's random numbers; a constraint lets `end_ids` follow where its text is complete."""
        self._params = params
        self._random = random.Random(params.seed)
        self._constraint = constraint
        self._end_ids = end_ids

    def pick(
        self,
        candidates: Sequence[tuple[int, float]],
        all_logits: Callable[[], Sequence[float]] | None = None,
        seen: Collection[int] = (),
        suppressed: Collection[int] = (),
    ) -> int | None:
        """Return a token id, or None where the constraint's text is complete and nothing may follow, not even an end.

        Telling the constraint about the token is the caller's.

        `candidates`: the best (id, logit) pairs by falling logit, one at least. `all_logits` returns the whole row by
        id; without it, candidates are all there is. `seen`: ids of the text so far, as a set; `suppressed`: ids
        that must not follow. Raises InputError("constraint-impossible") where an incomplete text cannot go on.
        """
        params = self._params
        best = self._best(candidates, seen, suppressed)
        if all_logits and not self._settled(best, candidates[-1][1]):
            best = self._best(enumerate(all_logits()), seen, suppressed)
        if not best:
            if self._constraint is not None and self._constraint.complete:
                return None
            raise InputError("constraint-impossible")
        if params.temperature == 0:
            return best[0][0]
        if params.top_k:
            best = best[: params.top_k]
        weights = [math.exp((logit - best[0][1]) / params.temperature) for _, logit in best]
        budget = params.top_p * sum(weights)
        kept = 0.0
        count = 0
        while kept < budget and count < len(weights):
            kept += weights[count]
            count += 1
        weights = list(takewhile(lambda weight: weight >= params.min_p, weights[:count]))
        return self._random.choices([token for token, _ in best[: len(weights)]], weights)[0]

    def _best(
        self, pairs: Iterable[tuple[int, float]], seen: Collection[int], suppressed: Collection[int]
    ) -> list[tuple[int, float]]:
        """Return the best of the pairs that may follow, penalised, by falling logit."""
        penalised = [(token, self._penalised(logit) if token in seen else logit) for token, logit in pairs]
        penalised.sort(key=lambda pair: -pair[1])
        return list(islice((pair for pair in penalised if pair[0] not in suppressed and self._allows(pair[0])), _KEPT))

    def _settled(self, best: Sequence[tuple[int, float]], lowest: float) -> bool:
        """Can no token outside the candidates, whose logits end at `lowest`, be the best?"""
        return bool(best) and best[0][1] >= max(lowest, self._penalised(lowest))

    def _penalised(self, logit: float) -> float:
        penalty = self._params.repetition_penalty
        return logit / penalty if logit > 0 else logit * penalty

    def _allows(self, token: int) -> bool:
        if self._constraint is None:
            return True
        return self._constraint.complete if token in self._end_ids else self._constraint.allowed(token)


class StopStrings:
    """Cuts streamed text before the first of some texts; holds back what may be the beginning of one."""

    def __init__(self, stop: Sequence[str]) -> None:
        """Start a new text; `stop` as in SamplingParams, may be empty."""
        self._stop = stop
        self._held = ""
        self._longest = max(map(len, stop), default=1)
        self.found = False
        """Has one of the texts appeared? Nothing follows then."""

    def push(self, text: str) -> str:
        """Return what is now sure to be shown of the text so far, and was not returned before."""
        if self.found:
            return ""
        text = self._held + text
        # What is complete first counts, and where several are, the one that began first.
        ends = [(start + len(stop), start) for stop in self._stop if (start := text.find(stop)) >= 0]
        if ends:
            self.found = True
            self._held = ""
            sure = min(ends)[1]
            return text[:sure]
        sure = max(len(text) - self._longest + 1, 0)
        while sure < len(text) and not any(stop.startswith(text[sure:]) for stop in self._stop):
            sure += 1
        self._held = text[sure:]
        return text[:sure]

    def flush(self) -> str:
        """Return what was held back; the text has ended."""
        held = self._held
        self._held = ""
        return held


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _are_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) and value for value in values)
