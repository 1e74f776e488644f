"""Where a photo's questions are answered, by what a detector has found in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.dataset.photo_boxes import read_boxes, with_looks, write_boxes
from train.rows import Question, Region, Row

DOG = Region("dog", 0.1, 0.4, 0.5, 0.9)
SMALL_DOG = Region("dog", 0.8, 0.8, 0.9, 0.9)
MAN = Region("person", 0.5, 0.0, 0.9, 1.0)
FOUND = [(0.9, DOG), (0.8, MAN), (0.5, SMALL_DOG), (0.25, Region("cat", 0.1, 0.4, 0.5, 0.9))]


def place(region: Region) -> tuple[float, ...]:
    return region.left, region.top, region.right, region.bottom


def looked_at(q: str, a: str, kind: str, found: list[tuple[float, Region]] = FOUND) -> list[tuple[float, ...]] | None:
    """Where it is answered; that no region has letters, which would spell the answer."""
    (question,) = with_looks(Row("flickr", "train", [], [Question(q, a, kind)]), found).questions
    assert question.seek == question.find
    if question.seek is None:
        return None
    assert {region.label for region in question.seek} <= {""}
    return [place(region) for region in question.seek]


@pytest.mark.parametrize(
    ("q", "a", "kind"),
    [
        ("What color is the dog?", "brown", "color"),
        ("What is the puppy doing?", "running", "action"),
        ("Where is the dog?", "on the grass", "where"),
        ("What animal is in the picture?", "dog", "object"),
    ],
)
def test_the_largest_one_is_meant(q: str, a: str, kind: str) -> None:
    assert looked_at(q, a, kind) == [place(DOG)]


def test_of_two_alike_it_is_not_told_which_is_meant() -> None:
    other = Region("dog", 0.6, 0.4, 0.9, 0.9)
    assert looked_at("What color is the dog?", "brown", "color", [(0.9, DOG), (0.6, other)]) is None
    assert looked_at("What color are the dogs?", "brown", "color", [(0.9, DOG), (0.6, other)]) == [
        place(DOG),
        place(other),
    ]


@pytest.mark.parametrize(
    ("q", "top", "bottom"),
    [
        ("What color is the shirt?", 0.15, 0.6),
        ("What color is the hat?", 0.02, 0.2),
        ("What color are the shoes?", 0.85, 1.0),
        ("What is the man wearing?", 0.1, 0.7),
    ],
)
def test_clothes_are_where_a_person_wears_them(q: str, top: float, bottom: float) -> None:
    kind = "wearing" if "wearing" in q else "color"
    assert looked_at(q, "red", kind) == [pytest.approx((0.5, top, 0.9, bottom))]
    assert looked_at(q, "red", kind, [(0.9, DOG)]) is None


def test_what_is_there_and_what_is_not() -> None:
    there = looked_at("Do you see a dog?", "yes", "presence")
    assert there == [place(DOG), place(SMALL_DOG)]
    assert looked_at("Is there a horse in the picture?", "no", "presence") == []
    assert looked_at("Is there a cat in the picture?", "no", "presence") is None, "the detector doubts it"
    assert looked_at("Is there a woman in the picture?", "no", "presence") is None, "a man is a person, too"
    assert looked_at("Is there snow in the picture?", "no", "presence") is None, "no kind of thing"


def test_things_are_counted_where_both_say_as_many() -> None:
    assert looked_at("How many dogs are there?", "two", "count") == [place(DOG), place(SMALL_DOG)]
    assert looked_at("How many dogs are there?", "three", "count") is None


@pytest.mark.parametrize(
    ("q", "kind"), [("What color is the sky?", "color"), ("Where was this picture taken?", "place"), ("", "caption")]
)
def test_of_other_questions_nothing_is_said(q: str, kind: str) -> None:
    assert looked_at(q, "blue", kind) is None


def test_what_a_generator_knows_stays() -> None:
    question = Question("What color is the dog?", "brown", "color", [SMALL_DOG], [SMALL_DOG])
    row = Row("flickr", "train", [], [question])
    assert with_looks(row, FOUND) == row


def test_boxes_survive_their_file(tmp_path: Path) -> None:
    write_boxes(tmp_path / "boxes.jsonl", iter([(3, FOUND), (7, [])]))
    assert read_boxes(tmp_path / "boxes.jsonl") == {3: FOUND, 7: []}
    assert read_boxes(tmp_path / "none.jsonl") == {}
