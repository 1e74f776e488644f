"""Runs a model on numpy: no programs, no threads, and every number as the reference defines it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..media.images import RGBImage
from ..models.architecture import Architecture
from ..weights.source import WeightSource
from .looking import CANDIDATES, LookingOps, TokenLook
from .reference_ops import KeysValues, ReferenceOps
from .reference_weights import ReferenceWeights

Array = Any  # np.ndarray of float32 unless a name says otherwise


class ReferenceRunner:
    """`Runner` that calls the model's functions with numpy arrays."""

    name = "numpy"

    def __init__(self, model: Architecture, source: WeightSource, *, activation_steps: int = 255) -> None:
        """Bind `model` to the weights in `source`."""
        self._model = model
        self._weights = ReferenceWeights(source)
        self._ops = ReferenceOps(activation_steps)
        self._caches = [KeysValues(shape, "float32") for shape in model.cache_shapes]
        self._best: Array = np.zeros(0, np.float32)

    def encode(self, images: Sequence[RGBImage], plan: Any) -> list[Array]:
        """See Runner."""
        pixels = [np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3) for image in images]
        views = [view for image in pixels for view in self._model.views(self._ops, image, plan)]
        states = [self._model.encode(self._ops, self._weights, view) for view in views]
        return [np.concatenate(parts) for parts in zip(*states, strict=True)]

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        hidden = self._forward(state, token_ids, position)
        self._best = self._model.logits(self._ops, self._weights, hidden[-1:])[0]
        return int(self._best.argmax())

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        return _best(self._best, count)

    def all_logits(self) -> Sequence[float]:
        """See Runner."""
        return self._best  # type: ignore[no-any-return]

    def classes(self, state: Any) -> Sequence[float]:
        """See Runner."""
        return state[-1][0]  # type: ignore[no-any-return]

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """See Runner."""
        hidden = self._forward(state, token_ids, 0)
        return self._model.logits(self._ops, self._weights, hidden).tobytes()  # type: ignore[no-any-return]

    def look(self, state: Any, token_ids: Sequence[int], position: int, chosen: Sequence[int]) -> list[TokenLook]:
        """See Runner."""
        ops: Any = LookingOps(self._ops, self._model.looks)
        hidden = self._model.forward(
            ops, self._weights, np.array(token_ids, np.int32), position, state or [], self._caches
        )
        rows = self._ops.softmax(self._model.logits(self._ops, self._weights, hidden))
        weights = np.zeros((len(rows), 0)) if ops.weights is None else ops.weights / len(self._model.looks)
        return [
            TokenLook(float(row[token]), _best(row, CANDIDATES), look)
            for row, token, look in zip(rows, chosen, weights.tolist(), strict=True)
        ]

    def clear_stop(self) -> None:
        """Nothing runs beside numpy that could set a stop flag."""

    def stats(self) -> dict[str, Any]:
        """See Runner."""
        return {"backend": self.name, "threads": 1, "simd": "numpy", "activation_bits": 8}

    def close(self) -> None:
        """Nothing is held outside Python."""

    def _forward(self, state: Any, token_ids: Sequence[int], position: int) -> Array:
        ids = np.array(token_ids, np.int32)
        return self._model.forward(self._ops, self._weights, ids, position, state or [], self._caches)


def _best(row: Array, count: int) -> list[tuple[int, float]]:
    """Return up to `count` (index, element), the largest first."""
    return [(int(i), float(row[i])) for i in np.argsort(-row, kind="stable")[:count]]
