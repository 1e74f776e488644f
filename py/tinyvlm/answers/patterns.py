r"""Patterns (regular expressions) as languages: what JSON schemas hold strings to.

Read are literal characters, escapes, ".", sets, groups, "|", quantifiers, "^" at the beginning and "$" at the end of a
pattern or one of its alternatives, and lookaheads right behind "^". A pattern may match anywhere in a text, as JSON
Schema has it. Dialects (ECMA 262, Python, Rust) differ in characters outside ASCII: only texts that match in each of
them are in the language, so "\d" is 0 to 9, and "\D" holds none outside ASCII.
"""

from __future__ import annotations

from ..errors import InputError
from .languages import (
    ANYTHING,
    EMPTY,
    Language,
    Ranges,
    all_but,
    both,
    characters,
    either,
    ranges_of,
    repeated,
    without,
)
from .languages import sequence as in_order

MAX_LENGTH = 1000
"""Characters of a pattern."""
MAX_REPEATS = 1000

_ASCII_END = 0x7F
_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 13), (32, 32))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_ENDS_LINE: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_NEWLINE = characters(((10, 10),))


def pattern_language(pattern: str) -> Language:
    """Return the texts that match; raises InputError("schema-pattern-unsupported")."""
    return _Parser(pattern).whole()


class _Parser:
    """Reads one pattern, from its beginning to its end."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._is_refused = False
        """Inside a negative lookahead, where what dialects disagree on counts as matching."""
        self._ascii_only = False
        if len(pattern) > MAX_LENGTH:
            raise self._unsupported("length")

    def whole(self) -> Language:
        language = self._searched()
        if self._at < len(self._pattern):
            raise self._unsupported(self._pattern[self._at])
        if self._ascii_only:
            ascii_text = repeated(characters(((0, _ASCII_END),)), 0, None)
            language = both(language, ascii_text)
        return language

    def _unsupported(self, part: str) -> InputError:
        return InputError("schema-pattern-unsupported", pattern=repr(self._pattern), part=part)

    def _next(self, text: str) -> bool:
        """Step over `text` if it comes next."""
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise self._unsupported("end")
        self._at += 1
        return self._pattern[self._at - 1]

    def _searched(self) -> Language:
        """Alternatives that may be anchored; up to the end, or the bracket of a lookahead."""
        options = [self._anchored()]
        while self._next("|"):
            options.append(self._anchored())
        return either(*options)

    def _anchored(self) -> Language:
        begins = self._next("^")
        ahead = []
        while begins and self._pattern.startswith(("(?=", "(?!"), self._at):
            ahead.append(self._lookahead())
        begins = self._next("^") or begins
        body = self._in_order()
        ends = self._next("$")
        if not begins:
            body = in_order(ANYTHING, body)
        if not ends:
            body = in_order(body, ANYTHING)
        elif self._is_refused:
            body = in_order(body, repeated(_NEWLINE, 0, 1))  # where "$" matches for some
        return both(body, *ahead)

    def _lookahead(self) -> Language:
        negative = self._pattern[self._at + 2] == "!"
        if negative and self._is_refused:
            raise self._unsupported("(?!")
        self._at += 3
        self._is_refused = negative
        # What a lookahead sees begins where it stands.
        inside = self._from_here()
        self._is_refused = False
        if not self._next(")"):
            raise self._unsupported("(?")
        return without(inside) if negative else inside

    def _from_here(self) -> Language:
        options: list[Language] = []
        while not options or self._next("|"):
            self._next("^")
            body = self._in_order()
            end = EMPTY if self._next("$") else ANYTHING
            if end is EMPTY and self._is_refused:
                end = repeated(_NEWLINE, 0, 1)
            options.append(in_order(body, end))
        return either(*options)

    def _alternatives(self) -> Language:
        """Inside a group."""
        options = [self._in_order()]
        while self._next("|"):
            options.append(self._in_order())
        return either(*options)

    def _in_order(self) -> Language:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)$":
            parts.append(self._quantified(self._atom()))
        return in_order(*parts)

    def _quantified(self, atom: Language) -> Language:
        if self._next("*"):
            bounds: tuple[int, int | None] = (0, None)
        elif self._next("+"):
            bounds = (1, None)
        elif self._next("?"):
            bounds = (0, 1)
        elif self._next("{"):
            bounds = self._counts()
        else:
            return atom
        self._next("?")  # the same texts, found in another order
        if self._at < len(self._pattern) and self._pattern[self._at] in "*+?{":
            raise self._unsupported(self._pattern[self._at])
        return repeated(atom, *bounds)

    def _counts(self) -> tuple[int, int | None]:
        inside, closed, _ = self._pattern[self._at :].partition("}")
        least, comma, most = inside.partition(",")
        numbers = [number for number in (least, most) if number]
        if not closed or not all(number.isdecimal() and number.isascii() for number in numbers) or not least:
            raise self._unsupported("{")
        self._at += len(inside) + 1
        upper = int(least) if not comma else int(most) if most else None
        if max(int(least), upper or 0) > MAX_REPEATS or (upper is not None and upper < int(least)):
            raise self._unsupported("{" + inside + "}")
        return int(least), upper

    def _atom(self) -> Language:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return characters(self._set())
        if character == ".":
            # Under a "not", the largest reading; else the smallest.
            return characters(all_but(((10, 10),) if self._is_refused else _ENDS_LINE))
        if character == "\\":
            return characters(self._escape())
        if character in "*+?{}]^":
            raise self._unsupported(character)
        return characters(((ord(character), ord(character)),))

    def _group(self) -> Language:
        if self._next("?"):
            if self._next("P<") or (self._pattern.startswith("<", self._at) and self._next("<")):
                name, _, _ = self._pattern[self._at :].partition(">")
                if not name.isidentifier():
                    raise self._unsupported("(?<")
                self._at += len(name) + 1
            elif not self._next(":"):
                raise self._unsupported("(?" + self._pattern[self._at : self._at + 1])
        inside = self._alternatives()
        if not self._next(")"):
            raise self._unsupported("$" if self._next("$") else "(")
        return inside

    def _escape(self) -> Ranges:
        """What a backslash and what is behind it stand for."""
        letter = self._take()
        if letter.lower() in _CLASSES:
            self._ascii_only |= self._is_refused or letter.isupper()
            inside = _CLASSES[letter.lower()]
            return inside if letter.islower() else all_but(inside, _ASCII_END)
        code = _CONTROLS.get(letter)
        if letter in "xu":
            code = self._hexadecimal(2 if letter == "x" else 4)
        elif code is None and not letter.isalnum():
            code = ord(letter)
        if code is None:
            raise self._unsupported("\\" + letter)
        return ((code, code),)

    def _hexadecimal(self, digits: int) -> int:
        text = self._pattern[self._at : self._at + digits]
        if len(text) < digits or not all(digit in "0123456789abcdefABCDEF" for digit in text):
            raise self._unsupported("\\x" if digits == 2 else "\\u")
        self._at += digits
        return int(text, 16)

    def _set(self) -> Ranges:
        negative = self._next("^")
        start = self._at
        runs: list[tuple[int, int]] = []
        while not self._next("]"):
            first = self._member()
            if not (self._pattern.startswith("-", self._at) and not self._pattern.startswith("-]", self._at)):
                runs += first
                continue
            self._at += 1
            last = self._member()
            if len(first) != 1 or len(last) != 1 or first[0][0] != first[0][1] or last[0][0] != last[0][1]:
                raise self._unsupported("[")
            if last[0][0] < first[0][0]:
                raise self._unsupported("[")
            runs.append((first[0][0], last[0][0]))
        if not negative:
            return ranges_of(runs)
        # Which characters outside ASCII are none of a class depends on the dialect.
        self._ascii_only |= any(f"\\{letter}" in self._pattern[start : self._at] for letter in _CLASSES)
        return all_but(ranges_of(runs))

    def _member(self) -> Ranges:
        character = self._take()
        if character == "[" or self._pattern.startswith(("&&", "--", "~~"), self._at - 1):
            raise self._unsupported("[" if character == "[" else character * 2)  # sets in sets, for some
        if character != "\\":
            return ((ord(character), ord(character)),)
        if self._pattern.startswith("b", self._at):
            raise self._unsupported("\\b")
        return self._escape()
