"""Makes the training set: every image as 224 x 224 pixels in `pixels.npy`, every text in `rows.jsonl`.

Generated images are seeded by their number. Photos come from folders; each is stored as it is and, for training, once
more mirrored and cropped. easy-VQA comes from its PyPI package: the training split only, each image once as PNG and
once as JPEG.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image

from support.environment import ScriptError, note

from ..drawn import cards, charts, drawings, graphs, scenes, signs, sketches
from ..rows import Question, Row, write_rows
from ..sources import easy_vqa_folder, emoji_folders, fonts
from . import augment
from .parsed_questions import with_parsed_questions
from .photos import Photo, read_folder, with_balanced_presence
from .public_sets import PublicSets, read_public_sets, without_held_out

SIDE = 224
SEEDS = {
    "emoji": 1_000_000, "text": 2_000_000, "chart": 3_000_000, "shapes": 4_000_000, "sign": 5_000_000,
    "graph": 6_000_000, "sketch": 7_000_000, "crowd": 8_000_000, "place": 8_500_000,
}  # fmt: skip
FIXED_LAYOUT = {"text", "chart", "sroie", "easy-vqa", "vqa", "textcaps"}
"""Sources whose images are not mirrored or cropped."""
HELD_OUT = 200
"""Photos of a source's validation split that are kept; easy-VQA images held out of its training split."""
VIEWS = {"flickr": 3}
"""How many other views a photo gets; one where no number is given."""


@dataclass(frozen=True)
class Job:
    """One image to make: how, and the seed of what happens to it."""

    make: Callable[[], tuple[Image.Image, Row]]
    seed: int
    disturb: bool = True


def prepare(out: Path, folders: Sequence[Path], public: PublicSets, sizes: dict[str, int], processes: int) -> None:
    """Write `pixels.npy` (N, 224, 224, 3) uint8 and `rows.jsonl` of N lines into `out`."""
    own = (photo for folder in folders for photo in read_folder(folder))
    photos = without_held_out([*own, *read_public_sets(public, HELD_OUT)])
    vocabulary = _vocabulary(photos)
    jobs = [*_photo_jobs(photos), *_easy_vqa_jobs(), *_generated(sizes, vocabulary)]
    note(f"{len(jobs)} images")
    emoji_folders(), fonts()  # fetched here once, not by every process
    out.mkdir(parents=True, exist_ok=True)
    pixels = np.lib.format.open_memmap(out / "pixels.npy", "w+", np.uint8, (len(jobs), SIDE, SIDE, 3))
    rows = []
    with Pool(processes) as pool:
        for i, (image, row) in enumerate(pool.imap(_run, jobs, chunksize=64)):
            pixels[i] = image
            rows.append(row)
            if i % 5000 == 4999:
                note(f"  {i + 1}")
    write_rows(out / "rows.jsonl", rows)
    for key, count in sorted(Counter((row.source, row.split) for row in rows).items()):
        note(f"  {key[0]:10} {key[1]:6} {count}")


def squashed(image: Image.Image) -> np.ndarray:
    """(224, 224, 3) uint8, as the package sees an image."""
    return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def _run(job: Job) -> tuple[np.ndarray, Row]:
    image, row = job.make()
    if job.disturb:
        image = augment.disturbed(image, random.Random(job.seed))
    return squashed(image), row


def _generated(sizes: dict[str, int], vocabulary: tuple[str, ...]) -> Iterator[Job]:
    makers: dict[str, Callable[..., tuple[Image.Image, Row]]] = {
        "emoji": scenes.scene,
        "crowd": scenes.crowd,
        "place": scenes.places,
        "text": partial(cards.card, vocabulary=vocabulary),
        "chart": charts.chart,
        "shapes": drawings.drawing,
        "sign": partial(signs.sign, vocabulary=vocabulary),
        "graph": partial(graphs.graph, vocabulary=vocabulary),
        "sketch": sketches.sketch,
    }
    for name, make in makers.items():
        for seed in range(SEEDS[name], SEEDS[name] + sizes[name]):
            yield Job(partial(make, seed), seed)


def _photo_jobs(photos: Sequence[Photo]) -> Iterator[Job]:
    photos = [photo for photo in photos if photo.row.source != "easy-vqa"]
    asked = {"flickr", "coco"}
    training = [photo for photo in photos if photo.row.split == "train"]
    plain = [photo for photo in training if photo.row.source not in asked]
    held_out = Counter[str]()
    for photo in photos:
        if photo.row.split == "val" and held_out[photo.row.source] < HELD_OUT:
            held_out[photo.row.source] += 1
            yield Job(partial(_open, photo), 0, disturb=False)
    captioned = with_parsed_questions([photo for photo in training if photo.row.source in asked])
    balanced = with_balanced_presence(captioned, 0)
    for seed, photo in enumerate([*plain, *balanced]):
        if photo.row.source in ("emoji", "text", "chart"):
            continue  # the generators make as many as are wanted
        yield Job(partial(_open, photo), seed, disturb=False)
        if photo.row.source not in FIXED_LAYOUT:
            for view in range(VIEWS.get(photo.row.source, 1)):
                yield Job(partial(_other_view, photo, seed + view * _NEXT_VIEW, view != 1), seed + view * _NEXT_VIEW)


def _open(photo: Photo) -> tuple[Image.Image, Row]:
    try:
        return Image.open(photo.path).convert("RGB"), photo.row
    except OSError as error:
        raise ScriptError(f"{photo.path} is no image or cut short: {error}. Public sets can do without it.") from error


def _other_view(photo: Photo, seed: int, mirror: bool) -> tuple[Image.Image, Row]:
    """Cropped, and mirrored if wanted, without what says left or right."""
    image, row = _open(photo)
    if not mirror:
        return augment.cropped(image, random.Random(seed)), row
    questions = [q for q in row.questions if not _SIDES.search(f"{q.q} {q.a}")]
    captions = [caption for caption in row.captions if not _SIDES.search(caption)]
    image = augment.cropped(augment.mirrored(image), random.Random(seed))
    return image, replace(row, captions=captions, questions=questions)


_NEXT_VIEW = 100_000
_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)


def _easy_vqa_jobs() -> Iterator[Job]:
    folder = easy_vqa_folder() / "train"
    questions: dict[int, list[Question]] = {}
    for text, answer, image in json.loads((folder / "questions.json").read_text()):
        questions.setdefault(image, []).append(Question(text, answer, _easy_vqa_type(answer)))
    for number, (image, asked) in enumerate(sorted(questions.items())):
        path = folder / "images" / f"{image}.png"
        split = "val" if number < HELD_OUT else "train"
        row = Row("easy-vqa", split, [], asked)
        yield Job(partial(_open, Photo(path, row)), image, disturb=False)
        if split == "train":
            yield Job(partial(_as_jpeg, path, row, image), image, disturb=False)


def _as_jpeg(path: Path, row: Row, seed: int) -> tuple[Image.Image, Row]:
    return augment.compressed(Image.open(path).convert("RGB"), random.Random(seed)), row


def _easy_vqa_type(answer: str) -> str:
    if answer in ("yes", "no"):
        return "presence"
    return "shape" if answer in ("circle", "triangle", "rectangle") else "color"


def _vocabulary(photos: Sequence[Photo]) -> tuple[str, ...]:
    """Words that captions use at least five times: what cards may say besides their own words."""
    counts = Counter(
        word
        for photo in photos
        if photo.row.split == "train"
        for caption in photo.row.captions
        for word in re.findall(r"[a-z]{3,10}", caption.lower())
    )
    return tuple(sorted(word for word, count in counts.items() if count >= 5)) or tuple(cards.COMMON)
