"""Regular languages over characters, and the automata that decide them.

A language is an expression with "and" and "not" beside the usual operators. Its states are its derivatives by the
characters read (Brzozowski 1964), made canonical enough that there are few (Owens et al. 2009).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

LAST_CHARACTER = 0x10FFFF
MAX_STATES = 1000

Ranges = tuple[tuple[int, int], ...]
"""Characters as their code points: first and last of each run, rising, apart."""


def ranges_of(runs: Iterable[tuple[int, int]]) -> Ranges:
    """Return the characters of `runs`, which may overlap."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def all_but(ranges: Ranges, last: int = LAST_CHARACTER) -> Ranges:
    """Return the characters up to `last` that are not in `ranges`."""
    others: list[tuple[int, int]] = []
    begin = 0
    for first, end in ranges:
        if first > begin:
            others.append((begin, first - 1))
        begin = end + 1
    if begin <= last:
        others.append((begin, last))
    return tuple(others)


def meet(a: Ranges, b: Ranges) -> Ranges:
    """Return the characters in both."""
    pairs = ((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)
    return tuple(sorted(pair for pair in pairs if pair[0] <= pair[1]))


@dataclass(frozen=True)
class Language:
    """A set of texts."""

    kind: str
    """"chars", "sequence", "either", "both", "not" or "repeated"."""
    parts: tuple[Language, ...] = ()
    chars: Ranges = ()
    least: int = 0
    most: int | None = None
    has_empty: bool = field(default=False, compare=False)
    """Whether the empty text is in it."""
    _hash: int = field(init=False, compare=False, default=0)

    def __post_init__(self) -> None:
        """Remember the hash: expressions are keys, and deep."""
        object.__setattr__(self, "_hash", hash((self.kind, self.parts, self.chars, self.least, self.most)))

    def __hash__(self) -> int:
        """See __post_init__."""
        return self._hash


def characters(ranges: Ranges) -> Language:
    """Return the texts of one character of `ranges`."""
    return Language("chars", chars=ranges)


NOTHING = characters(())
EMPTY = Language("sequence", has_empty=True)


def sequence(*parts: Language) -> Language:
    """Return the texts made of one of each part, in order."""
    flat: list[Language] = []
    for part in parts:
        flat += part.parts if part.kind == "sequence" else (part,)
    if NOTHING in flat:
        return NOTHING
    if len(flat) == 1:
        return flat[0]
    return Language("sequence", tuple(flat), has_empty=all(part.has_empty for part in flat))


def either(*parts: Language) -> Language:
    """Return the texts that are in any of the parts."""
    flat = {each for part in parts for each in (part.parts if part.kind == "either" else (part,))} - {NOTHING}
    if ANYTHING in flat:
        return ANYTHING
    if len(flat) < 2:
        return next(iter(flat), NOTHING)
    return Language("either", _ordered(flat), has_empty=any(part.has_empty for part in flat))


def both(*parts: Language) -> Language:
    """Return the texts that are in all of the parts."""
    flat = {each for part in parts for each in (part.parts if part.kind == "both" else (part,))} - {ANYTHING}
    if NOTHING in flat:
        return NOTHING
    if len(flat) < 2:
        return next(iter(flat), ANYTHING)
    return Language("both", _ordered(flat), has_empty=all(part.has_empty for part in flat))


def without(part: Language) -> Language:
    """Return all texts that are not in the part."""
    return part.parts[0] if part.kind == "not" else Language("not", (part,), has_empty=not part.has_empty)


def repeated(part: Language, least: int, most: int | None) -> Language:
    """Return the texts of `least` to `most` texts of the part, one behind the other; None: any number."""
    if most == 0 or part == EMPTY:
        return EMPTY
    if part == NOTHING:
        return EMPTY if least == 0 else NOTHING
    if (least, most) == (1, 1):
        return part
    least = 0 if part.has_empty else least
    return Language("repeated", (part,), least=least, most=most, has_empty=least == 0)


ANYTHING = Language("not", (NOTHING,), has_empty=True)


def _ordered(parts: Iterable[Language]) -> tuple[Language, ...]:
    return tuple(sorted(parts, key=hash))


def derivative(language: Language, character: int) -> Language:
    """Return what may follow `character`."""
    parts = language.parts
    match language.kind:
        case "chars":
            return EMPTY if any(first <= character <= last for first, last in language.chars) else NOTHING
        case "sequence":
            return _sequence_derivative(parts, character)
        case "either":
            return either(*(derivative(part, character) for part in parts))
        case "both":
            return both(*(derivative(part, character) for part in parts))
        case "not":
            return without(derivative(parts[0], character))
    most = None if language.most is None else language.most - 1
    return sequence(derivative(parts[0], character), repeated(parts[0], max(language.least - 1, 0), most))


def _sequence_derivative(parts: Sequence[Language], character: int) -> Language:
    options = []
    for index, part in enumerate(parts):
        options.append(sequence(derivative(part, character), *parts[index + 1 :]))
        if not part.has_empty:
            break
    return either(*options)


class CharacterClasses:
    """All characters in groups that no part of a language tells apart."""

    def __init__(self, language: Language) -> None:
        """Collect the sets of characters that the language is made of."""
        sets = _sets_in(language)
        cuts = {0, LAST_CHARACTER + 1}.union(*({first, last + 1} for runs in sets for first, last in runs))
        self._starts = sorted(cuts)
        groups: dict[tuple[bool, ...], int] = {}
        self.runs: list[list[tuple[int, int]]] = []
        """The characters of each class."""
        self._class_of: list[int] = []
        for first, end in pairwise(self._starts):
            inside = tuple(any(run[0] <= first <= run[1] for run in runs) for runs in sets)
            group = groups.setdefault(inside, len(groups))
            if group == len(self.runs):
                self.runs.append([])
            self.runs[group].append((first, end - 1))
            self._class_of.append(group)

    def of(self, character: int) -> int:
        """Return the class that a character is in."""
        return self._class_of[bisect_right(self._starts, character) - 1]


def _sets_in(language: Language) -> list[Ranges]:
    found: set[Ranges] = set()
    waiting = [language]
    met = set()
    while waiting:
        part = waiting.pop()
        if part in met:
            continue
        met.add(part)
        waiting += part.parts
        if part.kind == "chars":
            found.add(part.chars)
    return sorted(found)


class LanguageTooLargeError(ValueError):
    """The automaton would have too many states."""


@lru_cache(maxsize=32)
def automaton_of(language: Language) -> CharacterAutomaton:
    """Return a language's automaton, made once; raises LanguageTooLargeError."""
    return CharacterAutomaton(language)


class CharacterAutomaton:
    """A language's states, numbered from 0, the start; `following[state][class]` is the next."""

    def __init__(self, language: Language) -> None:
        """Make all states; raises LanguageTooLargeError."""
        self.classes = CharacterClasses(language)
        self.following: list[list[int]] = []
        self.accepting: list[bool] = []
        numbers = {language: 0}
        states = [language]
        samples = [runs[0][0] for runs in self.classes.runs]
        for state in states:
            self.accepting.append(state.has_empty)
            row = []
            for sample in samples:
                behind = derivative(state, sample)
                if behind not in numbers:
                    numbers[behind] = len(states)
                    states.append(behind)
                row.append(numbers[behind])
            self.following.append(row)
            if len(states) > MAX_STATES:
                raise LanguageTooLargeError
