"""Answers of a given form: one of several texts, or JSON that fits a schema. Tokens that leave the form are masked.

So are those behind which the form could not be completed in the tokens that are left of an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from ..errors import InputError
from ..text.tokenizer import Tokenizer, clean
from .grammar import IMPOSSIBLE, Automaton, InOrder, Node, OneOf, Text
from .json_schema import schema_grammar

_LONGEST_WORD = 16
"""Bytes of the longest token that is looked for in a text."""


class Constraint(Protocol):
    """What the next token of one answer may be. End tokens are the caller's: they may follow where it is complete."""

    def limit(self, tokens: int) -> None:
        """Say before the first token how many the answer may have."""

    def allowed(self, token_id: int) -> bool:
        """May this token follow? Never true for special tokens."""

    def advance(self, token_id: int) -> None:
        """Take a token that is allowed as the next of the answer."""

    @property
    def complete(self) -> bool:
        """May the answer end here?"""

    @property
    def finished(self) -> bool:
        """Must the answer end here? No token is allowed then."""


class _FollowsGrammar:
    """A text whose bytes follow a grammar, behind at most one space: answers begin with one."""

    def __init__(self, tokenizer: Tokenizer, grammar: Node) -> None:
        self._tokenizer = tokenizer
        self._special = tokenizer.special_ids
        self._automaton = Automaton(InOrder(OneOf(Text(b""), Text(b" ")), grammar))
        self._state = self._automaton.start
        self._tokens_left = IMPOSSIBLE

    def limit(self, tokens: int) -> None:
        """Say before the first token how many the answer may have."""
        self._tokens_left = tokens

    def allowed(self, token_id: int) -> bool:
        """May this token follow?"""
        left = self._left_behind(token_id)
        if left < self._tokens_left:
            return True
        # Where the room has never been enough, what is left can only become less.
        return self._tokens_left < self._state.left > left

    def _left_behind(self, token_id: int) -> float:
        """Return in how many tokens the text can be ended behind this one; `IMPOSSIBLE` where it does not fit."""
        decisions = self._state.decisions
        if token_id not in decisions:
            text = b"" if token_id in self._special else self._tokenizer.token_bytes(token_id)
            behind = self._automaton.walk(self._state, text) if text else None
            decisions[token_id] = behind.left if behind else IMPOSSIBLE
        return decisions[token_id]

    def advance(self, token_id: int) -> None:
        """Take a token that is allowed as the next of the answer; ValueError for another."""
        state = self._automaton.walk(self._state, self._tokenizer.token_bytes(token_id))
        if state is None or not self.allowed(token_id):
            raise ValueError(f"token {token_id} is not allowed here")
        self._state = self._automaton.trimmed(state)
        self._tokens_left -= 1

    @property
    def complete(self) -> bool:
        """May the answer end here?"""
        return self._state.complete

    @property
    def finished(self) -> bool:
        """Must the answer end here?"""
        return self._state.finished


class Choices(_FollowsGrammar):
    """One of several texts."""

    def __init__(self, tokenizer: Tokenizer, choices: Sequence[str]) -> None:
        """Raises InputError: "bad-choices" where they are not texts, "choice-unwritable" where no token writes one."""
        if not isinstance(choices, (list, tuple)) or not choices:
            raise InputError("bad-choices", value=repr(choices))
        words = _words(tokenizer)
        writable = _single_bytes(words)
        for choice in choices:
            if not isinstance(choice, str) or not choice:
                raise InputError("bad-choices", value=repr(choice))
            if not writable.issuperset(clean(choice).encode()):
                raise InputError("choice-unwritable", choice=repr(choice))
        super().__init__(tokenizer, OneOf(*(_literal(words, clean(choice).encode()) for choice in choices)))
        self._given = {clean(choice).lstrip(): choice for choice in reversed(choices)}
        self.most_tokens = 1 + max(len(clean(choice).encode()) for choice in choices)
        """Of an answer: a byte each, and the space before."""

    def given(self, answer: str) -> str | None:
        """Return the choice that an answer spells, to the letter as it was given; None for one that was cut off.

        Answers lose spaces that they begin with, and halves of characters.
        """
        return self._given.get(answer)


class JSONSchema(_FollowsGrammar):
    """JSON that fits a schema (json_schema.py says which parts are read, and how the text is written)."""

    def __init__(self, tokenizer: Tokenizer, schema: Mapping[str, Any]) -> None:
        """Raises InputError: "schema-unsupported" names a keyword that is not read; see `schema_grammar`."""
        words = _words(tokenizer)
        grammar = schema_grammar(schema, _single_bytes(words), partial(_literal, words))
        super().__init__(tokenizer, grammar)


def _words(tokenizer: Tokenizer) -> frozenset[bytes]:
    """Return what tokens are made of, but for special ones."""
    special = tokenizer.special_ids
    return frozenset(tokenizer.token_bytes(index) for index in range(tokenizer.vocab_size) if index not in special)


def _single_bytes(words: Collection[bytes]) -> frozenset[int]:
    """Return the bytes that are tokens by themselves: text of these can be gone on with from any place in it."""
    return frozenset(word[0] for word in words if len(word) == 1)


def _literal(words: Collection[bytes], text: bytes) -> Text:
    """Return the grammar of a text that knows in how few tokens it can be written."""
    left = [0] * (len(text) + 1)
    for start in reversed(range(len(text))):
        ends = range(start + 1, min(start + _LONGEST_WORD, len(text)) + 1)
        left[start] = 1 + min(left[end] for end in ends if end == start + 1 or text[start:end] in words)
    return Text(text, left)
