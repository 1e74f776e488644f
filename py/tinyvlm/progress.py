"""What is told while a model is fetched or written; the page's loader tells the same (shared/protocol.js)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_WINDOW_S = 5.0
_SHORTEST_S = 0.5


@dataclass(frozen=True)
class Progress:
    """How far something is. `loaded` and `total` count bytes; tensors where `step` is "quantize"."""

    step: Literal["model", "quantize"]
    file: str
    """Or the tensor's name."""
    loaded: int
    """Never falls while `step` and `file` stay the same."""
    total: int
    """0 where unknown."""
    kept: int
    """How much of `loaded` was there before."""
    speed: float
    """A second, over the last seconds; 0 until known."""
    remaining_s: float | None
    """None until known."""
    done: bool
    """All is there, and verified."""


OnProgress = Callable[[Progress], None]


class Meter:
    """Makes progress of counts."""

    def __init__(
        self,
        tell: OnProgress,
        step: Literal["model", "quantize"],
        *,
        kept: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`kept` is there already; `clock` tells seconds."""
        self._tell = tell
        self._step = step
        self._kept = kept
        self._clock = clock
        self._loaded = kept
        self._seen = deque([(clock(), kept)])

    def update(self, file: str, loaded: int, total: int | None, *, done: bool = False) -> None:
        """Tell that so much is there."""
        self._loaded = max(self._loaded, loaded)
        speed = self._speed()
        remaining = max(0, total - self._loaded) / speed if total and speed else None
        self._tell(Progress(self._step, file, self._loaded, total or 0, self._kept, speed, remaining, done))

    def _speed(self) -> float:
        now = self._clock()
        self._seen.append((now, self._loaded))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()
        then, loaded = self._seen[0]
        return (self._loaded - loaded) / (now - then) if now - then >= _SHORTEST_S else 0.0
