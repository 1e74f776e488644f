"""An explanation's parts: words of tokens, maps of image tokens' weights, and what JSON holds of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from public_model import smolvlm_files
from tinyvlm.answers.explanation import Explanation, words_of
from tinyvlm.backends.looking import TokenLook
from tinyvlm.models.architecture import ModelFiles
from tinyvlm.models.looks import Cells, Grid, Look, square
from tinyvlm.models.parts.smolvlm_inputs import ImageProcessor
from tinyvlm.models.smolvlm import SmolVLM

WHOLE = Cells(0, 0, 4, 4)
GRID = Grid(4, 4, [*square(4, WHOLE), *square(2, WHOLE), None])
"""As the bundled model's: fine tokens, coarse ones, one of the image as a whole."""


class Spelling:
    """A tokenizer of whole pieces; 0 is special."""

    special_ids = frozenset({0})

    def __init__(self, *pieces: str | bytes) -> None:
        self._pieces = [piece.encode() if isinstance(piece, str) else piece for piece in ("", *pieces)]

    def token_bytes(self, token: int) -> bytes:
        return self._pieces[token]


def look(probability: float = 1.0, weights: Sequence[float] = ()) -> TokenLook:
    return TokenLook(probability, [(1, 0.75), (0, 0.125)], weights)


def spelled(text: str, *pieces: str | bytes) -> list[str]:
    """The words of an answer of these tokens, of which `text` was given."""
    tokenizer: Any = Spelling(*pieces)
    ids = list(range(1, len(pieces) + 1))
    return [word.text for word in words_of(text, ids, [look()] * len(ids), tokenizer, None)]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([" A", " red", " circle", "."], ["A", " red", " circle", "."]),
        ([" bea", "gle", "s"], ["beagles"]),
        ([" t", "-", "shirt", "!", "?"], ["t-shirt", "!", "?"]),
        ([" it", "'s", " 3", ".", "50", " $"], ["it's", " 3.50", " $"]),
        ([" caf", b"\xc3", b"\xa9", " au"], ["café", " au"]),
        ([" one", "\n", " two"], ["one", "\n", " two"]),
        ([" cut", b"\xf0\x9f"], ["cut", "�"]),
    ],
)
def test_words_join_to_the_answer(pieces: list[str | bytes], words: list[str]) -> None:
    assert spelled("".join(words), *pieces) == words


def test_what_a_stop_cut_off_is_no_word() -> None:
    assert spelled("a dog", " a", " dog", " STOP", "ped") == ["a", " dog"]
    assert spelled("a do", " a", " dog", " STOP") == ["a", " do"]


def test_a_word_is_as_likely_as_all_of_its_tokens() -> None:
    tokenizer: Any = Spelling(" bea", "gle", " x")
    one, two = words_of("beagle x", [1, 2, 3], [look(0.5), look(0.25), look(0.75)], tokenizer, None)
    assert (one.text, one.probability) == ("beagle", 0.125)
    assert (two.text, two.probability) == (" x", 0.75)
    assert one.alternatives == [(" bea", 0.75), ("", 0.125)], "of its first token; the end has no text"
    assert (one.heat, one.elsewhere) == (None, 1.0), "nothing tells where it looked"


def test_coarse_tokens_are_shared_out_and_the_map_s_sum_is_one() -> None:
    weights = [0.0] * 21
    weights[6] = 0.25  # row 1, column 2
    weights[16 + 3] = 0.25  # the lower right of four
    weights[20] = 0.5  # the whole
    heat, placed = GRID.spread(weights)
    assert placed == 0.5
    assert heat == [[0, 0, 0, 0], [0, 0, 0.5, 0], [0, 0, 0.125, 0.125], [0, 0, 0.125, 0.125]]
    assert GRID.spread([0.0] * 20 + [1.0]) == (None, 0.0), "no map rather than a false one"


