"""The reward of a caption is CIDEr-D, with the end of a caption as a word."""

from __future__ import annotations

import pytest

from train.learning.cider import Cider

REFERENCES = [
    ["a dog runs on the beach", "A brown dog is running on sand."],
    ["two men ride bikes down a hill", "men on bicycles"],
    ["a girl in a red dress smiles", "a smiling girl wears a red dress"],
]


@pytest.mark.parametrize(
    ("photo", "caption", "wanted"),  # as pycocoevalcap 1.2's CiderScorer has it, " ." behind every caption
    [
        (0, "a dog runs on sand", 3.58402599),
        (1, "Two men on a hill.", 2.48310354),
        (2, "a boy in a red dress in a red car", 1.88265766),
    ],
)
def test_scores_are_the_standard_scorers(photo: int, caption: str, wanted: float) -> None:
    assert Cider(REFERENCES).score(caption, REFERENCES[photo]) == pytest.approx(wanted)


def test_a_caption_that_is_cut_off_earns_less() -> None:
    cider = Cider(REFERENCES)
    assert cider.score("men on", ["men on bicycles"]) < cider.score("men on bicycles", ["men on bicycles"])
    assert cider.score("a dog runs on the", REFERENCES[0]) < cider.score("a dog runs on the beach", REFERENCES[0])


def test_what_says_nothing_earns_nothing() -> None:
    assert Cider(REFERENCES).score("", REFERENCES[0]) == 0
    assert Cider(REFERENCES).score("purple elephants", REFERENCES[0]) == 0
