"""Text read natively: `Reader`, `VLM.read`, questions that ask for it, and the command, all on the bundled reader."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from public_model import write_smolvlm
from tinyvlm import VLM, InputError, LoadError, ModelError, Reader, Reading, cli, read_command
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open as hub_open
from tinyvlm.hub import open_model
from tinyvlm.reading.questions import NOTHING_FOUND

pytestmark = pytest.mark.slow

RECEIPT = (("CORNER SHOP", ""), ("Milk", "1.20"), ("Bread", "2.35"), ("TOTAL", "3.55"))
SIDE = 280
RECEIPT_TEXT = "CORNER SHOP\nMilk\t1.20\nBread\t2.35\nTOTAL\t3.55"


def drawn(rows: tuple[tuple[str, str], ...]) -> Image.Image:
    """Return a picture of rows: a text to the left, another to the right. Square ones are read soonest."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(24)
    for number, (left, right) in enumerate(rows):
        draw.text((20, 20 + 60 * number), left, "black", font)
        draw.text((200, 20 + 60 * number), right, "black", font)
    return image


class RemembersReadings:
    """A reader that looks at a picture once: that a question or a command reaches it is then quickly told."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._readings: dict[bytes, Reading] = {}

    def read(self, image: Any) -> Reading:
        """See TextReader."""
        if image.data not in self._readings:
            self._readings[image.data] = self._reader.read(image)
        return self._readings[image.data]

    def stats(self) -> dict[str, Any]:
        """See TextReader."""
        return self._reader.stats()

    def close(self) -> None:
        """Leave it open for others."""


@pytest.fixture(scope="session")
def receipt() -> Image.Image:
    """Read by all."""
    return drawn(RECEIPT)


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """The bundled reader."""
    with Reader.from_pretrained() as reader:
        yield reader


@pytest.fixture(scope="session")
def remembering(reader: Reader) -> Reader:
    """The same, for those who read what was read before."""
    return Reader(RemembersReadings(reader))


@pytest.fixture(scope="session")
def reading(remembering: Reader, receipt: Image.Image) -> Reading:
    """The receipt, read."""
    return remembering.read(receipt)


@pytest.fixture(scope="session")
def vlm(remembering: Reader) -> Iterator[VLM]:
    """The bundled model, which shares the reader."""
    with pytest.MonkeyPatch.context() as patch, VLM.from_pretrained() as vlm:
        patch.setattr(vlm, "_open_reader", lambda: remembering)
        yield vlm


def test_a_receipt_is_read(reading: Reading) -> None:
    assert reading.text == RECEIPT_TEXT
    assert (reading.width, reading.height) == (SIDE, SIDE)
    for line in reading.lines:
        assert " ".join(word.text for word in line.words) == line.text
        assert 0.5 <= line.confidence <= 1
        assert all(0 <= x <= reading.width and 0 <= y <= reading.height for x, y in line.corners)


def test_a_reading_is_json_there_and_back(reading: Reading) -> None:
    value = json.loads(json.dumps(reading.to_json()))
    again = Reading.from_json(value)
    assert again.text == RECEIPT_TEXT
    assert again.to_json() == value


def test_every_kind_of_image_is_read(reader: Reader, reading: Reading, receipt: Image.Image, tmp_path: Path) -> None:
    file = io.BytesIO()
    receipt.save(file, "PNG")
    assert reader.read(file.getvalue()) == reading
    with pytest.raises(InputError) as caught:
        reader.read(tmp_path / "none.png")
    assert caught.value.code == "image-not-found"


def test_threads_share_a_reader(reader: Reader) -> None:
    names = ("NORTH", "SOUTH")
    with ThreadPoolExecutor(2) as pool:
        readings = list(pool.map(reader.read, [drawn(((name, ""),)) for name in names]))
    assert [reading.text for reading in readings] == list(names)


def test_the_model_reads_with_its_reader(vlm: VLM, reading: Reading, receipt: Image.Image) -> None:
    image = vlm.encode_image(receipt)
    assert vlm.read(receipt) == vlm.read(image) == reading


def test_an_encoded_image_is_read_once_and_gives_up_its_pixels(
    vlm: VLM, receipt: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = vlm.encode_image(receipt)
    reading = vlm.read(image)
    assert image.picture is None
    monkeypatch.setattr(vlm._text_reader(), "read", None)
    assert vlm.read(image) is reading
    assert vlm.ask(image, "What is the total?") == "3.55"


def test_questions_for_the_text_are_answered_by_reading(vlm: VLM, receipt: Image.Image) -> None:
    image = vlm.encode_image(receipt)
    assert vlm.ask(image, "What does it say?", max_new_tokens=1) == RECEIPT_TEXT
    assert vlm.last_answer.read
    assert vlm.ask(image, "What is the total?") == "3.55"
    assert vlm.last_answer.finish_reason == "stop"
    pieces = list(vlm.conversation().stream("Read the receipt, please", image))
    assert "".join(pieces) == RECEIPT_TEXT
    assert len(pieces) == len(RECEIPT_TEXT.split())


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Describe the image.", {}),
        ("What does it say?", {"unsure": False}),
        ("What does it say?", {"choices": ["yes", "no"]}),
    ],
)
def test_other_questions_are_the_models(vlm: VLM, receipt: Image.Image, question: str, options: dict[str, Any]) -> None:
    assert vlm.ask(receipt, question, **options) != RECEIPT_TEXT
    assert not vlm.last_answer.read


def test_nothing_to_read_is_said(vlm: VLM) -> None:
    white = Image.new("RGB", (64, 64), "white")
    assert vlm.read(white).text == ""
    assert vlm.ask(white, "What is written here?") == NOTHING_FOUND


def test_a_question_ends_a_reading_that_is_not_at_its_end(vlm: VLM, receipt: Image.Image) -> None:
    pieces = vlm.stream(receipt, "Read the text")
    assert next(pieces) == "CORNER"
    vlm.ask(receipt, "What is it?")
    with pytest.raises(InputError) as caught:
        next(pieces)
    assert caught.value.code == "stream-replaced"


def test_the_reader_is_opened_when_it_is_needed_and_closed_with_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[dict[str, Any], Reader]] = []
    open_reader = Reader.from_pretrained

    def from_pretrained(**options: Any) -> Reader:
        opened.append((options, open_reader(**options)))
        return opened[0][1]

    monkeypatch.setattr(Reader, "from_pretrained", from_pretrained)
    with VLM.from_pretrained(backend="wasm", threads=1) as vlm:
        white = Image.new("RGB", (64, 64), "white")
        vlm.ask(white, "What is it?")
        assert opened == []
        vlm.read(white)
        vlm.ask(white, "Read the text")
        ((options, reader),) = opened
        assert options == {"backend": "wasm", "threads": 1}
        assert reader.stats()["threads"] == 1
    for closed in (vlm, reader):
        with pytest.raises(InputError) as caught:
            closed.read(white)
        assert caught.value.code == "model-closed"


def test_the_command_reads_the_same(
    remembering: Reader,
    reading: Reading,
    receipt: Image.Image,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receipt.save(tmp_path / "receipt.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "receipt.png").read_bytes()[:200])
    assert cli.main(["read", str(tmp_path / "receipt.png")]) == 0
    assert capsys.readouterr().out == f"{reading.text}\n"
    monkeypatch.setattr(read_command.Reader, "from_pretrained", lambda **_: nullcontext(remembering))
    assert cli.main(["read", str(tmp_path), "--json"]) == 1
    captured = capsys.readouterr()
    ((value),) = json.loads(captured.out)
    assert value == {"image": str(tmp_path / "receipt.png"), **reading.to_json()}
    assert captured.err == f"tinyvlm: {tmp_path / 'broken.png'}: {InputError('image-unreadable')}\n"


def test_a_folder_called_reader_is_not_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reader").mkdir()
    monkeypatch.chdir(tmp_path)
    with Reader.from_pretrained(threads=1) as reader:
        assert reader.stats()["threads"] == 1


def test_a_reader_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_open, "_bundled", lambda _: None)
    with pytest.raises(LoadError) as caught:
        Reader.from_pretrained()
    assert caught.value.code == "reader-missing"


def test_a_model_is_no_reader() -> None:
    with pytest.raises(ModelError) as caught:
        Reader.from_pretrained("tinyvlm-13m")
    assert caught.value.code == "architecture-unknown"
    assert caught.value.details["model_type"] == "tinyvlm"


def test_another_models_images_do_not_keep_their_pixels(tmp_path: Path, receipt: Image.Image) -> None:
    with VLM.from_pretrained(write_smolvlm(tmp_path / "model")) as other:
        image = other.encode_image(receipt, profile="fast")
        assert image.picture is None
        with pytest.raises(InputError) as caught:
            other.read(image)
    assert caught.value.code == "image-not-kept"


@pytest.mark.parametrize(("value", "has_text_read"), [(True, True), (False, False), (None, False), ("yes", None)])
def test_a_folder_says_whether_text_is_read(tmp_path: Path, value: object, has_text_read: bool | None) -> None:
    source = open_model().path
    shutil.copytree(source, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    generation = json.loads((source / "generation_config.json").read_text(encoding="utf-8"))
    del generation["reader"]
    if value is not None:
        generation["reader"] = value
    (tmp_path / "model" / "generation_config.json").write_text(json.dumps(generation))
    folder = LocalFolder(tmp_path / "model")
    if has_text_read is None:
        with pytest.raises(ModelError) as caught:
            read_model(folder)
        assert caught.value.code == "config-invalid"
    else:
        assert read_model(folder).has_text_read == has_text_read
