"""Image files whose pixels hang on more than a decoder: how they are turned, what is seen through them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
SIZE = (96, 64)


def picture(mode: str = "RGB") -> Image.Image:
    """A ramp in every channel, no two corners alike; where it is transparent at all, from left to right."""
    ramp = Image.linear_gradient("L").resize(SIZE)
    across = Image.linear_gradient("L").rotate(90).resize(SIZE)
    return Image.merge("RGBA", (ramp, across, ramp.rotate(180), across)).convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Its file, as Pillow writes it."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pictures() -> Iterator[tuple[str, bytes]]:
    """What each is, and the file."""
    yield "JPEG, chroma 4:2:0", encoded(picture(), "JPEG", subsampling="4:2:0")
    yield "progressive JPEG", encoded(picture(), "JPEG", progressive=True)
    yield "CMYK JPEG", encoded(picture("CMYK"), "JPEG")
    for orientation in range(2, 9):
        yield f"JPEG turned, {orientation}", encoded(picture(), "JPEG", exif=_exif(orientation))
        yield f"WebP turned, {orientation}", encoded(picture(), "WEBP", lossless=True, exif=_exif(orientation))
        yield f"PNG turned, {orientation}", encoded(picture(), "PNG", exif=_exif(orientation))
    yield "transparent PNG", encoded(picture("RGBA"), "PNG")
    yield "transparent PNG with a palette", encoded(picture("RGBA").quantize(16), "PNG")
    yield "grey PNG with alpha", encoded(picture("LA"), "PNG")
    yield "transparent WebP", encoded(picture("RGBA"), "WEBP", lossless=True)
    yield "transparent GIF", encoded(picture("RGBA").quantize(16), "GIF", transparency=3)
    yield "BMP", encoded(picture(), "BMP")
    yield "AVIF", encoded(picture(), "AVIF", quality=90, subsampling="4:4:4")


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif
