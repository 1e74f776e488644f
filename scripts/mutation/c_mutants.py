"""The faults that are put into C: found among its tokens, as clang-format lays them out.

With spaces on both sides an operator has two operands; without, `*` and `&` are pointers and addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .mutant import Mutant, make_mutant

OPERATORS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "&": ("|",),
    "|": ("&",),
    "^": ("&",),
    "+=": ("-=", "="),
    "-=": ("+=", "="),
    "*=": ("/=", "="),
    "|=": ("&=", "="),
    "&=": ("|=", "="),
}

_UNREAD = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:\\\n|[^\n])*""", re.DOTALL | re.MULTILINE
)
_OPERATOR = re.compile(rf"(?<=[ ])({'|'.join(re.escape(word) for word in sorted(OPERATORS, key=len)[::-1])})(?=[ \n])")
_NUMBER = re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+\.\d*(?:e[-+]?\d+)?f?|\d+)(?=[uUlL]*(?![\w.]))")
_LOOP = re.compile(r"\b(break|continue);")
_CONDITION = re.compile(r"\bif \(")
_RETURN = re.compile(r"\breturn ([^;]+);")
_STATEMENT = re.compile(r"(?<=[;{})\n])(\s+)((?:[\w.]|->|\[[^\]\n]*\])+(?: [-+*/|&]?= [^;]+|\([^;]*\));)")
_KEYWORDS = ("return", "static", "const", "typedef", "else", "extern", "goto", "case", "sizeof")


def c_mutants(file: str, source: bytes) -> list[Mutant]:
    """Return the mutants of a C file, ASCII outside its comments, in the order of the file."""
    # One character a byte, so that places in the text are places in the file.
    text = _UNREAD.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source.decode("latin-1"))
    changes = {*_operators(text), *_numbers(text), *_statements(text), *_conditions(text)}
    return sorted(make_mutant(file, source, *change) for change in changes)


_Change = tuple[int, int, str, str]


def _operators(text: str) -> Iterator[_Change]:
    for match in _OPERATOR.finditer(text):
        for replacement in OPERATORS[match[1]]:
            yield match.start(1), match.end(1), replacement, "operator"


def _numbers(text: str) -> Iterator[_Change]:
    for match in _NUMBER.finditer(text):
        word = match[1]
        if "." in word:
            plain, suffix = word.removesuffix("f"), word[len(word.removesuffix("f")) :]
            yield match.start(1), match.end(1), f"{float(plain) + 1.0!r}{suffix}", "number"
            continue
        value = int(word, 0)
        for changed in (value + 1, value - 1):
            yield match.start(1), match.end(1), str(changed) if changed >= 0 else f"({changed})", "number"


def _statements(text: str) -> Iterator[_Change]:
    for match in _LOOP.finditer(text):
        yield match.start(), match.end(), ";", "statement"
    for match in _RETURN.finditer(text):
        if match[1] != "0":
            yield match.start(1), match.end(1), "0", "statement"
    for match in _STATEMENT.finditer(text):
        if not match[2].startswith(_KEYWORDS):
            yield match.start(2), match.end(2), ";", "statement"


def _conditions(text: str) -> Iterator[_Change]:
    """Negate what has no comparison at its top, which the operators turn round."""
    for match in _CONDITION.finditer(text):
        end = _closing(text, match.end() - 1)
        test = text[match.end() : end]
        if not re.search(r"[=!<>]=| [<>] |&&|\|\|", test):
            yield match.end(), end, f"!({test})", "condition"


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at
    raise ValueError("a parenthesis is not closed")
