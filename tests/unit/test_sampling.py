"""Which token is picked, against plain numpy over the whole row; stop strings; seeds, and ranges."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.answers.sampling import Sampler, SamplingParams, StopStrings
from tinyvlm.errors import InputError

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


class OneOfSet:
    """A constraint whose text is any one token of a set."""

    def __init__(self, ids: Collection[int], complete: bool = False) -> None:
        self._ids, self.complete, self.finished = ids, complete, False

    def allowed(self, token_id: int) -> bool:
        return token_id in self._ids

    def advance(self, token_id: int) -> None:
        raise AssertionError("the caller's")


def whole_row(
    row: np.ndarray, params: SamplingParams, seen: Collection[int], allowed: Collection[int] | None
) -> np.ndarray:
    """Probabilities of all tokens: the processors of transformers' generation, one after the other."""
    scores = row.astype(np.float64)
    index = np.array(sorted(seen), np.int64)
    penalty = params.repetition_penalty
    scores[index] = np.where(scores[index] < 0, scores[index] * penalty, scores[index] / penalty)
    if allowed is not None:
        mask = np.full(len(scores), -np.inf)
        mask[np.array(sorted(allowed), np.int64)] = 0
        scores = scores + mask
    if params.temperature == 0:
        return (np.arange(len(scores)) == scores.argmax()).astype(float)
    scores = scores / params.temperature
    if params.top_k:
        scores[scores < np.sort(scores)[-params.top_k]] = -np.inf
    order = np.argsort(scores)
    cumulative = np.cumsum(softmax(scores)[order])
    scores[order[:-1][cumulative[:-1] <= 1 - params.top_p]] = -np.inf
    probabilities = softmax(scores)
    scores[probabilities < params.min_p * probabilities.max()] = -np.inf
    return softmax(scores)


def softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


class Recorder:
    """In place of random numbers: what would have been drawn from."""

    drawn: np.ndarray

    def __init__(self, seed: int | None) -> None:
        pass

    def choices(self, tokens: Sequence[int], weights: Sequence[float]) -> list[int]:
        Recorder.drawn = np.zeros(400)
        Recorder.drawn[list(tokens)] = np.array(weights) / sum(weights)
        return [tokens[0]]


def pick(sampler: Sampler, row: np.ndarray, seen: Collection[int] = ()) -> tuple[int, int]:
    """Return the token, and how often the whole row was asked for."""
    calls = []

    def all_logits() -> list[float]:
        calls.append(1)
        return [float(logit) for logit in row]

    best = sorted(enumerate(row.tolist()), key=lambda pair: -pair[1])[:64]
    return sampler.pick(best, all_logits, seen), len(calls)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("penalty", [1.0, 1.3, 0.7])
