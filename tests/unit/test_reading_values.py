"""Single facts asked of what was read."""

from __future__ import annotations

import pytest

from tinyvlm import Line, Reading
from tinyvlm.reading.values import value_asked


def page(*rows: str) -> Reading:
    """Return a reading of rows whose parts, divided by "|", stand far apart."""
    lines = []
    for number, row in enumerate(rows):
        for column, text in enumerate(row.split("|")):
            left, top = 200.0 * column, 20.0 * number
            corners = ((left, top), (left + 60, top), (left + 60, top + 10), (left, top + 10))
            lines.append(Line(text, corners, 1.0, (), 0, number))
    return Reading(tuple(lines), 400, 20 * len(rows))


RECEIPT = page(
    "CORNER SHOP",
    "Tel. 030 1234567",
    "29.11.2026|14:05",
    "Oat milk|1.20",
    "Rye bread|2.35",
    "Apples 0.500 kg|3.10",
    "SUBTOTAL|6.65",
    "VAT 7%|0.47",
    "TOTAL|EUR 7.12",
    "Cash|10.00",
    "shop@example.org",
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the total?", "EUR 7.12"),
        ("what's the total amount on the receipt", "EUR 7.12"),
        ("How much is the bill?", "EUR 7.12"),
        ("total?", "EUR 7.12"),
        ("What is the date?", "29.11.2026"),
        ("When was it printed?", "29.11.2026"),
        ("What is the phone number?", "030 1234567"),
        ("What is the e-mail address?", "shop@example.org"),
        ("How much is the rye bread?", "2.35"),
        ("What is the price of the milk?", "1.20"),
        ("How much do the apples cost?", "3.10"),
        ("How much is the cheese?", "I found no price of cheese in the text of the picture."),
    ],
)
def test_a_receipt_answers(question: str, answer: str) -> None:
    asked = value_asked(question)
    assert asked
    assert asked(RECEIPT) == answer


@pytest.mark.parametrize(
    ("reading", "answer"),
    [
        (page("Total|$1,234.50"), "$1,234.50"),
        (page("Summe|12,30 €"), "12,30 €"),
        (page("Total", "9.80", "Thank you 1.00"), "9.80"),
        (page("Total|9.80", "Amount due|4.80"), "4.80"),
        (page("Total|9.80", "TOTAL|9.80"), "9.80"),
        (page("Total A|9.80", "Total B|3.10"), "Total A\t9.80\nTotal B\t3.10"),
        (page("Total 3.00|9.80"), "Total 3.00\t9.80"),
        (page("Total", "see below"), "Total"),
        (page("Subtotal|9.80", "Sub total|9.80"), "I found no total in the text of the picture."),
        (page("Total discount|9.80"), "I found no total in the text of the picture."),
        (page(), "I found no total in the text of the picture."),
    ],
)
def test_a_total_is_not_guessed(reading: Reading, answer: str) -> None:
    asked = value_asked("What is the total?")
    assert asked
    assert asked(reading) == answer


def test_several_dates_are_all_shown() -> None:
    asked = value_asked("What is the date?")
    assert asked
    assert asked(page("Issued|1 May 2026", "Shop", "Due|2026-06-01")) == "Issued\t1 May 2026\nDue\t2026-06-01"


@pytest.mark.parametrize(
    "question",
    [
        "",
        "How much is it?",
        "How much is this?",
        "How much is in it?",
        "How much is left over?",
        "How many apples are there?",
        "What is the total number of dogs?",
        "What color is the date?",
        "Who is on the phone?",
        "What phone is this?",
        "Is there a date?",
        "What is in the picture?",
        "What is the total? What is the date?" * 9,
    ],
)
def test_other_questions_are_not_for_it(question: str) -> None:
    assert value_asked(question) is None
