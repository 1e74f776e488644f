"""`Unsure`: what a model says in place of an answer that it would have to guess."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError

_ALWAYS = 2
"""Any number above 1 would do; what is far above is a percentage, and a mistake."""
_OPEN = frozenset({"what", "which", "where", "who", "whose", "when", "why"})  # not how: "no" is a number of things
_LEADING_ON = ("what about", "what if")


def asks_openly(question: str) -> bool:
    """Whether neither yes nor no answers an English question, by its first words."""
    words = question.casefold().split()
    return bool(words) and words[0].rstrip("?") in _OPEN and " ".join(words[:2]) not in _LEADING_ON


@dataclass(frozen=True)
class Unsure:
    """Where the first token of a greedy answer to a question is less likely than `below`, `answer` is given instead."""

    below: float
    """Of a softmax over all logits: 0 withholds no answer, above 1 every one."""
    answer: str
    is_named: bool = False
    """Whether `answer` says what the image shows (naming.py)."""
    unfit: frozenset[int] = frozenset()
    """Tokens that the question is not answered by, however likely they are: yes and no, where it asks what."""

    @classmethod
    def from_config(cls, generation: Mapping[str, Any]) -> Unsure | None:
        """Read `unsure` of generation_config.json; None where there is none. Raises ModelError("unsure-invalid")."""
        value = generation.get("unsure")
        if value is None:
            return None
        fields: Any = value if isinstance(value, dict) else {}
        below = fields.get("below")
        answer = fields.get("answer")
        is_number = isinstance(below, (int, float)) and not isinstance(below, bool)
        if is_number and 0 <= below <= _ALWAYS and isinstance(answer, str) and answer.strip():
            return cls(below, answer.strip())
        raise ModelError("unsure-invalid")

    def withholds(
        self,
        token: int,
        candidates: Sequence[tuple[int, float]],
        vocab_size: int,
        all_logits: Callable[[], Sequence[float]],
    ) -> bool:
        """Whether `token` is less likely than `below`, or unfit.

        `candidates`: the best (id, logit) pairs by falling logit. What is outside them lies between nothing and as
        many tokens as likely as the last of them: `all_logits` is called only where that leaves it open.
        """
        if token in self.unfit:
            return True
        best = candidates[0][1]
        lowest = candidates[-1][1]
        share = math.exp(dict(candidates).get(token, lowest) - best)
        least = sum(math.exp(logit - best) for _, logit in candidates)
        most = least + (vocab_size - len(candidates)) * math.exp(lowest - best)
        if share < self.below * least or share >= self.below * most:
            return share < self.below * least
        return share < self.below * sum(math.exp(logit - best) for logit in all_logits())
