"""How many examples of each list are taken for requests by weights that were learnt without them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyvlm.answers.requests.english import request_in

from .examples import Example
from .linear_learning import THRESHOLD, Problem, cross_validated


def validation_table(found: Sequence[Example], problem: Problem) -> str:
    """Return markdown: a row a list, by the classifier alone and together with the rules as they are."""
    taken = cross_validated(found, problem) > THRESHOLD
    rows = ["| list | n | classifier | with rules |", "| --- | --- | --- | --- |"]
    for source in dict.fromkeys(example.source for example in found):
        of = [at for at, example in enumerate(found) if example.source == source]
        both = [taken[at] or _is_ruled(found[at]) for at in of]
        rows.append(f"| {source} | {len(of)} | {np.mean(taken[of]):.1%} | {np.mean(both):.1%} |")
    return "\n".join(rows)


def _is_ruled(example: Example) -> bool:
    return request_in(" ".join(example.words), classified=False) is not None
