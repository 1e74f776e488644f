"""Where a photo's questions are answered: by boxes of things that a detector has found in it.

What is asked about is a noun. It is looked for where the detector sees such a thing, or, of what people wear, at the
part of a person that wears it. Where two of them could be meant, nothing is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ..rows import Question, Region, Row
from ..words import NUMBERS
from .parsed_questions import PEOPLE

BOXES = "boxes.jsonl"
PHOTOS = ("flickr", "coco", "daquar")
"""Sources whose images are looked through."""
Found = tuple[float, Region]
"""What the detector has found, and how sure it is."""

SURE, DOUBTFUL = 0.4, 0.2
_MOST = 5
_PART = {
    "face": (0.02, 0.2, "beard cap glasses goggles hair hat headband helmet hood scarf sunglasses mask"),
    "body": (
        0.15,
        0.6,
        "apron blouse coat hoodie jacket jersey shirt shirts sweater sweatshirt t-shirt tie top tank vest",
    ),
    "legs": (0.5, 0.95, "jeans pants shorts skirt trunks bottoms"),
    "feet": (0.85, 1.0, "boots shoes socks skates sneakers"),
    "all": (0.0, 1.0, "clothes clothing costume dress gown outfit robe suit swimsuit uniform uniforms wetsuit"),
}
WORN = {noun: (top, bottom) for top, bottom, nouns in _PART.values() for noun in nouns.split()}
_SIMPLE = (
    "airplane backpack bed bench bird bus car cat chair cow frisbee horse kite skateboard snowboard surfboard train "
    "truck umbrella"
)
_KINDS = {
    "person": " ".join(sorted(PEOPLE)) + " men women boys girls children people players kids",
    "dog": "dog dogs puppy puppies",
    "sports ball": "ball balls soccerball football basketball",
    "bicycle": "bicycle bicycles bike bikes",
    "motorcycle": "motorcycle motorbike motorcycles",
    "couch": "couch sofa",
    "teddy bear": "bear teddy",
    "boat": "boat boats canoe kayak raft",
    **{kind: f"{kind} {kind}s" for kind in _SIMPLE.split()},
}
KINDS = {noun: kind for kind, nouns in _KINDS.items() for noun in nouns.split()}
_ASKED = {
    "color": r"What color (?:is|are) the ([a-z-]+)\?",
    "action": r"What is the ([a-z]+) doing\?",
    "wearing": r"What is the ([a-z]+) wearing\?",
    "where": r"Where is the ([a-z]+)\?",
    "count": r"How many ([a-z]+) are there\?",
    "presence": r"(?:Is there|Do you see|Can you see) (?:an? )?([a-z ]+?)(?: in the (?:picture|image))?\?",
}


def with_looks(row: Row, found: Sequence[Found]) -> Row:
    """Tell of each question of a photo where it is answered, if that is known."""
    questions = []
    for question in row.questions:
        regions = _regions(question, found) if question.seek is None else None
        questions.append(question if regions is None else replace(question, seek=regions, find=regions))
    return replace(row, questions=questions)


def write_boxes(path: Path, found: Iterator[tuple[int, Sequence[Found]]]) -> None:
    """Write what was found in the images of some rows, by their numbers."""
    scratch = path.with_suffix(".part")
    with scratch.open("w") as file:
        for number, things in found:
            file.write(json.dumps([number, [[sure, asdict(thing)] for sure, thing in things]]) + "\n")
    scratch.replace(path)


def read_boxes(path: Path) -> dict[int, list[Found]]:
    """Read what `write_boxes` wrote; nothing where there is no such file."""
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return {number: [(sure, Region(**thing)) for sure, thing in things] for number, things in lines}


def _regions(question: Question, found: Sequence[Found]) -> list[Region] | None:
    """None where it is not known; empty where what is asked about is not there. Without labels, which spell answers."""
    if question.type == "object":
        return _one(KINDS.get(question.a), found)
    match = re.fullmatch(_ASKED[question.type], question.q) if question.type in _ASKED else None
    if not match:
        return None
    noun = match[1]
    kind = KINDS.get(noun)
    if question.type == "presence":
        return _present(kind, question.a, found)
    if question.type == "count":
        several = _of(kind, found, SURE)
        return _plain(several) if question.a in NUMBERS and NUMBERS.index(question.a) == len(several) else None
    if question.type == "color" and " are " in question.q and kind:
        return _plain(_of(kind, found, SURE)) or None
    if question.type == "wearing":
        return _part(_one(kind, found), (0.1, 0.7))
    if noun in WORN:
        return _part(_one("person", found), WORN[noun])
    return _one(kind, found)


def _of(kind: str | None, found: Sequence[Found], sure: float) -> list[Region]:
    return [region for sureness, region in found if region.label == kind and sureness >= sure][:_MOST]


def _one(kind: str | None, found: Sequence[Found]) -> list[Region] | None:
    """The largest, if no other is half as large."""
    largest = sorted(_of(kind, found, SURE), key=_area, reverse=True)
    if not largest or (len(largest) > 1 and _area(largest[1]) > 0.5 * _area(largest[0])):
        return None
    return _plain(largest[:1])


def _present(kind: str | None, answer: str, found: Sequence[Found]) -> list[Region] | None:
    """A photo of people without a man has people nevertheless."""
    if answer == "yes":
        return _plain(_of(kind, found, SURE)) or None
    return [] if kind and kind != "person" and not _of(kind, found, DOUBTFUL) else None


def _part(person: list[Region] | None, part: tuple[float, float]) -> list[Region] | None:
    if person is None:
        return None
    (box,) = person
    height = box.bottom - box.top
    return [replace(box, top=box.top + part[0] * height, bottom=box.top + part[1] * height)]


def _plain(regions: Sequence[Region]) -> list[Region]:
    return [replace(region, label="") for region in regions]


def _area(region: Region) -> float:
    return (region.right - region.left) * (region.bottom - region.top)
