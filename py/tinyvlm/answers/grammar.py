"""What text may look like, byte by byte: small grammars, and an automaton that is made as it is walked.

A grammar is a tree of nodes. Where a text stands in it is a set of stacks (one for each way to read the text so far) of
(node, progress) pairs, the next to be read on top: partial derivatives of a regular expression (Antimirov 1996). Sets
become states with remembered transitions, as in a lazily built DFA. Grammars here are finite, and so is every text.

Every node knows in how many tokens, at most, it can be ended: so an answer can be closed before its room is used up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

Stack = tuple[tuple["Node", Any], ...]

IMPOSSIBLE = math.inf
"""What is left of a node that no text fits."""

_MAX_STATES = 10_000


class Node:
    """Part of a grammar. Progress in it starts at `start`."""

    start: Any = 0

    def left(self, progress: Any) -> float:
        """Return in how many more tokens it can be ended: one at least says how, and one less is left behind it."""
        raise NotImplementedError


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

    def close(self, progress: Any, rest: Stack) -> Stack:
        """Return what is to be read behind it: `rest`, where it has nothing to tell the nodes that wait there."""
        return rest


class Branch(Node):
    """A node that stands for others."""

    def expand(self, progress: Any) -> Iterable[Stack]:
        """Return what it may stand for."""
        raise NotImplementedError


class Text(Leaf):
    """Bytes as they are."""

    def __init__(self, text: bytes, left: Sequence[int] = ()) -> None:
        """`text` may be empty; `left`: in how many tokens what is behind each number of bytes can be written."""
        self._text = text
        self._left = left or range(len(text), -1, -1)

    def left(self, progress: int) -> float:
        return self._left[progress]

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
        self._shortest = min((1 + len(places) for places in units.values()), default=IMPOSSIBLE)

    def left(self, progress: tuple[int, tuple[Container[int], ...]]) -> float:
        count, due = progress
        missing = self._least - count
        return len(due) + (missing * self._shortest if missing > 0 else 0)

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
        self._left = to_write(self._expanded[0])

    def left(self, progress: Any) -> float:
        return self._left

    def expand(self, progress: Any) -> Iterable[Stack]:
        return self._expanded


class OneOf(Branch):
    """One node of several."""

    def __init__(self, *nodes: Node) -> None:
        """Those that no text fits are left out; without any, no text fits this one."""
        self._expanded = [stack for stack in map(begin, nodes) if to_write(stack) < IMPOSSIBLE]
        self._left = min(map(to_write, self._expanded), default=IMPOSSIBLE)

    def left(self, progress: Any) -> float:
        return self._left

    def expand(self, progress: Any) -> Iterable[Stack]:
        return self._expanded


class Items(Branch):
    """`least` to `most` nodes with another between: the first of them each their own, and one for all others."""

    def __init__(self, first: Sequence[Node], others: Node, between: Node, least: int, most: int) -> None:
        """Nodes do not stand for empty text; they end before one that no text fits."""
        self._nodes = [*first, others]
        self._between = between
        self._least = least
        ends = [place for place, node in enumerate(self._nodes) if to_write(begin(node)) == IMPOSSIBLE]
        self._most = min([most, *ends])
        costs = [to_write(self._item(place)) if place < self._most else IMPOSSIBLE for place in range(least)]
        self._left = [sum(costs[place:]) for place in range(least + 1)]

    def _item(self, place: int) -> Stack:
        node = self._nodes[min(place, len(self._nodes) - 1)]
        return begin(self._between, node) if place else begin(node)

    def left(self, progress: int) -> float:
        return self._left[min(progress, self._least)]

    def expand(self, progress: int) -> Iterator[Stack]:
        if progress >= self._least:
            yield ()
        if progress < self._most:
            yield (*self._item(progress), (self, progress + 1))


class Members(Branch):
    """Nodes in their order with another between, of which some may be left out; behind them `others`."""

    start = (0, True)

    def __init__(
        self, members: Sequence[tuple[Node, bool]], between: Node, others: Callable[[bool], Stack] = lambda begun: ()
    ) -> None:
        """`members`: nodes, and whether each is required; `others` returns what follows, given whether any came."""
        self._members = [pair for pair in members if pair[1] or to_write(begin(pair[0])) < IMPOSSIBLE]
        self._between = between
        self._others = others
        costs = [to_write(begin(between, node)) if required else 0 for node, required in self._members]
        self._left = [sum(costs[index:]) + to_write(others(True)) for index in range(len(costs) + 1)]

    def left(self, progress: tuple[int, bool]) -> float:
        return self._left[progress[0]]

    def expand(self, progress: tuple[int, bool]) -> Iterator[Stack]:
        index, first = progress
        for following, (node, required) in enumerate(self._members[index:], index + 1):
            yield (*(begin(node) if first else begin(self._between, node)), (self, (following, False)))
            if required:
                return
        yield self._others(not first)


def begin(*nodes: Node) -> Stack:
    """Return the stack that reads `nodes` in order."""
    return tuple((node, node.start) for node in nodes)


def to_write(stack: Stack) -> float:
    """Return in how many tokens, at most, a stack can be ended."""
    return sum(node.left(progress) for node, progress in stack)


class State:
    """Where a text stands in a grammar."""

    def __init__(self, stacks: frozenset[Stack]) -> None:
        """`stacks`: with leaves that may go on on top; the empty one says that the text may end."""
        self.stacks = stacks
        self.following: dict[int, State | None] = {}
        self.decisions: dict[int, float] = {}
        """Tokens that were tried, and in how many more the text can be ended behind each; `IMPOSSIBLE` for a misfit."""

    @cached_property
    def left(self) -> float:
        """In how many tokens the text can be ended."""
        return min(map(to_write, self.stacks))

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
                waiting.append(node.close(progress, tuple(rest)))
    return frozenset(closed)
