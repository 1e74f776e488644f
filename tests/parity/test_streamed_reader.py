"""The text reader through the page's door, its weights streamed in beside a model's, with wasmtime in the browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from test_reader import ROWS, receipt

from streamed import Stream, ok
from tinyvlm.backends import kernel_memory
from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import KernelError, TinyVLMError
from tinyvlm.media.images import RGBImage, load_image
from tinyvlm.page.engine import Session
from tinyvlm.page.streamed_reader import StreamedReader
from tinyvlm.reading.reader import Reader
from tinyvlm.reading.reading import Reading

MODELS = Path(__file__).resolve().parents[2] / "web" / "models"
READER = MODELS / "reader"
ALL, TOTAL = "What does it say?", "What is the total?"

pytestmark = pytest.mark.slow


class Room:
    """One worker's kernels, with the bundled model in them."""

    def __init__(self) -> None:
        self.kernels = WasmtimeKernels(threads=2)
        self.stream = Stream(MODELS / "tinyvlm-13m", self.kernels, reads=True)
        self.stream.until("whole")

    @property
    def session(self) -> Session:
        return self.stream.session

    def load(self, folder: Path = READER) -> Stream:
        """Announce the reader; nothing of it is placed yet."""
        return Stream(folder, self.kernels, session=self.session)


@pytest.fixture(scope="module")
def expected() -> Reading:
    """What the reader reads that is loaded at once."""
    reader = Reader.from_folder(READER, backend="wasm", threads=2)
    reading = reader.read(receipt())
    reader.close()
    return reading


@pytest.fixture(scope="module")
def loaded() -> Iterator[Room]:
    """With the reader."""
    room = Room()
    room.load().until("reader")
    yield room
    room.kernels.close()


@pytest.fixture
def room() -> Iterator[Room]:
    """Without it."""
    room = Room()
    yield room
    room.kernels.close()


def see(session: Session, image: Image.Image) -> RGBImage:
    """Ask about this image from now on."""
    pixels = load_image(image)
    ok(session.encode(pixels.data, pixels.width, pixels.height, "balanced"))
    return pixels


def read(session: Session, pixels: RGBImage | None = None, *, asked_about: bool = True) -> tuple[list[Any], Any]:
    """Read to the end: the lines on the way, and all of it."""
    data = (pixels.data, pixels.width, pixels.height) if pixels else (None, 0, 0)
    ok(session.begin_reading(*data, asked_about))
    lines = []
    while "reading" not in (step := ok(session.read_on())):
        lines.append(step["line"])
    return lines, step["reading"]


def pieces(session: Session) -> list[str]:
    return list(iter(lambda: ok(session.next_piece()), None))


def test_a_streamed_reader_reads_what_one_loaded_at_once_reads(loaded: Room, expected: Reading) -> None:
    """To the last bit of every place and probability, although its arena and programs were another size's at first."""
    whole = loaded.session._reader.open()
    assert whole.read(receipt()) == expected
    assert whole.read(receipt().resize((800, 520))).text.split() == expected.text.split()
    assert whole.read(receipt()) == expected


def test_the_image_asked_about_is_read_step_by_step_and_once(loaded: Room, expected: Reading) -> None:
    session = loaded.session
    see(session, receipt())
    assert ok(session.picture()) == "kept"
    assert ok(session.reading()) is None
    assert ok(session.ask(ALL, "{}")) == {"reads": True}
    lines, reading = read(session)
    assert lines[0] is None
    assert sorted(line["text"] for line in lines if line) == sorted(line.text for line in expected.lines)
    assert reading.pop("read_ms") > 0
    assert reading == json.loads(json.dumps(expected.to_json()))
    assert "".join(pieces(session)) == expected.text
    assert ok(session.answer_stats())["read"]
    assert ok(session.picture()) == "read"
    assert ok(session.ask(TOTAL, "{}")) == {"reads": False}
    assert pieces(session) == ["3.78"]
    assert {**ok(session.reading()), "read_ms": 0} == {**reading, "read_ms": 0}
    assert ok(session.ask("Is there text?", "{}")) == {"reads": False}
    assert pieces(session)
    assert not ok(session.answer_stats())["read"]


def test_another_picture_is_read_beside_the_one_asked_about(loaded: Room) -> None:
    session = loaded.session
    see(session, Image.new("RGB", (64, 64), "red"))
    _, reading = read(session, load_image(receipt()), asked_about=False)
    assert [row for row in reading["text"].split("\n") if row] == ROWS
    assert ok(session.picture()) == "kept"
    _, reading = read(session)
    assert reading["lines"] == []
    assert (reading["width"], reading["height"]) == (64, 64)
    ok(session.forget())
    assert ok(session.picture()) == "none"
    assert ok(session.reading()) is None
    with pytest.raises(TinyVLMError) as refused:
        read(session)
    assert refused.value.code == "image-missing"


def test_a_stop_ends_a_reading_and_only_that(loaded: Room, expected: Reading) -> None:
    """Before it begins, it stops nothing: it was meant for another request."""
    session = loaded.session
    see(session, receipt())
    loaded.kernels.call("engine_set_stop", 1)
    ok(session.begin_reading(None, 0, 0, True))
    assert ok(session.read_on()) == {"line": None}
    assert ok(session.read_on())["line"]
    loaded.kernels.call("engine_set_stop", 1)
    for _ in range(loaded.kernels.threads - 1):
        ok(session.read_on())  # what was read together with that line is there already
    with pytest.raises(TinyVLMError) as stopped:
        ok(session.read_on())
    assert stopped.value.code == "cancelled"
    used = loaded.kernels.call("heap_used")
    ok(session.begin_reading(None, 0, 0, True))
    ok(session.read_on())
    ok(session.end_reading())
    assert loaded.kernels.call("heap_used") == used
    with pytest.raises(TinyVLMError) as ended:
        ok(session.read_on())
    assert ended.value.code == "not-loaded"
    _, reading = read(session)
    assert reading["text"] == expected.text
    assert loaded.kernels.call("heap_used") == used


