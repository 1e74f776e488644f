"""Networks in numpy: no programs, no threads, and every number as the reference defines it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..media.images import RGBImage
from ..weights.source import WeightSource
from .networks import Cut, Network
from .reference_ops import ReferenceOps
from .reference_weights import ReferenceWeights


class ReferenceNetworks:
    """`Networks` that calls the functions with numpy arrays."""

    name = "numpy"
    at_once = 1

    def __init__(self, source: WeightSource, *, activation_steps: int = 255) -> None:
        """Bind the weights in `source`."""
        self._weights = ReferenceWeights(source)
        self._ops = ReferenceOps(activation_steps)

    def run(self, network: Network, image: RGBImage) -> bytes:
        """See Networks."""
        return network(self._ops, self._weights, _pixels(image)).tobytes()  # type: ignore[no-any-return]

    def run_each(self, network: Network, images: Sequence[RGBImage]) -> list[bytes]:
        """See Networks."""
        return [self.run(network, image) for image in images]

    def prepare(self, network: Network, height: int, width: int) -> None:
        """Nothing to do."""

    @contextmanager
    def hold(self, image: RGBImage) -> Iterator[_HeldArray]:
        """See Networks."""
        yield _HeldArray(self._ops, _pixels(image))

    def stats(self) -> dict[str, Any]:
        """See Networks."""
        return {"backend": self.name, "threads": 1, "simd": "numpy", "activation_bits": 8}

    def close(self) -> None:
        """Nothing is held outside Python."""


class _HeldArray:
    def __init__(self, ops: ReferenceOps, pixels: Any) -> None:
        self._ops = ops
        self._pixels = pixels

    def cut(self, cut: Cut) -> list[RGBImage]:
        """See HeldImage."""
        return [RGBImage(part.shape[0], part.shape[1], part.tobytes()) for part in cut(self._ops, self._pixels)]


def _pixels(image: RGBImage) -> Any:
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)
