"""What may stand between the quotes of a JSON string, byte by byte, where more is asked of it than a length."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from .grammar import IMPOSSIBLE, Leaf
from .languages import Language, Ranges, automaton_of, meet, ranges_of

CONTINUATION = range(0x80, 0xC0)
_ESCAPES = {
    ord(letter): ord(meaning) for letter, meaning in zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True)
}  # RFC 8259
_BACKSLASH = ord("\\")

Units = Mapping[int, tuple[Collection[int], ...]]
"""First bytes of characters, each with the bytes that may stand behind it."""


class Alphabet:
    """The characters that a tokenizer can write."""

    def __init__(self, units: Units) -> None:
        """`units`: as `json_schema` makes them; only ASCII is used where parts of other characters are missing."""
        whole = all(len(frozenset(place)) == len(CONTINUATION) for place in units.get(0xE1, [()]))
        self.units = {byte: places for byte, places in units.items() if whole or byte < CONTINUATION.start}
        escapes = self.units.get(_BACKSLASH, ((),))[0]
        self.escapes = {byte: meaning for byte, meaning in _ESCAPES.items() if byte in escapes}
        self.escaped = ranges_of((meaning, meaning) for meaning in self.escapes.values())
        spans = [self.span(bytes([byte])) for byte in self.units if byte != _BACKSLASH]
        self.plain = ranges_of(spans)
        self.all = ranges_of([*self.plain, *self.escaped])
        self.told_apart = meet(self.plain, ((0, CONTINUATION.start - 1),))
        """Characters of a byte each: more than the texts that one of them must differ from."""

    def span(self, begun: bytes) -> tuple[int, int]:
        """Return the first and the last character whose UTF-8 begins so."""
        places = self.due(begun)
        ends = [begun + bytes(choose(place) for place in places) for choose in (min, max)]
        return ord(ends[0].decode()), ord(ends[1].decode())

    def due(self, begun: bytes) -> tuple[Collection[int], ...]:
        """Return the places behind the beginning of a character."""
        return self.units[begun[0]][len(begun) - 1 :]

    def bytes_for(self, ranges: Ranges) -> float:
        """Return the bytes of the shortest of these characters."""
        options = [len(chr(first).encode()) for first, _ in meet(ranges, self.plain)]
        return min([*options, *([2] if meet(ranges, self.escaped) else [])], default=IMPOSSIBLE)


class Characters(Leaf):
    """A text of characters, each plain or escaped. Progress: a state, and the bytes of a character that has begun."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet

    def after(self, state: Any, character: int) -> Any:
        """Return the state behind `character`, or None where the text could not be ended there."""
        raise NotImplementedError

    def accepts(self, state: Any) -> bool:
        """May the text end here?"""
        raise NotImplementedError

    def state_left(self, state: Any) -> float:
        """Return in how many bytes it can be ended."""
        raise NotImplementedError

    def left_after(self, state: Any, ranges: Ranges) -> float:
        """Return in how many bytes it can be ended behind the best of some characters."""
        raise NotImplementedError

    def left(self, progress: tuple[Any, bytes]) -> float:
        state, begun = progress
        if not begun:
            return self.state_left(state)
        due, ranges = self._due(begun)
        return due + self.left_after(state, ranges)

    def open(self, progress: tuple[Any, bytes]) -> bool:
        state, begun = progress
        return bool(begun) or self.left_after(state, self._alphabet.all) < IMPOSSIBLE

    def done(self, progress: tuple[Any, bytes]) -> bool:
        return not progress[1] and self.accepts(progress[0])

    def step(self, progress: tuple[Any, bytes], byte: int) -> Any:
        state, begun = progress
        if begun == b"\\":
            return self._ended(state, self._alphabet.escapes.get(byte))
        if begun:
            if byte not in self._alphabet.due(begun)[0]:
                return None
        elif byte not in self._alphabet.units:
            return None
        begun += bytes([byte])
        if byte != _BACKSLASH and not self._alphabet.due(begun):
            return self._ended(state, ord(begun.decode()))
        possible = self.left_after(state, self._due(begun)[1]) < IMPOSSIBLE
        return (state, begun) if possible else None

    def _ended(self, state: Any, character: int | None) -> Any:
        after = None if character is None else self.after(state, character)
        return None if after is None else (after, b"")

    def _due(self, begun: bytes) -> tuple[int, Ranges]:
        """Return how many bytes a character lacks, and which characters it can become."""
        if begun == b"\\":
            return 1, self._alphabet.escaped
        return len(self._alphabet.due(begun)), (self._alphabet.span(begun),)


class Matching(Characters):
    """Texts of a language, of `least` to `most` characters. A state: the language's, and how many characters came."""

    def __init__(self, alphabet: Alphabet, language: Language, least: int, most: int) -> None:
        """Raises LanguageTooLargeError."""
        super().__init__(alphabet)
        self._automaton = automaton_of(language)
        self._least = least
        self._most = most
        written = [meet(ranges_of(runs), alphabet.all) for runs in self._automaton.classes.runs]
        self._classes = [number for number, ranges in enumerate(written) if ranges]
        self._ranges = written
        self._ends_in = self._count_down()
        self._bytes = max((alphabet.bytes_for(written[number]) for number in self._classes), default=1)
        self.start = ((0, 0), b"")
        self._missing = cache(self._find_missing)
        self._left_after = cache(self._find_left_after)

    def _count_down(self) -> list[int]:
        """For each number of characters, the states (as bits) that accept a text of so many; the last one goes on."""
        following = [
            sum(1 << state for state in {row[number] for number in self._classes}) for row in self._automaton.following
        ]
        ends = [sum(1 << state for state, accepts in enumerate(self._automaton.accepting) if accepts)]
        while len(ends) <= self._most and (len(ends) < 2 or ends[-1] != ends[-2]):
            ends.append(sum(1 << state for state, reached in enumerate(following) if reached & ends[-1]))
        return ends

    def _find_missing(self, state: int, count: int) -> float:
        """Return how many characters are missing, at least."""
        for missing in range(max(self._least - count, 0), self._most - count + 1):
            if self._ends_in[min(missing, len(self._ends_in) - 1)] >> state & 1:
                return missing
            if missing >= len(self._ends_in):
                break
        return IMPOSSIBLE

    def after(self, state: tuple[int, int], character: int) -> tuple[int, int] | None:
        number, count = state
        behind = self._automaton.following[number][self._automaton.classes.of(character)]
        return (behind, count + 1) if self._missing(behind, count + 1) < IMPOSSIBLE else None

    def accepts(self, state: tuple[int, int]) -> bool:
        number, count = state
        return count >= self._least and self._automaton.accepting[number]

    def state_left(self, state: tuple[int, int]) -> float:
        return self._missing(*state) * self._bytes

    def left_after(self, state: tuple[int, int], ranges: Ranges) -> float:
        return self._left_after(*state, ranges)

    def _find_left_after(self, number: int, count: int, ranges: Ranges) -> float:
        row = self._automaton.following[number]
        behind = {row[each] for each in self._classes if meet(self._ranges[each], ranges)}
        return min((self._missing(each, count + 1) for each in behind), default=IMPOSSIBLE) * self._bytes
