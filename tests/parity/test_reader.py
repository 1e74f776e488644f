"""The shipped reader on drawn pictures: what is read, where, and that backends and threads agree."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from tinyvlm.backends import kernel_memory
from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.errors import InputError, KernelError, LoadError, ModelError
from tinyvlm.media.images import RGBImage
from tinyvlm.reading import reader as reader_module
from tinyvlm.reading.reader import Reader
from tinyvlm.reading.reading import Reading

FOLDER = Path(__file__).resolve().parents[2] / "web" / "models" / "reader"
RECEIPT = [("Corner Shop", 34), ("Fresh milk", 22), ("Bread", 22), ("Total", 26)]
PRICES = [(1, "1.29"), (2, "2.49"), (3, "3.78")]


def receipt(ink: str = "black", paper: str = "white") -> Image.Image:
    """Four rows, three of them with a price at the right."""
    image = Image.new("RGB", (400, 260), paper)
    draw = ImageDraw.Draw(image)
    for row, (text, size) in enumerate(RECEIPT):
        draw.text((24, 20 + 60 * row), text, fill=ink, font=ImageFont.load_default(size))
    for row, price in PRICES:
        draw.text((310, 20 + 60 * row), price, fill=ink, font=ImageFont.load_default(RECEIPT[row][1]))
    return image


ROWS = ["Corner Shop", "Fresh milk\t1.29", "Bread\t2.49", "Total\t3.78"]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader.from_folder(FOLDER, backend="wasm", threads=2)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def reading(reader: Reader) -> Reading:
    return reader.read(receipt())


def words(reading: Reading) -> list[str]:
    return [word.text for line in reading.lines for word in line.words]


def test_a_receipt_row_by_row(reading: Reading) -> None:
    assert [row for row in reading.text.split("\n") if row] == ROWS
    assert (reading.width, reading.height) == (400, 260)
    assert min(line.confidence for line in reading.lines) > 0.8


def test_places_are_in_the_pictures_pixels(reading: Reading) -> None:
    """A line's box holds what was drawn, and hardly more."""
    (total,) = (line for line in reading.lines if line.text == "Total")
    (left, top), _, (right, bottom), _ = total.corners
    assert 10 < left < 26
    assert 75 < right < 110
    assert 190 < top < 212
    assert 218 < bottom < 240
    assert left <= total.words[0].corners[0][0] < left + 12


def test_light_on_dark_reads_the_same(reader: Reader, reading: Reading) -> None:
    assert words(reader.read(receipt("#eeeeee", "#203040"))) == words(reading)


@pytest.mark.parametrize("text", ["TOTAL 64.15", "129.30", "SR 6%", "Jalan Pelabur 23, Lot 3"])
def test_a_line_that_fills_its_picture_is_one_line(reader: Reader, text: str) -> None:
    """Seen at 480 pixels and more, its letters would be 480 pixels high, and fall to pieces."""
    for size in (20, 30, 44):
        font = ImageFont.load_default(size)
        left, top, right, bottom = font.getbbox(text)
        for margin in (2, 5):
            image = Image.new("RGB", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin), "white")
            ImageDraw.Draw(image).text((margin - left, margin - top), text, fill="black", font=font)
            assert reader.read(image).text == text, image.size


