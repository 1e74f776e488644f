"""How often the model names rightly what a picture shows, as it answers a user, and how often it names a drawing.

Rows of a data folder (tasks.py). Pictures of one of ImageNet's classes carry its id (`wnid`); of photos with captions
a name counts as confirmed where a caption holds the class's name or a kind of it. Only every second picture of these
is asked about: the thresholds were chosen by the others.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bundled_model.class_names import CLASSES
from support.environment import ScriptError
from support.packages import ensure_package
from tinyvlm import VLM
from tinyvlm.answers.naming import GENERAL, Naming, bare

from .scores import wilson
from .tasks import FILES, words

QUESTION = "What is in the picture?"
EXACT, KIND, GENERAL_KIND, GUESS, WRONG, UNSURE = "exact", "kind", "general kind", "wrong guess", "wrong", "not sure"
_DOUBTS = r"^(?:probably|perhaps|a kind of|some kind of) "
_DRAWN = ("synthetic-emoji-scenes", "synthetic-text-cards", "synthetic-bar-charts", "easy-vqa-1.0")

Row = dict[str, Any]


def naming_table(model: str, folder: Path, limit: int, threads: int | None, tell: Callable[[str], None]) -> str:
    """Return markdown: what was asked, how often each outcome, its interval, and of how many pictures."""
    rows = list(_rows(folder))
    with VLM.from_pretrained(model, threads=threads) as vlm:
        if vlm.instead.naming is None:
            raise ScriptError(f"{model} names nothing: its generation_config.json has no naming.")
        lines = ["| asked | outcome | share | 95 % interval | n |", "| --- | --- | --- | --- | --- |"]
        for part in (_classes, _photos, _animals, _drawn):
            lines += part(vlm, vlm.instead.naming, folder, lambda wanted: _chosen(rows, wanted, limit))
            tell(f"{len(lines) - 2} lines done")
    return "\n".join(lines)


def judged(naming: Naming, answer: str, number: int) -> str:
    """Return what an answer is worth where a picture shows the class of this number."""
    said = {bare(re.sub(_DOUBTS, "", part)) for part in answer.split(", ")}
    if bare(naming.names[number]) in said:
        return EXACT
    kinds = [kind for kind in naming.kinds if number in kind.members]
    if any(bare(kind.name) in said for kind in kinds if kind.level != GENERAL):
        return KIND
    if any(bare(kind.name) in said for kind in kinds):
        return GENERAL_KIND
    if answer == "I am not sure.":
        return UNSURE
    return GUESS if answer.startswith("I am not sure") else WRONG


def says(text: str, name: str) -> bool:
    """Whether a text holds a name, without its article, in whole words; plurals in s count."""
    held, wanted = f" {words(text)} ", words(bare(name))
    return f" {wanted} " in held or f" {wanted}s " in held


def _classes(vlm: VLM, naming: Naming, folder: Path, chosen: Callable[..., list[Row]]) -> Iterator[str]:
    files = ensure_package(CLASSES, Path(sys.executable))
    ids = json.loads(files["imagenet1k_to_21k.json"].read_text(encoding="utf-8"))
    numbers = {wnid: int(number) for number, wnid in ids.items()}
    found, own = Counter[str](), Counter[bool]()
    for row in chosen(lambda row: "wnid" in row):
        image = vlm.encode_image(folder / row["image"])
        found[judged(naming, vlm.ask(image, QUESTION), numbers[row["wnid"]])] += 1
        own[says(vlm.ask(image, QUESTION, unsure=False), naming.names[numbers[row["wnid"]]])] += 1
    asked = f"ImageNet pictures: {QUESTION}"
    yield _line(asked, "class or a kind of it", sum(found[k] for k in (EXACT, KIND)), found.total())
    yield _line(asked, "the same, or a general kind", sum(found[k] for k in (EXACT, KIND, GENERAL_KIND)), found.total())
    for outcome in (EXACT, KIND, GENERAL_KIND, UNSURE, GUESS, WRONG):
        yield _line(asked, outcome, found[outcome], found.total())
    yield _line(f"{asked} (own words)", EXACT, own[True], own.total())


def _photos(vlm: VLM, naming: Naming, folder: Path, chosen: Callable[..., list[Row]]) -> Iterator[str]:
    named, confirmed, sure, sure_confirmed, total = 0, 0, 0, 0, 0
    for row in chosen(lambda row: row["source"] == "flickr8k" and row["split"] == "val"):
        answer = vlm.ask(folder / row["image"], QUESTION)
        total += 1
        if not vlm.last_answer.named or answer.startswith("I am not sure"):
            continue
        is_confirmed = any(_confirms(naming, answer, caption) for caption in row["captions"])
        named, confirmed = named + 1, confirmed + is_confirmed
        if not answer.startswith(("probably", "some kind")):
            sure, sure_confirmed = sure + 1, sure_confirmed + is_confirmed
    asked = f"validation photos (Flickr8k): {QUESTION}"
    yield _line(asked, "named", named, total)
    yield _line(asked, "a caption says so, of those named", confirmed, named)
    yield _line(asked, 'the same, of those without "probably" or "some kind"', sure_confirmed, sure)


def _animals(vlm: VLM, naming: Naming, folder: Path, chosen: Callable[..., list[Row]]) -> Iterator[str]:
    right, own, total = 0, 0, 0
    for row in chosen(lambda row: row["source"] == "flickr8k" and row["split"] == "val" and _object(row)):
        question, wanted = _object(row) or (QUESTION, "")
        image = vlm.encode_image(folder / row["image"])
        right += says(vlm.ask(image, question), wanted)
        own += says(vlm.ask(image, question, unsure=False), wanted)
        total += 1
    yield _line("validation photos: What animal is in the picture?", "says the word", right, total)
    yield _line("the same, own words", "says the word", own, total)


def _drawn(vlm: VLM, naming: Naming, folder: Path, chosen: Callable[..., list[Row]]) -> Iterator[str]:
    named = Counter[str]()
    rows = chosen(lambda row: row["source"] in _DRAWN and (row["split"] == "val" or row["source"] == "easy-vqa-1.0"))
    for row in rows:
        vlm.ask(folder / row["image"], QUESTION)
        named[row["source"]] += vlm.last_answer.named
    for source, total in sorted(Counter(row["source"] for row in rows).items()):
        yield _line(f"{source}: {QUESTION}", "named instead of answered", named[source], total)


def _object(row: Row) -> tuple[str, str] | None:
    return next(((qa["q"], qa["a"]) for qa in row["qa"] if qa.get("type") == "object"), None)


def _confirms(naming: Naming, answer: str, caption: str) -> bool:
    """Whether a caption says what an answer says: one of the names or kinds that the answer holds."""
    names = [*naming.names, *(kind.name for kind in naming.kinds)]
    return any(says(answer, name) and says(caption, name) for name in names)


def _rows(folder: Path) -> Iterator[Row]:
    for name in FILES:
        if (folder / name).exists():
            yield from map(json.loads, (folder / name).read_text(encoding="utf-8").splitlines())


def _chosen(rows: Sequence[Row], wanted: Callable[[Row], Any], limit: int) -> list[Row]:
    """Return every second row that is wanted, the second first; of these a seeded sample of `limit`, if given."""
    found = [row for row in rows if wanted(row)][1::2]
    if limit and limit < len(found):
        return [found[i] for i in sorted(random.Random(0).sample(range(len(found)), limit))]
    return found


def _line(asked: str, outcome: str, hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    share = f"{100 * hits / total:.1f} %" if total else "-"
    return f"| {asked} | {outcome} | **{share}** | {100 * low:.1f} % to {100 * high:.1f} % | {total:,} |"
