"""Where a text is cut before any merge: around added tokens, around digits, between words (GPT-2's pattern)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

# Unicode White_Space; str.isspace() also takes four control characters.
_SPACES = ("\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
           "\u2028\u2029\u202f\u205f\u3000")  # fmt: skip
_SPACE_RUN = re.compile(f"[{_SPACES}]*")
_CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


class AddedTokens:
    """Tokens that stand in a text as they are written: the leftmost and longest, those of the raw text first."""

    def __init__(self, tokens: Sequence[Mapping[str, Any]]) -> None:
        """Read a tokenizer.json's `added_tokens`; `single_word` is not supported."""
        self._tokens = {token["content"]: token for token in tokens}
        self._patterns = []
        for late in (False, True):
            group = [text for text, token in self._tokens.items() if bool(token.get("normalized")) is late]
            if group:
                alternatives = [re.escape(text) for text in sorted(group, key=len, reverse=True)]
                self._patterns.append(re.compile("|".join(alternatives)))

    def split(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Yield parts of `text` in order: an added token with its id, or other text (never empty) with None."""
        parts: Iterator[tuple[str, int | None]] = iter([(text, None)] if text else [])
        for pattern in self._patterns:
            parts = self._split_parts(parts, pattern)
        return parts

    def _split_parts(
        self, parts: Iterator[tuple[str, int | None]], pattern: re.Pattern[str]
    ) -> Iterator[tuple[str, int | None]]:
        for text, index in parts:
            if index is not None:
                yield text, index
                continue
            start = 0
            for match in pattern.finditer(text):
                token = self._tokens[match.group()]
                before = text[start : match.start()]
                end = match.end()
                if token.get("lstrip"):
                    before = before.rstrip(_SPACES)
                if before:
                    yield before, None
                yield match.group(), token["id"]
                if token.get("rstrip"):
                    end = _SPACE_RUN.match(text, end).end()  # type: ignore[union-attr]  # matches nothing, too
                start = end
            if start < len(text):
                yield text[start:], None


def split_digits(text: str, individual: bool) -> Iterator[str]:
    """Numbers apart from the rest: each by itself, or runs of them."""
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text):
            before = _kind(text[end - 1]) == "N"
            after = _kind(text[end]) == "N"
            if before == after and not (individual and before):
                continue
        yield text[start:end]
        start = end


def split_words(text: str) -> Iterator[str]:
    r"""GPT-2's pattern: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ ."""
    at = 0
    size = len(text)
    while at < size:
        if text[at] == "'":
            contraction = next((c for c in _CONTRACTIONS if text.startswith(c, at)), None)
            if contraction:
                yield contraction
                at += len(contraction)
                continue
        start = at
        if text[at] == " " and at + 1 < size and _kind(text[at + 1]) != "S":
            at += 1
        kind = _kind(text[at])
        while at < size and _kind(text[at]) == kind:
            at += 1
        if kind == "S" and at < size and at - start > 1:
            at -= 1  # the last space belongs to the word behind it
        yield text[start:at]


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Return "L" letter, "N" number, "S" white space, or "P" anything else."""
    if char in _SPACES:
        return "S"
    category = unicodedata.category(char)[0]
    return category if category in "LN" else "P"