def test_a_small_picture_in_which_nothing_is_found_is_looked_at_larger(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(reader, "_boxes", lambda held, width, height, direction: seen.append((width, height)) or [])
    for size in ((60, 40), (400, 300), (900, 800)):
        assert reader.read(Image.new("RGB", size, "white")).text == ""
    assert seen == [(192, 128), (704, 480), (640, 480), (896, 800)]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_is_read_as_an_upright_one(reader: Reader, reading: Reading, quarters: int) -> None:
    """The same rows, and every line where it lies in the picture as it is given."""
    found = reader.read(receipt().rotate(-90 * quarters, expand=True))
    assert found.text == reading.text
    assert (found.width, found.height) == ((400, 260) if quarters == 2 else (260, 400))
    back = [None, lambda x, y: (y, 260 - x), lambda x, y: (400 - x, 260 - y), lambda x, y: (400 - y, x)][quarters]
    for line, upright in zip(found.lines, reading.lines, strict=True):
        for corner, place in zip(line.corners, upright.corners, strict=True):
            assert back(*corner) == pytest.approx(place, abs=4)


def test_notes_that_run_up_down_and_upside_down(reader: Reader) -> None:
    """Lines that lie otherwise than the page are read: a column's head, a name along an edge, a note on its head."""
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(("The first line of a page", "and the second one of it", "and the last of them all")):
        draw.text((120, 40 + 50 * row), text, fill="black", font=ImageFont.load_default(26))
    for text, quarters, place in (
        ("Quantity", 1, (20, 120)),
        ("Copyright", 3, (590, 120)),
        ("Solution", 2, (250, 400)),
    ):
        note = Image.new("RGB", (140, 34), "white")
        ImageDraw.Draw(note).text((8, 2), text, fill="black", font=ImageFont.load_default(24))
        image.paste(note.rotate(90 * quarters, expand=True), place)
    assert sorted(line.text for line in reader.read(image).lines if " " not in line.text) == [
        "Copyright", "Quantity", "Solution",
    ]  # fmt: skip


def test_a_leaning_page(reader: Reader, reading: Reading) -> None:
    found = reader.read(receipt().rotate(5, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC))
    assert sorted(words(found)) == sorted(words(reading))


@pytest.mark.parametrize(("size", "looks"), [(22, [(480, 256)]), (9, [(480, 256), (1376, 736)])])
def test_small_print_is_looked_for_once_more(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, size: int, looks: list[tuple[int, int]]
) -> None:
    """In more pixels, which larger print and empty paper do not need."""
    seen: list[tuple[int, int]] = []

    def find_text(image: RGBImage) -> bytes:
        seen.append((image.width, image.height))
        return Reader.find_text(reader, image)

    monkeypatch.setattr(reader_module, "LEAST_SIDES", (256, 736))
    monkeypatch.setattr(reader, "find_text", find_text)
    image = Image.new("RGB", (480, 256), "white")
    assert reader.read(image).lines == ()
    draw = ImageDraw.Draw(image)
    for row in range(3):
        draw.text((20, 20 + 70 * row), "Small print", fill="black", font=ImageFont.load_default(size))
    assert [line.text for line in reader.read(image).lines] == ["Small print"] * 3
    assert seen == [(480, 256), *looks]


def test_nothing_is_read_where_nothing_is_written(reader: Reader) -> None:
    found = reader.read(Image.new("RGB", (90, 60), "gray"))
    assert found == Reading((), 90, 60)


def test_large_print_is_averaged_not_skipped(reader: Reader) -> None:
    image = Image.new("RGB", (1500, 420), "white")
    ImageDraw.Draw(image).text((40, 60), "OPEN 24 h", fill="navy", font=ImageFont.load_default(240))
    assert words(reader.read(image)) == ["OPEN", "24", "h"]


def test_a_line_that_was_cut_out(reader: Reader) -> None:
    """Nothing is searched for; a single letter, taller than wide, is not turned."""
    assert reader.read_line(receipt().crop((15, 200, 110, 232))).text == "Total"
    image = Image.new("RGB", (20, 40), "white")
    ImageDraw.Draw(image).text((3, 2), "K", fill="black", font=ImageFont.load_default(28))
    assert reader.read_line(image).text == "K"


@pytest.mark.slow
def test_numpy_reads_what_the_kernels_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words in the same places, to two pixels: 8 bits and 7. The picture is not enlarged: numpy takes long."""
    monkeypatch.setattr(reader_module, "LEAST_SIDES", (96,))
    image = receipt().crop((0, 130, 400, 260))
    plain = Reader.from_folder(FOLDER, backend="numpy")
    expected, found = plain.read(image), reader.read(image)
    assert found.text == expected.text
    for line, other in zip(found.lines, expected.lines, strict=True):
        for corner, place in zip(line.corners, other.corners, strict=True):
            assert corner == pytest.approx(place, abs=2.0)


def test_one_thread_reads_what_two_read(reading: Reading) -> None:
    alone = Reader.from_folder(FOLDER, backend="wasm", threads=1)
    assert alone.read(receipt()) == reading
    assert alone.stats()["threads"] == 1
    alone.close()


def test_a_dropped_reader_is_freed_at_once() -> None:
    """Its memory and threads go with the last name for it, not with the next collection of circles."""
    reader = Reader.from_folder(FOLDER, backend="wasm", threads=1)
    reader.read(receipt())
    networks = weakref.ref(reader._networks)
    gc.disable()
    try:
        del reader
        assert networks() is None
    finally:
        gc.enable()


def test_a_picture_too_large_for_memory_leaves_a_reader_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader.from_folder(FOLDER, backend="wasm", threads=1)
    allocate = kernel_memory.allocate

    def refuse(kernels: Kernels, nbytes: int) -> int:
        if nbytes > 4_000_000:  # weights and the picture need less, the detector's arena more
            raise KernelError("out-of-memory", megabytes=nbytes // 1_000_000)
        return allocate(kernels, nbytes)

    with monkeypatch.context() as patch:
        patch.setattr(kernel_memory, "allocate", refuse)
        with pytest.raises(KernelError, match="memory"):
            reader.read(receipt())
    used = reader.stats()["kernel_memory_bytes"]
    with monkeypatch.context() as patch:
        patch.setattr(kernel_memory, "allocate", refuse)
        with pytest.raises(KernelError, match="memory"):
            reader.read(receipt())
    assert reader.stats()["kernel_memory_bytes"] == used, "what was begun is given back"
    assert reader.stats()["arena_bytes"] < 4_000_000
    assert reader.read(receipt()).text.splitlines() == ROWS
    reader.close()


@pytest.mark.parametrize(
    "change", [{"detector_config": None}, {"recognizer_config": {}}, {"detector_config": {"image_mean": 3}}]
)
def test_a_damaged_configuration_is_a_sentence(tmp_path: Path, change: dict[str, Any]) -> None:
    shutil.copytree(FOLDER, tmp_path / "reader")
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8")) | change
    (tmp_path / "reader" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError) as refused:
        Reader.from_folder(tmp_path / "reader", backend="numpy")
    assert refused.value.code == "config-invalid"


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="backend"):
        Reader.from_folder(FOLDER, backend="cuda")  # type: ignore[arg-type]
    with pytest.raises(LoadError):
        Reader.from_folder(tmp_path)
