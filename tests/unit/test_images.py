"""Whatever Pillow opens becomes RGB bytes as people see it; the rest is a sentence."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tinyvlm.errors import InputError
from tinyvlm.media.image_sources import MAX_FILE_BYTES
from tinyvlm.media.images import RGBImage, load_image


def pixels(image: RGBImage) -> np.ndarray:
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def two_tone(mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, 8 x 4."""
    image = Image.new("RGB", (8, 4), (255, 0, 0))
    image.paste((0, 0, 255), (4, 0, 8, 4))
    return image.convert(mode)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + bytes(4) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def code_of(source: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_image(source)
    assert str(caught.value).endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    "make",
    [
        lambda path: str(path),
        lambda path: path,
        lambda path: path.read_bytes(),
        lambda path: memoryview(path.read_bytes()),
        lambda path: Image.open(path),
        lambda path: np.asarray(Image.open(path)),
        lambda path: load_image(path),
    ],
)
def test_every_kind_of_source_gives_the_same_pixels(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(encoded(two_tone()))
    image = load_image(make(path))
    assert (image.height, image.width) == (4, 8)
    np.testing.assert_array_equal(pixels(image), np.asarray(two_tone()))


@pytest.mark.parametrize(
    ("mode", "kind"), [("P", "PNG"), ("P", "GIF"), ("RGBA", "PNG"), ("CMYK", "TIFF"), ("RGB", "BMP")]
)
def test_modes_keep_their_colours(mode: str, kind: str) -> None:
    np.testing.assert_allclose(pixels(load_image(encoded(two_tone(mode), kind))), np.asarray(two_tone()), atol=2)


def test_cmyk_jpeg() -> None:
    image = pixels(load_image(encoded(two_tone("CMYK").resize((64, 32)), "JPEG", quality=95)))
    np.testing.assert_allclose(image[4, 4], (255, 0, 0), atol=12)
    np.testing.assert_allclose(image[4, 60], (0, 0, 255), atol=12)


def test_sixteen_bit_gray_is_scaled_not_clipped() -> None:
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image = pixels(load_image(encoded(Image.fromarray(values))))
    np.testing.assert_array_equal(image[..., 0].ravel(), np.arange(256))


def test_float_images_use_their_own_range() -> None:
    image = pixels(load_image(Image.fromarray(np.array([[-1.0, 0.0, 1.0]], np.float32))))
    np.testing.assert_array_equal(image[0, :, 0], (0, 128, 255))


def test_transparency_is_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 128))
    np.testing.assert_allclose(pixels(load_image(encoded(image)))[0], [(255, 255, 255), (255, 127, 127)], atol=1)


def test_a_transparent_palette_is_on_white() -> None:
    image = Image.new("P", (1, 1), 0)
    image.putpalette([0, 0, 0])
    assert pixels(load_image(encoded(image, transparency=0)))[0, 0].tolist() == [255, 255, 255]


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixels(load_image(data))[0, 0].tolist() == [255, 0, 0]


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    image = pixels(load_image(encoded(two_tone().resize((64, 32), 0), "JPEG", exif=exif, quality=95)))
    assert image.shape == (64, 32, 3)
    assert image[4, 16, 0] > 200 > 60 > image[60, 16, 0]


def test_gray_and_rgba_arrays() -> None:
    assert pixels(load_image(np.full((2, 3), 7, np.uint8))).tolist() == [[[7, 7, 7]] * 3] * 2
    assert pixels(load_image(np.zeros((1, 1, 4), np.uint8))).tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), np.int16),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(5, np.uint8),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    assert code_of(array) == "image-bad-array"


def test_unusable_files_are_a_sentence(tmp_path: Path) -> None:
    assert code_of(b"") == "image-empty"
    assert code_of(b"just text") == "image-unknown-type"
    assert code_of(encoded(Image.effect_noise((64, 64), 50))[:600]) == "image-unreadable"
    assert code_of(tmp_path / "none.png") == "image-not-found"
    assert code_of(tmp_path) == "image-file-unreadable"
    assert code_of("nul\x00byte.png") == "image-file-unreadable"
    assert code_of(3.5) == "image-bad-value"


def test_bombs_are_refused_before_they_are_decoded() -> None:
    assert code_of(png_header(12_000, 12_000)) == "image-too-large"
    assert code_of(png_header(60_000, 60_000)) == "image-far-too-large"


def test_large_files_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with open(path, "wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert code_of(path) == "image-file-too-large"


def test_large_arrays_are_refused_before_they_are_copied() -> None:
    """A view of one byte that claims 10 GB."""
    assert code_of(np.broadcast_to(np.uint8(0), (60_000, 60_000, 3))) == "image-far-too-large"


def test_damaged_pil_images_are_a_sentence_too() -> None:
    data = encoded(Image.effect_noise((64, 64), 50))
    assert code_of(Image.open(BytesIO(data[:600]))) == "image-unreadable"
    closed = Image.open(BytesIO(data))
    closed.close()
    assert code_of(closed) == "image-unreadable"


def test_floats_that_are_no_numbers() -> None:
    values = np.array([[np.nan, 0.0, 1.0, np.inf, -np.inf]], np.float32)
    assert pixels(load_image(Image.fromarray(values)))[0, :, 0].tolist() == [0, 0, 255, 255, 0]
    assert pixels(load_image(Image.fromarray(values[:, :1])))[0, :, 0].tolist() == [0]


def test_formats_that_start_other_programs_are_not_opened() -> None:
    assert code_of(encoded(two_tone(), "EPS")) == "image-unknown-type"
