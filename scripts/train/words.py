"""English as the generators write it: numbers, plurals, articles, lists.

Plurals follow one rule whether they are right or not ("ring buoys", "scissorses"): validation questions were made by
the same rule, and a question must be understood as it is asked. Proper plurals stand beside them in IRREGULAR.
"""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

IRREGULAR = {
    "bread": "loaves of bread",
    "deer": "deer",
    "fish": "fish",
    "glasses": "glasses",
    "knife": "knives",
    "leaf": "leaves",
    "mouse": "mice",
    "ox": "oxen",
    "person": "people",
    "rice": "bowls of rice",
    "scissors": "scissors",
    "sheep": "sheep",
    "wolf": "wolves",
}


def plural(name: str) -> str:
    """knife -> knives, bus -> buses, cherry -> cherries"""
    if name in IRREGULAR:
        return IRREGULAR[name]
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def with_article(name: str) -> str:
    """apple -> an apple"""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def counted(name: str, count: int) -> str:
    """(apple, 1) -> an apple; (apple, 3) -> three apples"""
    return with_article(name) if count == 1 else f"{NUMBERS[count]} {plural(name)}"


def listed(parts: Sequence[str]) -> str:
    """[a, b, c] -> a, b and c"""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    """First letter large, rest as it is."""
    return text[:1].upper() + text[1:]