def test_a_word_s_map_is_the_mean_of_its_tokens() -> None:
    first, second = [0.0] * 21, [0.0] * 21
    first[0], second[15], second[20] = 1.0, 0.5, 0.5
    tokenizer: Any = Spelling(" bea", "gle")
    (word,) = words_of("beagle", [1, 2], [look(1, first), look(1, second)], tokenizer, GRID)
    assert word.elsewhere == 0.25
    assert word.heat is not None
    assert word.heat[0][0] == pytest.approx(2 / 3)
    assert word.heat[3][3] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("side", "area"), [(7, 14), (3, 7), (5, 5), (2, 9)])
def test_tokens_tile_their_area_without_gap_or_overlap(side: int, area: int) -> None:
    counts = [[0] * area for _ in range(area)]
    for cells in square(side, Cells(0, 0, area, area)):
        for row in range(cells.top, cells.top + cells.height):
            for column in range(cells.left, cells.left + cells.width):
                counts[row][column] += 1
    assert counts == [[1] * area for _ in range(area)]


def test_tiles_are_put_back_where_they_were_cut() -> None:
    """Each tile's cells cover the share of the image that its view was cut from; the last view covers all."""
    side, pixels = 2, 8
    processor = ImageProcessor(32, pixels, True, 1, 1 / 255, (0.5,) * 3, (0.5,) * 3)
    plan = processor.plan(240, 320)
    model: Any = SmolVLM.__new__(SmolVLM)
    model.config = type("Config", (), {"view_rows": side * side})
    grid = model.grid(plan)
    assert (plan.rows, plan.columns) == (3, 4)
    assert (grid.rows, grid.columns, len(grid.tokens)) == (6, 8, 13 * 4)
    for index, view in enumerate(plan.views[:-1]):
        for token, cells in enumerate(grid.tokens[4 * index : 4 * index + 4]):
            row, column = divmod(token, side)
            assert cells.top / grid.rows == (view.top + row * pixels / side) / (plan.rows * pixels)
            assert cells.left / grid.columns == (view.left + column * pixels / side) / (plan.columns * pixels)
            assert (cells.height, cells.width) == (1, 1)
    assert grid.tokens[-4:] == [Cells(0, 0, 3, 4), Cells(0, 4, 3, 4), Cells(3, 0, 3, 4), Cells(3, 4, 3, 4)]
    alone = model.grid(processor.with_profile("fast").plan(240, 320))
    assert (alone.rows, alone.columns, len(alone.tokens)) == (2, 2, 4), "one view of the whole image"


@pytest.mark.parametrize(
    ("layers", "middle"), [(1, [0]), (2, [0]), (3, [1]), (24, [*range(8, 16)]), (30, [*range(10, 20)])]
)
def test_models_that_were_not_taught_to_look_tell_by_their_middle_layers(layers: int, middle: list[int]) -> None:
    texts = {name: json.loads(data) for name, data in smolvlm_files().items() if name.endswith("config.json")}
    config = texts["config.json"]
    config["text_config"] |= {"num_hidden_layers": layers}
    model = SmolVLM(ModelFiles(config, texts["preprocessor_config.json"], {}, texts["tokenizer_config.json"]))
    heads = range(config["text_config"]["num_attention_heads"])
    assert model.looks == [Look(layer, heads) for layer in middle]


def test_json_holds_it_all() -> None:
    tokenizer: Any = Spelling(" red")
    weights = [1 / 3, *[0.0] * 19, 2 / 3]
    explanation = Explanation("red", "own", True, list(words_of("red", [1], [look(0.5, weights)], tokenizer, GRID)))
    assert json.loads(json.dumps(explanation.to_json())) == {
        "text": "red",
        "kind": "own",
        "draft": True,
        "words": [
            {
                "text": "red",
                "probability": 0.5,
                "alternatives": [{"text": " red", "probability": 0.75}, {"text": "", "probability": 0.125}],
                "heat": [[1.0, 0.0, 0.0, 0.0], *[[0.0] * 4] * 3],
                "elsewhere": 0.666667,
            }
        ],
    }
    assert Explanation("Sorry.", "unserved", False, ()).to_json()["words"] == []
