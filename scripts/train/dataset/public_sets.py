"""Public sets in the layouts that their sites hand out: COCO captions, VQA v2, TextCaps.

Nothing is downloaded: whoever has a set names its folder. Official training splits are trained on; of the validation
splits, as many images as are wanted are held out. An image that is listed but not there is left out, and counted.

VQA v2 asks a question about two images with different answers where its makers found them, which they did not always.
So of its yes and no, one is kept only with the other beside it, to the same words about another image: words alone are
worth 50 %.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.environment import ScriptError, note

from ..rows import Question, Row
from ..words import NUMBERS
from .photos import Photo

COCO_SITE = "COCO is at cocodataset.org."
VQA_SITE = "VQA v2 is at visualqa.org."
TEXTCAPS_SITE = "TextCaps is at textvqa.org/textcaps."
AGREED = 3
"""Of VQA's ten people, how many must say the commonest answer; its own score calls what three say wholly right."""
LONGEST = 3
"""Words of the longest VQA answer that is kept."""
YES_NO = ("yes", "no")

Place = tuple[int, int]
"""Number of a photo, and of one of its questions."""


@dataclass(frozen=True)
class PublicSets:
    """Folders of the sets that there are, and how many training images to take of each at most."""

    coco: Path | None
    vqa: Path | None
    textcaps: Path | None
    limit: int


def read_public_sets(sets: PublicSets, held_out: int) -> Iterator[Photo]:
    """Yield a seeded sample of each set, and at most `held_out` photos of its validation split.

    Raises ScriptError where a file is missing or is not what the set's site hands out.
    """
    counts = {"train": sets.limit, "val": held_out}
    if sets.vqa and not sets.coco:
        raise ScriptError(f"The images of VQA v2 are COCO's: name their folder with --coco. {COCO_SITE}")
    if sets.coco:
        yield from _coco(sets.coco, counts)
    if sets.coco and sets.vqa:
        yield from _vqa(sets.vqa, sets.coco, counts)
    if sets.textcaps:
        yield from _textcaps(sets.textcaps, counts)


def without_held_out(photos: Sequence[Photo]) -> list[Photo]:
    """Leave out training photos of COCO images that are held out under another name.

    COCO 2017 trains on most of COCO 2014's validation split, which VQA v2 holds out.
    """
    held_out = {_coco_number(photo) for photo in photos if photo.row.split == "val"} - {None}
    return [photo for photo in photos if photo.row.split == "val" or _coco_number(photo) not in held_out]


def _coco(folder: Path, counts: dict[str, int]) -> Iterator[Photo]:
    lists = folder / "annotations"
    years = [year for year in ("2017", "2014") if (lists / f"captions_train{year}.json").is_file()]
    if not years:
        raise ScriptError(f"Neither captions_train2017.json nor captions_train2014.json is in {lists}. {COCO_SITE}")
    for split, count in counts.items():
        part = f"{split}{years[0]}"
        path = lists / f"captions_{part}.json"
        wanted = {"images": {"id", "file_name"}, "annotations": {"image_id", "caption"}}
        images, annotations = _lists(path, wanted, COCO_SITE)
        captions = _captions((entry["image_id"], entry["caption"]) for entry in annotations)
        photos = [
            Photo(folder / part / image["file_name"], Row("coco", split, captions[image["id"]]))
            for image in images
            if image["id"] in captions
        ]
        yield from _sample(_there(photos, path, COCO_SITE), count)


def _vqa(folder: Path, coco: Path, counts: dict[str, int]) -> Iterator[Photo]:
    for split, count in counts.items():
        path = folder / f"v2_OpenEnded_mscoco_{split}2014_questions.json"
        (questions,) = _lists(path, {"questions": {"question_id", "question"}}, VQA_SITE)
        texts = {entry["question_id"]: " ".join(entry["question"].split()) for entry in questions}
        path = folder / f"v2_mscoco_{split}2014_annotations.json"
        wanted = {"question_id", "image_id", "multiple_choice_answer", "answer_type", "answers"}
        (annotations,) = _lists(path, {"annotations": wanted}, VQA_SITE)
        asked: dict[int, list[Question]] = defaultdict(list)
        for entry in annotations:
            if entry["question_id"] not in texts:
                raise ScriptError(f"{path} answers question {entry['question_id']}, which no one asks. {VQA_SITE}")
            if question := _vqa_question(texts[entry["question_id"]], entry):
                asked[entry["image_id"]].append(question)
        photos = [
            Photo(_coco_image(coco, split, number), Row("vqa", split, [], questions))
            for number, questions in asked.items()
        ]
        yield from _balanced_sample(_there(photos, path, COCO_SITE), count)


