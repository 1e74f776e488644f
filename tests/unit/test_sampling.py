"""Greedy, temperature, top-k, top-p, seeds, and ranges."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tinyvlm.errors import InputError
from tinyvlm.sampling import Sampler, SamplingParams

CANDIDATES = [(10, 2.0), (11, 1.0), (12, 0.0), (13, -30.0)]


def draw(count: int = 4000, **options: Any) -> Counter[int]:
    sampler = Sampler(SamplingParams(temperature=1.0, seed=1, **options))
    return Counter(sampler.pick(CANDIDATES) for _ in range(count))


def test_temperature_zero_takes_the_first() -> None:
    assert Sampler(SamplingParams()).pick(CANDIDATES) == 10


def test_samples_follow_the_distribution() -> None:
    counts = draw()
    assert counts[10] / 4000 == pytest.approx(0.665, abs=0.03)
    assert counts[11] / 4000 == pytest.approx(0.245, abs=0.03)


def test_top_k_and_top_p_cut_the_tail() -> None:
    assert set(draw(top_k=2)) == {10, 11}
    assert set(draw(top_p=0.6)) == {10}
    assert set(draw(top_p=0.8)) == {10, 11}
    assert set(draw(top_p=1.0)) >= {10, 11, 12}


def test_a_seed_repeats() -> None:
    def run(seed: int) -> list[int]:
        sampler = Sampler(SamplingParams(temperature=2.0, seed=seed))
        return [sampler.pick(CANDIDATES) for _ in range(50)]

    assert run(3) == run(3) != run(4)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": -1}, {"temperature": float("nan")}, {"temperature": "hot"}, {"max_new_tokens": 0},
        {"max_new_tokens": 1.5}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"seed": "x"}, {"max_new_tokens": True},
    ],
)  # fmt: skip
def test_values_out_of_range_are_named(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(InputError, match=name) as caught:
        SamplingParams(**options)
    assert caught.value.code == "bad-sampling"
