"""Asks a model everything and turns answers into the figures of a report.

A report is plain JSON: {"model", "weights", "variant", ..., "figures": [figure], "calibration": {...}}. A figure has
`task`, `measure`, `unit` ("share" and "score" are better when high, "error" when low), `n`, `images`, `value`, `low`,
`high`, the baselines `majority`, `blind` and `blank` (see baselines.py), and for shares the calibration error `ece`
with `ece_low` and `ece_high`. Of captions, `majority` is the commonest training caption, said of every image, and
`blind` the best of the ten commonest for this measure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .answers import Answer, Subject
from .baselines import Priors, constant_captions, training_priors
from .captions import caption_scores
from .scores import bootstrap, calibration_bins, calibration_error, character_errors, ratio, wilson, withheld
from .tasks import READING, Picture, Question, Task, agrees, pictures_of, questions_of

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
CAPTION_QUESTION = "Describe the image."
TOTAL = "all"

Figure = dict[str, Any]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A question with what the model said, and what one says without looking."""

    question: Question
    answer: Answer
    blank: str
    majority: str
    blind: str

    @property
    def right(self) -> bool:
        """Whether the model's answer agrees."""
        return agrees(self.question, self.answer.text)


def measure(
    subject: Subject, tasks: Iterable[Task], pictures: Sequence[Picture], split: str, limit: int, tell: Tell
) -> tuple[list[Figure], list[Asked]]:
    """Return the figures of all tasks that have images in the split, and every answer to a question."""
    figures, answers = list[Figure](), list[Asked]()
    for task in tasks:
        chosen = pictures_of(task, pictures, split, limit)
        if not chosen:
            tell(f"{task.title}: no images")
            continue
        if task.captions:
            figures += caption_figures(task, subject, chosen, constant_captions(task, pictures))
        else:
            asked = ask_all(subject, questions_of(task, chosen), training_priors(task, pictures))
            if task.balanced:
                tell(_balance_sentence(task, chosen, asked))
            figures += question_figures(task, asked)
            answers += asked
        tell(f"{task.title}: {len(chosen)} images done")
    return figures, answers


def ask_all(subject: Subject, questions: Sequence[Question], priors: Priors) -> list[Asked]:
    """Ask every question, those about one image together."""
    by_image: dict[Any, list[Question]] = defaultdict(list)
    for question in questions:
        by_image[question.image].append(question)
    asked = []
    for image, group in by_image.items():
        seen = subject.see(image)
        for question in group:
            answer, blank = subject.ask(seen, question.text), subject.ask_blank(question.text)
            asked.append(Asked(question, answer, blank, priors.majority(question), priors.blind(question)))
    return asked


def question_figures(task: Task, asked: Sequence[Asked]) -> list[Figure]:
    """Return a figure for each kind of question, and for all together where the task has that."""
    kinds: dict[str, list[Asked]] = defaultdict(list)
    for row in asked:
        kinds[row.question.kind].append(row)
    groups = dict(sorted(kinds.items(), key=lambda item: (item[0] != READING, item[0])))
    if task.has_total:
        groups = {TOTAL: list(asked), **groups}
    figures = []
    for kind, rows in groups.items():
        figures.append(_share(task, "exact" if kind == READING else kind, rows))
        if kind == READING:
            figures.append(_character_error_rate(task, rows))
    return figures


def caption_figures(
    task: Task, subject: Subject, pictures: Sequence[Picture], constants: Sequence[str]
) -> list[Figure]:
    """Return CIDEr and BLEU-4 of greedy captions against all of an image's captions."""
    references = [picture.captions for picture in pictures]
    captions = [subject.ask(subject.see(picture.image), CAPTION_QUESTION).text for picture in pictures]
    scores = caption_scores(references, captions)
    blank = caption_scores(references, [subject.ask_blank(CAPTION_QUESTION)] * len(pictures))
    others = [caption_scores(references, [constant] * len(pictures)) for constant in constants]
    common = {"task": task.title, "unit": "score", "n": len(pictures), "images": len(pictures)}
    return [
        {
            **common,
            "measure": name,
            **figure,
            "majority": others[0][name]["value"] if others else None,
            "blind": max((other[name]["value"] for other in others), default=None),
            "blank": blank[name]["value"],
        }
        for name, figure in scores.items()
    ]


