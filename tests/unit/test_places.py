"""Which of two things lies left of the other, or above it: which questions ask for it, and what maps of looks tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from fixtures.shapes import shape_image
from fixtures.two_shapes import two_shapes
from streamed import Stream, ok
from tinyvlm import VLM, ModelError
from tinyvlm.answers.places import Found, PlaceQuestion, asked_place
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import CancelledError
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image

FOLDER = Path(open_model().path)


# ---- questions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "first", "second", "side", "is_which"),
    [
        ("Is the dog to the left of the cat?", "dog", "cat", "left", False),
        ("is a dog right of a cat", "dog", "cat", "right", False),
        ("Are the two pears on the left of the bell pepper in the picture?", "two pears", "bell pepper", "left", False),
        ("Is the red circle above the blue one-legged stool?", "red circle", "blue one-legged stool", "above", False),
        ("Is the kite higher up than the t-shirt?", "kite", "t-shirt", "higher", False),
        ("What is above, the knot or the fortune cookie?", "knot", "fortune cookie", "above", True),
        ("Which is further left: the cat or the dog?", "cat", "dog", "left", True),
        ("Which one is on the right, an owl or a bat?", "owl", "bat", "right", True),
        ("What is lower the moon or the sun", "moon", "sun", "lower", True),
    ],
)
def test_what_is_asked(question: str, first: str, second: str, side: str, is_which: bool) -> None:
    assert asked_place(question) == PlaceQuestion(first, second, side, is_which)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Is the dog in front of the cat?",
        "Is there a dog to the left of it?",
        "Is it above the cat?",
        "What is above the cat?",
        "What is to the left of the dog?",
        "Is the dog and the cat above the owl?",
        "Is the dog above the dog?",
        "What is above, it or the dog?",
        "Is the left dog brown?",
        "Is a very very very long name above the cat?",
        f"Is the {'x' * 120} above the cat?",
        f"Is the {'x' * 41} above the cat?",
        f"Is the {'猫' * 14} above the cat?",
        "Ist der Hund links von der Katze?",
    ],
)
def test_what_asks_for_something_else(question: str) -> None:
    assert asked_place(question) is None


# ---- maps ----------------------------------------------------------------------------------------------------------


def looked(*places: tuple[int, int], is_there: bool = True, rest: float = 0.1) -> Found:
    """Return a map of 14 x 14 cells with as much at each place, (column, row), and a rest all over."""
    heat = np.full((14, 14), rest / 196)
    for column, row in places:
        heat[row, column] += (1 - rest) / len(places)
    return Found(is_there, heat.tolist())


@pytest.mark.parametrize(
    ("side", "first", "second", "wanted"),
    [
        ("left", (2, 7), (9, 7), "yes"),
        ("left", (9, 7), (2, 7), "no"),
        ("right", (9, 7), (2, 7), "yes"),
        ("above", (9, 2), (2, 7), "yes"),
        ("higher", (9, 9), (2, 7), "no"),
        ("below", (0, 13), (13, 0), "yes"),
        ("lower", (0, 0), (13, 13), "no"),
        ("left", (5, 5), (5, 5), "no"),
    ],
)
def test_two_places_are_compared(side: str, first: tuple[int, int], second: tuple[int, int], wanted: str) -> None:
    found = {"owl": looked(first), "bat": looked(second)}
    assert PlaceQuestion("owl", "bat", side, False).answer(found.get) == wanted
    if first != second:
        name = "owl" if wanted == "yes" else "bat"
        assert PlaceQuestion("owl", "bat", side, True).answer(found.get) == name


@pytest.mark.parametrize(
    "second", [None, looked((9, 7), is_there=False), looked((9, 7), (2, 2)), looked((9, 7), rest=0.5)]
)
def test_nothing_is_told_of_what_was_not_found(second: Found | None) -> None:
    """Not there, two of them, or looks all over."""
    for first, other in permutations((looked((2, 7)), second)):
        assert PlaceQuestion("owl", "bat", "left", True).answer({"owl": first, "bat": other}.get) is None


def test_between_two_cells_it_lies_between_them() -> None:
    between, beside = looked((4, 4), (5, 4)), looked((4, 4), rest=0)
    assert PlaceQuestion("owl", "bat", "right", False).answer({"owl": between, "bat": beside}.get) == "yes"


# ---- the model's answers -------------------------------------------------------------------------------------------

SEED = 104


@pytest.fixture(scope="module", params=["numpy", "wasm"])
def vlm(request: pytest.FixtureRequest) -> Iterator[VLM]:
    with closing(VLM.from_pretrained(backend=request.param, threads=1)) as vlm:
        yield vlm


@pytest.mark.slow
def test_it_tells_what_lies_where(vlm: VLM) -> None:
    for seed in range(100, 106):
        image, (left, right) = two_shapes(seed)
        upper, lower = sorted((left, right), key=lambda shape: shape.y)
        asked = {
            f"Is the {left.kind} to the left of the {right.kind}?": "yes",
            f"Is the {right.kind} to the left of the {left.kind}?": "no",
            f"Is a {right.color} {right.kind} right of the {left.color} {left.kind}?": "yes",
            f"Which is on the right, the {left.kind} or the {right.kind}?": right.kind,
        }
        if lower.y - upper.y >= 40:
            asked |= {
                f"What is above, the {left.kind} or the {right.kind}?": upper.kind,
                f"Is the {upper.kind} below the {lower.kind}?": "no",
                f"Is the {lower.kind} lower than the {upper.kind}?": "yes",
            }
        encoded = vlm.encode_image(image)
        for question, wanted in asked.items():
            assert vlm.ask(encoded, question) == wanted, (seed, question)
            last = vlm.last_answer
            assert (last.placed, last.unsure, last.finish_reason) == (True, False, "stop")


@pytest.mark.slow
def test_what_is_not_found_is_not_guessed(vlm: VLM) -> None:
    encoded = vlm.encode_image(shape_image())
    for question in ("Is the circle to the right of the dragon?", "What is above, the dragon or the circle?"):
        assert vlm.ask(encoded, question) == "I am not sure."
        last = vlm.last_answer
        assert (last.placed, last.unsure, last.finish_reason) == (False, True, "stop")


@pytest.mark.slow
def test_it_is_held_to_places_only_where_it_may_be(vlm: VLM) -> None:
    image, (left, right) = two_shapes(SEED)
    question = f"Is the {left.kind} to the right of the {right.kind}?"
    encoded = vlm.encode_image(image)
    assert vlm.conversation().ask(question, encoded) == "no"
    assert vlm.last_answer.placed
    own = vlm.ask(encoded, question, unsure=False)
    assert not vlm.last_answer.placed
    assert vlm.ask(encoded, question, choices=["yes", "no"]) in ("yes", "no")
    assert not vlm.last_answer.placed
    assert vlm.ask(encoded, question) == "no", "also behind the other questions"
    assert vlm.ask(encoded, question, unsure=False) == own
    assert vlm.explain(encoded, question).text == "no"


@pytest.mark.slow
def test_a_stop_while_it_looks_ends_the_answer(vlm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = vlm.encode_image(shape_image())
    pieces = vlm.stream(encoded, "Is the circle above the triangle?")

    def stopped(*_: object) -> Iterator[str]:
        raise CancelledError("cancelled")
        yield ""

    with monkeypatch.context() as patch:
        patch.setattr(vlm._generator, "generate", stopped)
        with pytest.raises(CancelledError):
            next(pieces)
    assert vlm.last_answer.finish_reason == "cancelled"
    assert vlm.ask(encoded, "What color is the circle?") == "red"


@pytest.mark.slow
def test_a_session_tells_it_as_a_draft_and_whole() -> None:
    image, (left, right) = two_shapes(SEED)
    picture = load_image(image)
    with closing(WasmtimeKernels(threads=1)) as kernels:
        stream = Stream(FOLDER, kernels)
        for milestone in ("draft", "whole"):
            stream.until(milestone)
            ok(stream.session.encode(picture.data, picture.width, picture.height, "balanced"))
            ok(stream.session.ask(f"Which is on the left, the {right.kind} or the {left.kind}?", "{}"))
            assert "".join(iter(lambda: ok(stream.session.next_piece()), None)) == left.kind


def test_the_folder_says_whether_looks_can_be_trusted(tmp_path: Path) -> None:
    assert read_model(open_model()).looks_at_things
    for name in ("config.json", "preprocessor_config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    (tmp_path / "generation_config.json").write_text("{}")
    assert not read_model(open_model(str(tmp_path))).looks_at_things
    (tmp_path / "generation_config.json").write_text('{"looks_at_things": 1}')
    with pytest.raises(ModelError, match="looks_at_things"):
        read_model(open_model(str(tmp_path)))
