"""How often the answer that a user is given is right: the model's own words, or what stands in their place.

The other tables are of the model's own words alone. Here a text reader answers what it is asked for, a photo's class
may name what is there, where it looks may tell what lies left of what, and where it would have to guess it says that
it is not sure. A name is right that holds the wanted words ("a dog, probably a beagle"); what was read is compared
letter for letter, and once more without case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tinyvlm import VLM

from .scores import wilson
from .tasks import READING, Picture, Question, Task, agrees, pictures_of, questions_of, words

NOT_SURE = "I am not sure"


@dataclass(frozen=True)
class Given:
    """A question, whether the model's own words answer it, and the answer that is given, with who gave it."""

    question: Question
    is_own_right: bool
    text: str
    is_read: bool
    is_named: bool
    is_placed: bool

    @property
    def is_right(self) -> bool:
        """Whether the answer agrees, or a name holds the wanted words."""
        if self.is_named:
            return f" {words(self.question.answer)} " in f" {words(self.text)} "
        return agrees(self.question, self.text)


def given_table(
    model: str,
    tasks: Sequence[Task],
    pictures: Sequence[Picture],
    split: str,
    limit: int,
    threads: int | None,
    tell: Callable[[str], None],
) -> str:
    """Return markdown: a row for each kind of question of each task that has images; captions are left out."""
    rows = ["| task | kind | own words | as given | 95 % interval | not sure | read, named or placed | n |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with VLM.from_pretrained(model, threads=threads) as vlm:
        for task in tasks:
            chosen = pictures_of(task, pictures, split, limit)
            if not chosen or task.captions:
                continue
            by_kind: dict[str, list[Given]] = defaultdict(list)
            for given in ask_all(vlm, questions_of(task, chosen)):
                by_kind[given.question.kind].append(given)
            rows += [row for kind, found in sorted(by_kind.items()) for row in _rows(task.title, kind, found)]
            tell(f"{task.title}: {len(chosen)} images done")
    return "\n".join(rows)


def ask_all(vlm: VLM, questions: Sequence[Question]) -> list[Given]:
    """Ask every question twice, those about one image together."""
    by_image: dict[object, list[Question]] = defaultdict(list)
    for question in questions:
        by_image[question.image].append(question)
    answered = []
    for path, group in by_image.items():
        image = vlm.encode_image(str(path))
        for question in group:
            own = agrees(question, vlm.ask(image, question.text, unsure=False))
            text = vlm.ask(image, question.text)
            last = vlm.last_answer
            answered.append(Given(question, own, text, last.read, last.named, last.placed))
    return answered


def _rows(title: str, kind: str, found: Sequence[Given]) -> Iterator[str]:
    total = len(found)
    own = sum(given.is_own_right for given in found) / total
    unsure = sum(given.text.startswith(NOT_SURE) for given in found) / total
    elsewhere = sum(given.is_read or given.is_named or given.is_placed for given in found) / total
    yield _row([title, kind, _share(own)], sum(given.is_right for given in found), total, unsure, elsewhere)
    if kind == READING:
        same = sum(given.text.lower() == given.question.answer.lower() for given in found)
        yield _row([title, f"{kind}, case ignored", ""], same, total, unsure, elsewhere)


def _row(cells: Sequence[str], right: int, total: int, unsure: float, elsewhere: float) -> str:
    low, high = wilson(right, total)
    interval = f"{_share(low)} to {_share(high)}"
    shares = [f"**{_share(right / total)}**", interval, _share(unsure), _share(elsewhere), f"{total:,}"]
    return f"| {' | '.join([*cells, *shares])} |"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
