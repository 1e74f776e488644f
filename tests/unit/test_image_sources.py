"""What people pass for an image: the same pixels whichever way, or a sentence that says what to do."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import numpy as np
import pytest
from PIL import Image

from tinyvlm.errors import InputError
from tinyvlm.media.image_sources import MAX_FILE_BYTES
from tinyvlm.media.images import RGBImage, load_image

PIXELS = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
"""Every value differs from its neighbours, whichever way the axes are read."""


def png(pixels: np.ndarray = PIXELS) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


FILE = png()
BASE64 = base64.b64encode(FILE + bytes(1 + -len(FILE) % 3)).decode()
"""Decoders skip what follows a picture; padded with two signs."""


def loaded(source: Any) -> np.ndarray:
    image: RGBImage = load_image(source)
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)


def error_of(source: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        load_image(source)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 400
    return caught.value


# ---- open files --------------------------------------------------------------------------------------------------


class Pipe(io.RawIOBase):
    """A few bytes at a time, and no way back."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._rest[: min(7, len(buffer))]
        self._rest = self._rest[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


class OnlyRead:
    """What has nothing but `read`."""

    def __init__(self, *pieces: Any) -> None:
        self._pieces = list(pieces)

    def read(self, count: int = -1) -> Any:
        return self._pieces.pop(0) if self._pieces else b""


def at_its_end() -> io.BytesIO:
    file = io.BytesIO()
    file.write(FILE)
    return file


@pytest.mark.parametrize(
    "make",
    [
        lambda: io.BytesIO(FILE),
        at_its_end,
        lambda: Pipe(FILE),
        lambda: io.BufferedReader(Pipe(FILE)),
        lambda: OnlyRead(FILE[:50], bytearray(FILE[50:])),
    ],
)
def test_an_open_file_is_read_from_its_beginning(make: Callable[[], Any]) -> None:
    np.testing.assert_array_equal(loaded(make()), PIXELS)


def test_a_file_on_disk_and_in_an_archive_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(FILE)
    with open(tmp_path / "a.png", "rb") as file:
        np.testing.assert_array_equal(loaded(file), PIXELS)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.png", FILE)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, archive.open("a.png") as member:
        np.testing.assert_array_equal(loaded(member), PIXELS)


def test_a_file_that_gives_no_bytes_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(FILE)
    with open(tmp_path / "a.png", encoding="utf-8") as file:
        assert error_of(file).code == "image-file-not-bytes"
    assert error_of(OnlyRead("text")).code == "image-file-not-bytes"
    assert error_of(io.BytesIO()).code == "image-empty"


def test_a_closed_file_is_told_by_its_name(tmp_path: Path) -> None:
    with open(tmp_path / "a.png", "wb+") as file:
        file.write(FILE)
    error = error_of(file)
    assert (error.code, error.details["path"]) == ("image-file-unreadable", repr(str(tmp_path / "a.png")))


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "large.png", "wb+") as file:
        file.truncate(300 << 20)
        error = error_of(file)
        assert (error.code, error.details) == ("image-file-too-large", {"megabytes": 300, "limit": 64})
        assert file.tell() == 0
    assert error_of("/dev/zero").code == ("image-file-too-large" if Path("/dev/zero").exists() else "image-not-found")
    endless = OnlyRead(*[bytes(1 << 20)] * 100)
    assert error_of(endless).code == "image-file-too-large"
    assert len(endless._pieces) == 100 - 65


