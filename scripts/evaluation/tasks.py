"""Which questions are asked, and when an answer to one counts as right.

Rows are those of a data folder (clean.jsonl, research.jsonl: `image`, `captions`, `qa`, `source`, `split`), and of the
easy-VQA package, whose test split no model was trained on.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FILES = ("clean.jsonl", "research.jsonl")
EASY_VQA = "easy-vqa-test"
READING = "reading"
"""The kind of question whose answer is what is written, letter for letter."""

_KINDS = {"ocr": READING}
_PHOTO_KINDS = ("color", "count", "action", "wearing", "object", "place")


@dataclass(frozen=True)
class Question:
    """One question about one image, and the answer that is wanted."""

    image: Path
    text: str
    answer: str
    kind: str
    source: str


@dataclass(frozen=True)
class Picture:
    """One image with everything that is known of it."""

    image: Path
    source: str
    split: str
    captions: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Task:
    """A row group of the table: questions of some kinds about images from some sources."""

    key: str
    """What `--tasks` calls it."""
    title: str
    sources: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    """Which kinds are asked; all where there are none."""
    has_total: bool = False
    """Whether all kinds together make a figure too."""
    balanced: bool = False
    """Ask every wording as often where "yes" is right as where "no" is: then words alone are worth 50 %."""
    captions: bool = False
    """Ask for a description instead."""


TASKS = (
    Task("easy-vqa", "easy-VQA, test split", (EASY_VQA,), has_total=True),
    Task("scenes", "emoji scenes", ("synthetic-emoji-scenes",)),
    Task("cards", "text cards", ("synthetic-text-cards",)),
    Task("charts", "bar charts", ("synthetic-bar-charts",), has_total=True),
    Task("captions", "photo captions (Flickr8k)", ("flickr8k",), captions=True),
    Task("photo-yes-no", "photos, yes/no, balanced", ("flickr8k", "coco2017-mini"), ("presence",), balanced=True),
    Task("photos", "photos", ("flickr8k", "coco2017-mini"), _PHOTO_KINDS),
    Task("daquar", "DAQUAR", ("daquar",), has_total=True),
    Task("receipts", "receipt lines (SROIE)", ("sroie2019-lines",)),
)


def words(text: str) -> str:
    """Lower case, without punctuation, one space between words: how answers and captions are compared."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def agrees(question: Question, answer: str) -> bool:
    """Whether an answer is right: the wanted words, or for READING the wanted characters, cases included."""
    return answer == question.answer if question.kind == READING else words(answer) == words(question.answer)


def read_data(folder: Path) -> list[Picture]:
    """Return every image of a data folder; FileNotFoundError where it holds neither of its two files."""
    lists = [folder / name for name in FILES if (folder / name).exists()]
    if not lists:
        raise FileNotFoundError(f"{folder} holds neither {' nor '.join(FILES)}.")
    pictures = []
    for path in lists:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            image, source = folder / row["image"], row["source"]
            questions = tuple(
                Question(image, qa["q"], qa["a"], _KINDS.get(qa["type"], qa["type"]), source)
                for qa in row["qa"]
                if qa.get("type")
            )
            pictures.append(Picture(image, source, row["split"], tuple(row["captions"]), questions))
    return pictures


def read_easy_vqa(folder: Path) -> list[Picture]:
    """Return the easy-VQA package's images: its test split as "test" and its training split as "train"."""
    pictures = []
    for split in ("train", "test"):
        by_image: dict[int, list[Question]] = defaultdict(list)
        for text, answer, number in json.loads((folder / split / "questions.json").read_text()):
            image = folder / split / "images" / f"{number}.png"
            by_image[number].append(Question(image, text, answer, _easy_vqa_kind(answer), EASY_VQA))
        for number in sorted(by_image):
            asked = tuple(by_image[number])
            pictures.append(Picture(asked[0].image, EASY_VQA, split, (), asked))
    return pictures


def _easy_vqa_kind(answer: str) -> str:
    if answer in ("yes", "no"):
        return "yes/no"
    return "shape" if answer in ("circle", "triangle", "rectangle") else "color"


def pictures_of(task: Task, pictures: Iterable[Picture], split: str, limit: int = 0, seed: int = 0) -> list[Picture]:
    """Return the task's images of a split ("test" stands for easy-VQA's); `limit`: a seeded sample of so many."""
    wanted = [
        picture
        for picture in pictures
        if picture.source in task.sources
        and picture.split == ("test" if picture.source == EASY_VQA and split != "train" else split)
        and (picture.captions if task.captions else any(_is_asked(task, asked) for asked in picture.questions))
    ]
    if limit and limit < len(wanted):
        wanted = [wanted[i] for i in sorted(random.Random(seed).sample(range(len(wanted)), limit))]
    return wanted


def questions_of(task: Task, pictures: Iterable[Picture], seed: int = 0) -> list[Question]:
    """Return what the task asks about these images."""
    asked = [question for picture in pictures for question in picture.questions if _is_asked(task, question)]
    return balance(asked, seed) if task.balanced else asked


def _is_asked(task: Task, question: Question) -> bool:
    return not task.kinds or question.kind in task.kinds


def balance(questions: Sequence[Question], seed: int = 0) -> list[Question]:
    """Return a seeded choice, in order, in which every wording has as many "yes" as "no".

    Whatever one says to a wording without looking, half of it is then right. Wordings with one answer only drop out.
    """
    groups: dict[str, dict[str, list[int]]] = defaultdict(lambda: {"yes": [], "no": []})
    for index, question in enumerate(questions):
        if question.answer in ("yes", "no"):
            groups[words(question.text)][question.answer].append(index)
    chooser, kept = random.Random(seed), list[int]()
    for _, answers in sorted(groups.items()):
        count = min(map(len, answers.values()))
        kept += [index for numbers in answers.values() for index in chooser.sample(numbers, count)]
    return [questions[index] for index in sorted(kept)]
