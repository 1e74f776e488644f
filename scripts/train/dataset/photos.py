"""Photos with human captions: rows of annotated folders, and yes/no questions that cannot be answered blind.

A folder holds `*.jsonl` with lines {image, captions, qa: [{q, a, type}], source, split}. Yes/no questions are made from
the captions: a thing that a caption names is there; one that none names is taken not to be. Over the whole set every
thing is asked about as often with one answer as with the other. People leave things out of captions, so some of the
"no" are wrong.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from support.environment import ScriptError

from ..rows import Question, Row
from ..words import with_article

SOURCES = {
    "coco2017-mini": "coco", "daquar": "daquar", "easy-vqa-1.0": "easy-vqa", "flickr8k": "flickr",
    "imagenet-sample-1000": "imagenet", "sroie2019-lines": "sroie", "synthetic-bar-charts": "chart",
    "synthetic-emoji-scenes": "emoji", "synthetic-text-cards": "text",
}  # fmt: skip
PRESENT = ("Is there {a} in the picture?", "Is there {a} in the image?", "Do you see {a}?", "Can you see {a}?")
_PRESENCE = re.compile(r"^Is there (?:an? (.+)|(snow)) in the picture\?$")
MORE = ("baby", "bike", "field", "grass", "hat", "lake", "motorbike", "person", "rock", "sand", "street", "toy", "tree",
        "wall", "water")  # fmt: skip
UNCOUNTED = {"grass", "sand", "snow", "water"}

# Words that may stand for each other: where one is said, the others are not asked about with "no".
ALIKE = (
    {"man", "guy", "person", "boy", "player", "rider", "skier", "biker", "climber", "surfer", "someone", "people"},
    {"woman", "girl", "lady", "person", "people"},
    {"child", "boy", "girl", "kid", "baby", "toddler", "person", "people"},
    {"bike", "bicycle", "motorcycle"},
    {"car", "truck", "vehicle"},
    {"water", "ocean", "lake", "river", "pool", "sea", "wave", "stream", "beach"},
    {"grass", "field", "lawn", "park", "yard"},
    {"shirt", "jacket", "coat", "sweater", "dress", "clothes"},
    {"hill", "mountain", "rock", "cliff"},
    {"street", "road", "sidewalk", "city"},
    {"forest", "tree", "wood"}, {"sand", "beach"}, {"snow", "ski", "sled", "snowboarder", "skier", "winter"},
    {"hat", "cap", "helmet"},
    {"dog", "puppy", "animal"}, {"horse", "animal"}, {"bird", "animal"}, {"cat", "animal"},
)  # fmt: skip


@dataclass(frozen=True)
class Photo:
    """A row whose image still lies in a file."""

    path: Path
    row: Row


def read_folder(folder: Path) -> Iterator[Photo]:
    """Yield every row of every list in a folder; sources that are not known keep their name.

    Raises ScriptError where there is no list.
    """
    listings = sorted(folder.glob("*.jsonl"))
    if not listings:
        raise ScriptError(f"{folder} holds no lists of images (*.jsonl).")
    for listing in listings:
        for line in listing.read_text().splitlines():
            entry = json.loads(line)
            questions = [Question(q["q"], q["a"], q.get("type", "")) for q in entry["qa"]]
            source = SOURCES.get(entry["source"], entry["source"])
            yield Photo(folder / entry["image"], Row(source, entry["split"], entry["captions"], questions))


def with_balanced_presence(photos: Sequence[Photo], seed: int, a_photo: int = 6) -> list[Photo]:
    """Replace presence questions of training photos: up to `a_photo` with yes, and as many with no."""
    rng = random.Random(seed)
    things = _asked_things(photos)
    said = [_things_said(photo.row.captions, things) for photo in photos]
    present = [rng.sample(sorted(names), min(a_photo, len(names))) for names in said]
    pool = Counter(name for names in present for name in names)
    absent: dict[int, set[str]] = defaultdict(set)
    for name, count in sorted(pool.items()):  # as many "no" as "yes", in photos that do not say it
        allowed = [i for i, names in enumerate(said) if names and not _clash(name, names)]
        for i in rng.sample(allowed, min(count, len(allowed))):
            absent[i].add(name)
    asked = []
    for i, photo in enumerate(photos):
        questions = [question for question in photo.row.questions if question.type != "presence"]
        for names, answer in ((present[i], "yes"), (sorted(absent[i]), "no")):
            for name in names:
                form = PRESENT[0] if rng.random() < 0.6 else rng.choice(PRESENT)
                questions.append(
                    Question(form.format(a=name if name in UNCOUNTED else with_article(name)), answer, "presence")
                )
        asked.append(replace(photo, row=replace(photo.row, questions=questions)))
    return asked


def _asked_things(photos: Sequence[Photo]) -> set[str]:
    """Things that the folder's own questions ask about, and more that captions often name."""
    questions = (question.q for photo in photos for question in photo.row.questions)
    return {match[1] or match[2] for match in map(_PRESENCE.match, questions) if match} | set(MORE)


def _things_said(captions: Sequence[str], things: set[str]) -> set[str]:
    """Things that any caption names, in singular or plural."""
    text = " " + " ".join(re.sub(r"[^a-z ]", " ", caption.lower()) for caption in captions) + " "
    words = set(text.split())
    found = set()
    for thing in things:
        if " " in thing:
            if f" {thing} " in text or f" {thing}s " in text:
                found.add(thing)
        elif words & {thing, thing + "s", thing + "es"}:
            found.add(thing)
    return found


def _clash(name: str, said: set[str]) -> bool:
    """Whether something that was said may be the same thing."""
    return name in said or any(name in group and group & said for group in ALIKE)
