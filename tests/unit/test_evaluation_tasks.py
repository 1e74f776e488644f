"""Which questions scripts/evaluate.py asks, what counts as right, what it compares with, and what it writes down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import evaluate
from bundled_model.configs import NAME
from evaluation import card
from evaluation.answers import AlwaysAnswering, Answer, Subject, log_probability
from evaluation.baselines import Priors, constant_captions
from evaluation.measure import Asked, ask_all, calibration, question_figures
from evaluation.pictures import choose, write_sheets
from evaluation.selection import chosen_tasks
from evaluation.tasks import READING, TASKS, Picture, Question, agrees, balance, pictures_of, questions_of, read_data
from fixtures.shapes import shape_image
from support.environment import ScriptError

CARDS, PHOTOS = (next(task for task in TASKS if task.key == key) for key in ("cards", "photo-yes-no"))
CHARTS, CAPTIONS = (next(task for task in TASKS if task.key == key) for key in ("charts", "captions"))


def ask(text: str, answer: str, kind: str = "presence", image: str = "a.png", source: str = "flickr8k") -> Question:
    return Question(Path(image), text, answer, kind, source)


def asked(question: Question, said: str, probability: float = 0.5, **others: str) -> Asked:
    return Asked(
        question, Answer(said, probability, probability), **{"blank": "", "majority": "", "blind": "", **others}
    )


def test_answers_are_compared_word_for_word_and_text_letter_for_letter() -> None:
    assert agrees(ask("What is it?", "a T-shirt"), "A t shirt.")
    assert not agrees(ask("What is it?", "a T-shirt"), "a shirt")
    assert agrees(ask("What does the text say?", "Total: 5", READING), "Total: 5")
    assert not agrees(ask("What does the text say?", "Total: 5", READING), "total: 5")


def test_words_alone_are_worth_half_of_balanced_questions() -> None:
    dogs = [ask("Is there a dog?", "yes")] * 7 + [ask("is there a dog", "no")] * 3
    others = [ask("Is there a cat?", "yes"), ask("Is there a cat?", "no"), ask("Is there a cow?", "yes")]
    kept = balance(dogs + others)
    assert Counter((row.text.lower()[:14], row.answer) for row in kept) == {
        ("is there a dog", "yes"): 3, ("is there a dog", "no"): 3, ("is there a cat", "yes"): 1,
        ("is there a cat", "no"): 1,
    }  # fmt: skip
    assert kept == balance(dogs + others)
    blind = Priors(dogs + others)
    assert sum(agrees(row, blind.blind(row)) for row in kept) == len(kept) / 2


def test_baselines_are_training_answers() -> None:
    priors = Priors(
        [ask("How many dogs?", "two", "count")] * 2
        + [ask("How many cats?", "one", "count")] * 3
        + [ask("how many dogs", "one", "count")]
    )
    assert priors.majority(ask("How many dogs?", "", "count")) == "one"
    assert priors.blind(ask("How many dogs?", "", "count")) == "two"
    assert priors.blind(ask("How many cows?", "", "count")) == "one"
    assert priors.blind(ask("What color?", "", "color")) == ""


def test_constant_captions_are_the_commonest_of_training() -> None:
    texts = [("train", ("A dog.", "a dog", "A cat")), ("val", ("A cow", "a cow", "a cow"))]
    pictures = [Picture(Path("a"), "flickr8k", split, captions, ()) for split, captions in texts]
    assert constant_captions(CAPTIONS, pictures, 2) == ["a dog", "a cat"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of three cards, and a photo in the other list."""
    rows: list[dict[str, Any]] = [
        {
            "image": f"{number}.png", "captions": [], "source": "synthetic-text-cards", "split": split,
            "qa": [{"q": "What does the text say?", "a": "Red", "type": "ocr"}, {"q": "What is it?", "a": "no type"},
                   {"q": "What color is the text?", "a": "red", "type": "color"}],
        }
        for number, split in enumerate(("train", "val", "val"))
    ]  # fmt: skip
    (tmp_path / "clean.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    photo = {"image": "p.png", "captions": ["A dog"], "source": "flickr8k", "split": "val", "qa": []}
    (tmp_path / "research.jsonl").write_text(json.dumps(photo) + "\n")
    for name in ("0", "1", "2", "p"):
        shape_image().save(tmp_path / f"{name}.png")
    return tmp_path


def test_rows_become_questions(data: Path) -> None:
    pictures = read_data(data)
    cards = pictures_of(CARDS, pictures, "val")
    assert [picture.image.name for picture in cards] == ["1.png", "2.png"]
    assert [question.kind for question in questions_of(CARDS, cards)] == [READING, "color"] * 2
    assert [picture.captions for picture in pictures_of(CAPTIONS, pictures, "val")] == [("A dog",)]
    assert pictures_of(PHOTOS, pictures, "val") == []
    assert len(pictures_of(CARDS, pictures, "val", limit=1)) == 1
    with pytest.raises(FileNotFoundError, match=r"clean\.jsonl"):
        read_data(data / "nothing")


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    """The bundled model, once."""
    with closing(Subject(NAME, threads=1)) as opened:
        yield opened


def test_the_witness_sees_what_the_model_is_sure_of(subject: Subject) -> None:
    image, text = subject.see(shape_image()), "What color is the shape?"
    answer = subject.ask(image, text)
    assert answer.text == subject.vlm.ask(image, text)
    ids = [*subject.vlm.prompt_ids(text), *subject.vlm.tokenize(f" {answer.text}"), 2]
    begin = len(subject.vlm.prompt_ids(text))
    rows = subject.vlm.logits(ids, image)
    logs = [log_probability(rows[at - 1], ids[at]) for at in range(begin, len(ids))]
    assert answer.first == pytest.approx(np.exp(logs[0]), rel=0.02)
    assert answer.probability == pytest.approx(np.exp(sum(logs)), rel=0.05)
    assert answer == subject.ask(image, text)  # also where the prompt is in the cache already
    assert 0 < answer.probability <= answer.first <= 1


@pytest.mark.slow
def test_a_draft_and_fewer_bits_can_be_asked() -> None:
    for options, variant in (({"draft": True}, "draft"), ({"quantization": "q4"}, "q4")):
        with closing(Subject(NAME, threads=1, **options)) as opened:
            assert opened.variant == variant
            assert opened.ask(opened.see(shape_image()), "What shape is in the image?").text == "circle"


def test_what_a_model_would_keep_back_is_answered_all_the_same() -> None:
    class Folder:
        def has(self, file: str) -> bool:
            return True

        def read_text(self, file: str) -> str:
            return json.dumps({"max_new_tokens": 8, "unsure": {"below": 0.3, "answer": "?"}})

    folder = AlwaysAnswering(Folder())
    assert folder.unsure == {"below": 0.3, "answer": "?"}
    assert json.loads(folder.read_text("generation_config.json")) == {"max_new_tokens": 8}
    assert "unsure" in folder.read_text("config.json")


def test_questions_are_asked_of_image_and_of_blank(subject: Subject, data: Path) -> None:
    questions = questions_of(CARDS, pictures_of(CARDS, read_data(data), "val"))
    rows = ask_all(subject, questions, Priors(questions))
    assert [row.question for row in rows] == questions
    assert {row.blank for row in rows if row.question.kind == "color"} == {subject.ask_blank("What color is the text?")}
    figures = question_figures(CARDS, rows)
    assert [(row["measure"], row["n"], row["images"], row["blind"]) for row in figures] == [
        ("exact", 2, 2, 1), ("character error rate", 2, 2, 0), ("color", 2, 2, 1),
    ]  # fmt: skip


def test_figures() -> None:
    rows = [
        asked(ask("How many?", "two", "count", "a.png"), "two", 0.9, majority="two"),
        asked(ask("How many?", "three", "count", "b.png"), "two", 0.9, blank="three"),
        asked(ask("Which?", "Tea", "chart", "b.png"), "tea", 0.9, blind="Milk"),
    ]
    total, chart, count = question_figures(CHARTS, rows)
    assert [figure["measure"] for figure in (total, chart, count)] == ["all", "chart", "count"]
    assert (total["value"], total["n"], total["images"]) == (2 / 3, 3, 2)
    assert (count["value"], count["majority"], count["blank"], count["blind"]) == (0.5, 0.5, 0.5, 0)
    assert total["ece"] == pytest.approx(0.9 - 2 / 3)
    found = calibration(rows, 0.95)
    assert [row["share"] for row in found["thresholds"]] == [0, 0, 0, 0, 0, 1]
    assert found["sources"] == {"flickr8k": found["thresholds"]}


def report(**changes: Any) -> dict[str, Any]:
    figure = {
        "task": "charts", "measure": "all", "unit": "share", "n": 1200, "value": 0.5, "low": 0.4, "high": 0.6,
        "majority": 0.1, "blind": 0.2, "blank": 0.3,
    }  # fmt: skip
    caption = {**figure, "task": "captions", "measure": "CIDEr", "unit": "score", "value": 0.4833, "majority": None}
    return {
        "model": "tiny", "weights": "a" * 64, "variant": "q8", "backend": "wasm", "simd": "relaxed",
        "date": "2026-11-21", "figures": [figure, caption], **changes,
    }  # fmt: skip


def test_the_card_holds_all_weights_and_variants(tmp_path: Path) -> None:
    card.keep(report(weights="b" * 64, date="2026-10-01"), tmp_path)
    card.keep(report(variant="draft", figures=report()["figures"][:1]), tmp_path)
    card.keep(report(), tmp_path)
    card.keep(report(figures=[{**report()["figures"][0], "value": 0.55}]), tmp_path)
    kept = card.read_kept(tmp_path, "tiny")
    text = card.tables(kept, "a" * 64)
    assert "| charts | all | **55.0 %** | 40.0 % to 60.0 % | 10.0 % | 20.0 % | 30.0 % | 1,200 |" in text
    assert "| captions | CIDEr | **0.483** | 0.400 to 0.600 |  | 0.200 | 0.300 | 1,200 |" in text
    assert "| task | measure | q8 | draft |" in text
    assert "| charts | all | 55.0 % | 50.0 % |" in text
    assert text.count("| captions |") == 2  # the draft was not asked for any
    assert "| task | measure | 2026-11-21, these | 2026-10-01, bbbbbbbb |" in text
    page = tmp_path / "README.md"
    page.write_text(f"before\n{card.BEGIN}\nold\n{card.END}\nafter\n")
    card.write_card(page, text)
    assert page.read_text() == f"before\n{card.BEGIN}\n\n{text}\n\n{card.END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(card.CardError, match="no place"):
        card.write_card(page, text)


def test_only_what_is_ours_to_show_is_shown(tmp_path: Path) -> None:
    shape_image().save(tmp_path / "a.png")
    rows = [
        asked(ask("Is it?", "yes", image=str(tmp_path / "a.png"), source=source), "no")
        for source in ("flickr8k", "daquar", "coco2017-mini", "sroie2019-lines", "synthetic-bar-charts")
    ]
    assert [row.question.source for row in choose(rows, False, 9)] == ["synthetic-bar-charts"]
    assert write_sheets(rows, tmp_path / "sheets") == [tmp_path / "sheets" / "wrong.png"]
    with Image.open(tmp_path / "sheets" / "wrong.png") as sheet:
        assert sheet.convert("RGB").getcolors(9) is None  # more than nine: the image is on it


@pytest.mark.parametrize(
    "arguments", [["--card", "--limit", "5"], ["--draft", "--quantization", "q4"], ["--unrounded", "f", "--draft"]]
)
def test_options_that_contradict_each_other(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate.parse(arguments)
    assert "--" in capsys.readouterr().err


def test_tasks_are_chosen_by_key() -> None:
    assert [task.key for task in chosen_tasks("", None)] == ["easy-vqa"]
    assert [task.key for task in chosen_tasks("cards, charts", Path("folder"))] == ["cards", "charts"]
    for names, sentence in (("nothing", "no task nothing"), ("cards", "without --data")):
        with pytest.raises(ScriptError, match=sentence):
            chosen_tasks(names, None)
