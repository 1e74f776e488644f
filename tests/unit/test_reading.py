"""Readings: their text, JSON there and back, hOCR that an XML parser reads."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.errors import InputError
from tinyvlm.reading.formats import hocr
from tinyvlm.reading.geometry import Corners
from tinyvlm.reading.reading import Line, Reading, Word

XHTML = "{http://www.w3.org/1999/xhtml}"


def box(left: float, top: float, right: float, bottom: float) -> Corners:
    return (left, top), (right, top), (right, bottom), (left, bottom)


READING = Reading(
    (
        Line("Tea & <milk>", box(10.4, 10.2, 110, 30), 0.912345, (
            Word("Tea", box(10.4, 10.2, 40, 30), 0.95), Word("&", box(45, 10, 55, 30), 0.8),
            Word("<milk>", box(60, 10, 110, 30), 0.9),
        ), 0, 0),
        Line("7.80", box(200, 10, 240.5, 30), 1.0, (), 0, 0),
        Line("EUR", box(250, 10, 280, 30), 1.0, (), 0, 0),
        Line("Bread", box(10, 34, 60, 54), 0.5, (), 0, 1),
        Line('"Thank you"', ((10, 110), (100, 100), (102, 120), (12, 130)), 0.25, (), 1, 2),
    ),
    300, 140,
)  # fmt: skip


def test_text_has_rows_tabs_and_blocks() -> None:
    assert READING.text == 'Tea & <milk>\t7.80 EUR\nBread\n\n"Thank you"'
    assert Reading((), 10, 10).text == ""


@pytest.mark.parametrize(("gap", "between"), [(30, " "), (31, "\t"), (-5, " ")])
def test_a_wide_gap_is_a_tab(gap: int, between: str) -> None:
    lines = Line("a", box(0, 0, 100, 20), 1.0), Line("b", box(100 + gap, 0, 150 + gap, 24), 1.0)
    assert Reading(lines, 200, 40).text == f"a{between}b"


def test_gaps_are_measured_along_the_text() -> None:
    def down(top: float, bottom: float) -> Corners:
        return (20, top), (20, bottom), (0, bottom), (0, top)

    lines = Line("a", down(0, 100), 1.0), Line("b", down(120, 200), 1.0), Line("c", down(300, 380), 1.0)
    assert Reading(lines, 40, 400).text == "a b\tc"


def test_json_there_and_back() -> None:
    value = json.loads(json.dumps(READING.to_json()))
    assert value["text"] == READING.text
    assert (value["width"], value["height"]) == (300, 140)
    assert value["lines"][0]["words"][0] == {
        "text": "Tea", "confidence": 0.95, "corners": [[10.4, 10.2], [40, 10.2], [40, 30], [10.4, 30]],
    }  # fmt: skip
    assert value["lines"][0]["confidence"] == 0.9123
    assert [(line["block"], line["row"]) for line in value["lines"]] == [(0, 0), (0, 0), (0, 0), (0, 1), (1, 2)]
    again = Reading.from_json(value)
    assert again.to_json() == value
    assert again.lines[1:] == READING.lines[1:]


WHOLE = Reading((Line("a", box(0, 0, 1, 1), 1.0),), 5, 5).to_json()


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        None,
        WHOLE | {"width": -1},
        WHOLE | {"height": 1.5},
        WHOLE | {"height": True},
        WHOLE | {"lines": 3},
        WHOLE | {"lines": [{"text": "a"}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"text": 3}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"corners": [[0, 0]] * 3}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"corners": [[0, 0, 0]] * 4}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"confidence": "high"}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"words": [{}]}]},
        WHOLE | {"lines": [WHOLE["lines"][0] | {"row": None}]},
    ],
)
def test_other_values_are_no_reading(value: Any) -> None:
    with pytest.raises(InputError, match="not a reading") as caught:
        Reading.from_json(value)
    assert caught.value.code == "reading-invalid"


def test_hocr_has_pages_blocks_lines_and_words() -> None:
    text = hocr(READING, 'my "receipt" & co.jpg')
    page = ElementTree.fromstring(text).find(f".//{XHTML}div[@class='ocr_page']")
    assert page is not None
    assert page.get("title") == 'image "my receipt & co.jpg"; bbox 0 0 300 140'
    blocks = page.findall(f"{XHTML}div[@class='ocr_carea']")
    assert [block.get("title") for block in blocks] == ["bbox 10 10 280 54", "bbox 10 100 102 130"]
    lines = page.findall(f".//{XHTML}span[@class='ocr_line']")
    assert [line.get("title") for line in lines][::4] == [
        "bbox 10 10 110 30; textangle 0.00; x_wconf 91",
        "bbox 10 100 102 130; textangle 6.34; x_wconf 25",
    ]
    assert ["".join(line.itertext()) for line in lines] == [line.text for line in READING.lines]
    words = page.findall(f".//{XHTML}span[@class='ocrx_word']")
    assert words[2].text == "<milk>"
    assert words[2].get("title") == "bbox 60 10 110 30; x_wconf 90"
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 1 + 2 + 5 + 7
    assert "textangle -0.00" not in text


def test_hocr_boxes_stay_in_the_picture() -> None:
    text = hocr(Reading((Line("a", box(-3.5, -2, 12, 11), 1.0),), 10, 10))
    assert text.count('"bbox 0 0 10 10;') == 2


@given(st.text(), st.text())
def test_hocr_of_any_text_is_xml(text: str, name: str) -> None:
    reading = Reading((Line(text, box(0, 0, 5, 5), 0.5),), 10, 10)
    root = ElementTree.fromstring(hocr(reading, name).encode())
    (word,) = root.findall(f".//{XHTML}span[@class='ocrx_word']")
    if text.isprintable():
        assert "".join(word.itertext()) == text
