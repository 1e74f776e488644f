"""An image, or a video, as a model saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .images import RGBImage


@dataclass(eq=False)
class EncodedImage:
    """An image as the model saw it, to be asked about any number of times.

    Where a draft of the model saw it, the whole one looks again before it is next asked.
    """

    width: int
    height: int
    encode_ms: float
    state: Any
    """The backend's."""
    plan: Any = None
    """How it was cut into views (Architecture.plan), or which of a video's frames were read."""
    kind: Literal["image", "video"] = "image"
    pixels: Sequence[RGBImage] | None = None
    """What to look at again; None where that is not needed."""
    picture: RGBImage | None = None
    """What a reader reads; None where it was not kept, or once it was read."""
    reading: Any = None
    """What a reader found there (reading/reading.py); None before."""
    identity: object = field(default_factory=object)
    """For whoever has to know the image again without keeping its state in memory."""
    encoder: object = None
    """What the model that encoded it is known by; no other can read its state."""
