"""How a camera was held: what pixels depend on in EXIF. XMP's word for it is not read: no browser does."""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_SHORT = 3


def read_orientation(exif: bytes) -> int:
    """Return EXIF's orientation, 1 to 8; 1 where it cannot be read. Source: Exif 2.32, 4.6.4 A and TIFF 6.0."""
    body = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(body[:4])
    if order is None:
        return 1
    try:
        return _from_directory(body, order)
    except struct.error:  # cut short
        return 1


def _from_directory(body: bytes, order: str) -> int:
    (start,) = struct.unpack_from(f"{order}I", body, 4)
    (count,) = struct.unpack_from(f"{order}H", body, start)
    for entry in range(count):
        tag, kind, values, value = struct.unpack_from(f"{order}HHIH", body, start + 2 + 12 * entry)
        if (tag, kind, values) == (_ORIENTATION, _SHORT, 1):
            return value if 1 <= value <= 8 else 1
    return 1