def calibration(asked: Sequence[Asked], extra_threshold: float | None = None) -> dict[str, Any]:
    """Return the calibration error over all questions and what each threshold of "unsure" would keep back.

    Of all of them, and of each source's: a source with many easy questions would hide the others.
    """
    thresholds = sorted({*THRESHOLDS, *([] if extra_threshold is None else [extra_threshold])})

    def kept_back(rows: Sequence[Asked]) -> list[dict[str, float]]:
        first, right = [row.answer.first for row in rows], [row.right for row in rows]
        return [withheld(first, right, threshold) for threshold in thresholds]

    sources: dict[str, list[Asked]] = defaultdict(list)
    for row in asked:
        sources[row.question.source].append(row)
    by_source = {name: kept_back(rows) for name, rows in sources.items()}
    return {"n": len(asked), **_calibration_error(asked), "thresholds": kept_back(asked), "sources": by_source}


def _share(task: Task, name: str, rows: Sequence[Asked]) -> Figure:
    hits = sum(row.right for row in rows)
    low, high = wilson(hits, len(rows))

    def share(said: Callable[[Asked], str]) -> float:
        return sum(agrees(row.question, said(row)) for row in rows) / len(rows)

    return {
        **_common(task, name, "share", rows),
        **{"value": hits / len(rows), "low": low, "high": high},
        **_without_looking(share),
        **_calibration_error(rows),
    }


def _character_error_rate(task: Task, rows: Sequence[Asked]) -> Figure:
    wanted = [row.question.answer for row in rows]

    def errors(said: Callable[[Asked], str]) -> list[tuple[int, int]]:
        return character_errors(wanted, [said(row) for row in rows])

    def rate(said: Callable[[Asked], str]) -> float:
        return float(ratio(np.sum(errors(said), axis=0)))

    low, high = bootstrap(_by_image(rows, errors(lambda row: row.answer.text)), ratio)
    value = rate(lambda row: row.answer.text)
    figure = {**_common(task, "character error rate", "error", rows), "value": value, "low": low, "high": high}
    return {**figure, **_without_looking(rate)}


def _common(task: Task, name: str, unit: str, rows: Sequence[Asked]) -> Figure:
    images = len({row.question.image for row in rows})
    return {"task": task.title, "measure": name, "unit": unit, "n": len(rows), "images": images}


def _without_looking(score: Callable[[Callable[[Asked], str]], float]) -> dict[str, float]:
    return {
        "majority": score(lambda row: row.majority),
        "blind": score(lambda row: row.blind),
        "blank": score(lambda row: row.blank),
    }


def _calibration_error(rows: Sequence[Asked]) -> dict[str, float]:
    parts = _by_image(rows, [calibration_bins([row.answer.probability], [row.right]) for row in rows])
    low, high = bootstrap(parts, calibration_error)
    return {"ece": float(calibration_error(parts.sum(0))), "ece_low": low, "ece_high": high}


def _by_image(rows: Sequence[Asked], parts: Sequence[Any]) -> Any:
    """Add up parts (Q, D) of questions about the same image: (I, D)."""
    numbers = {image: at for at, image in enumerate(dict.fromkeys(row.question.image for row in rows))}
    sums = np.zeros((len(numbers), len(parts[0])))
    np.add.at(sums, [numbers[row.question.image] for row in rows], np.asarray(parts, np.float64))
    return sums


def _balance_sentence(task: Task, pictures: Sequence[Picture], asked: Sequence[Asked]) -> str:
    """Say how balanced the chosen questions are; AssertionError if words alone are worth anything."""
    there = sum(1 for picture in pictures for question in picture.questions if question.kind in task.kinds)
    yes = sum(row.question.answer == "yes" for row in asked)
    blind = sum(agrees(row.question, row.blind) for row in asked)
    assert 2 * yes == 2 * blind == len(asked), f"{task.title} is not balanced"
    wordings = len({row.question.text for row in asked})
    return (
        f"{task.title}: {len(asked)} of {there} questions, {wordings} wordings, yes {yes}, blind right {blind} (50 %)"
    )
