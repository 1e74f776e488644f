"""What the classifier knows of single words: filters and a cuckoo table."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from tinyvlm.answers.requests.classifier import (
    CAPTIONED_BYTES,
    FUNCTION_WORDS,
    KIND_SLOTS,
    LEARNT_BYTES,
    MARK_BITS,
    Lexicon,
    kind_slots,
    probes,
)

from .examples import Example

_FREQUENT = 3
"""In how many sentences a word has to be, to be learnt."""
_MOVES = 500


def lexicon_of(found: Sequence[Example], captions: Sequence[str], kinds: Mapping[str, Sequence[str]]) -> Lexicon:
    """Return a lexicon: words that are frequent in the examples, those of captions, and those of each kind."""
    counts = Counter(word for example in found if "typos" not in example.source for word in set(example.words))
    frequent = [word for word, count in counts.items() if count >= _FREQUENT]
    return Lexicon(_filter(frequent, LEARNT_BYTES), _filter(captions, CAPTIONED_BYTES), _kind_table(kinds))


def _filter(words: Sequence[str], size: int) -> bytes:
    table = bytearray(size)
    for word in words:
        for at in probes(word, 8 * size):
            table[at >> 3] |= 1 << (at & 7)
    return bytes(table)


def _kind_table(kinds: Mapping[str, Sequence[str]]) -> bytes:
    """Return the slots after every word has found one of its two (Pagh and Rodler, "Cuckoo hashing", 2004)."""
    numbers: dict[str, int] = {}
    for number, words in enumerate(kinds.values(), 1):
        for word in words:
            if word not in FUNCTION_WORDS:
                numbers.setdefault(word, number)
    rng = random.Random(0)
    held: dict[int, str] = {}
    for word in numbers:
        homeless: str | None = word
        for _ in range(_MOVES):
            if homeless is None:
                break
            slots = [slot for slot, _ in kind_slots(homeless)]
            at = next((slot for slot in slots if slot not in held), rng.choice(slots))
            held[at], homeless = homeless, held.get(at)
    table = bytearray(KIND_SLOTS)
    for at, kept in held.items():
        table[at] = numbers[kept] << MARK_BITS | kind_slots(kept)[0][1]
    return bytes(table)
