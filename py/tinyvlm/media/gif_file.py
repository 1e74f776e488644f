"""GIF 89a: the screen, the first frame and what is transparent in it."""

from __future__ import annotations

import struct

from .image_file import FILLER, ImageFile, unreadable

_TRAILER = b"\x3b"
_EXTENSION = 0x21
_GRAPHIC_CONTROL = 0xF9
_FRAME = 0x2C
_END = b"\0" + _TRAILER
_MORE = bytes([len(FILLER)]) + FILLER


def read_gif(data: bytes) -> ImageFile:
    """Keep what is needed to decode. Raises InputError("image-unreadable") or IndexError where it ends before that."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _palette_bytes(flags)
    screen = data[:at]
    control = b""
    while data[at] != _FRAME:
        if data[at : at + 1] == _TRAILER:
            raise unreadable()
        start = at
        at += 1
        if data[start] == _EXTENSION:
            at, _ = _skip_blocks(data, start + 2)
            if data[start + 1] == _GRAPHIC_CONTROL:
                control = data[start:at]
    left, top, columns, rows, flags = struct.unpack_from("<HHHHB", data, at + 1)
    blocks = at + 10 + _palette_bytes(flags) + 1
    end, is_whole = _skip_blocks(data, blocks)
    frame = data[at:end] if is_whole else data[at:blocks] + _whole_blocks(data, blocks)
    return ImageFile(
        "GIF",
        max(width, left + columns),
        max(height, top + rows),
        screen + (control if len(control) == 8 else b"") + frame,
        (_TRAILER,) if is_whole else (_END, _MORE + _END),
    )


def _palette_bytes(flags: int) -> int:
    return 6 << (flags & 7) if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> tuple[int, bool]:
    """Return where data sub-blocks end, and whether an empty one ends them."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return min(at + 1, len(data)), at < len(data)


def _whole_blocks(data: bytes, at: int) -> bytes:
    """Write the sub-blocks of a file that ends in them; the last one as long as it is."""
    kept = []
    while at + 1 < len(data):
        block = data[at + 1 : at + 1 + data[at]]
        kept.append(bytes([len(block)]) + block)
        at += 1 + data[at]
    return b"".join(kept)
