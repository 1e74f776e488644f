"""WebP (RFC 9649): the canvas and the first picture, with its alpha; profiles and metadata are not kept."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .exif import read_orientation
from .image_file import ImageFile, unreadable

_PICTURES = (b"VP8 ", b"VP8L", b"ANMF")
_BEFORE_PICTURE = (b"VP8X", b"ANIM", b"ALPH")
_KEPT_FLAGS = 0x12
"""Alpha and animation; those for a profile, EXIF and XMP are cleared."""


def read_webp(data: bytes) -> ImageFile:
    """Keep what is needed to decode. Raises InputError("image-unreadable") where the picture is not all there."""
    kept: list[tuple[bytes, bytes]] = []
    orientation = 1
    has_picture = False
    for kind, body, is_whole in _chunks(data):
        if kind == b"EXIF":
            orientation = read_orientation(body)
        elif not has_picture and kind in _PICTURES + _BEFORE_PICTURE:
            if not is_whole:
                raise unreadable()
            kept.append((kind, body))
            has_picture = kind in _PICTURES
    if not has_picture:
        raise unreadable()
    width, height = _size(*kept[0])
    body = b"WEBP" + b"".join(_chunk(*chunk) for chunk in kept)
    return ImageFile("WEBP", width, height, b"RIFF" + struct.pack("<I", len(body)) + body, orientation=orientation)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        yield kind, body, len(body) == size
        at += 8 + size + size % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    if kind == b"VP8X":
        body = bytes([body[0] & _KEPT_FLAGS]) + body[1:]
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(body) >= 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    raise unreadable()