@pytest.mark.parametrize(
    "options", [{}, {"top_k": 7}, {"top_p": 0.7}, {"min_p": 0.05}, {"top_k": 20, "top_p": 0.9, "min_p": 0.02}]
)
def test_distributions_are_those_of_the_whole_row(
    options: dict[str, Any], penalty: float, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """50 tokens hold all but nothing of the probability; where only others may follow, these share it."""
    monkeypatch.setattr(random, "Random", Recorder)
    rng = np.random.default_rng(1)
    for case in range(60):
        row = rng.permutation(np.concatenate([rng.normal(0, 3, 50), rng.normal(-60, 3, 350)]))
        order = np.argsort(-row)
        likely = order[:50] if case % 2 else order[:0]
        allowed = set(rng.choice([*likely, *order[64:]], 12, replace=False).tolist()) if masked else None
        seen = set(rng.choice(400, rng.integers(0, 100), replace=False).tolist())
        params = SamplingParams(temperature=rng.choice([0.5, 1.0, 1.7]).item(), repetition_penalty=penalty, **options)
        pick(Sampler(params, None if allowed is None else OneOfSet(allowed)), row, seen)
        np.testing.assert_allclose(Recorder.drawn, whole_row(row, params, seen, allowed), atol=1e-7)


@pytest.mark.parametrize("penalty", [1.0, 1.1, 4.0, 0.5])
def test_the_likeliest_token_is_that_of_the_whole_row(penalty: float) -> None:
    """Flat rows, where a penalty or a constraint brings up tokens from far below."""
    rng, asked = np.random.default_rng(2), 0
    for case in range(300):
        row = rng.normal(rng.choice([-5, 0, 5]), 1, 400)
        order = np.argsort(-row)
        seen = {*order[: rng.integers(0, 80)].tolist(), *rng.choice(400, 20).tolist()}
        allowed = set(rng.choice(400, 5).tolist()) if case % 3 == 0 else None
        params = SamplingParams(repetition_penalty=penalty)
        token, calls = pick(Sampler(params, None if allowed is None else OneOfSet(allowed)), row, seen)
        assert token == whole_row(row, params, seen, allowed).argmax()
        if penalty == 1:
            assert calls == (allowed is not None and not allowed & set(order[:64].tolist()))
        asked += calls
    assert 0 < asked < 300


def test_the_whole_row_is_not_asked_for_without_need() -> None:
    row = np.linspace(5, -5, 400)
    assert pick(Sampler(SamplingParams(repetition_penalty=1.2)), row, {0, 1, 2}) == (3, 0)
    assert pick(Sampler(SamplingParams(), OneOfSet({63, 200})), row) == (63, 0)
    assert pick(Sampler(SamplingParams(), OneOfSet({64, 200})), row) == (64, 1)


def test_an_end_token_waits_for_the_constraint() -> None:
    def first(complete: bool) -> int:
        return Sampler(SamplingParams(), OneOfSet({12}, complete), end_ids={10}).pick(CANDIDATES)

    assert (first(complete=False), first(complete=True)) == (12, 10)


def test_barred_tokens_are_not_picked() -> None:
    sampler = Sampler(SamplingParams())
    assert sampler.pick(CANDIDATES, suppressed={10, 11}) == 12
    assert sampler.pick(CANDIDATES[:1], lambda: [0.0] * 10 + [2.0, 1.0], suppressed={10}) == 11


def test_where_nothing_may_follow_a_sentence_says_so() -> None:
    with pytest.raises(InputError) as caught:
        pick(Sampler(SamplingParams(), OneOfSet(())), np.zeros(400))
    assert caught.value.code == "constraint-impossible"


def cut(text: str, stop: Sequence[str]) -> str:
    """The text before the stop string that is complete first, the one that began first of several."""
    for end in range(len(text) + 1):
        starts = [end - len(s) for s in stop if text[:end].endswith(s)]
        if starts:
            return text[: min(starts)]
    return text


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.text("ab\n", max_size=4), max_size=8),
    st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3),
)
def test_text_is_cut_at_the_first_stop_string_however_it_arrives(pieces: list[str], stop: list[str]) -> None:
    strings, shown, arrived = StopStrings(stop), "", ""
    for piece in pieces:
        shown += strings.push(piece)
        arrived += piece
        assert cut(arrived, stop).startswith(shown)
        held = len(cut(arrived, stop)) - len(shown)
        assert held < max(map(len, stop), default=1)
        assert strings.found == any(s in arrived for s in stop)
        if not any(s.startswith(arrived[-1:]) or arrived[-1:] in s for s in stop):
            assert not held
    assert shown + strings.flush() == cut(arrived, stop)


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        *(("temperature", value, "bad-sampling") for value in (-1, 11, float("nan"), "hot", True)),
        *(("min_p", value, "bad-sampling") for value in (-0.1, 1.5)),
        *(("top_p", value, "sampling-not-positive") for value in (0, 1.1)),
        *(("repetition_penalty", value, "sampling-not-positive") for value in (0, "much", 10.1)),
        *(("max_new_tokens", value, "sampling-not-a-count") for value in (0, 1.5, True)),
        ("top_k", -1, "sampling-not-a-count"),
        *(("seed", value, "seed-invalid") for value in ("x", 1.5, True)),
        *(("stop", value, "stop-invalid") for value in ("end", [""], ["a", 3], None)),
        ("unsure", 1, "bad-argument"),
    ],
)
def test_values_out_of_range_are_named(option: str, value: Any, code: str) -> None:
    with pytest.raises(InputError, match=option) as caught:
        SamplingParams(**{option: value})
    assert caught.value.code == code


def test_the_ends_of_ranges_are_in_them() -> None:
    SamplingParams(temperature=10, min_p=1, top_p=1, repetition_penalty=10, max_new_tokens=1, top_k=0, seed=-1)
    SamplingParams(temperature=0, min_p=0, stop=(), unsure=False)


@pytest.mark.parametrize("number", [np.float32, np.float64, np.float16, np.int64, Fraction])
def test_numbers_may_be_any_packages(number: Any) -> None:
    params = SamplingParams(temperature=number(1), top_p=number(1), min_p=number(0), repetition_penalty=number(2))
    assert [type(value) for value in (params.temperature, params.top_p, params.min_p)] == [float] * 3
    assert (params.temperature, params.top_p, params.min_p, params.repetition_penalty) == (1.0, 1.0, 0.0, 2.0)


@pytest.mark.parametrize("count", [np.int64, np.int32, np.uint8])
def test_counts_may_be_numpys(count: Any) -> None:
    params = SamplingParams(max_new_tokens=count(32), top_k=count(5), seed=count(7))
    assert [type(value) for value in (params.max_new_tokens, params.top_k, params.seed)] == [int] * 3
    assert params == SamplingParams(max_new_tokens=32, top_k=5, seed=7)
    assert Sampler(SamplingParams(temperature=1, seed=count(7))).pick(CANDIDATES) == Sampler(
        SamplingParams(temperature=1, seed=7)
    ).pick(CANDIDATES)


@pytest.mark.parametrize(
    "options",
    [{"temperature": np.float32("nan")}, {"top_k": np.float32(3)}, {"seed": np.bool_(True)}, {"top_p": 1 + 0j}],
)
def test_numpys_numbers_have_the_same_ranges(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        SamplingParams(**options)
