"""From V8's counts to lines: a line was run if the innermost range around its first character was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"[\w\"'`$#]")


def code_lines(source: str) -> dict[int, int]:
    """Return the lines that say something to the engine, each with the place of its first character there.

    Lines of brackets alone are none, nor are comments.
    """
    blank = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    found, at = {}, 0
    for number, line in enumerate(blank.split("\n"), start=1):
        if _CODE.search(line):
            found[number] = at + len(line) - len(line.lstrip())
        at += len(line) + 1
    return found


def covered_lines(source: str, functions: Sequence[dict[str, Any]]) -> set[int]:
    """Return the lines of `source` that were run, by V8's counts (Profiler.takePreciseCoverage).

    None where the counts are of another text: a double, or a file with something put before it.
    """
    ranges = [part for function in functions for part in function["ranges"]]
    if not ranges or max(part["endOffset"] for part in ranges) != len(source):
        return set()
    return {number for number, at in code_lines(source).items() if _count(ranges, at) > 0}


def _count(ranges: Sequence[dict[str, int]], at: int) -> int:
    """Return how often a place was run; the innermost range has the say."""
    around = [part for part in ranges if part["startOffset"] <= at < part["endOffset"]]
    return min(around, key=lambda part: part["endOffset"] - part["startOffset"])["count"] if around else 0
