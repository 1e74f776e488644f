"""What the comparison of towers counts, asks and prints; torch, fonts and art are not needed here."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bundled_model.configs import STAGES
from tinyvlm.models.parts.efficientnet import EfficientNetConfig
from tinyvlm.weights.safetensors import open_safetensors
from train.comparison.cells import Lesson, centre_cells, in_coarser, labelled_cells
from train.comparison.compare_table import RESULTS, TIMES, TODAY, encoder, key, table
from train.dataset.targets import GLYPHS, Targets
from train.model.towers import LAYOUTS, TOWERS, Tower, cost, scaled
from train.rows import Region, Row

MODEL = Path(__file__).resolve().parents[2] / "web/models/tinyvlm-13m/model.safetensors"


def test_stages_are_scaled_as_in_the_published_weights() -> None:
    assert scaled(1.0, 1.0) == STAGES
    assert [(stage[1], stage[4]) for stage in scaled(1.0, 1.1)] == [
        (16, 1), (24, 3), (40, 3), (80, 4), (112, 4), (192, 5), (320, 1),
    ]  # fmt: skip
    assert [(stage[1], stage[4]) for stage in scaled(1.1, 1.2)] == [
        (16, 1), (24, 3), (48, 3), (88, 4), (120, 4), (208, 5), (352, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("tower", TOWERS, ids=str)
def test_the_package_sees_the_same_grids(tower: Tower) -> None:
    described = encoder(tower, LAYOUTS[-1])
    config = EfficientNetConfig.from_dict(described["config"])
    assert tuple(config.grid_after(described[name] + 1) for name in ("detail", "fine", "coarse")) == tower.sides


def test_a_layout_without_the_last_map_ends_the_tower_there() -> None:
    for tower in TOWERS:
        described = encoder(tower, LAYOUTS[1])
        assert described["coarse"] is None
        assert len(described["config"]["stages"]) == described["fine"] + 1
        assert cost(tower, LAYOUTS[1])[0] < cost(tower, LAYOUTS[0])[0] == cost(tower, LAYOUTS[3])[0]


def test_today_s_tower_costs_what_ships() -> None:
    with open_safetensors(MODEL) as source:
        shipped = sum(info.nbytes for name, info in source.tensors.items() if name.startswith("vision."))
    assert cost(*TODAY)[0] == shipped
    assert TODAY[1].tokens(TODAY[0]) == 14 * 14 + 7 * 7 + 2


def test_a_convolution_costs_its_weights_at_every_cell() -> None:
    small, large = (cost(Tower(0, size), LAYOUTS[1])[1] for size in (224, 448))
    assert large == 4 * small


def test_cells_and_the_coarser_ones_they_lie_in() -> None:
    assert in_coarser(np.arange(4), 4, 2).tolist() == [0, 0, 1, 1]
    assert in_coarser(np.arange(15), 15, 8).tolist() == [0, 0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    assert in_coarser(np.arange(28), 28, 14).tolist() == [i // 2 for i in range(28)]


@pytest.fixture
def lesson() -> Lesson:
    """Two pictures: an A, which is large, and a B beside a character without a number."""
    rows = [
        Row("text", "train", glyphs=[Region("A", 0.0, 0.0, 0.5, 0.5)]),
        Row("text", "train", glyphs=[Region("B", 0.9, 0.6, 1.0, 0.65), Region("%", 0.0, 0.0, 0.2, 0.2)]),
    ]
    targets = Targets(rows)
    numbers = {character: i for i, character in enumerate(GLYPHS, 1)}
    return Lesson([row.glyphs for row in rows], numbers, [partial(targets.glyph_map, row) for row in rows])


def test_one_learns_from_all_cells_and_is_asked_at_centres(lesson: Lesson) -> None:
    learned = labelled_cells(lesson, range(2), 4)
    assert list(zip(learned.picture, learned.line, learned.column, learned.label, strict=True)) == [
        (0, 0, 0, 1), (0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 1), (1, 2, 3, 2),
    ]  # fmt: skip
    asked = centre_cells(lesson, range(1, 2), 4)
    assert (asked.picture.tolist(), asked.line.tolist(), asked.column.tolist(), asked.label.tolist()) == (
        [1], [2], [3], [2],
    )  # fmt: skip


def test_every_cell_is_in_one_quarter_of_a_coarser_one(lesson: Lesson) -> None:
    learned = labelled_cells(lesson, range(2), 4)
    assert learned.quarter.tolist() == [0, 1, 2, 3, 1]
    assert learned.where(learned.quarter == 1).picture.tolist() == [0, 1]


def test_the_table_tells_today_s_share_and_how_others_differ(tmp_path: Path) -> None:
    other = key(TOWERS[0], LAYOUTS[0])
    results = {key(*TODAY): {"things": [[3, 4]] * 50}, other: {"things": [[2, 4]] * 50}}
    (tmp_path / RESULTS).write_text(json.dumps(results))
    (tmp_path / TIMES).write_text(json.dumps({other: {"median": 12.34, "low": 12.0, "high": 13.0}}))
    lines = table(tmp_path).splitlines()
    assert len(lines) == 2 + len(TOWERS) * len(LAYOUTS)
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| Lite0 at 224 | 1/32 | 51 | 50.0 (-25.0 to -25.0) |  |  | 5.3 | 430 | 12.3 |")
    assert lines[5].startswith("| Lite0 at 224 | 1/16 with 1/8, 1/32 | 247 | 75.0 (75.0 to 75.0) |")