# ---- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{BASE64}",
        f"DATA:image/png;charset=x;BASE64,{BASE64}",
        f"data:;base64,{BASE64.removesuffix('==')}",
        f"data:;base64,{BASE64.removesuffix('=')}",
        f"data:image/png;base64,{BASE64[:40]}\n {BASE64[40:]}",
        f"data:image/png;base64,{BASE64.replace('+', '%2B').replace('/', '%2f')}",
        f"data:image/png,{quote_from_bytes(FILE)}",
    ],
)
def test_a_data_url_is_the_image_in_it(url: str) -> None:
    np.testing.assert_array_equal(loaded(url), PIXELS)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("data:image/png;base64,%%%%" + "A" * 5000, "image-data-url"),
        ("data:image/png;base64", "image-data-url"),
        ("data:image/png;base64,", "image-data-url"),
        ("data:image/png;base64,é" + "A" * 5000, "image-data-url"),
        ("data:image/png;base64," + BASE64.replace("i", "!"), "image-data-url"),
        ("data:text/plain;base64," + "QUJD" * 2000, "image-unknown-type"),
        ("data:image/png," + "A" * (3 * MAX_FILE_BYTES + 1), "image-file-too-large"),
    ],
)
def test_a_data_url_that_holds_none_is_told_without_it(url: str, code: str) -> None:
    error = error_of(url)
    assert error.code == code
    assert "AAAA" not in str(error)


@pytest.mark.parametrize("address", ["https://a.example/b.png", "HTTP://a.example", Path("https://a.example/b.png")])
def test_what_lies_in_the_web_is_not_fetched(address: Any) -> None:
    error = error_of(address)
    assert (error.code, error.details) == ("image-address", {})
    assert "Download it" in str(error)


def test_a_file_url_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "a b%.png").write_bytes(FILE)
    np.testing.assert_array_equal(loaded((tmp_path / "a b%.png").as_uri()), PIXELS)
    assert error_of((tmp_path / "none.png").as_uri()).details["path"] == repr(str(tmp_path / "none.png"))


def test_a_whole_file_that_is_passed_as_a_path_is_not_repeated() -> None:
    error = error_of(BASE64 * 100)
    assert error.code in ("image-not-found", "image-file-unreadable")
    assert "…" in str(error)


# ---- arrays ------------------------------------------------------------------------------------------------------


class Tensor:
    """Another package's array: what `protocol` of it numpy's own array answers."""

    def __init__(self, array: np.ndarray, protocol: str) -> None:
        self._array = array
        setattr(type(self), protocol, lambda self, *a, **k: getattr(self._array, protocol)(*a, **k))
        if protocol == "__dlpack__":
            type(self).__dlpack_device__ = lambda self: self._array.__dlpack_device__()  # type: ignore[attr-defined]


def tensor(array: np.ndarray, protocol: str) -> Any:
    return type("Tensor", (Tensor,), {})(array, protocol)


FLOATS = PIXELS.astype(np.float32) / 255


@pytest.mark.parametrize(
    "array",
    [
        PIXELS,
        np.asfortranarray(PIXELS),
        PIXELS.transpose(2, 0, 1),
        FLOATS,
        FLOATS.astype(np.float64),
        FLOATS.transpose(2, 0, 1),
        FLOATS * 1.001,
        FLOATS - 0.001,
        *(tensor(FLOATS.transpose(2, 0, 1).copy(), protocol) for protocol in ("__array__", "__dlpack__")),
        *(tensor(PIXELS, protocol) for protocol in ("__array__", "__dlpack__")),
    ],
)
def test_arrays_of_any_layout_give_the_same_pixels(array: Any) -> None:
    np.testing.assert_array_equal(loaded(array), PIXELS)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (1, 6, 8)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, bool])
def test_gray_is_gray(shape: tuple[int, ...], dtype: Any) -> None:
    white = 255 if dtype == np.uint8 else 1
    array = np.zeros(shape, dtype)
    array.reshape(6, 8)[2, 5] = white
    expected = np.zeros((6, 8, 3), np.uint8)
    expected[2, 5] = 255
    np.testing.assert_array_equal(loaded(array), expected)


