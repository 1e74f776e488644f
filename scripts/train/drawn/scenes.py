"""Emoji scenes: one to three kinds of things on a background, with questions of every form and boxes of all things.

A crowd is a scene with several kinds of which there may be many: what is counted must be told from what is not.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageFilter

from ..rows import Question, Region, Row
from ..words import NUMBERS, counted, listed, plural, sentence, with_article
from .art import Emoji, emojis, picture
from .drawing import background, on_background

SIZE = 256
PRESENT = ("Is there {a} in the picture?", "Is there {a} in the image?", "Do you see {a}?", "Can you see {a}?",
           "Does the picture show {a}?")  # fmt: skip
HOW_MANY = ("How many {plural} are there?", "How many {plural} are in the picture?", "Count the {plural}.")
WHAT = ("What is in the picture?", "What is this?", "What do you see?", "What does the picture show?")


def scene(seed: int, of: Sequence[Emoji] | None = None) -> tuple[Image.Image, Row]:
    """Draw one scene, `of` some emojis. Mostly up to five of a kind on a grid of 3 x 3; sometimes up to nine of one."""
    rng = random.Random(seed)
    scenery = background(rng, SIZE)
    kinds = rng.choices([1, 2, 3], [0.45, 0.4, 0.15])[0]
    chosen = rng.sample(of or emojis(), kinds)
    return _drawn(rng, "emoji", scenery, chosen, [_count(rng, kinds) for _ in chosen])


def crowd(seed: int) -> tuple[Image.Image, Row]:
    """Draw a scene of two or three kinds, up to nine things in all."""
    rng = random.Random(seed)
    scenery = background(rng, SIZE)
    kinds = rng.choices([2, 3], [0.65, 0.35])[0]
    counts = [rng.randint(1, 5 if kinds == 2 else 3) for _ in range(kinds)]
    return _drawn(rng, "crowd", scenery, rng.sample(emojis(), kinds), counts)


def places(seed: int) -> tuple[Image.Image, Row]:
    """Draw two to four different things, and ask how they lie to each other, in both directions and both orders."""
    rng = random.Random(seed)
    scenery = background(rng, SIZE)
    chosen = rng.sample(emojis(), rng.choices([2, 3, 4], [0.5, 0.3, 0.2])[0])
    image, row = _drawn(rng, "place", scenery, chosen, [1 for _ in chosen])
    asked = [question for _ in range(4) for question in place_questions(rng, row.things, Counter(_names(row.things)))]
    questions = list({question.q: question for question in asked}.values())
    return image, replace(row, questions=[*questions, *rng.sample(row.questions, 1)])


def _drawn(
    rng: random.Random,
    source: str,
    scenery: tuple[Image.Image, str, str | None],
    chosen: list[Emoji],
    counts: list[int],
) -> tuple[Image.Image, Row]:
    """Draw as many things of a kind as `counts` says before a background, and ask about them."""
    image, words, color = scenery
    things = _place(rng, image, chosen, counts)
    image = image.filter(ImageFilter.GaussianBlur(rng.choice([0, 0, 0.5])))
    found = Counter(thing.label for thing in things)
    phrase = listed([counted(name, count) for name, count in found.items()])
    captions = [
        f"{sentence(phrase)} {on_background(words, color)}.",
        f"A picture of {phrase}.",
        f"{sentence(phrase)}.",
    ]
    questions = [
        *_count_questions(rng, found, things),
        *_presence_questions(rng, found, things),
        *place_questions(rng, things, found),
    ]
    if len(found) == 1:
        form = rng.choice(WHAT) if rng.random() < 0.4 else WHAT[0]
        questions.append(Question(form, phrase, "object", things, things))
    if color:
        questions.append(Question("What color is the background?", color, "color"))
    return image, Row(source, "train", captions, questions, things)


def _count(rng: random.Random, kinds: int) -> int:
    if kinds == 3:
        return rng.choice([1, 1, 2])
    if kinds == 1 and rng.random() < 0.15:
        return rng.randint(6, 9)
    return rng.choices([1, 2, 3, 4, 5], [0.4, 0.2, 0.16, 0.13, 0.11])[0]


def _place(rng: random.Random, image: Image.Image, chosen: list[Emoji], counts: list[int]) -> list[Region]:
    """Draw the things into `image`; a lone one anywhere and large, several in cells of a grid."""
    cells = [(x, y) for x in range(3) for y in range(3)]
    rng.shuffle(cells)
    things: list[Region] = []
    alone = sum(counts) == 1
    cell = SIZE / 3
    for emoji, count in zip(chosen, counts, strict=True):
        for _ in range(count):
            if not cells:
                return things
            side = rng.randint(90, 190) if alone else rng.randint(54, 84)
            if alone:
                left, top = rng.randint(0, SIZE - side), rng.randint(0, SIZE - side)
            else:
                column, line = cells.pop()
                left = int(column * cell + (cell - side) / 2 + rng.uniform(-4, 4))
                top = int(line * cell + (cell - side) / 2 + rng.uniform(-4, 4))
            art = picture(emoji.path).resize((side, side), Image.Resampling.LANCZOS)
            if rng.random() < 0.5:
                art = art.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            art = art.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC)
            image.paste(art, (left, top), art)
            things.append(Region(emoji.name, left / SIZE, top / SIZE, (left + side) / SIZE, (top + side) / SIZE))
    return things


def _names(things: list[Region]) -> list[str]:
    return [thing.label for thing in things]


def _named(things: list[Region], name: str) -> list[Region]:
    return [thing for thing in things if thing.label == name]


def _count_questions(rng: random.Random, found: Counter[str], things: list[Region]) -> list[Question]:
    questions = []
    for name, count in found.items():
        form = HOW_MANY[0] if rng.random() < 0.7 else rng.choice(HOW_MANY)
        here = _named(things, name)
        questions.append(Question(form.format(plural=plural(name)), NUMBERS[count], "count", here, here))
    total = sum(found.values())
    if rng.random() < 0.3:
        questions.append(Question("How many things are in the picture?", NUMBERS[total], "count", things, things))
    if len(found) >= 2 and rng.random() < 0.4:
        (one, ones), (other, others) = rng.sample(sorted(found.items()), 2)
        if ones != others:
            more = one if ones > others else other
            text = f"Are there more {plural(one)} or {plural(other)}?"
            questions.append(Question(text, plural(more), "compare", _named(things, one), _named(things, other)))
    return questions


def _presence_questions(rng: random.Random, found: Counter[str], things: list[Region]) -> list[Question]:
    """As many yes as no; a name that is asked about with no is as common as one asked about with yes."""
    absent = rng.sample([emoji.name for emoji in emojis() if emoji.name not in found], 3)
    present = rng.sample(sorted(found), len(found))
    questions = []
    for yes, no in zip((present * 3)[: max(2, len(present))], absent, strict=False):
        for name, answer in ((yes, "yes"), (no, "no")):
            form = PRESENT[0] if rng.random() < 0.6 else rng.choice(PRESENT)
            here = _named(things, name)
            questions.append(Question(form.format(a=with_article(name)), answer, "presence", here, here))
    return list({question.q: question for question in questions}.values())


def place_questions(rng: random.Random, things: list[Region], found: Counter[str]) -> list[Question]:
    """Ask how two things lie to each other of which there is one each; nothing where they are about level."""
    single = [thing for thing in things if found[thing.label] == 1]
    if len(single) < 2:
        return []
    a, b = rng.sample(single, 2)
    across = (a.left + a.right) - (b.left + b.right)
    down = (a.top + a.bottom) - (b.top + b.bottom)
    questions = []
    if abs(across) > 0.3:
        left = "yes" if across < 0 else "no"
        questions.append(Question(f"Is the {a.label} to the left of the {b.label}?", left, "position", [a], [b]))
    if abs(down) > 0.3:
        upper = a.label if down < 0 else b.label
        questions.append(Question(f"What is above, the {a.label} or the {b.label}?", upper, "position", [a], [b]))
    return questions
