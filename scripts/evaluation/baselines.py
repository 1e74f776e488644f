"""What can be known without looking: the training answers, counted.

Two of the three baselines of the table are made here. *Majority* is the commonest training answer to questions of the
same kind, *blind* the commonest to the very same words (to the kind, where training never saw the words). The third,
*blank*, is the model itself before a grey image: evaluation/answers.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .tasks import Picture, Question, Task, words


class Priors:
    """Training answers by kind and by wording."""

    def __init__(self, questions: Iterable[Question]) -> None:
        """Count; where two answers are as common, the one seen first counts."""
        kinds, wordings = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
        for question in questions:
            kinds[question.kind][question.answer] += 1
            wordings[words(question.text)][question.answer] += 1
        self._kinds = {kind: _commonest(counter) for kind, counter in kinds.items()}
        self._wordings = {wording: _commonest(counter) for wording, counter in wordings.items()}

    def majority(self, question: Question) -> str:
        """Return the commonest answer to this kind of question; "" where training had none."""
        return self._kinds.get(question.kind, "")

    def blind(self, question: Question) -> str:
        """Return the commonest answer to these words, or to this kind of question where they are new."""
        return self._wordings.get(words(question.text)) or self.majority(question)


def training_priors(task: Task, pictures: Iterable[Picture]) -> Priors:
    """Return what the task's sources have as training answers."""
    return Priors(
        question
        for picture in pictures
        if picture.split == "train" and picture.source in task.sources
        for question in picture.questions
    )


def constant_captions(task: Task, pictures: Iterable[Picture], count: int = 10) -> list[str]:
    """Return the commonest training captions, one of which is said of every image by who does not look."""
    captions = Counter(
        words(caption)
        for picture in pictures
        if picture.split == "train" and picture.source in task.sources
        for caption in picture.captions
    )
    return [caption for caption, _ in captions.most_common(count)]


def _commonest(counter: Counter[str]) -> str:
    return counter.most_common(1)[0][0]
