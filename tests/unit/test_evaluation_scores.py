"""Scores of scripts/evaluation by hand-computed cases, and whether intervals hold what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.scores import (
    BINS,
    bleu,
    bootstrap,
    calibration_bins,
    calibration_error,
    character_errors,
    edit_distance,
    ratio,
    wilson,
    withheld,
)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (0, 10, 0.0, 3.8415 / 13.8415),  # z^2 / (n + z^2)
        (10, 10, 10 / 13.8415, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("a", "b", "edits"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("Flaw", "lawn", 2), ("ab", "ba", 2)]
)
def test_edit_distance(a: str, b: str, edits: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == edits


def test_character_error_rate_weighs_characters_not_texts() -> None:
    rows = character_errors(["abcdefgh", "xy"], ["abcdefgh", "xY!"])
    assert rows == [(0, 8), (2, 2)]
    assert ratio(np.sum(rows, axis=0)) == pytest.approx(0.2)


def test_bootstrap_of_a_mean_is_its_normal_interval() -> None:
    """A share of 0.5 over 400 images: 0.5 +- 1.96 / 40."""
    parts = np.stack([np.arange(400) % 2, np.ones(400)], axis=1)
    assert bootstrap(parts, ratio) == pytest.approx((0.451, 0.549), abs=0.004)
    assert bootstrap(parts, ratio) == bootstrap(parts, ratio)
    assert bootstrap(np.ones((5, 2)), ratio) == (1, 1)


def test_calibration_error() -> None:
    """Three answers of 0.9 with one right, one of 0.3 that is right: (3 * |0.9 - 1/3| + |0.3 - 1|) / 4."""
    sums = calibration_bins([0.9, 0.9, 0.3, 0.9], [True, False, True, False])
    assert sums.shape == (3 * BINS,)
    assert float(calibration_error(sums)) == pytest.approx((3 * (0.9 - 1 / 3) + 0.7) / 4)


def test_answers_of_one_bin_make_up_for_each_other() -> None:
    assert float(calibration_error(calibration_bins([0.5, 0.5], [True, False]))) == 0
    assert float(calibration_error(calibration_bins([1.0, 1.0], [True, True]))) == 0
    assert calibration_error(np.zeros((7, 3 * BINS))).tolist() == [0] * 7


def test_withheld() -> None:
    row = withheld([0.1, 0.2, 0.3, 0.9], [True, False, False, True], 0.3)
    assert row == {"threshold": 0.3, "share": 0.5, "right": 0.5, "kept_right": 0.5}
    assert withheld([0.9], [True], 0.5) == {"threshold": 0.5, "share": 0, "right": 0, "kept_right": 1}


def test_bleu() -> None:
    """Hits 4/5, 3/4, 2/3, 1/2 for 1 to 4 words: their geometric mean, and a penalty where the caption is short."""
    precision = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    sums = np.array([[4, 3, 2, 1, 5, 4, 3, 2, 5, 5], [4, 3, 2, 1, 5, 4, 3, 2, 5, 7], [4, 3, 2, 0, 5, 4, 3, 2, 5, 5.0]])
    assert bleu(sums).tolist() == pytest.approx([precision, precision * math.exp(1 - 7 / 5), 0], abs=1e-3)
