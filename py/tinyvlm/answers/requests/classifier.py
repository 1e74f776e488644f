"""How much an English sentence looks like a request rather than like a question about a picture: a linear classifier.

What a sentence is made of (words, neighbours, its build with content words left out, whether it points at something) is
hashed into a table of small weights, as in Weinberger et al., "Feature Hashing for Large Scale Multitask Learning"
(2009); their sum says how much. Two Bloom filters know which words were learnt from, and which captions of photos use.
scripts/build_requests.py learns and writes all three.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from zlib import crc32

from .classifier_weights import BIAS, CAPTIONED, LEARNT, WEIGHTS

PROBES = 4
"""How many bits of a filter a word sets."""
_MOST = 40
"""How many words of a sentence are read."""
_GRAM = 4
"""How many letters of a word that was not learnt make a feature."""
_ENDINGS = ("ing", "tion", "ed", "ly", "er", "est", "ism", "ity", "ment", "s")
_FUNCTION_WORDS = frozenset(
    [
        "what",
        "which",
        "who",
        "where",
        "when",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "would",
        "will",
        "should",
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "i",
        "you",
        "he",
        "she",
        "it",
        "they",
        "we",
        "me",
        "my",
        "your",
        "his",
        "her",
        "their",
        "its",
        "our",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "with",
        "from",
        "by",
        "and",
        "or",
        "not",
        "many",
        "much",
        "any",
        "some",
        "all",
        "one",
    ]
)
_POINTING = frozenset(
    [
        "this",
        "that",
        "these",
        "those",
        "here",
        "there",
        "he",
        "she",
        "his",
        "her",
        "him",
        "they",
        "their",
        "them",
        "it",
        "its",
    ]
)
_ON_PICTURES = frozenset(
    [
        "picture",
        "image",
        "photo",
        "photograph",
        "pic",
        "screenshot",
        "drawing",
        "painting",
        "visible",
        "shown",
        "see",
        "sign",
        "label",
        "chart",
        "graph",
        "bar",
        "bars",
        "receipt",
        "poster",
        "screen",
    ]
)
_ASKER = frozenset(["i", "me", "my", "mine", "we", "us", "our"])
_ASKED = frozenset(["you", "your", "yours", "yourself"])


def likeness(words: Sequence[str]) -> int:
    """Return how much a sentence, small letters without punctuation, looks like a request: above 0 it does."""
    weights = _table(WEIGHTS)
    buckets = {bucket(feature, 2 * len(weights)) for feature in features(words, is_learnt, is_captioned)}
    return BIAS + sum((weights[at >> 1] >> 4 * (at & 1) & 15) - 8 for at in buckets)


def is_learnt(word: str) -> bool:
    """Whether a word was frequent in what was learnt from."""
    return is_held(_table(LEARNT), word)


def is_captioned(word: str) -> bool:
    """Whether captions of photos use a word."""
    return is_held(_table(CAPTIONED), word)


def is_held(table: bytes, word: str) -> bool:
    """Whether a Bloom filter holds a word; true of a few others as well."""
    return all(table[at >> 3] >> (at & 7) & 1 for at in probes(word, 8 * len(table)))


def probes(word: str, bits: int) -> Iterator[int]:
    """Yield the bits of a filter that a word sets (Kirsch and Mitzenmacher, 2008)."""
    value = crc32(word.encode())
    first, step = value & 0xFFFF, value >> 16 | 1
    for probe in range(PROBES):
        yield (first + probe * step) % bits


def bucket(feature: str, count: int) -> int:
    """Return where the weight of a feature stands."""
    return crc32(feature.encode()) % count


def features(words: Sequence[str], learnt: Callable[[str], bool], captioned: Callable[[str], bool]) -> set[str]:
    """Return what a sentence is made of."""
    words = words[:_MOST]
    known = [learnt(word) for word in words]
    shapes = [_shape(word, captioned) for word in words]
    said = [
        "^",
        *(word if is_known else shape for word, is_known, shape in zip(words, known, shapes, strict=True)),
        "$",
    ]
    build = ["^", *(word if word in _FUNCTION_WORDS else shape for word, shape in zip(words, shapes, strict=True)), "$"]
    found = set(said)
    for length in (2, 3):
        found.update(_grams(said, length, ""))
        found.update(_grams(build, length + 1, "D"))
    unknown = [word for word, is_known in zip(words, known, strict=True) if not is_known]
    for word in unknown:
        found.update(f"C{word_[at : at + _GRAM]}" for word_ in (f"^{word}$",) for at in range(len(word_) - _GRAM + 1))
    found.update(f"O{count}" for count in range(min(len(unknown), 4)))
    found.update(_outline(words))
    return found


def _outline(words: Sequence[str]) -> Iterator[str]:
    """Yield whom and what a sentence speaks of, with its first word."""
    said = set(words)
    first = words[0] if words and words[0] in _FUNCTION_WORDS else "V"
    points = "this" if said & _POINTING else "the" if "the" in said else "none"
    picture = "picture" if said & _ON_PICTURES else ""
    persons = ("me" if said & _ASKER else "") + ("you" if said & _ASKED else "")
    for aspect, value in (("p", points), ("m", persons), ("q", picture)):
        yield f"G{aspect}{value}"
        yield f"G{aspect}{first}{value}"
    yield f"G{persons}{points}{picture}"
    yield f"L{min(len(words), 6)}"


def _grams(items: Sequence[str], length: int, kind: str) -> Iterator[str]:
    return (kind + " ".join(items[at : at + length]) for at in range(len(items) - length + 1))


def _shape(word: str, captioned: Callable[[str], bool]) -> str:
    """Return what stands for a word where only the build counts: figures, its ending, whether photos have it."""
    if word[0].isdigit():
        return "<0>"
    mark = "" if captioned(word) else "o"
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2), "")
    return f"<{mark}{ending}>"


@cache
def _table(text: str) -> bytes:
    return base64.b85decode(text)