@pytest.mark.parametrize("first", [False, True])
def test_alpha_shows_the_white_behind(first: bool) -> None:
    array = np.concatenate([PIXELS, np.full((6, 8, 1), 255, np.uint8)], 2)
    array[1, 2, 3] = 0
    expected = PIXELS.copy()
    expected[1, 2] = 255
    np.testing.assert_array_equal(loaded(array.transpose(2, 0, 1) if first else array), expected)


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros((3, 8, 3), np.uint8), "image-array-ambiguous"),
        (np.zeros((4, 8, 4), np.float32), "image-array-ambiguous"),
        (np.zeros((1, 3, 6, 8), np.float32), "image-bad-array"),
        (np.zeros((6, 8, 2), np.float32), "image-bad-array"),
        (np.zeros((4, 8, 2), np.uint8), "image-bad-array"),
        (np.zeros((6, 8), np.int64), "image-bad-array"),
        (np.zeros((6, 8, 3), np.uint16), "image-bad-array"),
        (np.zeros((6, 8, 3), complex), "image-bad-array"),
        (np.array([["a"]]), "image-bad-array"),
        (np.zeros((3, 0, 8), np.float32), "image-bad-array"),
        (np.float32(0.5), "image-bad-array"),
        (PIXELS.astype(np.float32), "image-array-range"),
        (FLOATS * 2 - 1, "image-array-range"),
        (np.full((6, 8), 255.51 / 255), "image-array-range"),
        (np.full((6, 8, 3), np.nan, np.float32), "image-array-range"),
        (np.full((6, 8, 3), np.inf), "image-array-range"),
        (np.broadcast_to(np.float32(0), (3, 60_000, 60_000)), "image-far-too-large"),
    ],
)
def test_what_could_mean_several_things_is_refused(array: Any, code: str) -> None:
    assert error_of(array).code == code


def test_a_range_is_told_in_numbers() -> None:
    assert str(error_of(np.linspace(-1, 1, 48).reshape(6, 8))) == (
        "Floats of an image array must be from 0 to 1, not from -1 to 1."
    )


def test_a_tensor_that_numpy_cannot_read_says_why() -> None:
    class OnDevice:
        def __array__(self, *_: Any, **__: Any) -> np.ndarray:
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.\nMore.")

    error = error_of(OnDevice())
    assert error.code == "image-array-unreadable"
    assert str(error).endswith("device type tensor to numpy. Use Tensor.cpu() first.")


@pytest.mark.parametrize("value", [3.5, [[1, 2]], {"image": 1}, None, object()])
def test_what_is_no_image_is_told(value: Any) -> None:
    error = error_of(value)
    assert (error.code, error.details) == ("image-bad-value", {"type": type(value).__name__})


# ---- Pillow ------------------------------------------------------------------------------------------------------


def palette(transparency: Any = None) -> Image.Image:
    """A red and a blue pixel."""
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


RED, BLUE, WHITE = [255, 0, 0], [0, 0, 255], [255, 255, 255]


@pytest.mark.parametrize(
    ("transparency", "expected"),
    [(None, [RED, BLUE]), (0, [WHITE, BLUE]), (1, [RED, WHITE]), (b"\xff\x00", [RED, WHITE]), (b"\x00", [WHITE, BLUE])],
)
def test_transparent_colours_of_a_palette_show_the_white_behind(transparency: Any, expected: Any) -> None:
    assert loaded(palette(transparency))[0].tolist() == expected


@pytest.mark.parametrize("stale", [(255, 0, 0), 300, bytearray(b"\x00"), "x"])
def test_a_transparency_of_the_mode_before_is_no_damage(stale: Any) -> None:
    """As `quantize` leaves it in a PNG that named a transparent colour."""
    assert loaded(palette(stale))[0].tolist() == [RED, BLUE]
    image = Image.fromarray(PIXELS)
    image.info["transparency"] = (0, 1, 2)
    assert image.quantize().info["transparency"] == (0, 1, 2)
    assert loaded(image.quantize()).shape == (6, 8, 3)


def test_premultiplied_gray_is_taken() -> None:
    image = Image.new("LA", (1, 1), (200, 128)).convert("La")
    assert abs(int(loaded(image)[0, 0, 0]) - 227) <= 1  # 200 at half, and half of the white
