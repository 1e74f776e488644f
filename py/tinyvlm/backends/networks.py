"""Runs networks that answer in one pass over an image: no text, no state, any size of image.

`VLM`'s models are run by a `Runner`; what reads text in images is run by `Networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from ..media.images import RGBImage
from ..ops import Ops, Tensor, Weights

Network = Callable[[Ops, Weights, Tensor], Tensor]
"""A pure function of a uint8 RGB image (h, w, 3)."""

Cut = Callable[[Ops, Tensor], Sequence[Tensor]]
"""What is wanted of an image: uint8 RGB images (h, w, 3), resized, cropped or rectified."""


class HeldImage(Protocol):
    """An image where ops can read it."""

    def cut(self, cut: Cut) -> list[RGBImage]:
        """Return what `cut` makes of the image."""


class Networks(Protocol):
    """Networks over one set of weights. Not safe for use from several threads at once."""

    name: str

    @property
    def at_once(self) -> int:
        """How many images `run_each` takes at best."""

    def run(self, network: Network, image: RGBImage) -> bytes:
        """Return what the network says of the image, as the bytes of its tensor.

        Programs are kept by network and size: hand in the same function again. Raises CancelledError when the kernels'
        stop flag was set.
        """

    def run_each(self, network: Network, images: Sequence[RGBImage]) -> list[bytes]:
        """Return what `run` returns of each image: sooner than one after the other, where images are small.

        `at_once` are worked on at a time; those of about the same size are best given together.
        """

    def prepare(self, network: Network, height: int, width: int) -> None:
        """Make ready for images of that size: all weights of the network are then known. Nothing is computed."""

    @contextmanager
    def hold(self, image: RGBImage) -> Iterator[HeldImage]:
        """Yield the image where ops can read it, for as long as the block lasts."""
        raise NotImplementedError

    def stats(self) -> dict[str, Any]:
        """Return figures of this backend."""

    def close(self) -> None:
        """Give memory and threads back."""
