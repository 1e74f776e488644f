"""Generated pictures and what is asked about them agree; those that need no fonts and no art."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from train.drawn.charts import Bar, bar_questions
from train.drawn.drawings import drawing
from train.drawn.scenes import place_questions
from train.drawn.sketches import KINDS, sketch
from train.rows import Region, Row
from train.words import NUMBERS

MAKERS = [drawing, sketch]
SEEDS = range(40)


@pytest.mark.parametrize("make", MAKERS)
def test_a_seed_makes_one_picture(make: Callable[[int], tuple[Image.Image, Row]]) -> None:
    (first, row), (again, same), (other, _) = make(3), make(3), make(4)
    assert row == same
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert first.size != other.size or not np.array_equal(np.asarray(first), np.asarray(other))


@pytest.mark.parametrize("make", MAKERS)
def test_answers_follow_from_where_one_has_to_look(make: Callable[[int], tuple[Image.Image, Row]]) -> None:
    kinds = set()
    for seed in SEEDS:
        for question in make(seed)[1].questions:
            if question.find is None:
                continue
            kinds.add(question.type)
            if question.type == "count":
                assert question.a == NUMBERS[len(question.find)]
            elif question.type == "presence":
                assert question.a == ("yes" if question.find else "no")
            else:
                assert question.find
    assert {"count", "presence", "color"} <= kinds


@pytest.mark.parametrize("make", MAKERS)
def test_yes_and_no_are_balanced(make: Callable[[int], tuple[Image.Image, Row]]) -> None:
    answers = [q.a for seed in SEEDS for q in make(seed)[1].questions if q.type == "presence"]
    assert 0.35 < answers.count("yes") / len(answers) < 0.65


def test_what_lies_left_or_above_follows_from_the_boxes() -> None:
    cat, dog, owl = (
        Region("cat", 0.1, 0.1, 0.3, 0.3),
        Region("dog", 0.6, 0.5, 0.8, 0.7),
        Region("owl", 0.1, 0.6, 0.3, 0.8),
    )
    found: dict[str, str] = {}
    for seed in range(60):
        for question in place_questions(random.Random(seed), [cat, dog, owl], Counter(("cat", "dog", "owl"))):
            assert found.setdefault(question.q, question.a) == question.a
    assert found["Is the cat to the left of the dog?"] == "yes"
    assert found["Is the dog to the left of the cat?"] == "no"
    assert found["What is above, the owl or the cat?"] == found["What is above, the cat or the owl?"] == "cat"
    assert not any("owl" in text and "cat" in text and "left" in text for text in found), "they lie under each other"
    assert not any("owl" in text and "dog" in text and "above" in text for text in found), "neither is above"


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_what_is_drawn_lies_in_its_box(name: str) -> None:
    found = 0
    for seed in range(300):
        image, row = sketch(seed)
        boxes = {(b.left, b.top, b.right, b.bottom) for q in row.questions for b in q.find or [] if b.label == name}
        for left, top, right, bottom in boxes:
            found += 1
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            inside = np.asarray(image)[
                int(top * image.height) : int(bottom * image.height), int(left * image.width) : int(right * image.width)
            ]
            assert inside.reshape(-1, 3).std(0).max() > 5
    assert found


def test_charts_are_asked_about_what_they_show() -> None:
    bars = [
        Bar(
            [Region("A", 0.1, 0.9, 0.2, 1.0)], [Region("3", 0.1, 0.5, 0.2, 0.6)], Region("red bar", 0.1, 0.6, 0.2, 0.9)
        ),
        Bar(
            [Region("B", 0.5, 0.9, 0.6, 1.0)], [Region("7", 0.5, 0.1, 0.6, 0.2)], Region("red bar", 0.5, 0.2, 0.6, 0.9)
        ),
    ]
    asked = {q.q: q for q in bar_questions(random.Random(0), ["A", "B"], [3, 7], ["red", "red"], bars, True)}
    assert asked["Which bar is the tallest?"].a == "B"
    assert asked["Which bar is the tallest?"].find == bars[1].label
    assert asked["Which bar is the shortest?"].a == "A"
    assert asked["How many bars are there?"].a == "two"
    assert asked["What is the value of B?"].a == "7"
    assert asked["What is the value of B?"].find == bars[1].value
    assert not any(q.startswith("Which label has the red") for q in asked)
    hidden = bar_questions(random.Random(0), ["A", "B"], [3, 7], ["red", "blue"], bars, False)
    assert not any("value" in q.q for q in hidden)
    assert any(q.q.startswith("Which label has the") for q in hidden)
