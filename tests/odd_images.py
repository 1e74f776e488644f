"""Image files as scanners, cameras, chat programs and broken downloads leave them, made here byte by byte.

Python and the page are shown each of them: docs/images.md is what they say.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

WIDTH = 96
HEIGHT = 64
ORIENTATION = 0x0112

PACKAGE_ONLY = "Package only"
"""The group that no browser reads, or not every one."""

Maker = Callable[[], bytes]


def picture(mode: str = "RGB") -> Image.Image:
    """Noise and a ramp, so that every row needs its bytes, with one white corner that tells how it is turned."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = np.random.default_rng(7).integers(0, 120, (HEIGHT, WIDTH, 3))
    ramp = np.stack([columns, rows * 2, (columns + rows) // 2], axis=-1)
    pixels = (noise + ramp).astype(np.uint8)
    pixels[:16, :24] = 255
    return Image.fromarray(pixels).convert(mode)


def transparent(mode: str = "RGBA") -> Image.Image:
    """The picture, fading to nothing from left to right, with black under what cannot be seen."""
    image = picture("RGBA")
    alpha = np.tile(np.linspace(255, 0, WIDTH).astype(np.uint8), (HEIGHT, 1))
    pixels = np.array(image)
    pixels[..., 3] = alpha
    pixels[alpha == 0] = 0
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Pillow's file of an image."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """EXIF as files hold it, with nothing but an orientation; what JPEG has before it is not part of it."""
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0) + bytes(4)


def mutations(data: bytes, count: int) -> Iterator[bytes]:
    """The file with a byte or two changed, mostly near its beginning: the same ones every time."""
    random = np.random.default_rng(1)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(random.integers(1, 3)):
            at = random.integers(min(len(data), random.choice([60, 700, len(data)])))
            changed[at] = random.integers(256)
        yield bytes(changed)


# ---- JPEG ---------------------------------------------------------------------------------------------------------


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    """Baseline unless told otherwise."""
    return encoded(picture(mode), "JPEG", **{"quality": 90, **options})


def segment(marker: int, data: bytes) -> bytes:
    """ITU T.81 B.1.1.4: a marker, its length and what it holds."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def after_soi(data: bytes, inserted: bytes) -> bytes:
    """Bytes in front of the first segment."""
    return data[:2] + inserted + data[2:]


def before_marker(data: bytes, marker: int, inserted: bytes) -> bytes:
    """Bytes in front of a segment."""
    at = data.index(bytes([0xFF, marker]))
    return data[:at] + inserted + data[at:]


def cut(data: bytes, share: float) -> bytes:
    """What a download leaves that ended early."""
    return data[: int(len(data) * share)]


def sized_jpeg(width: int, height: int) -> bytes:
    """A JPEG that says to be of another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def without_eoi(data: bytes) -> bytes:
    """Ends where the picture does."""
    assert data.endswith(b"\xff\xd9")
    return data[:-2]


def first_scans(count: int) -> bytes:
    """A progressive file that ends between two scans."""
    data = jpeg(progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    return data[: scans[count]]


def jpegs() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    junk = b"\x00\x11\x22scanner\x00"
    yield "baseline", jpeg
    yield "progressive", lambda: jpeg(progressive=True)
    yield "grey", lambda: jpeg("L")
    yield "CMYK, as Adobe writes it", lambda: jpeg("CMYK")
    yield "restart markers", lambda: jpeg(restart_marker_rows=1)
    yield "chroma 4:2:0", lambda: jpeg(subsampling=2)
    for orientation in range(1, 9):
        yield f"EXIF orientation {orientation}", lambda turn=orientation: jpeg(exif=b"Exif\0\0" + exif(turn))
    yield "EXIF orientation 0", lambda: jpeg(exif=b"Exif\0\0" + exif(0))
    yield "EXIF orientation 9", lambda: jpeg(exif=b"Exif\0\0" + exif(9))
    yield "EXIF that is garbage", lambda: jpeg(exif=b"Exif\0\0" + b"II*\0\xff\xff\xff\xff" + bytes(9))
    yield "EXIF cut short", lambda: jpeg(exif=b"Exif\0\0MM\0*\0\0")
    yield "junk after the first marker", lambda: after_soi(jpeg(), junk)
    yield "a second first marker", lambda: after_soi(jpeg(), b"\xff\xd8")
    yield "junk between segments", lambda: before_marker(jpeg(), 0xDB, junk)
    yield "junk before the frame", lambda: before_marker(jpeg(), 0xC0, junk)
    yield "junk before the scan", lambda: before_marker(jpeg(), 0xDA, junk)
    yield "fill bytes before a marker", lambda: before_marker(jpeg(), 0xC0, b"\xff\xff\xff")
    yield "empty comment", lambda: after_soi(jpeg(), segment(0xFE, b""))
    yield "short Adobe segment", lambda: after_soi(jpeg(), segment(0xEE, b"Adobe\0"))
    yield "short Photoshop segment", lambda: after_soi(jpeg(), segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04"))
    yield "short JFIF segment", lambda: after_soi(jpeg(), segment(0xE0, b"JFIF\0"))
    yield "broken colour profile", lambda: after_soi(jpeg(), segment(0xE2, b"ICC_PROFILE\0\x01"))
    yield "half a megabyte before the frame", lambda: after_soi(jpeg(), segment(0xEF, bytes(65_000)) * 8)
    yield "bytes after the end", lambda: jpeg() + b"\r\n<!-- served by -->" + bytes(99)
    yield "without an end marker", lambda: without_eoi(jpeg())
    yield "half an end marker", lambda: jpeg()[:-1]
    yield "zeros for an end marker", lambda: without_eoi(jpeg()) + bytes(64)
    yield "progressive without an end marker", lambda: without_eoi(jpeg(progressive=True))
    yield "CMYK without an end marker", lambda: without_eoi(jpeg("CMYK"))
    for percent in (20, 60, 97):
        yield f"cut off at {percent} %", lambda share=percent / 100: cut(jpeg(), share)
        yield f"progressive, cut off at {percent} %", lambda share=percent / 100: cut(jpeg(progressive=True), share)
    yield "progressive, cut off between scans", lambda: first_scans(4)
    yield "cut off in the header", lambda: jpeg()[:150]
    yield "first marker alone", lambda: b"\xff\xd8\xff"
    yield "no height", lambda: sized_jpeg(WIDTH, 0)
    yield "no width", lambda: sized_jpeg(0, HEIGHT)
    yield "144 megapixels", lambda: sized_jpeg(12_000, 12_000)
    yield "65,535 a side", lambda: sized_jpeg(65_535, 65_535)
    yield "65,535 x 1", lambda: sized_jpeg(65_535, 1)
    yield (
        "a thumbnail within, EXIF first",
        lambda: after_soi(jpeg(), segment(0xE1, b"Exif\0\0" + exif(6) + jpeg(quality=10)[:9000])),
    )
    yield "arithmetic coding announced", lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc9", 1)
    yield "lossless announced", lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc3", 1)


# ---- PNG ----------------------------------------------------------------------------------------------------------

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """PNG 5.3: length, type, data, CRC; a wrong CRC on demand."""
    right = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", right if crc is None else crc)


def ihdr(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    """The first chunk's data."""
    return struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)


def scanlines(pixels: np.ndarray) -> bytes:
    """Rows (H, bytes) without filters, compressed."""
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels))


def png(*extra: bytes, header: bytes | None = None, data: bytes | None = None, end: bytes | None = None) -> bytes:
    """A PNG of the picture, chunk by chunk; `extra` lies in front of the pixels."""
    body = scanlines(np.asarray(picture())) if data is None else data
    tail = chunk(b"IEND", b"") if end is None else end
    head = chunk(b"IHDR", header or ihdr(WIDTH, HEIGHT))
    return SIGNATURE + head + b"".join(extra) + chunk(b"IDAT", body) + tail


def wide_png(colour: int, image: Image.Image) -> bytes:
    """16 bits a channel."""
    pixels = np.asarray(image).reshape(HEIGHT, -1).astype(">u2") * 257
    return png(header=ihdr(WIDTH, HEIGHT, 16, colour), data=scanlines(pixels))


def palette_png(*extra: bytes, colours: int = 4) -> bytes:
    """A grid of four colours, or of more than the palette has."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    indices = ((rows // 8 + columns // 8) % colours).astype(np.uint8)
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]))
    return png(palette, *extra, header=ihdr(WIDTH, HEIGHT, 8, 3), data=scanlines(indices))


def animated_png() -> bytes:
    """Two frames; the first is the picture."""
    return encoded(picture(), "PNG", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT), "blue")])


def pngs() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    pixels = scanlines(np.asarray(picture()))
    long_text = zlib.compress(bytes(3 << 20))
    yield "RGB", png
    yield "interlaced", lambda: interlaced_png()
    yield "1 bit", lambda: encoded(picture("1"), "PNG")
    yield "palette", palette_png
    yield "palette of 16 colours, 4 bits", lambda: encoded(picture().quantize(16), "PNG")
    yield "palette of 4 colours, 2 bits", lambda: encoded(picture().quantize(4), "PNG")
    yield "grey", lambda: encoded(picture("L"), "PNG")
    yield "grey with alpha", lambda: encoded(transparent("LA"), "PNG")
    yield "RGBA", lambda: encoded(transparent(), "PNG")
    yield "16-bit grey", lambda: wide_png(0, picture("L"))
    yield "16-bit RGB", lambda: wide_png(2, picture())
    yield "16-bit grey with alpha", lambda: wide_png(4, transparent("LA"))
    yield "16-bit RGBA", lambda: wide_png(6, transparent())
    yield "palette with transparency", lambda: palette_png(chunk(b"tRNS", bytes([0, 128, 255])))
    yield "grey with a transparent value", lambda: encoded(picture("L"), "PNG", transparency=255)
    yield "RGB with a transparent colour", lambda: png(chunk(b"tRNS", struct.pack(">HHH", 255, 255, 255)))
    yield "animated", animated_png
    for orientation in range(1, 9):
        yield f"eXIf orientation {orientation}", lambda turn=orientation: png(chunk(b"eXIf", exif(turn)))
    yield "eXIf after the pixels", lambda: png(end=chunk(b"eXIf", exif(6)) + chunk(b"IEND", b""))
    yield "wrong CRC in text", lambda: png(chunk(b"tEXt", b"Title\0x", crc=1))
    yield "wrong CRC in a profile", lambda: png(chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(128)), crc=1))
    yield (
        "wrong CRC in the header",
        lambda: SIGNATURE + chunk(b"IHDR", ihdr(WIDTH, HEIGHT), 1) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""),
    )
    yield (
        "wrong CRC in the pixels",
        lambda: SIGNATURE + chunk(b"IHDR", ihdr(WIDTH, HEIGHT)) + chunk(b"IDAT", pixels, 1) + chunk(b"IEND", b""),
    )
    yield "wrong CRC in the end", lambda: png(end=chunk(b"IEND", b"", 1))
    yield "megabytes of text", lambda: png(chunk(b"tEXt", b"workflow\0" + b"{" * (3 << 20)))
    yield "megabytes of packed text", lambda: png(chunk(b"zTXt", b"prompt\0\0" + long_text))
    yield "megabytes of international text", lambda: png(chunk(b"iTXt", b"XML\0\x01\0\0\0" + long_text))
    yield "a hundred texts", lambda: png(*[chunk(b"zTXt", b"prompt\0\0" + long_text)] * 100)
    yield "text that does not unpack", lambda: png(chunk(b"zTXt", b"prompt\0\0garbage"))
    colours = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    indexed = ihdr(WIDTH, HEIGHT, 8, 3)
    indices = scanlines(np.zeros((HEIGHT, WIDTH), np.uint8))
    yield "wrong CRC in the palette", lambda: png(chunk(b"PLTE", colours, 1), header=indexed, data=indices)
    yield "wrong CRC in tRNS", lambda: palette_png(chunk(b"tRNS", bytes(4), 1))
    yield "wrong CRC in eXIf", lambda: png(chunk(b"eXIf", exif(6), 1))
    yield (
        "palette after the pixels",
        lambda: png(header=indexed, data=indices, end=chunk(b"PLTE", colours) + chunk(b"IEND", b"")),
    )
    yield "tRNS after the pixels", lambda: png(end=chunk(b"tRNS", bytes([0, 255] * 3)) + chunk(b"IEND", b""))
    yield "empty tRNS", lambda: palette_png(chunk(b"tRNS", b""))
    yield "tRNS longer than the palette", lambda: palette_png(chunk(b"tRNS", bytes(9)))
    yield "tRNS of a wrong length", lambda: png(chunk(b"tRNS", b"\0"))
    yield (
        "tRNS beside alpha",
        lambda: png(
            chunk(b"tRNS", bytes(6)),
            header=ihdr(WIDTH, HEIGHT, 8, 6),
            data=scanlines(np.asarray(transparent()).reshape(HEIGHT, -1)),
        ),
    )
    yield "broken gAMA", lambda: png(chunk(b"gAMA", b"\0"))
    yield "broken pHYs", lambda: png(chunk(b"pHYs", b"\0\0"))
    yield "broken cHRM", lambda: png(chunk(b"cHRM", b"\0\0"))
    yield "broken sRGB", lambda: png(chunk(b"sRGB", b""))
    yield "broken eXIf", lambda: png(chunk(b"eXIf", b"MM"))
    yield "broken profile", lambda: png(chunk(b"iCCP", b"no end"))
    yield "broken animation chunk", lambda: png(chunk(b"acTL", b"\0"))
    yield "unknown ancillary chunk", lambda: png(chunk(b"teSt", b"abc"))
    yield "unknown critical chunk", lambda: png(chunk(b"TeST", b"abc"))
    yield "without IEND", lambda: png(end=b"")
    yield "half an IEND", lambda: png()[:-6]
    yield "bytes after the end", lambda: png() + b"\n<!-- -->" + bytes(99)
    yield (
        "pixels in many chunks",
        lambda: (
            SIGNATURE
            + chunk(b"IHDR", ihdr(WIDTH, HEIGHT))
            + b"".join(chunk(b"IDAT", pixels[at : at + 99]) for at in range(0, len(pixels), 99))
            + chunk(b"IEND", b"")
        ),
    )
    yield "200,000 pixel chunks", lambda: png(end=chunk(b"IDAT", b"") * 200_000 + chunk(b"IEND", b""))
    yield (
        "text between pixel chunks",
        lambda: (
            SIGNATURE
            + chunk(b"IHDR", ihdr(WIDTH, HEIGHT))
            + chunk(b"IDAT", pixels[:999])
            + chunk(b"tEXt", b"a\0b")
            + chunk(b"IDAT", pixels[999:])
            + chunk(b"IEND", b"")
        ),
    )
    yield "pixels that lack their checksum", lambda: png(data=pixels[:-4])
    yield "pixels with a wrong checksum", lambda: png(data=pixels[:-4] + b"\0\0\0\0")
    yield "more pixels than rows", lambda: png(data=scanlines(np.asarray(picture().resize((WIDTH, HEIGHT + 9)))))
    yield "fewer pixels than rows", lambda: png(data=scanlines(np.asarray(picture().crop((0, 0, WIDTH, HEIGHT - 9)))))
    for percent in (20, 60, 97):
        yield f"cut off at {percent} %", lambda share=percent / 100: cut(png(), share)
    yield "interlaced, cut off at 60 %", lambda: cut(interlaced_png(), 0.6)
    yield "cut off in the header", lambda: png()[:20]
    yield "signature alone", lambda: SIGNATURE
    yield (
        "no palette",
        lambda: png(header=ihdr(WIDTH, HEIGHT, 8, 3), data=scanlines(np.zeros((HEIGHT, WIDTH), np.uint8))),
    )
    yield "colours beyond the palette", lambda: palette_png(colours=7)
    yield "garbage for pixels", lambda: png(data=b"\xff" * 300)
    yield "no width", lambda: png(header=ihdr(0, HEIGHT))
    yield "no height", lambda: png(header=ihdr(WIDTH, 0))
    yield "a bit depth that there is not", lambda: png(header=ihdr(WIDTH, HEIGHT, 7))
    yield "a colour type that there is not", lambda: png(header=ihdr(WIDTH, HEIGHT, 8, 5))
    yield "144 megapixels", lambda: png(header=ihdr(12_000, 12_000))
    yield "3,600 megapixels", lambda: png(header=ihdr(60_000, 60_000))
    yield "4,294,967,295 a side", lambda: png(header=ihdr(2**32 - 1, 2**32 - 1))
    yield "40,000 x 10", lambda: encoded(Image.new("1", (40_000, 10)), "PNG")


def interlaced_png() -> bytes:
    """Adam7: seven small pictures, one after the other."""
    pixels = np.asarray(picture())
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for top, left, down, across in passes:
        rows += b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::across])
    return png(header=ihdr(WIDTH, HEIGHT, interlace=1), data=zlib.compress(rows))


# ---- GIF ----------------------------------------------------------------------------------------------------------


def gif(**options: Any) -> bytes:
    """One frame."""
    return encoded(picture().quantize(64), "GIF", **options)


def animated_gif() -> bytes:
    """Two frames; the first is the picture."""
    other = Image.new("RGB", (WIDTH, HEIGHT), "blue").quantize(64)
    return gif(save_all=True, append_images=[other], duration=40)


def see_through_gif() -> bytes:
    """One colour of the palette is transparent."""
    return encoded(Image.open(BytesIO(palette_png())), "GIF", transparency=1)


def gifs() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    yield "one frame", gif
    yield "interlaced", lambda: gif(interlace=1)
    yield "animated", animated_gif
    yield "transparent", see_through_gif
    yield "with a comment", lambda: gif(comment=b"made by hand")
    yield "without a trailer", lambda: gif()[:-1]
    yield "without the last block's end", lambda: gif()[:-2]
    yield "bytes after the end", lambda: gif() + bytes(99)
    yield "animated, cut off in the second frame", lambda: animated_gif()[:-20]
    yield "cut off at 60 %", lambda: cut(gif(), 0.6)
    yield "cut off at 97 %", lambda: cut(gif(), 0.97)
    yield "cut off in the palette", lambda: gif()[:50]
    yield "header alone", lambda: gif()[:13]
    yield "no width", lambda: gif()[:6] + struct.pack("<H", 0) + gif()[8:]
    yield "screen of 65,535 a side", lambda: gif()[:6] + struct.pack("<HH", 65_535, 65_535) + gif()[10:]
    yield "frame smaller than the screen", lambda: gif()[:6] + struct.pack("<HH", WIDTH + 8, HEIGHT + 8) + gif()[10:]
    yield "frame larger than the screen", lambda: gif()[:6] + struct.pack("<HH", 40, 30) + gif()[10:]
    yield "version that there is not", lambda: b"GIF88a" + gif()[6:]


# ---- WebP ---------------------------------------------------------------------------------------------------------


def webp(image: Image.Image | None = None, **options: Any) -> bytes:
    """Lossless, so that pixels can be compared."""
    return encoded(image or picture(), "WEBP", **{"lossless": True, **options})


def large_webp() -> bytes:
    """The largest size that the format can name, in the header of a small picture."""
    data = bytearray(webp())
    at = data.index(b"VP8L") + 9
    (bits,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, bits | 0xFFFFFFF)
    return bytes(data)


def webps() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    other = Image.new("RGB", (WIDTH, HEIGHT), "blue")
    yield "lossy", lambda: webp(lossless=False)
    yield "lossless", webp
    yield "lossy with alpha", lambda: webp(transparent(), lossless=False)
    yield "lossless with alpha", lambda: webp(transparent())
    yield "animated", lambda: webp(save_all=True, append_images=[other])
    yield "animated with alpha", lambda: webp(transparent(), save_all=True, append_images=[other])
    for orientation in range(1, 9):
        yield f"EXIF orientation {orientation}", lambda turn=orientation: webp(exif=exif(turn))
    yield "EXIF as JPEG has it", lambda: webp(exif=b"Exif\0\0" + exif(6))
    yield "broken EXIF", lambda: webp(exif=b"MM\0*")
    yield "broken profile", lambda: webp(icc_profile=b"no profile")
    yield "bytes after the end", lambda: webp() + bytes(99)
    yield "cut off in the EXIF after the pixels", lambda: webp(exif=exif(6))[:-20]
    yield "cut off at 60 %", lambda: cut(webp(), 0.6)
    yield "cut off at 97 %", lambda: cut(webp(), 0.97)
    yield "lossy, cut off at 60 %", lambda: cut(webp(lossless=False), 0.6)
    yield "lossy, cut off at 97 %", lambda: cut(webp(lossless=False), 0.97)
    yield (
        "animated, cut off in the second frame",
        lambda: webp(save_all=True, append_images=[picture().rotate(180)])[:-60],
    )
    yield "cut off in the header", lambda: webp()[:18]
    yield "a chunk of more than 64 KiB", lambda: webp(picture().resize((480, 320)), exact=True)
    yield "RIFF size too small", lambda: webp()[:4] + struct.pack("<I", 99) + webp()[8:]
    yield "RIFF size too large", lambda: webp()[:4] + struct.pack("<I", 10**6) + webp()[8:]
    yield "garbage for pixels", lambda: webp()[:30] + b"\xff" * 300
    yield "unknown first chunk", lambda: webp()[:12] + b"VP9 " + webp()[16:]
    yield "268 megapixels", large_webp


# ---- BMP ----------------------------------------------------------------------------------------------------------


def bitmap(pixels: bytes, width: int, height: int, bits: int, compression: int = 0, extra: bytes = b"") -> bytes:
    """BITMAPINFOHEADER; `extra` is masks or a palette."""
    offset = 54 + len(extra)
    head = b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset)
    colours = len(extra) // 4 if bits <= 8 else 0
    return (
        head
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(pixels), 0, 0, colours, 0)
        + extra
        + pixels
    )


def top_down() -> bytes:
    """A negative height: the top row first."""
    rows = np.asarray(picture())[..., ::-1].tobytes()
    return bitmap(rows, WIDTH, -HEIGHT, 24)


def masked() -> bytes:
    """16 bits, 5-6-5 by masks."""
    pixels = np.asarray(picture()).astype(np.uint16)[::-1]
    packed = (pixels[..., 0] >> 3 << 11) | (pixels[..., 1] >> 2 << 5) | (pixels[..., 2] >> 3)
    return bitmap(packed.astype("<u2").tobytes(), WIDTH, HEIGHT, 16, 3, struct.pack("<III", 0xF800, 0x7E0, 0x1F))


def run_length(bits: int) -> bytes:
    """Each row is two runs."""
    row = bytes([WIDTH // 2, 0x00, WIDTH // 2, 0x11 if bits == 4 else 1, 0, 0])
    palette = bytes([0, 0, 255, 0, 255, 0, 0, 0])
    return bitmap(row * HEIGHT + b"\0\x01", WIDTH, HEIGHT, bits, 1 if bits == 8 else 2, palette)


def with_alpha_bmp() -> bytes:
    """32 bits; the fourth byte has no meaning with this header."""
    pixels = np.asarray(transparent())[::-1][..., [2, 1, 0, 3]]
    return bitmap(pixels.tobytes(), WIDTH, HEIGHT, 32)


def bmps() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    yield "24 bits", lambda: encoded(picture(), "BMP")
    yield "palette", lambda: encoded(picture().quantize(64), "BMP")
    yield "1 bit", lambda: encoded(picture("1"), "BMP")
    yield "top row first", top_down
    yield "16 bits with masks", masked
    yield "32 bits", with_alpha_bmp
    yield "run lengths of 8 bits", lambda: run_length(8)
    yield "run lengths of 4 bits", lambda: run_length(4)
    yield "bytes after the end", lambda: encoded(picture(), "BMP") + bytes(99)
    yield "cut off at 60 %", lambda: cut(encoded(picture(), "BMP"), 0.6)
    yield "cut off at 97 %", lambda: cut(encoded(picture(), "BMP"), 0.97)
    yield "cut off in the header", lambda: encoded(picture(), "BMP")[:30]
    yield "no width", lambda: bitmap(b"", 0, HEIGHT, 24)
    yield "no height", lambda: bitmap(b"", WIDTH, 0, 24)
    yield "a negative width", lambda: bitmap(bytes(WIDTH * HEIGHT * 3), -WIDTH, HEIGHT, 24)
    yield "2,147,483,647 a side", lambda: bitmap(bytes(99), 2**31 - 1, 2**31 - 1, 24)
    yield "-2,147,483,648 rows", lambda: bitmap(bytes(99), 4, -(2**31), 24)
    yield "a bit depth that there is not", lambda: bitmap(bytes(WIDTH * HEIGHT * 3), WIDTH, HEIGHT, 23)


# ---- AVIF and others ----------------------------------------------------------------------------------------------


def avif(**options: Any) -> bytes:
    """Lossy: Pillow's encoder knows nothing else that all of its builds have."""
    return encoded(picture(), "AVIF", **{"quality": 90, "speed": 10, **options})


def avifs() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    yield "8 bits", avif
    yield "with alpha", lambda: encoded(transparent(), "AVIF", quality=90, speed=10)
    for orientation in range(1, 9):
        yield f"EXIF orientation {orientation}", lambda turn=orientation: avif(exif=exif(turn))
    yield "bytes after the end", lambda: avif() + bytes(99)
    yield "cut off at 60 %", lambda: cut(avif(), 0.6)
    yield "cut off at 97 %", lambda: cut(avif(), 0.97)
    yield "cut off in the header", lambda: avif()[:40]


def others() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    yield "empty file", lambda: b""
    yield "one byte", lambda: b"\x89"
    yield "text", lambda: b"just some words\n" * 20
    yield "HTML that a server sent for an image", lambda: b"<!doctype html><title>404</title><p>Not found"
    yield "SVG", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield (
        "SVG after a prologue",
        lambda: b'<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    )
    yield "PDF", lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    yield "EPS", lambda: encoded(picture(), "EPS")
    yield "zeros", lambda: bytes(4096)
    yield "MP4", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)


def natives() -> Iterator[tuple[str, Maker]]:
    """Name and maker of each."""
    yield "TIFF", lambda: encoded(picture(), "TIFF")
    yield "TIFF, cut off", lambda: cut(encoded(picture(), "TIFF"), 0.6)
    yield "JPEG 2000", lambda: encoded(picture(), "JPEG2000", irreversible=False)
    yield "PPM", lambda: encoded(picture(), "PPM")
    yield "ICO", lambda: encoded(picture().resize((32, 32)), "ICO")


ODD_IMAGES: dict[str, Maker] = {
    f"{group}: {name}": make
    for group, makers in (
        ("JPEG", jpegs),
        ("PNG", pngs),
        ("GIF", gifs),
        ("WebP", webps),
        ("BMP", bmps),
        ("AVIF", avifs),
        ("Other", others),
        (PACKAGE_ONLY, natives),
    )
    for name, make in makers()
}
