"""A second look: which part of an image is looked at again, and whose answer is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from evaluation.answers import Answer
from evaluation.tasks import Question
from evaluation.views import likelier, look, part_of


@pytest.mark.parametrize(
    ("size", "share", "heat", "box"),
    [
        ((200, 100), 0.5, None, (50, 25, 150, 75)),
        ((200, 100), 1.0, None, (0, 0, 200, 100)),
        ((200, 100), 0.5, [[0, 0, 0, 0], [0, 0, 1, 0]], (75, 50, 175, 100)),
        ((200, 100), 0.5, [[1, 0], [0, 0]], (0, 0, 100, 50)),
        ((100, 100), 0.5, [[0.5, 0.5], [0.5, 0.5]], (25, 25, 75, 75)),
        ((1, 3), 0.1, None, (0, 1, 1, 2)),
    ],
)
def test_a_part_lies_inside_around_what_was_looked_at(
    size: tuple[int, int], share: float, heat: list[list[float]] | None, box: tuple[int, ...]
) -> None:
    assert part_of(size, share, heat) == box


def test_the_answer_that_was_begun_more_surely_is_taken() -> None:
    one, other = Answer("red", 0.5, 0.6), Answer("blue", 0.55, 0.7)
    assert likelier(one, other) is likelier(other, one) is other
    assert likelier(one, Answer("blue", 0.9, 0.6)) is one


class Clerk:
    """Says how large the image is that it is shown; surer of the small ones. Looks at the lower right."""

    def see(self, image: Image.Image) -> object:
        return image

    def ask(self, image: object, question: str) -> Answer:
        assert isinstance(image, Image.Image)
        return Answer(f"{question} {image.width} x {image.height} {image.getpixel((0, 0))}", 0, 1 / image.width)

    def looked(self, image: object, question: str) -> list[list[float]]:
        return [[0, 0], [0, 1]]


def test_every_way_has_the_whole_and_its_part(tmp_path: Path) -> None:
    picture = Image.new("RGB", (200, 100))
    picture.putpixel((50, 25), (9, 9, 9))
    picture.save(tmp_path / "picture.png")
    found = look(Clerk(), Question(tmp_path / "picture.png", "size:", "", "color", "test"))
    assert {way: answer.text for way, (answer, _) in found.items()} == {
        "the whole": "size: 200 x 100 (0, 0, 0)",
        "the whole, and its middle": "size: 170 x 85 (0, 0, 0)",
        "the whole, and around what it looked at": "size: 150 x 75 (9, 9, 9)",
    }
    whole, *others = (ms for _, ms in found.values())
    assert all(ms >= whole > 0 for ms in others)
