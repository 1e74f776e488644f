"""The order in which lines are read: receipts by rows, pages by columns, leaning or not, however they are given."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.reading.geometry import Corners
from tinyvlm.reading.order import arranged, lean, reading_order
from tinyvlm.reading.reading import Line, Reading

Box = tuple[float, float, float, float]


def corners(left: float, top: float, right: float, bottom: float, angle: float = 0.0) -> Corners:
    """Return a box's corners, turned by `angle` degrees clockwise round (400, 400)."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def turned(x: float, y: float) -> tuple[float, float]:
        return 400 + (x - 400) * cos - (y - 400) * sin, 400 + (x - 400) * sin + (y - 400) * cos

    return turned(left, top), turned(right, top), turned(right, bottom), turned(left, bottom)


def page(*boxes: tuple[str, Box], angle: float = 0.0) -> list[Line]:
    return [Line(text, corners(*box, angle), 1.0) for text, box in boxes]


def read(lines: list[Line]) -> str:
    return Reading(arranged(lines), 800, 800).text


RECEIPT = (
    ("CORNER SHOP", (250, 20, 450, 44)),
    ("2 x Tea", (40, 80, 150, 100)),
    ("7.80", (600, 80, 660, 100)),
    ("Bread, whole grain", (40, 108, 320, 128)),
    ("3.20", (600, 109, 660, 129)),
    ("Total", (40, 136, 110, 156)),
    ("EUR", (480, 136, 530, 156)),
    ("11.00", (590, 136, 660, 156)),
)
RECEIPT_TEXT = "CORNER SHOP\n\n2 x Tea\t7.80\nBread, whole grain\t3.20\nTotal\tEUR\t11.00"
COLUMNS = (
    ("A headline over both", (40, 20, 760, 60)),
    *((f"left {n}", (40, 100 + 28 * n, 380 - (n == 5) * 200, 120 + 28 * n)) for n in range(6)),
    *((f"right {n}", (420, 100 + 28 * n, 760 - n % 2 * 20, 120 + 28 * n)) for n in range(5)),
)
COLUMNS_TEXT = "\n".join([
    "A headline over both", "", *(f"left {n}" for n in range(6)), "", *(f"right {n}" for n in range(5)),
])  # fmt: skip


@pytest.mark.parametrize("angle", [0, 3, -3, 12, -20, 90])
def test_a_receipt_is_read_by_rows(angle: float) -> None:
    assert read(page(*RECEIPT, angle=angle)) == RECEIPT_TEXT


@pytest.mark.parametrize("angle", [0, 3, -3, 12, -20])
def test_a_page_is_read_by_columns(angle: float) -> None:
    assert read(page(*COLUMNS, angle=angle)) == COLUMNS_TEXT


def test_three_columns_and_a_footer() -> None:
    boxes = [(f"{c}{n}", (20 + 260 * c, 50 + 24 * n, 250 + 260 * c, 68 + 24 * n)) for n in range(4) for c in range(3)]
    text = read(page(*boxes, ("footer", (20, 200, 770, 218))))
    assert text.split() == [f"{c}{n}" for c in range(3) for n in range(4)] + ["footer"]


def test_narrow_columns_whose_lines_do_not_stand_beside_each_other() -> None:
    menu = [(f"m{n}", (20, 20 + 40 * n, 80, 40 + 40 * n)) for n in range(6)]
    body = [(f"b{n}", (200, 40 + 26 * n, 700, 60 + 26 * n)) for n in range(8)]
    aligned = sum(any(abs(m[1][1] - b[1][1]) < 8 for b in body) for m in menu)
    assert aligned <= 3
    assert read(page(*menu, *body)).split() == [f"m{n}" for n in range(6)] + [f"b{n}" for n in range(8)]


def test_a_table_of_short_texts_is_read_by_rows() -> None:
    cells = [(f"{c}{n}", (40 + 300 * c, 20 + 24 * n, 120 + 300 * c, 40 + 24 * n)) for n in range(5) for c in range(2)]
    assert read(page(*cells)).split() == [f"{c}{n}" for n in range(5) for c in range(2)]


