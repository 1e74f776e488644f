"""Numbers in bounds, digit by digit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from ..errors import InputError
from .grammar import IMPOSSIBLE, Leaf

MAX_DIGITS = 15
"""Before and behind the point: so each number is a finite double, and each integer an exact one."""

BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
"""The keywords that are read here."""

_LARGEST_BOUND = 10**300
_MINUS = ord("-")
_POINT = ord(".")
_DIGITS = range(ord("0"), ord("9") + 1)


def bounded_number(schema: Mapping[str, Any], is_integer: bool, largest: int | None = None) -> NumberInBounds:
    """Return the grammar of what a schema's bounds leave; raises InputError("schema-keyword-invalid").

    `largest`: no number is larger than it, or smaller than -`largest`.
    """
    places = 0 if is_integer else MAX_DIGITS
    unit = 10**places
    limit = 10 ** (MAX_DIGITS + places) - 1
    highest = limit if largest is None else largest * unit
    lowest = -highest
    for keyword in BOUNDS & schema.keys():
        bound, scale = _ratio(keyword, schema[keyword])
        match keyword:
            case "minimum":
                lowest = max(lowest, -(-bound * unit // scale))
            case "maximum":
                highest = min(highest, bound * unit // scale)
            case "exclusiveMinimum":
                lowest = max(lowest, _first(limit, _is_above(bound / scale, unit)))
            case "exclusiveMaximum":
                highest = min(highest, -_first(limit, _is_above(-bound / scale, unit)))
    step, scale = _ratio("multipleOf", schema["multipleOf"]) if "multipleOf" in schema else (1, unit)
    if step <= 0:
        raise InputError("schema-keyword-invalid", keyword="multipleOf", value=repr(schema["multipleOf"]))
    # Of fractions in lowest terms, those that are whole numbers of units are the multiples of the numerator.
    return NumberInBounds(places, lowest, highest, step * unit // math.gcd(step * unit, scale))


def _ratio(keyword: str, value: Any) -> tuple[int, int]:
    """Return a bound as it is written, above and below the line: 0.1 is a tenth, whatever doubles make of it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LARGEST_BOUND:
        raise InputError("schema-keyword-invalid", keyword=keyword, value=repr(value))
    digits, _, exponent = str(value).partition("e")
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) - len(fraction)
    return int(whole + fraction) * 10 ** max(power, 0), 10 ** max(-power, 0)


def _is_above(bound: float, unit: int) -> Callable[[int], bool]:
    """A number of units is above the bound if it still is when both have been rounded to doubles."""
    return lambda units: units / unit > bound


def _first(limit: int, fits: Callable[[int], bool]) -> int:
    """Return the least number from -limit on that fits, as all above it do; limit + 1 where none does."""
    low = -limit
    high = limit + 1
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return low


class NumberInBounds(Leaf):
    """A number without an exponent. Progress is the text so far.

    Values are counted in units of the last place that may be written: 1 for integers.
    """

    start = b""

    def __init__(self, places: int, lowest: int, highest: int, step: int) -> None:
        """`places` behind the point at most; a multiple of `step`, from `lowest` to `highest`, all in units."""
        self._places = places
        self._lowest = lowest
        self._highest = highest
        self._step = step
        self._cached_left = cache(self._find_left)

    def left(self, progress: bytes) -> float:
        return self._cached_left(progress)

    def open(self, progress: bytes) -> bool:
        return any(self.step(progress, byte) is not None for byte in (*_DIGITS, _MINUS, _POINT))

    def done(self, progress: bytes) -> bool:
        return self.left(progress) == 0

    def step(self, progress: bytes, byte: int) -> bytes | None:
        text = progress + bytes([byte])
        return text if self._is_number(progress, byte) and self.left(text) < IMPOSSIBLE else None

    def _is_number(self, before: bytes, byte: int) -> bool:
        """Whether `byte` may follow in any number."""
        whole, point, fraction = before.removeprefix(b"-").partition(b".")
        if byte == _MINUS:
            return not before
        if byte == _POINT:
            return bool(whole) and not point and self._places > 0
        if point:
            return byte in _DIGITS and len(fraction) < self._places
        return byte in _DIGITS and whole != b"0" and len(whole) < MAX_DIGITS

    def _find_left(self, progress: bytes) -> float:
        """Return how many bytes are missing to the shortest number that begins so."""
        negative = progress.startswith(b"-")
        fitting = list[float]()
        for away, low, high, grid in self._endings(progress.removeprefix(b"-")):
            ends = (-high, -low) if negative else (low, high)
            if self._has_multiple(*ends, math.lcm(grid, self._step)):
                fitting.append(away)
        if not progress:
            fitting.append(1 + self.left(b"-"))
        return min(fitting, default=IMPOSSIBLE)

    def _has_multiple(self, low: int, high: int, step: int) -> bool:
        low = max(low, self._lowest)
        high = min(high, self._highest)
        return high // step * step >= low

    def _endings(self, digits: bytes) -> Iterator[tuple[int, int, int, int]]:
        """Yield, for each way to go on behind `digits`: how many bytes, and of the numbers first, last and distance."""
        whole, point, fraction = digits.partition(b".")
        if point:
            value = int(whole + fraction) * 10 ** (self._places - len(fraction))
            yield from self._fractions(len(fraction), value, value + 10 ** (self._places - len(fraction)))
            return
        for more in range(MAX_DIGITS - len(whole) + 1):
            wholes = _wholes(whole, more)
            if wholes:
                unit = 10**self._places
                first, end = wholes[0] * unit, wholes[1] * unit
                yield more, first, end - unit, unit
                for away, *numbers in self._fractions(0, first, end):
                    if away:
                        yield (more + 1 + away, *numbers)  # type: ignore[misc]

    def _fractions(self, written: int, first: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """As `_endings`, behind the point and `written` digits."""
        for more in range(0 if written else 1, self._places - written + 1):
            grid = 10 ** (self._places - written - more)
            yield more, first, end - grid, grid


def _wholes(begun: bytes, more: int) -> tuple[int, int] | None:
    """Return the whole numbers that `more` digits behind `begun` make: the first, and one above the last."""
    if not begun:
        return None if more == 0 else (0, 10) if more == 1 else (10 ** (more - 1), 10**more)
    if begun == b"0" and more:
        return None
    value = int(begun)
    return value * 10**more, (value + 1) * 10**more
