"""Which questions go to the reader of text."""

from __future__ import annotations

import time

import pytest

from tinyvlm import Line, Reading
from tinyvlm.answers.requests import Requests
from tinyvlm.reading.questions import NOTHING_FOUND, answer_asked, answer_pieces, asks_to_read

TO_READ = (
    "What does it say?",
    "what does the text say",
    "What does the sign on the left say?",
    "What does the man’s T-shirt say?",
    "What does it say at the bottom?",
    "Tell me what it says",
    "What is written on the sign?",
    "what's written here?",
    "What is printed on the bottle?",
    "What text is in the picture?",
    "Which words can you see?",
    "What is the text?",
    "What can you read?",
    "Read the text",
    "Read the sign.",
    "Please read the label to me!",
    "Can you read this?",
    "Could you please help me read the number plate?",
    "Read everything aloud.",
    "Read",
    "Transcribe the image.",
    "Extract all the text from this screenshot",
    "Copy the text.",
    "I need the text of the receipt.",
    "text?",
    "OCR",
)
OTHERS = (
    "",
    "?",
    "What is the total?",
    "What color is the text?",
    "What language is the text in?",
    "Is there any text?",
    "Does it say hello?",
    "How many words can you read?",
    "What does the sign mean?",
    "What does the man say?",
    "What does the cow say?",
    "What does the clock say?",
    "What does this picture show?",
    "What letter is in the red circle?",
    "What is the first word of the Bible?",
    "What is in the picture?",
    "What is on the sign?",
    "Where is the sign?",
    "Translate the text.",
    "What is written in Chinese?",
    "Write a text about the picture.",
    "Read me a story.",
    "Is the woman reading a book?",
    "What is the man reading?",
    "Read the sign and tell me what color it is.",
    "Read the text. What color is it?",
    "Describe the image.",
    "Was steht da?",
)


@pytest.mark.parametrize("question", TO_READ)
def test_what_is_written_is_asked_for(question: str) -> None:
    assert asks_to_read(question)


@pytest.mark.parametrize("question", OTHERS)
def test_other_questions_are_the_models(question: str) -> None:
    assert not asks_to_read(question)


@pytest.mark.parametrize(
    "question",
    [
        "what is written" + " in the" * 25 + "!x",
        "what is written" + " in the a b c d e" * 10 + "!x",
        "read the" + " text" * 36 + "!x",
        "read" + " all of the" * 16 + "!x",
        "read it" + " in it" * 30 + "!x",
        "read" + " out loud" * 20 + "!x",
        "please " * 27 + "!x",
    ],
)
def test_no_question_takes_long(question: str) -> None:
    """Expressions that can be matched in many ways may try them all."""
    started = time.process_time()
    assert not asks_to_read(question)
    assert not asks_to_read(question * 100)
    assert time.process_time() - started < 0.5


def test_what_was_read_comes_word_by_word() -> None:
    corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    reading = Reading((Line("Total: 7", corners, 1.0), Line("Bye", corners, 1.0, row=1)), 9, 9)
    answer = answer_asked("What does it say?")
    assert answer
    assert list(answer_pieces(reading, answer)) == ["Total:", " 7", "\nBye"]
    assert "".join(answer_pieces(Reading((), 9, 9), answer)) == NOTHING_FOUND


def test_a_fact_is_asked_for_too() -> None:
    assert answer_asked("What is the total?")
    assert answer_asked("What is it?") is None


@pytest.mark.parametrize("question", TO_READ)
def test_no_question_to_read_is_turned_away(question: str) -> None:
    """Requests that the bundled model was not made for are looked at first."""
    requests = Requests.from_config({"requests": {"made_for": "pictures"}})
    assert requests is not None
    assert requests.sentence_for(question) is None
