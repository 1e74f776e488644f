"""Pages that readers are measured on, and how what they read is scored. Drawn in Pillow's own typeface: no network."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from evaluation.text_reading import measure_readers
from evaluation.text_reading.published_readers import latin
from evaluation.text_reading.reading_scores import Figure, character_error_rate, common_words, exact, word_f1
from fixtures.pages import page_layouts, sheet
from fixtures.pages.page import Page, draw_page
from fixtures.pages.sheet import luminance, wrapped
from fixtures.pages.wear import worn
from support.environment import ScriptError
from tinyvlm.reading.order import arranged
from tinyvlm.reading.reading import Line, Reading


@pytest.fixture(autouse=True)
def typeface(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (page_layouts, sheet):
        monkeypatch.setattr(module, "font", lambda face, size: ImageFont.load_default(size))


@pytest.mark.parametrize("seed", range(12))
def test_a_page_is_drawn_by_its_number(seed: int) -> None:
    page, again = draw_page(seed), draw_page(seed)
    assert page.image.tobytes() == again.image.tobytes()
    assert (page.text, page.lean) == (again.text, again.lean)
    assert page.layout == tuple(page_layouts.LAYOUTS)[seed % 6]
    assert page.text.split()
    assert page.text == page.text.strip("\n")
    assert "\n\n\n" not in page.text


def test_pages_differ_and_some_are_as_they_were_drawn() -> None:
    pages = [draw_page(seed) for seed in range(3, 63, 6)]  # signs are quick
    assert len({page.text for page in pages}) == len(pages)
    assert any(page.lean for page in pages)
    assert any(not page.lean for page in pages)
    dark = [luminance(page.image.getpixel((5, 5))) < 128 for page in pages]
    assert any(dark)
    assert not all(dark)


def test_all_that_a_receipt_says_is_in_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[float, float, str, str]] = []

    def write(self: sheet.Sheet, x: float, y: float, text: str, face: str, size: int, anchor: str = "ls") -> None:
        long = ImageFont.load_default(size).getlength(text)
        left = x - {"l": 0, "m": long / 2, "r": long}[anchor[0]]
        assert left >= 0
        assert left + long <= self.image.width
        assert size <= y <= self.image.height - size / 2
        written.append((y, left, text, face))

    monkeypatch.setattr(sheet.Sheet, "write", write)
    page = draw_page(1)
    assert page.text.split() == [word for _, _, text, _ in sorted(written) for word in text.split()]


@pytest.mark.parametrize("lean", [0, 4, -7])
@pytest.mark.parametrize("seed", range(12))
def test_what_a_page_says_is_put_in_reading_order(monkeypatch: pytest.MonkeyPatch, seed: int, lean: int) -> None:
    cos, sin = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    lines: list[Line] = []

    def write(
        self: sheet.Sheet, x: float, y: float, text: str, face: str, size: int, *, anchor: str = "ls", **more: object
    ) -> None:
        long = ImageFont.load_default(size).getlength(text)
        left = x - {"l": 0, "m": long / 2, "r": long}[anchor[0]]
        a, b, c, d = (
            (across * cos - down * sin, across * sin + down * cos)
            for down, sides in ((y - 0.9 * size, (left, left + long)), (y + 0.4 * size, (left + long, left)))
            for across in sides
        )
        lines.append(Line(text, (a, b, c, d), 1.0))

    monkeypatch.setattr(sheet.Sheet, "write", write)
    page = draw_page(seed)
    random.Random(seed).shuffle(lines)
    assert Reading(arranged(lines), *page.image.size).text.split() == page.text.split()


def test_wrapped_lines_keep_all_words_and_their_width() -> None:
    words = ["a", "wonderful", "day", "at", "the", "lake", "with", "a", "verylongwordthatfitsnowhere", "at", "all"]
    lines = wrapped(words, 100, "any", 14)
    assert " ".join(lines).split() == words
    face = ImageFont.load_default(14)
    assert all(face.getlength(line) <= 100 for line in lines if " " in line)
    assert len(lines) > 3


def test_only_photos_lean() -> None:
    image = Image.new("RGB", (60, 40), "white")
    leans = [worn(image, random.Random(seed), photo=False)[1] for seed in range(30)]
    assert set(leans) == {0.0}
    assert len({worn(image, random.Random(seed), photo=True)[1] for seed in range(30)}) > 5


def test_a_page_that_leans_clockwise_sinks_to_the_right() -> None:
    image = Image.new("RGB", (400, 100), "white")
    image.paste((0, 0, 0), (0, 48, 400, 52))
    seen, lean = next(
        found for seed in range(200) if (found := worn(image, random.Random(seed), photo=True))[1] > 5
    )  # fmt: skip
    dark = np.asarray(seen.convert("L"), float) < 60
    left, right = (int(np.argwhere(dark[:, x]).mean()) for x in (seen.width // 4, 3 * seen.width // 4))
    assert (right - left) / (seen.width / 2) == pytest.approx(np.tan(np.radians(lean)), abs=0.03)


def test_words_count_in_any_order_but_with_their_case() -> None:
    assert common_words("a b b C", "b b b c a") == (3, 4, 5)
    figure = word_f1(["a b", "c"], ["b a", "d"])
    assert figure.value == pytest.approx(4 / 6)
    assert figure.low <= figure.value <= figure.high
    assert word_f1(["a"], [""]).value == 0


def test_errors_are_counted_over_characters_wanted() -> None:
    assert character_error_rate(["ab\n\ncd", "x"], ["ab  cx", "x"]).value == pytest.approx(1 / 6)
    assert exact(["a", "b"], ["a", "c"]).value == 0.5
    assert str(Figure(0.5, 0.25, 0.75)) == " 50.0 % (25.0 to 75.0)"


class Parrot:
    """Reads what it was told."""

    def __init__(self, pages: list[str], line: str) -> None:
        self._pages, self._line = list(pages), line

    def read(self, image: Image.Image) -> str:
        return self._pages.pop(0)

    def read_line(self, image: Image.Image) -> str:
        return self._line


def test_measured_by_layout_and_line() -> None:
    image = Image.new("RGB", (8, 8))
    pages = [Page(image, "one two", "sign", 0.0), Page(image, "three", "letter", 0.0)]
    found = measure_readers.measure(
        Parrot(["one two", "tree"], "Date:1"), pages, [(image, "DATE: 1"), (image, "DATE:1")]
    )
    values = {name: figure["value"] for name, figure in found["figures"].items()}
    assert values["word F1"] == pytest.approx(4 / 6)
    assert (values["sign, word F1"], values["letter, word F1"]) == (1.0, 0.0)
    assert values["letter, CER"] == pytest.approx(1 / 5)
    assert values["lines, exact, case ignored"] == 0.5
    assert values["lines, exact, spaces ignored too"] == 1.0
    assert values["lines, CER in capitals"] == pytest.approx(1 / 13)
    assert found["lines"] == ["Date:1", "Date:1"]


def test_receipt_lines_are_the_validation_rows(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    row = {"image": "a.png", "qa": [{"q": "?", "a": "TOTAL"}], "source": measure_readers.LINES, "split": "val"}
    rows = [row, row | {"split": "train"}, row | {"source": "other"}]
    (tmp_path / "research.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    ((image, text),) = measure_readers.receipt_lines(tmp_path)
    assert (image.size, text) == ((4, 4), "TOTAL")
    with pytest.raises(ScriptError, match=r"research\.jsonl"):
        measure_readers.receipt_lines(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "wanted"), [("a", True), ("Ä", True), ("€", True), ("1", True), ("你", False), ("я", False)]
)
def test_latin_characters(text: str, wanted: bool) -> None:
    assert latin(text) is wanted