def test_one_block_above_the_other_is_no_column() -> None:
    sender = [(f"s{n}", (500, 20 + 24 * n, 780, 40 + 24 * n)) for n in range(3)]
    letter = [(f"l{n}", (40, 120 + 24 * n, 440, 140 + 24 * n)) for n in range(4)]
    assert read(page(*letter, *sender)).split() == ["s0", "s1", "s2", "l0", "l1", "l2", "l3"]


def test_blocks_are_cut_where_the_gap_is_wider_than_usual() -> None:
    tops = [0, 24, 48, 110, 134]
    assert read(page(*((str(top), (0, top, 200, top + 20)) for top in tops))) == "0\n24\n48\n\n110\n134"
    doubled = [0, 42, 84, 126]
    assert read(page(*((str(top), (0, top, 200, top + 20)) for top in doubled))) == "0\n42\n84\n126"
    assert read(page(("a", (0, 0, 50, 20)), ("b", (0, 100, 50, 120)))) == "a\n\nb"


def test_rows_and_blocks_are_counted_through_the_picture() -> None:
    lines = arranged(page(*RECEIPT))
    assert [(line.block, line.row) for line in lines] == [
        (0, 0), (1, 1), (1, 1), (1, 2), (1, 2), (1, 3), (1, 3), (1, 3),
    ]  # fmt: skip


def test_a_row_that_sinks_is_followed_from_box_to_box() -> None:
    sinking = [(str(n), (100.0 * n, 8.0 * n, 100.0 * n + 90, 8.0 * n + 20)) for n in range(6)]
    below = [(f"b{n}", (100.0 * n, 8.0 * n + 30, 100.0 * n + 90, 8.0 * n + 50)) for n in range(6)]
    flat = [("wide", (0.0, 200.0, 790.0, 220.0))]
    text = read(page(*sinking, *below, *flat))
    assert text.split() == [*"012345", *(f"b{n}" for n in range(6)), "wide"]


@given(st.randoms(use_true_random=False), st.sampled_from([RECEIPT, COLUMNS]), st.sampled_from([0.0, 5.0, -9.0]))
def test_any_order_of_lines_reads_the_same(
    rng: random.Random, boxes: tuple[tuple[str, Box], ...], angle: float
) -> None:
    lines = page(*boxes, angle=angle)
    wanted = read(lines)
    rng.shuffle(lines)
    assert read(lines) == wanted


NUMBER = st.integers(0, 400).map(float)
SIZE = st.integers(1, 200).map(float)
ANY_BOX = st.tuples(NUMBER, NUMBER, SIZE, SIZE, st.sampled_from([0.0, 2.0, 40.0])).map(
    lambda box: corners(box[0], box[1], box[0] + box[2], box[1] + box[3], box[4])
)


@settings(max_examples=300)
@given(st.lists(ANY_BOX, max_size=12), st.randoms(use_true_random=False))
def test_any_boxes_are_all_read_once_and_in_one_order(boxes: list[Corners], rng: random.Random) -> None:
    order = reading_order(boxes)
    flat = [index for block in order for row in block for index in row]
    assert sorted(flat) == list(range(len(boxes)))
    assert all(block and all(block) for block in order)
    shuffled = list(boxes)
    rng.shuffle(shuffled)
    again = [[[shuffled[index] for index in row] for row in block] for block in reading_order(shuffled)]
    assert again == [[[boxes[index] for index in row] for row in block] for block in order]


def test_the_lean_is_that_of_most_of_the_text() -> None:
    assert lean([]) == 0.0
    boxes = [corners(0, 0, 300, 20, 4), corners(0, 40, 280, 60, 5), corners(0, 90, 20, 110, -30)]
    assert math.degrees(lean(boxes)) == pytest.approx(4)
    assert math.degrees(lean([corners(0, 0, 300, 20, 90)])) == pytest.approx(90)
