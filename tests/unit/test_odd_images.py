"""Odd image files: the package says what docs/images.md says; test_page_odd_images.py is the page's side."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from image_table import documented, package_answer, verdict
from odd_images import (
    HEIGHT,
    ODD_IMAGES,
    WIDTH,
    avif,
    encoded,
    exif,
    ihdr,
    jpeg,
    mutations,
    palette_png,
    picture,
    png,
    transparent,
    webp,
    wide_png,
)
from odd_images import chunk as png_chunk
from tinyvlm.media import png_file
from tinyvlm.media.image_header import read_image_file
from tinyvlm.media.images import RGBImage, load_image


def pixels(data: bytes) -> np.ndarray:
    image = load_image(data)
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)


def on_white(rgba: np.ndarray) -> np.ndarray:
    alpha = rgba[..., 3:].astype(int)
    return np.rint((rgba[..., :3].astype(int) * alpha + 255 * (255 - alpha)) / 255)


def test_every_kind_is_in_the_document() -> None:
    assert list(documented()) == list(ODD_IMAGES)


@pytest.mark.parametrize("name", ODD_IMAGES)
def test_what_the_document_says(name: str) -> None:
    assert verdict(package_answer(ODD_IMAGES[name])) == documented()[name][1]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_what_pillow_makes_of_it(orientation: int) -> None:
    files = {
        "JPEG": jpeg(exif=b"Exif\0\0" + exif(orientation)),
        "PNG": png(png_chunk(b"eXIf", exif(orientation))),
        "WebP": webp(exif=exif(orientation)),
        "AVIF": avif(exif=exif(orientation)),
    }
    for kind, data in files.items():
        turned = ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB")
        np.testing.assert_array_equal(pixels(data), np.asarray(turned), kind)
        corners = pixels(data)[[0, 0, -1, -1], [0, -1, 0, -1]].mean(-1)
        assert corners.argmax() == [0, 1, 3, 2, 0, 1, 3, 2][orientation - 1], kind


@pytest.mark.parametrize(
    "make",
    [
        lambda: encoded(transparent(), "PNG"),
        lambda: encoded(transparent(), "WEBP", lossless=True, exact=True),
        lambda: wide_png(6, transparent()),
    ],
)
def test_every_opacity_is_on_white(make: Callable[[], bytes]) -> None:
    data = make()
    assert len(np.unique(np.asarray(transparent())[..., 3])) > 90
    np.testing.assert_allclose(pixels(data), on_white(np.asarray(transparent())), atol=1)


@pytest.mark.parametrize("make", [lambda: encoded(transparent("LA"), "PNG"), lambda: wide_png(4, transparent("LA"))])
def test_grey_with_alpha_is_on_white(make: Callable[[], bytes]) -> None:
    grey, alpha = np.moveaxis(np.asarray(transparent("LA")), -1, 0)
    rgba = np.stack([grey, grey, grey, alpha], axis=-1)
    np.testing.assert_allclose(pixels(make()), on_white(rgba), atol=1)


def test_a_palette_with_several_opacities_is_on_white() -> None:
    image = pixels(palette_png(png_chunk(b"tRNS", bytes([0, 128, 255]))))
    assert image[0, [0, 8, 16, 24]].tolist() == [[255, 255, 255], [127, 255, 127], [0, 0, 255], [9, 9, 9]]


def test_colours_beyond_the_palette_are_black() -> None:
    assert pixels(palette_png(colours=5))[0, [24, 32]].tolist() == [[9, 9, 9], [0, 0, 0]]


def test_what_is_left_out_is_not_announced() -> None:
    """WebP says in its first chunk that EXIF and a profile follow."""
    file = read_image_file(webp(exif=exif(6), icc_profile=b"a profile"))
    assert file is not None
    assert (file.orientation, file.data[12:16], file.data[20]) == (6, b"VP8X", 0)
    assert b"a profile" not in file.data


def test_metadata_of_hundreds_of_megabytes_is_not_unpacked() -> None:
    """A hundred texts of 3 MB each: Pillow refuses more than 64 MB of them."""
    np.testing.assert_array_equal(pixels(ODD_IMAGES["PNG: a hundred texts"]()), np.asarray(picture()))


def test_a_search_for_markers_reads_each_byte_once() -> None:
    """Two megabytes of 0xFF that come to nothing: begun anew at each of them, it would take days."""
    data = jpeg()
    filled = data[:2] + b"\xff" * (2 << 20) + b"\0" + data[2:]
    np.testing.assert_array_equal(pixels(filled), pixels(data))
    assert package_answer(lambda: data[:2] + b"\xff" * (2 << 20) + b"\0") == "image-unreadable"


def test_a_stream_is_not_unpacked_far_beyond_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_file, "_MOST_BEYOND", 1 << 20)
    rows = bytes(HEIGHT * (1 + 3 * WIDTH))
    for beyond, is_taken in ((0, True), (1 << 20, True), (20 << 20, False)):
        answer = package_answer(lambda beyond=beyond: png(data=zlib.compress(rows + bytes(beyond), 1)))
        assert isinstance(answer, RGBImage) if is_taken else answer == "image-unreadable"


@pytest.mark.parametrize(
    "make",
    [
        jpeg,
        lambda: jpeg(progressive=True),
        png,
        lambda: webp(exif=exif(1)),
        lambda: encoded(picture().quantize(64), "GIF"),
    ],
)
def test_files_that_end_a_little_early_are_whole_or_refused(make: Callable[[], bytes]) -> None:
    """However much is missing, no part of the picture is made up."""
    data = make()
    answers = [package_answer(lambda missing=missing: data[:-missing]) for missing in range(1, 60)]
    count = next(number for number, answer in enumerate(answers) if isinstance(answer, str))
    assert count >= 1
    for answer in answers[:count]:
        assert isinstance(answer, RGBImage)
        assert answer.data == load_image(data).data
    assert set(answers[count:]) == {"image-unreadable"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: jpeg(exif=b"Exif\0\0" + exif(6)),
        lambda: jpeg(progressive=True),
        lambda: palette_png(png_chunk(b"tRNS", bytes(3)), png_chunk(b"eXIf", exif(3))),
        lambda: webp(exif=exif(6)),
        lambda: encoded(picture().quantize(64), "GIF"),
        lambda: encoded(picture(), "BMP"),
    ],
)
def test_whatever_is_wrong_is_a_sentence(make: Callable[[], bytes]) -> None:
    for data in mutations(make(), 150):
        answer = package_answer(lambda data=data: data)
        assert isinstance(answer, RGBImage) or answer.startswith("image-")


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 8, 16, 32])
@pytest.mark.parametrize(
    ("colours", "depths", "channels"),
    [(0, (1, 2, 4, 8, 16), 1), (2, (8, 16), 3), (3, (1, 2, 4, 8), 1), (4, (8, 16), 2), (6, (8, 16), 4)],
)
def test_png_has_the_depths_of_its_specification(
    colours: int, depths: tuple[int, ...], channels: int, depth: int
) -> None:
    """Table 11.1: a picture of zeros in each, 9 pixels wide and 5 high, is black."""
    row = b"\0" + bytes(-(-9 * depth * channels // 8))
    header = ihdr(9, 5, depth, colours)
    palette = [png_chunk(b"PLTE", bytes(3))] if colours == 3 else []
    data = png(*palette, header=header, data=zlib.compress(row * 5))
    if depth in depths:
        ground = 255 if colours in (4, 6) else 0  # what is transparent lies on white
        assert pixels(data).shape == (5, 9, 3)
        assert (pixels(data) == ground).all()
    else:
        assert package_answer(lambda: data) == "image-unreadable"


def test_each_pass_of_an_interlaced_png_counts() -> None:
    """A row less than the seven passes have is too little, and no row is counted that none has."""
    for width, height in ((9, 5), (1, 1), (3, 2), (8, 8), (5, 1)):
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        rows = b""
        for left, top, across, down in passes:
            columns = len(range(left, width, across))
            rows += (b"\0" + bytes(3 * columns)) * (len(range(top, height, down)) if columns else 0)
        header = ihdr(width, height, interlace=1)
        assert pixels(png(header=header, data=zlib.compress(rows))).shape == (height, width, 3)
        short = png(header=header, data=zlib.compress(rows[:-1]))
        assert package_answer(lambda short=short: short) == "image-unreadable"


def test_one_colour_of_a_png_may_be_transparent() -> None:
    """And lies on white then, as in the page; a chunk of another length is passed over."""
    for colours, value, size in ((2, b"\0\x07\0\x08\0\x09", 3), (0, b"\0\x07", 1)):
        row = b"\0" + bytes((7, 8, 9)[:size]) + bytes((1, 2, 3)[:size])
        data = {"header": ihdr(2, 1, colour=colours), "data": zlib.compress(row)}
        assert (pixels(png(png_chunk(b"tRNS", value), **data))[0, 0] == 255).all()
        assert (pixels(png(png_chunk(b"tRNS", value + b"\0"), **data))[0, 0] < 10).all()