def _textcaps(folder: Path, counts: dict[str, int]) -> Iterator[Photo]:
    for split, count in counts.items():
        path = folder / f"TextCaps_0.1_{split}.json"
        (entries,) = _lists(path, {"data": {"image_id", "caption_str"}}, TEXTCAPS_SITE)
        captions = _captions((entry["image_id"], entry["caption_str"]) for entry in entries)
        photos = [  # of both splits in one folder
            Photo(folder / "train_images" / f"{image}.jpg", Row("textcaps", split, said))
            for image, said in captions.items()
        ]
        yield from _sample(_there(photos, path, TEXTCAPS_SITE), count)


def _lists(path: Path, wanted: dict[str, set[str]], site: str) -> list[list[dict[str, Any]]]:
    """Return a JSON file's lists of the wanted names, whose entries all have the wanted fields."""
    if not path.is_file():
        raise ScriptError(f"{path} is not there. {site}")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ScriptError(f"{path} is damaged or cut short: {error}. {site}") from error
    for name, fields in wanted.items():
        entries = content.get(name) if isinstance(content, dict) else None
        if not isinstance(entries, list) or not all(isinstance(e, dict) and fields <= e.keys() for e in entries):
            raise ScriptError(f"{path} has no list {name!r} of entries with {', '.join(sorted(fields))}. {site}")
    return [content[name] for name in wanted]


def _captions(pairs: Iterable[tuple[Any, str]]) -> dict[Any, list[str]]:
    """Captions by image, on one line each."""
    captions = defaultdict(list)
    for image, caption in pairs:
        if text := " ".join(caption.split()):
            captions[image].append(text)
    return dict(captions)


def _there(photos: list[Photo], listing: Path, site: str) -> list[Photo]:
    """Leave out photos without a file. Raises ScriptError where a training split has none with one."""
    there = [photo for photo in photos if photo.path.is_file()]
    if photos and not there and photos[0].row.split == "train":
        raise ScriptError(f"None of the images that {listing} lists is there; {photos[0].path} is the first. {site}")
    if len(there) < len(photos):
        note(f"{listing.name}: {len(photos) - len(there)} of {len(photos)} images are not there and left out")
    return there


def _sample(photos: list[Photo], count: int) -> list[Photo]:
    return random.Random(0).sample(photos, min(count, len(photos)))


def _coco_image(coco: Path, split: str, number: int) -> Path:
    """Where an image of COCO 2014 lies: under its own name, or the one that it has in COCO 2017."""
    own = coco / f"{split}2014" / f"COCO_{split}2014_{number:012}.jpg"
    later = [coco / part / f"{number:012}.jpg" for part in ("train2017", "val2017")]
    return next((path for path in (own, *later) if path.is_file()), own)


def _coco_number(photo: Photo) -> int | None:
    """Return the number of an image of COCO, the same in all its years; None for others."""
    match = re.search(r"\d{12}$", photo.path.stem)
    return int(match[0]) if match and photo.row.source in ("coco", "vqa") else None


def _vqa_question(text: str, entry: dict[str, Any]) -> Question | None:
    """Return a question as it is trained on; None where too few agree, or the answer is long."""
    answer = entry["multiple_choice_answer"]
    if sum(given["answer"] == answer for given in entry["answers"]) < AGREED or len(answer.split()) > LONGEST:
        return None
    if text.lower().startswith("how many") and answer in map(str, range(1, len(NUMBERS))):
        answer = NUMBERS[int(answer)]  # as everything else that counts
    return Question(text, answer, entry["answer_type"])


def _balanced_sample(photos: list[Photo], count: int) -> list[Photo]:
    """Return at most `count` photos, without the yes and no that have no counterpart in the sample.

    Photos whose questions pair up are drawn together, so that a small sample has pairs, too.
    """
    rng = random.Random(0)
    order = [number for pair in _pairs(photos, rng) for number, _ in pair]
    order += rng.sample(range(len(photos)), len(photos))
    sample = [photos[number] for number in list(dict.fromkeys(order))[:count]]
    paired = {place for pair in _pairs(sample, rng) for place in pair}
    balanced = []
    for i, photo in enumerate(sample):
        kept = [q for j, q in enumerate(photo.row.questions) if q.a not in YES_NO or (i, j) in paired]
        if kept:
            balanced.append(replace(photo, row=replace(photo.row, questions=kept)))
    return balanced


def _pairs(photos: Sequence[Photo], rng: random.Random) -> list[tuple[Place, Place]]:
    """Pair every yes with a no to the same words, as far as there are, in a random order."""
    answered: dict[str, dict[str, list[Place]]] = defaultdict(lambda: {answer: [] for answer in YES_NO})
    for i, photo in enumerate(photos):
        for j, question in enumerate(photo.row.questions):
            if question.a in YES_NO:
                answered[question.q.lower().rstrip(" ?")][question.a].append((i, j))
    pairs: list[tuple[Place, Place]] = []
    for places in answered.values():
        yes, no = (rng.sample(places[answer], len(places[answer])) for answer in YES_NO)
        pairs += zip(yes, no, strict=False)
    return rng.sample(pairs, len(pairs))
