"""JPEG (ITU T.81): tables, frames and scans are kept; what lies between segments, comments and metadata are not."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from .exif import read_orientation
from .image_file import FILLER, ImageFile, unreadable

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
# No "+": it would begin anew at each of many 0xFF in a row, and take days. Of those, the last is found.
_NEXT_MARKER = re.compile(rb"\xff([\x01-\xfe])")
_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_STAND_ALONE = {0x01, *range(0xD0, 0xD9)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_END = 0xD9
_SCAN = 0xDA
_APP0 = 0xE0
_APP1 = 0xE1
_APP14 = 0xEE


@dataclass
class _Picture:
    kept: list[bytes] = field(default_factory=lambda: [_SOI])
    frame: int = 0
    width: int = 0
    height: int = 0
    orientation: int = 1
    lacking: dict[int, list[int]] = field(default_factory=dict)
    """By component: how many low bits of each of its 64 coefficients no scan has brought yet."""
    has_scan: bool = False


def read_jpeg(data: bytes) -> ImageFile:
    """Keep what is needed to decode. Raises InputError("image-unreadable") where that is not all there."""
    picture = _Picture()
    has_end = _read_segments(data, picture)
    if not picture.frame:
        raise unreadable()
    if not has_end and not (picture.has_scan and _is_complete(picture)):
        raise unreadable()
    tails = (_EOI,) if has_end else (_EOI, FILLER + _EOI)
    return ImageFile("JPEG", picture.width, picture.height, b"".join(picture.kept), tails, picture.orientation)


def _read_segments(data: bytes, picture: _Picture) -> bool:
    """Return whether the file has an end marker."""
    at = len(_SOI)
    while found := _NEXT_MARKER.search(data, at):
        marker = found[1][0]
        at = found.end()
        if marker == _END:
            return True
        if marker in _STAND_ALONE:
            continue
        end = at + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            return False
        _read_segment(marker, data[at + 2 : end], picture)
        at = end
        if marker == _SCAN:
            at = _read_scan(data, at, picture)
    return False


def _read_segment(marker: int, body: bytes, picture: _Picture) -> None:
    if marker == _APP1 and body.startswith(b"Exif\0\0"):
        picture.orientation = read_orientation(body)
    elif marker in _FRAMES:
        _read_frame(marker, body, picture)
    elif marker == _SCAN:
        _read_scan_header(body, picture)
    elif not (marker in _TABLES or _tells_colours(marker, body)):
        return
    if marker != _APP1:
        picture.kept.append(b"\xff" + struct.pack(">BH", marker, len(body) + 2) + body)


def _tells_colours(marker: int, body: bytes) -> bool:
    """JFIF is YCbCr, Adobe says it; shorter than they must be, decoders trip over them."""
    is_jfif = marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14
    return is_jfif or (marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12)


def _read_frame(marker: int, body: bytes, picture: _Picture) -> None:
    picture.frame = marker
    picture.height, picture.width = struct.unpack_from(">HH", body, 1)
    for component in body[6 : 6 + 3 * body[5] : 3]:
        picture.lacking[component] = [8] * 64


def _read_scan_header(body: bytes, picture: _Picture) -> None:
    count = body[0]
    first, last, precision = (0, 63, 0)
    if picture.frame in _PROGRESSIVE:
        first, last, precision = body[1 + 2 * count : 4 + 2 * count]
    for component in body[1 : 1 + 2 * count : 2]:
        lacking = picture.lacking.get(component, [])
        lacking[first : last + 1] = [precision & 15] * len(lacking[first : last + 1])


def _read_scan(data: bytes, at: int, picture: _Picture) -> int:
    """Keep what stands for pixels; return where the next segment begins."""
    found = _SCAN_END.search(data, at)
    end = found.start() if found else len(data)
    picture.kept.append(data[at:end].rstrip(b"\xff"))
    picture.has_scan = True
    return end


def _is_complete(picture: _Picture) -> bool:
    """Whether there was a scan for every bit of every coefficient; the last scan may still be cut."""
    return not any(any(lacking) for lacking in picture.lacking.values())
