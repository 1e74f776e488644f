"""PNG (third edition): header, palette, transparency and pixels are kept alone; checksums are written anew."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .exif import read_orientation
from .image_file import ImageFile, unreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Left, top, step across, step down of each pass."""
_PIECE = 1 << 16
_MOST_BEYOND = 1 << 26
"""What a stream may hold beyond its rows: a file of few megabytes can unpack for minutes."""


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    colours: int
    is_interlaced: bool

    @property
    def unpacked_bytes(self) -> int:
        """How much the compressed rows have to hold, a filter byte a row."""
        if not self.is_interlaced:
            return self._rows_bytes(self.width, self.height)
        return sum(
            self._rows_bytes(-(-(self.width - left) // across), -(-(self.height - top) // down))
            for left, top, across, down in _ADAM7
        )

    def _rows_bytes(self, width: int, height: int) -> int:
        bits = self.depth * _CHANNELS[self.colours]
        return height * (1 + -(-width * bits // 8)) if width > 0 and height > 0 else 0


def read_png(data: bytes) -> ImageFile:
    """Keep what is needed to decode. Raises InputError("image-unreadable") where header or palette are wrong.

    The pixels are looked at by `check_pixels`, once the size is known to be one that works.
    """
    header = _read_header(data)
    palette = transparency = b""
    pixels: list[bytes] = []
    orientation = 1
    for kind, body, is_sound in _chunks(data):
        if kind == b"IDAT":
            pixels.append(body)
        elif kind == b"PLTE" and not pixels and is_sound:
            palette = body
        elif kind == b"tRNS" and not pixels and is_sound:
            transparency = body
        elif kind == b"eXIf" and is_sound:
            orientation = read_orientation(body)
    kept = [data[:33]]
    if header.colours == _PALETTE:
        if not palette or len(palette) % 3 or len(palette) > 3 << header.depth:
            raise unreadable()
        # Indices beyond its end are black in some decoders, and whatever lies there in others.
        kept.append(_chunk(b"PLTE", palette.ljust(3 << header.depth, b"\0")))
    kept += _transparency(header, palette, transparency)
    kept.append(_chunk(b"IDAT", b"".join(pixels)))
    return ImageFile("PNG", header.width, header.height, b"".join(kept), (_chunk(b"IEND", b""),), orientation)


def check_pixels(file: ImageFile) -> ImageFile:
    """Refuse a PNG whose rows are not all there, and write the checksum behind them anew.

    Pillow takes too few rows where their stream has an end, and refuses all of them for that checksum.
    """
    wanted = _read_header(file.data).unpacked_bytes
    kept = [file.data[:33]]
    for kind, body, _ in _chunks(file.data):
        kept.append(_chunk(kind, _checked_stream(body, wanted) if kind == b"IDAT" else body))
    return replace(file, data=b"".join(kept))


def _checked_stream(stream: bytes, wanted: int) -> bytes:
    """RFC 1950: two bytes of header, raw deflate, and Adler-32 of what that unpacks to."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = 0
    checksum = 1
    at = 2
    try:
        while not unpacker.eof and at < len(stream) and unpacked <= wanted + _MOST_BEYOND:
            piece = unpacker.decompress(stream[at : at + _PIECE])
            unpacked += len(piece)
            checksum = zlib.adler32(piece, checksum)
            at = min(at + _PIECE, len(stream))
    except zlib.error as error:
        raise unreadable() from error
    if unpacked < wanted or not unpacker.eof:
        raise unreadable()
    return stream[: at - len(unpacker.unused_data)] + struct.pack(">I", checksum)


def _read_header(data: bytes) -> _Header:
    length, kind = struct.unpack_from(">I4s", data, len(SIGNATURE))
    width, height, depth, colours, packing, filters, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    is_known = (length, kind, packing, filters) == (13, b"IHDR", 0, 0) and interlace <= 1
    if not is_known or depth not in _DEPTHS.get(colours, ()):
        raise unreadable()
    return _Header(width, height, depth, colours, interlace == 1)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield type, data and whether the CRC is right of all behind the header; the last one may be cut."""
    at = 33
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        end = at + 12 + length
        if kind == b"IEND":
            return
        needs_crc = kind in (b"PLTE", b"tRNS", b"eXIf")
        yield kind, body, needs_crc and zlib.crc32(kind + body) == int.from_bytes(data[end - 4 : end], "big")
        at = end


def _transparency(header: _Header, palette: bytes, body: bytes) -> list[bytes]:
    """A tRNS chunk, if there is one that fits; palettes of alpha may be longer or shorter than those of colours."""
    if header.colours == _PALETTE:
        body = body[: len(palette) // 3]
    elif len(body) != {0: 2, 2: 6}.get(header.colours):
        body = b""
    return [_chunk(b"tRNS", body)] if body else []


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
