"""What counts as right of the answers that a user is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.given import Given, given_table
from evaluation.tasks import READING, TASKS, Question, read_data
from fixtures.shapes import shape_image


def given(kind: str, wanted: str, text: str, *, read: bool = False, named: bool = False) -> Given:
    return Given(Question(Path("a.png"), "What?", wanted, kind, "flickr8k"), False, text, read, named, False)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        (given("color", "red", "Red."), True),
        (given("object", "dog", "a dog, probably a beagle"), False),
        (given("object", "dog", "a dog, probably a beagle", named=True), True),
        (given("object", "dog", "a hot dogfish", named=True), False),
        (given("object", "dog", "I am not sure."), False),
        (given(READING, "Total 5", "Total 5", read=True), True),
        (given(READING, "Total 5", "TOTAL 5", read=True), False),
    ],
)
def test_what_is_right(answer: Given, is_right: bool) -> None:
    assert answer.is_right == is_right


def test_a_row_for_each_kind(tmp_path: Path) -> None:
    """A photo of a red shape, asked twice; captions and other splits are left out."""
    shape_image().save(tmp_path / "shape.png")
    asked = [
        {"q": "What color is the shape?", "a": "red", "type": "color"},
        {"q": "What color is it?", "a": "green", "type": "color"},
    ]
    rows = [
        {"image": "shape.png", "captions": ["A shape."], "qa": asked, "source": "flickr8k", "split": split}
        for split in ("train", "val")
    ]
    (tmp_path / "research.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    told: list[str] = []
    table = given_table("tinyvlm-13m", TASKS, read_data(tmp_path), "val", 0, 1, told.append)
    assert table.splitlines()[2:] == ["| photos | color | 50.0 % | **50.0 %** | 9.5 % to 90.5 % | 0.0 % | 0.0 % | 2 |"]
    assert told == ["photos: 1 images done"]
