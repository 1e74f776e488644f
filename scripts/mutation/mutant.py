"""One small fault: which bytes of a file become which others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mutant:
    """`source[start:end]`, in bytes, becomes `replacement`."""

    file: str
    """Relative to the checkout, with slashes."""
    start: int
    end: int
    replacement: str
    kind: str
    line: int
    """From 1, as are columns."""
    column: int
    original: str
    digest: str
    """Of the whole file, so that a result is not taken for that of an edited one."""

    @property
    def key(self) -> str:
        """What its result is kept under."""
        return f"{self.file}:{self.digest}:{self.start}-{self.end}:{self.replacement}"

    def __str__(self) -> str:
        before, after = (_shorten(text) for text in (self.original, self.replacement))
        return f"{self.file}:{self.line}:{self.column}: {before} -> {after or 'nothing'}"


def make_mutant(file: str, source: bytes, start: int, end: int, replacement: str, kind: str) -> Mutant:
    """Describe a change of `source`, which is UTF-8."""
    line_start = source.rfind(b"\n", 0, start) + 1
    return Mutant(
        file=file,
        start=start,
        end=end,
        replacement=replacement,
        kind=kind,
        line=source.count(b"\n", 0, start) + 1,
        column=len(source[line_start:start].decode()) + 1,
        original=source[start:end].decode(),
        digest=digest(source),
    )


def apply(mutant: Mutant, source: bytes) -> bytes:
    """Return the file with the fault in it; raises ValueError when the file is another one than was read."""
    if digest(source) != mutant.digest:
        raise ValueError(f"{mutant.file} has changed")
    return source[: mutant.start] + mutant.replacement.encode() + source[mutant.end :]


def digest(source: bytes) -> str:
    """Name a file's content."""
    return hashlib.sha256(source).hexdigest()[:12]


def _shorten(text: str, width: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 3]}..."
