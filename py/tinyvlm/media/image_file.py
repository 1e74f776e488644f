"""What is left of an image file when all is left out that its pixels do not depend on.

Decoders differ in what they forgive: text chunks, profiles, checksums, missing ends. So none of it reaches them, and
the page (web/engine/shared/image_file.js) and this package take the same files.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError

FILLER = bytes(182 + step * 73 % 70 for step in range(64))
"""Goes where a file without an end might have gone on: a picture that is whole does not change by it."""


@dataclass(frozen=True)
class ImageFile:
    """One picture: the first of an animation."""

    format: str
    """Pillow's name."""
    width: int
    height: int
    """As stored, before `orientation` turns it."""
    data: bytes
    tails: tuple[bytes, ...] = (b"",)
    """How the file ends. Two, where its end is missing: it is whole if the pixels are the same with either."""
    orientation: int = 1
    """EXIF's: 1 to 8."""


def unreadable() -> InputError:
    """Return what a damaged image is refused with."""
    return InputError("image-unreadable")
