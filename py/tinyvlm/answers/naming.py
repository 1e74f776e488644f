"""`Naming`: what an image shows, in everyday words and no more precisely than its class probabilities allow.

A table (class_names.json) has the name of every class and the kinds of things that it is. Probabilities are summed up
by kind: where no breed of dog is likely, dogs together may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ModelError
from .naming_questions import asked_thing
from .unsure import Unsure

GENERAL, COMMON, PRECISE = "general", "common", "precise"
"""Kinds that say little ("an animal"), those that people name first ("a dog"), and what is said behind these."""

_ALWAYS = 2.0
"""No token is as likely."""
_ARTICLES = ("a ", "an ")


@dataclass(frozen=True)
class Kind:
    """A kind of things, and the classes that are of it."""

    name: str
    level: str
    members: frozenset[int]


@dataclass(frozen=True)
class Name:
    """What an image shows, in words."""

    text: str
    is_guess: bool = False


@dataclass(frozen=True)
class Naming:
    """Names what an image shows where the model's own answer would begin less surely than `below`.

    From `sure` on a name is given as it is, from `likely` on with "probably", from `guessed` on as a guess.
    """

    below: float
    sure: float
    likely: float
    guessed: float
    names: Sequence[str] = field(repr=False)
    kinds: Sequence[Kind] = field(repr=False)

    @classmethod
    def from_config(cls, generation: Mapping[str, Any], table: Mapping[str, Any] | None) -> Naming | None:
        """Read `naming` of generation_config.json and class_names.json; None where either is missing.

        Raises ModelError("naming-invalid").
        """
        value = generation.get("naming")
        if value is None or table is None:
            return None
        try:
            below, sure, likely, guessed = (float(value[key]) for key in ("below", "sure", "likely", "guessed"))
            kinds = list(_kinds(table))
            names = [str(row[0]) for row in table["classes"]]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ModelError("naming-invalid") from error
        if not (0 <= below <= _ALWAYS and 1 >= sure >= likely >= guessed > 0):
            raise ModelError("naming-invalid")
        return cls(below, sure, likely, guessed, names, kinds)

    def instead(self, question: str, probabilities: Callable[[], Sequence[float]]) -> Unsure | None:
        """Return what is said of an image where the model is not sure; None where a question asks for something else.

        `probabilities` of all classes are asked for only where they are needed. Who asks for a kind of thing ("What
        animal is this?") gets a name that is more than a guess whatever the model would say: its own words for such
        questions are few.
        """
        kind = self.kind_asked(question)
        name = None if kind is None else self.name(probabilities(), kind)
        if kind is None or name is None:
            return None
        is_of_all = len(kind.members) == len(self.names)
        return Unsure(self.below if is_of_all or name.is_guess else _ALWAYS, name.text, is_named=True)

    def kind_asked(self, question: str) -> Kind | None:
        """Return what a question wants named: everything, or one kind; None where it asks for something else."""
        thing = asked_thing(question)
        if thing is None:
            return None
        if thing == "":
            return Kind("", GENERAL, frozenset(range(len(self.names))))
        singular = thing.removesuffix("s")  # of "vegetables"
        return next((kind for kind in self.kinds if bare(kind.name) in (thing, singular)), None)

    def name(self, probabilities: Sequence[float], asked: Kind) -> Name | None:
        """Return the name of something of a kind; None where the kind itself is not likely, or nothing in it is.

        `probabilities` are of all classes. Those of other kinds are then left out.
        """
        total = sum(probabilities[i] for i in asked.members)
        if _beyond_chance(total, len(asked.members), len(self.names)) < self.likely:
            return None
        shares = {i: probabilities[i] / total for i in asked.members}
        best = _likeliest(shares)
        share = shares[best]
        narrower = [kind for kind in self.kinds if not kind.members >= asked.members]
        common, weight = _heaviest((kind for kind in narrower if kind.level == COMMON), shares, len(shares))
        if share >= self.sure:
            return Name(_with_common(self.names[best], common if common and best in common.members else None))
        if common and weight >= self.likely:
            return Name(self._of_common(common, weight, shares))
        if share >= self.likely:
            return Name(f"probably {self.names[best]}")
        general, weight = _heaviest((kind for kind in narrower if kind.level == GENERAL), shares, len(shares))
        if general and weight >= self.likely:
            return Name(f"some kind of {bare(general.name)}{self._guess(general, shares)}")
        return Name(f"I am not sure, perhaps {self.names[best]}", is_guess=True) if share >= self.guessed else None

    def _of_common(self, kind: Kind, weight: float, shares: Mapping[int, float]) -> str:
        """Name a likely kind, and what of that kind it probably is."""
        is_sure = weight >= self.sure
        within = {i: shares[i] for i in kind.members if i in shares}
        best = _likeliest(within)
        if within[best] >= self.likely:
            return f"{kind.name}, probably {self.names[best]}" if is_sure else f"probably {self.names[best]}"
        parts = (other for other in self.kinds if other.level == PRECISE and other.members < kind.members)
        precise, share = _heaviest(parts, within, len(shares))
        said = kind.name if is_sure else f"probably {kind.name}"
        if precise and share >= self.likely:
            return f"{said}, {'probably' if is_sure else 'perhaps'} {precise.name}"
        return f"{said}{self._guess(kind, within)}"

    def _guess(self, kind: Kind, shares: Mapping[int, float]) -> str:
        """Return the likeliest of a kind as an addition, or nothing where not even a guess can be made."""
        best = _likeliest({i: shares[i] for i in kind.members if i in shares})
        return f", perhaps {self.names[best]}" if shares[best] >= self.guessed else ""


def bare(name: str) -> str:
    """Return a name without its article."""
    return next((name.removeprefix(article) for article in _ARTICLES if name.startswith(article)), name)


def _likeliest(shares: Mapping[int, float]) -> int:
    return max(shares, key=lambda i: shares[i])


def _with_common(name: str, common: Kind | None) -> str:
    """Return a class's name, with the word that people know where the name does not hold it."""
    return name if common is None or bare(common.name) in name else f"{name}, a kind of {bare(common.name)}"


def _heaviest(kinds: Iterable[Kind], shares: Mapping[int, float], count: int) -> tuple[Kind | None, float]:
    """Return the kind that has most of the probability beyond chance, the smallest of several, and how much.

    `count`: among how many classes all of it is shared out.
    """
    weighed = list[tuple[float, int, Kind]]()
    for kind in kinds:
        within = [shares[i] for i in kind.members if i in shares]
        weighed.append((_beyond_chance(sum(within), len(within), count), -len(within), kind))
    if not weighed:
        return None, 0.0
    weight, _, kind = max(weighed, key=lambda row: row[:2])
    return kind, weight


def _beyond_chance(mass: float, size: int, count: int) -> float:
    """Return how far `size` of `count` classes have more of the probability than all alike would give them; 1: all.

    Of 1,000 classes 398 are animals: in a picture of nothing they still have 40 %.
    """
    return (mass - size / count) / (1 - size / count) if size < count else 1.0


def _kinds(table: Mapping[str, Any]) -> Iterator[Kind]:
    said = [(str(name), level) for level in (GENERAL, COMMON, PRECISE) for name in table["kinds"][level]]
    members: list[set[int]] = [set() for _ in said]
    for number, row in enumerate(table["classes"]):
        for kind in row[1:]:
            members[kind].add(number)
    for (name, level), within in zip(said, members, strict=True):
        yield Kind(name, level, frozenset(within))
