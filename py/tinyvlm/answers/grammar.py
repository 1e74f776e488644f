"""What text may look like, byte by byte: small grammars, and an automaton that is made as it is walked.

A grammar is a tree of nodes. Where a text stands in it is a set of stacks (one for each way to read the text so far) of
(node, progress) pairs, the next to be read on top: partial derivatives of a regular expression (Antimirov 1996). Sets
become states with remembered transitions, as in a lazily built DFA. Grammars here are finite, and so is every text.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

Stack = tuple[tuple["Node", Any], ...]

_MAX_STATES = 10_000


class Node:
    """Part of a grammar. Progress in it starts at `start`."""

    start: Any = 0


class Leaf(Node):
    """A node that reads bytes."""

    def open(self, progress: Any) -> bool:
        """May another byte follow?"""
        raise NotImplementedError

    def done(self, progress: Any) -> bool:
        """May it end here?"""
        raise NotImplementedError

    def step(self, progress: Any, byte: int) -> Any:
        """Return the progress behind `byte`, or None where it does not fit; `progress` is open."""
        raise NotImplementedError


class Branch(Node):
    """A node that stands for others."""

    def expand(self, progress: Any) -> Iterable[Stack]:
        """Return what it may stand for."""
        raise NotImplementedError


class Text(Leaf):
    """Bytes as they are."""

    def __init__(self, text: bytes) -> None:
        """`text` may be empty."""
        self._text = text

    def open(self, progress: int) -> bool:
        return progress < len(self._text)

    def done(self, progress: int) -> bool:
        return progress == len(self._text)

    def step(self, progress: int, byte: int) -> int | None:
        return progress + 1 if self._text[progress] == byte else None


class Units(Leaf):
    """From `least` to `most` units: bytes, each with those that must follow it."""

    start = (0, ())

    def __init__(self, units: Mapping[int, tuple[Container[int], ...]], least: int, most: int) -> None:
        """`units`: for each first byte of a unit, what may stand in the places behind it."""
        self._units = units
        self._least = least
        self._most = most

    def open(self, progress: tuple[int, tuple[Container[int], ...]]) -> bool:
        count, due = progress
        return count < self._most or bool(due)

    def done(self, progress: tuple[int, tuple[Container[int], ...]]) -> bool:
        count, due = progress
        return count >= self._least and not due

    def step(self, progress: tuple[int, tuple[Container[int], ...]], byte: int) -> Any:
        count, due = progress
        if due:
            return (count, due[1:]) if byte in due[0] else None
        return (count + 1, self._units[byte]) if byte in self._units else None


class InOrder(Branch):
    """Nodes one after the other."""

    def __init__(self, *nodes: Node) -> None:
        """Any number of nodes."""
        self._expanded = [begin(*nodes)]

    def expand(self, progress: Any) -> Iterable[Stack]:
        return self._expanded


class OneOf(Branch):
    """One node of several."""

    def __init__(self, *nodes: Node) -> None:
        """One node at least."""
        self._expanded = [begin(node) for node in nodes]

    def expand(self, progress: Any) -> Iterable[Stack]:
        return self._expanded


class Repeated(Branch):
    """A node `least` to `most` times, with another between."""

    def __init__(self, node: Node, between: Node, least: int, most: int) -> None:
        """`node` does not stand for empty text."""
        self._first = begin(node)
        self._next = begin(between, node)
        self._least = least
        self._most = most

    def expand(self, progress: int) -> Iterator[Stack]:
        if progress >= self._least:
            yield ()
        if progress < self._most:
            yield (*(self._next if progress else self._first), (self, progress + 1))


class Members(Branch):
    """Nodes in their order with another between, of which some may be left out."""

    start = (0, True)

    def __init__(self, members: Sequence[tuple[Node, bool]], between: Node) -> None:
        """`members`: nodes, and whether each is required."""
        self._members = members
        self._between = between

    def expand(self, progress: tuple[int, bool]) -> Iterator[Stack]:
        index, first = progress
        for following, (node, required) in enumerate(self._members[index:], index + 1):
            yield (*(begin(node) if first else begin(self._between, node)), (self, (following, False)))
            if required:
                return
        yield ()


def begin(*nodes: Node) -> Stack:
    """Return the stack that reads `nodes` in order."""
    return tuple((node, node.start) for node in nodes)


class State:
    """Where a text stands in a grammar."""

    def __init__(self, stacks: frozenset[Stack]) -> None:
        """`stacks`: with leaves that may go on on top; the empty one says that the text may end."""
        self.stacks = stacks
        self.following: dict[int, State | None] = {}
        self.decisions: dict[int, bool] = {}
        """What was found out about tokens here."""

    @property
    def complete(self) -> bool:
        """May the text end here?"""
        return () in self.stacks

    @property
    def finished(self) -> bool:
        """Must the text end here?"""
        return self.stacks == {()}


class Automaton:
    """The states of a grammar, made when they are reached."""

    def __init__(self, node: Node) -> None:
        """Start with the one state before the text."""
        self._states: dict[frozenset[Stack], State] = {}
        self.start = self._state([begin(node)])

    def walk(self, state: State, text: bytes) -> State | None:
        """Return the state behind `text`, or None where it does not fit."""
        at: State | None = state
        for byte in text:
            if at is None:
                break
            if byte not in at.following:
                at.following[byte] = self._step(at, byte)
            at = at.following[byte]
        return at

    def trimmed(self, state: State) -> State:
        """Return `state`, or where there are many states by now, a copy that remembers nothing, and forget all."""
        if len(self._states) <= _MAX_STATES:
            return state
        self._states.clear()
        return State(state.stacks)

    def _step(self, state: State, byte: int) -> State | None:
        stacks: list[Stack] = []
        for stack in state.stacks:
            if stack:
                (node, progress), *rest = stack
                assert isinstance(node, Leaf)
                behind = node.step(progress, byte)
                if behind is not None:
                    stacks.append(((node, behind), *rest))
        return self._state(stacks) if stacks else None

    def _state(self, stacks: Iterable[Stack]) -> State:
        closed = _closure(stacks)
        return self._states.setdefault(closed, State(closed))


def _closure(stacks: Iterable[Stack]) -> frozenset[Stack]:
    """Expand branches and pass by what may end, until leaves that may go on are on top."""
    waiting = list(stacks)
    closed = set()
    met = set()
    while waiting:
        stack = waiting.pop()
        if stack in met:
            continue
        met.add(stack)
        if not stack:
            closed.add(stack)
            continue
        (node, progress), *rest = stack
        if isinstance(node, Branch):
            waiting += [(*expanded, *rest) for expanded in node.expand(progress)]
        elif isinstance(node, Leaf):
            if node.open(progress):
                closed.add(stack)
            if node.done(progress):
                waiting.append(tuple(rest))
    return frozenset(closed)
