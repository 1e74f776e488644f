"""How much an English sentence looks like a request rather than like a question about a picture: a linear classifier.

What a sentence is made of (words, neighbours, its build with content words or their kinds in place of words, whether it
points at something) is hashed into a table of small weights, as in Weinberger et al., "Feature Hashing for Large Scale
Multitask Learning" (2009); their sum says how much. Two Bloom filters know which words were learnt from and which
captions of photos use, a cuckoo table the kinds of some two thousand words ("science", "money"): all three give a wrong
yes now and then, the same in learning as here. scripts/build_requests.py learns and writes them.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from .classifier_weights import BIAS, PACKED

LEARNT_BYTES, CAPTIONED_BYTES, KIND_SLOTS, BUCKETS = 2048, 2560, 4096, 14336
PROBES = 4
"""How many bits of a filter a word sets."""
MARK_BITS = 3
"""How much of a word's hash its slot keeps beside its kind."""
_MOST = 40
"""How many words of a sentence are read."""
_GRAM = 4
"""How many letters of a word that was not learnt make a feature."""
_ENDINGS = ("ing", "tion", "ed", "ly", "er", "est", "ism", "ity", "ment", "s")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = _words(
    "what which who where when why how is are was were do does did can could would will should the a an this that "
    "these those there here i you he she it they we me my your his her their its our of in on at to for with from by "
    "and or not many much any some all one"
)
_POINTING = _words("this that these those here there he she his her him they their them it its")
_ON_PICTURES = _words(
    "picture image photo photograph pic screenshot drawing painting visible shown see sign label chart graph bar bars "
    "receipt poster screen"
)
_ASKER = _words("i me my mine we us our")
_ASKED = _words("you your yours yourself")


@dataclass(frozen=True)
class Lexicon:
    """What is known of single words."""

    learnt: bytes
    """A Bloom filter of the words that were frequent in what was learnt from."""
    captioned: bytes
    """A Bloom filter of the words of captions."""
    kinds: bytes
    """A slot: the number of a kind, from 1, above a few bits of the word's hash; 0 where it is empty."""

    def is_learnt(self, word: str) -> bool:
        """Whether a word has weights of its own."""
        return _holds(self.learnt, word)

    def shape(self, word: str) -> str:
        """Return what stands for a word where only the build counts: figures, its ending, whether photos have it."""
        if word[0].isdigit():
            return "<0>"
        mark = "" if _holds(self.captioned, word) else "o"
        ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2), "")
        return f"<{mark}{ending}>"

    def kind(self, word: str) -> str:
        """Return the kind of a word or of its stem, marked where it may be a plural; "" where none is known."""
        for stem in _stems(word):
            for slot, mark in kind_slots(stem):
                entry = self.kinds[slot]
                if entry and entry & (1 << MARK_BITS) - 1 == mark:
                    return f"{entry >> MARK_BITS}{'s' if word.endswith('s') else ''}"
        return ""


def likeness(words: Sequence[str]) -> int:
    """Return how much a sentence, small letters without punctuation, looks like a request: above 0 it does."""
    lexicon, weights = _tables()
    buckets = {bucket(feature) for feature in features(words, lexicon)}
    return BIAS + sum((weights[at >> 1] >> 4 * (at & 1) & 15) - 8 for at in buckets)


def probes(word: str, bits: int) -> Iterator[int]:
    """Yield the bits of a filter that a word sets (Kirsch and Mitzenmacher, 2008)."""
    value = zlib.crc32(word.encode())
    first, step = value & 0xFFFF, value >> 16 | 1
    for probe in range(PROBES):
        yield (first + probe * step) % bits


def kind_slots(word: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the two slots where the kind of a word may stand, each with the bits that mark it."""
    value = zlib.crc32(word.encode())
    mark = value >> 24 & (1 << MARK_BITS) - 1
    return (value % KIND_SLOTS, mark), ((value >> 12) % KIND_SLOTS, mark)


def bucket(feature: str) -> int:
    """Return where the weight of a feature stands."""
    return zlib.crc32(feature.encode()) % BUCKETS


def features(words: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Return what a sentence is made of."""
    words = words[:_MOST]
    said, build, sense, found = ["^"], ["^"], ["^"], set()
    unknown = 0
    for word in words:
        is_learnt, shape = lexicon.is_learnt(word), lexicon.shape(word)
        kind = "" if word in FUNCTION_WORDS else lexicon.kind(word)
        said.append(word if is_learnt else shape)
        build.append(word if word in FUNCTION_WORDS else shape)
        sense.append(kind or build[-1])
        if sense[-1] != word:
            found.add(f"X{sense[-1]}")
        if not is_learnt:
            found.update(f"O{count}" for count in range(unknown, min(unknown + 1, _GRAM)))
            found.update(f"C{gram}" for gram in _grams(f"^{word}$", _GRAM))
            unknown += 1
    for items, kind, lengths in ((said, "", (1, 2, 3)), (build, "D", (3, 4)), (sense, "Y", (2, 3))):
        items.append("$")
        for length in lengths:
            found.update(kind + " ".join(gram) for gram in _grams(items, length))
    found.update(_outline(words))
    return found


def _outline(words: Sequence[str]) -> Iterator[str]:
    """Yield whom and what a sentence speaks of, with its first word."""
    said = set(words)
    first = words[0] if words and words[0] in FUNCTION_WORDS else "V"
    points = "this" if said & _POINTING else "the" if "the" in said else "none"
    picture = "picture" if said & _ON_PICTURES else ""
    persons = ("me" if said & _ASKER else "") + ("you" if said & _ASKED else "")
    for aspect, value in (("p", points), ("m", persons), ("q", picture)):
        yield f"G{aspect}{value}"
        yield f"G{aspect}{first}{value}"
    yield f"G{persons}{points}{picture}"
    yield f"L{min(len(words), 6)}"


def _grams(items: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (items[at : at + length] for at in range(len(items) - length + 1))


def _stems(word: str) -> Iterator[str]:
    yield word
    for ending, instead in (("s", ("",)), ("es", ("",)), ("ing", ("", "e")), ("ed", ("", "e"))):
        if word.endswith(ending):
            yield from (word[: -len(ending)] + letter for letter in instead)


def _holds(table: bytes, word: str) -> bool:
    return all(table[at >> 3] >> (at & 7) & 1 for at in probes(word, 8 * len(table)))


@cache
def _tables() -> tuple[Lexicon, bytes]:
    table = zlib.decompress(base64.b85decode(PACKED))
    captioned, kinds = LEARNT_BYTES + CAPTIONED_BYTES, LEARNT_BYTES + CAPTIONED_BYTES + KIND_SLOTS
    return Lexicon(table[:LEARNT_BYTES], table[LEARNT_BYTES:captioned], table[captioned:kinds]), table[kinds:]