def test_before_it_is_there_questions_for_it_fail_and_others_do_not(room: Room, expected: Reading) -> None:
    session = room.session
    see(session, receipt())
    reader = room.load()
    fills = reader.place()
    next(fills)
    assert ok(session.ask(ALL, "{}")) == {"reads": True}
    for use in (session.next_piece, lambda: session.begin_reading(None, 0, 0, True)):
        with pytest.raises(TinyVLMError) as early:
            ok(use())
        assert early.value.code == "reader-unavailable"
    ok(session.ask("What color is the picture?", "{}"))
    assert pieces(session)
    assert list(fills)
    assert (reader.milestones, reader.asked) == ([("reader", reader.offset)], reader.total)
    ok(session.ask(ALL, "{}"))
    assert "".join(pieces(session)) == expected.text


@pytest.mark.parametrize("most", [100_000, 1_000_000])
def test_where_there_is_no_room_all_is_given_back_and_the_next_try_may_succeed(
    room: Room, monkeypatch: pytest.MonkeyPatch, expected: Reading, most: int
) -> None:
    """Whether it fails at a weight or at the arena of the programs that ask for them."""
    allocate = kernel_memory.allocate
    left = [most]

    def refuse(kernels: Kernels, nbytes: int) -> int:
        left[0] -= nbytes
        if left[0] < 0:
            raise KernelError("out-of-memory", megabytes=1)
        return allocate(kernels, nbytes)

    used = room.kernels.call("heap_used")
    files = [
        {"name": "model.safetensors", "kind": "safetensors", "size": (READER / "model.safetensors").stat().st_size}
    ]
    loading = room.session.load_reader(
        json.dumps({"config.json": (READER / "config.json").read_text()}), json.dumps(files)
    )
    header = (READER / "model.safetensors").read_bytes()[: 1 << 18]
    assert loading._folder.header(0, header) == 0
    with monkeypatch.context() as patch:
        patch.setattr(kernel_memory, "allocate", refuse)
        with pytest.raises(TinyVLMError) as refused:
            ok(loading.prepare())
    assert refused.value.code == "out-of-memory"
    ok(loading.give_up())
    assert room.kernels.call("heap_used") == used
    room.load().until("reader")
    assert room.session._reader.open().read(receipt()) == expected


def test_half_a_reader_that_is_given_up_leaves_nothing(room: Room) -> None:
    used = room.kernels.call("heap_used")
    reader = room.load()
    fills = reader.place()
    for _ in range(100):
        next(fills)
    ok(reader.loading.give_up())
    assert room.kernels.call("heap_used") == used


def test_a_whole_reader_that_is_given_up_is_none(room: Room) -> None:
    """As where the last of its files turns out to be damaged."""
    reader = room.load()
    reader.until("reader")
    ok(reader.loading.give_up())
    see(room.session, receipt())
    with pytest.raises(TinyVLMError) as refused:
        read(room.session)
    assert refused.value.code == "reader-unavailable"


@pytest.mark.parametrize(
    ("config", "code"),
    [(None, "model-incomplete"), ("{", "json-invalid"), ('{"detector_config": 1}', "config-invalid")],
)
def test_a_folder_that_is_no_readers_is_a_sentence(room: Room, tmp_path: Path, config: str | None, code: str) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(READER, folder)
    (folder / "config.json").unlink()
    if config is not None:
        (folder / "config.json").write_text(config)
    used = room.kernels.call("heap_used")
    with pytest.raises(TinyVLMError) as refused:
        room.load(folder)
    assert refused.value.code == code
    assert room.kernels.call("heap_used") == used


def test_a_model_without_a_reader_beside_it_answers_by_itself() -> None:
    """As on a site that has none."""
    kernels = WasmtimeKernels(threads=2)
    stream = Stream(MODELS / "tinyvlm-13m", kernels)
    stream.until("whole")
    see(stream.session, receipt())
    assert ok(stream.session.picture()) == "none"
    assert ok(stream.session.ask(ALL, "{}")) == {"reads": False}
    assert pieces(stream.session)
    kernels.close()


def test_what_is_streamed_is_all_that_the_file_has() -> None:
    """Both networks were recorded: nothing is missing when a picture of another size comes."""
    kernels = WasmtimeKernels(threads=1)
    data = (READER / "model.safetensors").read_bytes()
    files = [{"name": "model.safetensors", "kind": "safetensors", "size": len(data)}]
    reader = StreamedReader(kernels, {"config.json": (READER / "config.json").read_text()}, files)
    assert reader.header(0, data[:8]) > 8
    assert reader.header(0, data[: 1 << 18]) == 0
    asked = reader.prepare()
    stored = sum(fill.nbytes for _, _, fill in reader._fills)
    assert asked == stored
    tensors = {fill.tensor for _, _, fill in reader._fills}
    assert tensors == set(reader._weights._source.tensors)  # type: ignore[union-attr]
    kernels.close()
