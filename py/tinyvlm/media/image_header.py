"""What an image file says of itself: its true type, its size and what its pixels depend on.

Read before anything is decoded, as a file of a few kilobytes can unpack to gigabytes. web/engine/shared/image_header.js
is the same.
"""

from __future__ import annotations

import re
import struct

from ..errors import InputError
from .gif_file import read_gif
from .image_file import ImageFile, unreadable
from .jpeg_file import read_jpeg
from .png_file import SIGNATURE, read_png
from .webp_file import read_webp

MAX_PIXELS = 50_000_000
FAR_TOO_MANY_PIXELS = 200_000_000
"""From here on the number itself would tell nobody anything."""


def read_image_file(data: bytes) -> ImageFile | None:
    """Return a file of a kind that browsers read too, reduced; None for all other kinds.

    Raises InputError with "image-unreadable", "image-svg", or the codes of `check_size`.
    """
    read = next((read for matches, read in _FORMATS if matches(data)), None)
    if read is None:
        return None
    try:
        file = read(data)
    except (IndexError, struct.error, ValueError) as error:  # ends within its header
        raise unreadable() from error
    check_size(file.width * file.height)
    return file


def check_size(pixels: int) -> None:
    """Raise InputError "image-too-large", "image-far-too-large" or "image-without-pixels"."""
    if pixels > FAR_TOO_MANY_PIXELS:
        raise InputError("image-far-too-large", limit=megapixels(MAX_PIXELS))
    if pixels > MAX_PIXELS:
        raise InputError("image-too-large", megapixels=megapixels(pixels), limit=megapixels(MAX_PIXELS))
    if pixels == 0:
        raise InputError("image-without-pixels")


def megapixels(pixels: int) -> int:
    """Round up: an image that is too large by a pixel must not seem to have just as many as it may."""
    return -(-pixels // 1_000_000)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_avif(data: bytes) -> bool:
    brands = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return data[4:8] == b"ftyp" and (b"avif" in brands or b"avis" in brands)


def _is_svg(data: bytes) -> bool:
    return re.search(rb"<svg[\s>]", data[:4096], re.IGNORECASE) is not None


def _read_bmp(data: bytes) -> ImageFile:
    (header,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", data, 18)
    if width < 0:
        raise unreadable()
    return ImageFile("BMP", width, abs(height), data)  # negative: the top row first


def _read_avif(data: bytes) -> ImageFile:
    """Every item (image, alpha plane, thumbnail, tile) has an `ispe` box; the image is the largest.

    Source: ISO/IEC 23008-12 6.5.3.
    """
    sizes = [struct.unpack(">II", found[1]) for found in re.finditer(rb"ispe....(.{8})", data, re.DOTALL)]
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return ImageFile("AVIF", width, height, data)


def _read_svg(data: bytes) -> ImageFile:
    raise InputError("image-svg")


_FORMATS = (
    (lambda data: data.startswith(SIGNATURE), read_png),
    (lambda data: data.startswith(b"\xff\xd8"), read_jpeg),
    (lambda data: data[:6] in (b"GIF87a", b"GIF89a"), read_gif),
    (_is_webp, read_webp),
    (lambda data: data.startswith(b"BM") and len(data) > 26, _read_bmp),
    (_is_avif, _read_avif),
    (_is_svg, _read_svg),
)
