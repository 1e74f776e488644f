"""A model on its way: what it can do when, its draft against numpy, and that nothing of the draft stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.shapes import shape_image
from public_model import golden, write_smolvlm
from streamed import Stream, ok
from tinyvlm import VLM
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.reference_runner import ReferenceRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import TinyVLMError
from tinyvlm.folder.model_reader import read_model
from tinyvlm.folder.quantizer import quantize_model
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image
from tinyvlm.text.prompts import assistant_message, user_message
from tinyvlm.weights import planes
from tinyvlm.weights.planes import DraftPlanes
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

COLOR, SHAPE = "What color is the shape?", "What shape is in the image?"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, in planes."""
    return quantize_model(open_model(), tmp_path_factory.mktemp("planes") / "tinyvlm-13m", "q8")


@pytest.fixture(scope="module")
def smolvlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny SmolVLM, all of whose matrices are in planes."""
    folder = tmp_path_factory.mktemp("smolvlm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes, "LEAST_VALUES", 1)
        return quantize_model(open_model(write_smolvlm(folder / "published")), folder / "q8", "q8")


@pytest.fixture
def kernels() -> Iterator[WasmtimeKernels]:
    kernels = WasmtimeKernels(threads=2)
    yield kernels
    kernels.close()


def encode(stream: Stream, image: Any) -> Any:
    pixels = load_image(image)
    return ok(stream.session.encode(pixels.data, pixels.width, pixels.height, "balanced"))


def answer(stream: Stream, question: str) -> str:
    ok(stream.session.ask(question, json.dumps({"max_new_tokens": 8})))
    return "".join(iter(lambda: ok(stream.session.next_piece()), None))


def last_logits(vlm: VLM) -> bytes:
    return np.asarray(vlm._runner.all_logits(), np.float32).tobytes()


def stage_ends(folder: Path) -> dict[str, int]:
    """Where in the file the last tensor of each kind ends."""
    ends = {"draft": 0, "whole": 0}
    with open_safetensors(folder / "model.safetensors") as file:
        for name, info in file.tensors.items():
            if not name.startswith("__padding_"):
                kind = "whole" if name.endswith("_low") else "draft"
                ends[kind] = max(ends[kind], info.offset + info.nbytes)
    return ends


def test_milestones_come_in_order_and_as_soon_as_they_can(bundled: Path, kernels: WasmtimeKernels) -> None:
    stream = Stream(bundled, kernels)
    tower = ("vision.", "connector.", "cross_attn.kv")
    last_of_tower = 0
    with open_safetensors(bundled / "model.safetensors") as file:
        for name, info in file.tensors.items():
            if any(part in name for part in tower) and not name.endswith("_low"):
                last_of_tower = max(last_of_tower, info.offset + info.nbytes)
    for _ in stream.place():
        pass
    ends = stage_ends(bundled)
    assert stream.milestones == [("vision", last_of_tower), ("draft", ends["draft"]), ("whole", ends["whole"])]
    assert stream.asked == stream.total
    listed = json.loads((bundled / "parts.json").read_text())["files"][-1]["parts"]
    part_ends = [part["offset"] + part["length"] for part in listed]
    assert any(0 <= end - ends["draft"] < 64 for end in part_ends)
    assert ends["draft"] < 0.58 * ends["whole"]


def test_what_is_not_there_yet_is_a_sentence(bundled: Path, kernels: WasmtimeKernels) -> None:
    stream = Stream(bundled, kernels)
    for action in (lambda: encode(stream, shape_image()), lambda: ok(stream.session.warm_up())):
        with pytest.raises(TinyVLMError, match="not loaded yet") as caught:
            action()
        assert caught.value.code == "not-loaded"
    stream.until("vision")
    assert encode(stream, shape_image())["encode_ms"] > 0
    with pytest.raises(TinyVLMError, match="not loaded yet"):
        answer(stream, COLOR)
    stream.until("draft")
    ok(stream.session.warm_up())
    assert answer(stream, COLOR) == "red"  # the image that was encoded before, warm-up or not


def test_a_draft_answers_as_numpy_does_with_its_weights(bundled: Path, kernels: WasmtimeKernels) -> None:
    stream = Stream(bundled, kernels)
    stream.until("draft")
    assert ok(stream.session.stats())["draft"]
    folder = open_model(bundled)
    parts, source = read_model(folder), DraftPlanes(open_safetensors(bundled / "model.safetensors"))
    reference = VLM(parts, ReferenceRunner(parts.model, source), 0)
    weights = KernelWeights(WasmtimeKernels(threads=2), source)
    loaded = VLM(parts, KernelRunner(parts.model, weights, owns_kernels=True), 0)
    for shape, color in (("circle", "red"), ("triangle", "blue")):
        image = shape_image(shape, color)
        encode(stream, image)
        for question in (COLOR, SHAPE):
            assert answer(stream, question) == reference.ask(image, question)
            assert ok(stream.session.answer_stats())["draft"]
    ids = reference.prompt_ids(COLOR)
    actual, expected = stream.vlm.logits(ids, image), reference.logits(ids, image)
    assert np.corrcoef(expected.ravel(), actual.ravel())[0, 1] > 0.99
    np.testing.assert_array_equal(actual, loaded.logits(ids, image))
    loaded.close()


def test_the_whole_is_what_a_loaded_model_is(bundled: Path, kernels: WasmtimeKernels) -> None:
    """And the image that the draft saw is looked at again."""
    stream, image = Stream(bundled, kernels), shape_image("rectangle", "yellow")
    loaded = VLM.from_pretrained(bundled, backend="wasm", threads=2)
    stream.until("draft")
    encode(stream, image)
    draft_answer = answer(stream, COLOR)
    draft = last_logits(stream.vlm)
    stream.until("whole")
    assert answer(stream, COLOR) == loaded.ask(image, COLOR) == draft_answer
    assert last_logits(stream.vlm) == last_logits(loaded) != draft
    stats = ok(stream.session.answer_stats())
    assert (stats["draft"], stats["reused_tokens"]) == (False, 0)
    assert not ok(stream.session.stats())["draft"]
    assert ok(stream.session.stats())["load_ms"] > 0
    ids = loaded.prompt_ids(SHAPE)
    np.testing.assert_array_equal(stream.vlm.logits(ids, image), loaded.logits(ids, image))
    loaded.close()


def test_an_answer_is_of_one_draft_while_pieces_wait_and_goes_on_when_they_come(
    bundled: Path, kernels: WasmtimeKernels
) -> None:
    stream = Stream(bundled, kernels)
    stream.until("draft")
    encode(stream, shape_image())
    expected = answer(stream, "Describe the image.")
    for placed in (0, 7, None):
        ok(stream.session.ask("Describe the image.", json.dumps({"max_new_tokens": 8})))
        text, pieces = ok(stream.session.next_piece()), stream.place()
        for _ in pieces if placed is None else zip(range(placed), pieces, strict=False):
            pass
        text += "".join(iter(lambda: ok(stream.session.next_piece()), None))
        assert ok(stream.session.answer_stats())["draft"]
        assert text == expected or placed != 0
        assert ok(stream.session.answer_stats())["tokens"] > 1
    assert stream.milestones[-1][0] == "whole"
    loaded = VLM.from_pretrained(bundled, backend="wasm", threads=2)
    assert answer(stream, "Describe the image.") == loaded.ask(shape_image(), "Describe the image.", max_new_tokens=8)
    assert last_logits(stream.vlm) == last_logits(loaded)
    loaded.close()


def test_an_option_that_there_is_not_is_named(bundled: Path, kernels: WasmtimeKernels) -> None:
    stream = Stream(bundled, kernels)
    stream.until("draft")
    with pytest.raises(TinyVLMError, match="no option heat") as caught:
        ok(stream.session.ask(COLOR, json.dumps({"top_k": 1, "choices": ["a"], "heat": 3})))
    assert (caught.value.code, caught.value.details) == ("sampling-unknown", {"option": "heat"})


def test_a_stream_ends_where_its_image_is_looked_at_again(bundled: Path, kernels: WasmtimeKernels) -> None:
    stream = Stream(bundled, kernels)
    stream.until("draft")
    image = stream.vlm.encode_image(shape_image())
    pieces = stream.vlm.stream(image, "Describe the image.")
    assert next(pieces)
    stream.until("whole")
    stream.vlm.encoded(image)
    with pytest.raises(TinyVLMError, match="Another question"):
        next(pieces)


def test_a_conversation_goes_on_with_what_the_whole_model_sees(smolvlm: Path, kernels: WasmtimeKernels) -> None:
    stream, image = Stream(smolvlm, kernels), golden()["image1.0"]
    stream.until("draft")
    height, width, _ = image.shape
    ok(stream.session.encode(image.tobytes(), width, height, "balanced"))
    first = answer(stream, "What is it?")
    stream.until("whole")
    second = answer(stream, "And why?")
    loaded = VLM.from_pretrained(smolvlm, backend="wasm", threads=2)
    turns = [user_message("What is it?", [loaded.encode_image(image)]), assistant_message(first)]
    turns.append(user_message("And why?", []))
    assert "".join(loaded.stream_messages(turns, max_new_tokens=8)) == second
    assert last_logits(stream.vlm) == last_logits(loaded)
    assert ok(stream.session.answer_stats())["reused_tokens"] == 0
    loaded.close()


def test_a_model_without_planes_is_no_draft(bundled: Path, tmp_path: Path, kernels: WasmtimeKernels) -> None:
    shutil.copytree(bundled, tmp_path / "whole")
    source = open_model(bundled).weights()
    tensors = {name: (info.dtype, info.shape, bytes(source.read(name))) for name, info in source.tensors.items()}
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("__padding_")}
    write_safetensors(tmp_path / "whole" / "model.safetensors", kept, {})
    stream = Stream(tmp_path / "whole", kernels)
    stream.until("vision")
    encode(stream, shape_image())
    with pytest.raises(TinyVLMError, match="not loaded yet"):
        answer(stream, COLOR)
    stream.until("whole")
    assert [name for name, _ in stream.milestones] == ["vision", "whole"]
    assert answer(stream, COLOR) == "red"
    assert not ok(stream.session.answer_stats())["draft"]


def test_giving_up_gives_all_memory_back(bundled: Path, kernels: WasmtimeKernels) -> None:
    before = kernels.call("heap_used")
    stream = Stream(bundled, kernels)
    stream.until("draft")
    ok(stream.loading.give_up())
    assert kernels.call("heap_used") == before


def test_kernel_memory_is_what_the_documentation_accounts_for(bundled: Path, kernels: WasmtimeKernels) -> None:
    """As in docs/performance.md, "Memory": no weights, image state or scratch beside what it lists."""
    stream = Stream(bundled, kernels)
    model = stream.vlm._model
    state = sum(4 * rows * columns for rows, columns in model.state_shapes)
    caches = sum(2 * 4 * shape.positions * shape.columns for shape in model.cache_shapes)
    maps = 4 * 96 * (112**2 + 56**2)  # before and behind the first convolution of stride 2
    held = (bundled / "model.safetensors").stat().st_size + maps + state + caches + 500_000
    on_the_way = 1_500_000  # the largest piece of the file, or an image and what resizing it takes
    stream.until("draft")
    ok(stream.session.warm_up())
    for placed in ("draft", "whole"):
        stream.until(placed)
        for color in ("red", "blue"):
            encode(stream, shape_image("circle", color, size=256))
            answer(stream, COLOR)
    assert kernels.call("heap_used") <= held
    assert kernels.call("heap_peak") <= held + on_the_way
    ok(stream.session.warm_up())
    assert kernels.call("heap_peak") <= held + on_the_way + state, "the image is kept while another takes its place"
    assert answer(stream, COLOR) == "blue"
    assert kernels.call("heap_used") <= held, "back in its place, it is kept once"
