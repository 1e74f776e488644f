"""Where attention looks, taken down beside what a model computes: only in a pass that is made to explain an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..models.looks import Look
from ..ops import KeysValues, Ops, Tensor

LOOK_ROWS = 32
"""Tokens that are run again at once."""


CANDIDATES = 8
"""How many of the best tokens are told in the place of each."""


class TokenLook(NamedTuple):
    """How one token of an answer came about."""

    probability: float
    """Of the token, behind those before it: softmax over all logits, as they are."""
    candidates: Sequence[tuple[int, float]]
    """The best (id, probability), best first."""
    weights: Sequence[float]
    """Attention (S,), the mean over the model's `looks`; over the keys that they attend to. Empty without `looks`."""


class LookingOps:
    """An `Ops` that hands every call on, and asks for the weights of some of the calls of `attention`."""

    def __init__(self, ops: Ops, looks: Sequence[Look]) -> None:
        """Watch over `ops` for those attention calls that `looks` names."""
        self._ops = ops
        self.looks = len(looks)
        self._heads = dict(looks)
        self._calls = 0
        self.weights: Tensor = None
        """(T, S): the sum over those that were called until now; None before the first."""

    def __getattr__(self, name: str) -> Any:
        """Hand on all but attention."""
        return getattr(self._ops, name)

    def attention(self, q: Tensor, keys_values: KeysValues, *, heads: int, causal: bool, position: int = 0) -> Tensor:
        """See Ops."""
        ops = self._ops
        of = self._heads.get(self._calls)
        self._calls += 1
        if of is not None:
            found = ops.attention_weights(q, keys_values, heads=heads, of=of, causal=causal, position=position)
            self.weights = found if self.weights is None else ops.add(self.weights, found)
        return ops.attention(q, keys_values, heads=heads, causal=causal, position=position)
