"""The bundled model on numpy and on the kernels: the same answers, logits within what 8-bit rounding explains."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from fixtures.shapes import shape_image
from tinyvlm import VLM, CancelledError, InputError
from tinyvlm.answers.unsure import Unsure
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.reference_runner import ReferenceRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image
from tinyvlm.vlm import read_model

QUESTIONS = ("What color is the shape?", "What shape is in the image?", "Describe the image.", "Is there a red shape?")
IMAGES = [("circle", "red"), ("triangle", "blue"), ("rectangle", "green")]


@pytest.fixture(scope="module")
def reference() -> VLM:
    return VLM.from_pretrained(backend="numpy")


@pytest.fixture(scope="module", params=["1 thread", "2 threads"])
def wasm(request: pytest.FixtureRequest) -> Iterator[VLM]:
    vlm = VLM.from_pretrained(backend="wasm", threads=int(request.param[0]))
    yield vlm
    vlm.close()


@pytest.mark.parametrize(("shape", "color"), IMAGES)
def test_backends_answer_alike(reference: VLM, wasm: VLM, shape: str, color: str) -> None:
    image = shape_image(shape, color)
    mine, theirs = wasm.encode_image(image), reference.encode_image(image)
    for question in QUESTIONS[:2]:
        assert wasm.ask(mine, question) == reference.ask(theirs, question)
    assert wasm.ask(mine, QUESTIONS[0]) == color
    assert wasm.ask(mine, QUESTIONS[1]) == shape


def test_logits_differ_by_rounding_only(reference: VLM, wasm: VLM) -> None:
    """Equal bytes in, equal ops; a value on the edge of two int8 steps may fall either way and is carried on."""
    image, ids = shape_image(), reference.prompt_ids(QUESTIONS[0])
    expected, actual = reference.logits(ids, image), wasm.logits(ids, image)
    assert actual.shape == (len(ids), 4096)
    assert np.corrcoef(expected.ravel(), actual.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("variant", ["relaxed", "simd128"])
def test_threads_agree_bit_for_bit(variant: str) -> None:
    """How work is split never changes a sum's order."""
    folder = open_model()
    parts = read_model(folder)
    image, results = load_image(shape_image("triangle", "blue")), []
    ids = [1, *parts.tokenizer.encode(" Q: Describe the image. A:")]
    for threads in (1, 2, 5):
        kernels = WasmtimeKernels(variant=variant, threads=threads)
        runner = KernelRunner(parts.model, KernelWeights(kernels, folder.weights()), owns_kernels=True)
        results.append(runner.logits(runner.encode([image], None), ids))
        runner.close()
    assert results[0] == results[1] == results[2]


def test_the_kernels_mirror_the_reference_with_as_many_bits() -> None:
    """With the engine's own activation bits, tower features agree closely: the first rounding flips stay rare."""
    folder = open_model()
    model = read_model(folder).model
    kernels = WasmtimeKernels(variant="simd128", threads=2)
    runner = KernelRunner(model, KernelWeights(kernels, folder.weights()), owns_kernels=True)
    reference = ReferenceRunner(model, folder.weights(), activation_steps=255)
    image = load_image(shape_image("circle", "yellow", 300))
    state = runner.encode([image], None)
    size = 4 * sum(rows * columns for rows, columns in model.state_shapes)
    actual = np.frombuffer(kernels.read(state.address, size), np.float32)
    expected = np.concatenate([part.ravel() for part in reference.encode([image], None)])
    error = np.abs(actual - expected)
    assert error.mean() < 0.02 * np.abs(expected).mean()
    runner.close()


def test_a_cached_answer_equals_one_from_scratch(wasm: VLM) -> None:
    """Token by token through the KV cache gives the logits of the whole text at once."""
    image = wasm.encode_image(shape_image())
    ids = [*wasm.prompt_ids("Describe the image."), *wasm.tokenize(" A picture of a red")]
    whole = wasm.logits(ids, image)
    runner = wasm._runner
    runner.extend(image.state, ids[:5], 0)
    runner.extend(image.state, ids[5:9], 5)
    for position in range(9, len(ids)):
        best = runner.extend(image.state, ids[position : position + 1], position)
    token, value = runner.candidates(1)[0]
    assert token == best == int(whole[-1].argmax())
    assert abs(value - whole[-1].max()) < 1e-3


def test_a_decode_step_is_one_crossing_and_allocates_nothing(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    runner = wasm._runner
    kernels = runner._kernels
    ids = wasm.prompt_ids("Describe the image.")
    token = runner.extend(image.state, ids, 0)
    used, peak = kernels.call("heap_used"), kernels.call("heap_peak")
    crossings = kernels.crossings
    for step in range(10):
        token = runner.extend(image.state, [token], len(ids) + step)
    assert kernels.crossings == crossings + 10
    assert (kernels.call("heap_used"), kernels.call("heap_peak")) == (used, peak)


def test_looking_whether_it_is_sure_costs_the_first_token_alone(wasm: VLM) -> None:
    image, kernels, counts = wasm.encode_image(shape_image()), wasm._runner._kernels, []
    for unsure in (None, Unsure(0, "I am not sure.")):
        wasm.instead.unsure = unsure
        wasm.ask(image, "what is in the picture")
        crossings, used = kernels.crossings, kernels.call("heap_used")
        text = wasm.ask(image, "what is in the picture")
        assert wasm.last_answer.decode_steps > 0
        counts.append((text, kernels.crossings - crossings, kernels.call("heap_used") - used))
    wasm.instead.unsure = None
    (text, crossings, _), reads = counts[0], 2  # ids and logits of the candidates
    assert counts[1] == (text, crossings + reads, 0)


def test_nothing_leaks_over_many_questions(wasm: VLM) -> None:
    kernels = wasm._runner._kernels
    image = shape_image()
    wasm.ask(image, QUESTIONS[0])
    used = kernels.call("heap_used")
    for _ in range(40):
        wasm.ask(image, QUESTIONS[1], max_new_tokens=3)
    assert kernels.call("heap_used") == used


def test_one_encoding_serves_many_questions_and_images_do_not_mix(wasm: VLM) -> None:
    red, blue = wasm.encode_image(shape_image("circle", "red")), wasm.encode_image(shape_image("rectangle", "blue"))
    assert [wasm.ask(e, QUESTIONS[0]) for e in (red, blue, red)] == ["red", "blue", "red"]
    assert [wasm.ask(e, QUESTIONS[1]) for e in (blue, red)] == ["rectangle", "circle"]


def test_a_new_question_ends_an_unfinished_answer(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    first = wasm.stream(image, "Describe the image.")
    next(first)
    assert wasm.ask(image, QUESTIONS[0]) == "red"
    with pytest.raises(InputError, match="Another question"):
        next(first)


def test_a_stopped_answer_raises_and_the_next_one_works(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    pieces = wasm.stream(image, "Describe the image.")
    next(pieces)
    wasm._runner._kernels.call("engine_set_stop", 1)
    with pytest.raises(CancelledError):
        list(pieces)
    assert wasm.last_answer.finish_reason == "cancelled"
    assert wasm.ask(image, QUESTIONS[0]) == "red"


def test_sampling_is_seeded_and_stays_within_the_candidates(wasm: VLM) -> None:
    image = wasm.encode_image(shape_image())
    ask = lambda seed: wasm.ask(image, "Describe the image.", temperature=1.5, seed=seed)  # noqa: E731
    assert ask(7) == ask(7)
    assert len({ask(seed) for seed in range(6)}) > 1
    assert wasm.ask(image, "Describe the image.", temperature=0.5, top_k=1) == wasm.ask(image, "Describe the image.")


def test_float32_weights_answer_alike(reference: VLM) -> None:
    """The q8 matrices multiplied out, on the float32 kernels."""
    vlm = VLM.from_pretrained(backend="wasm", quantization="float32")
    image = shape_image("triangle", "green")
    assert vlm.ask(image, QUESTIONS[0]) == reference.ask(image, QUESTIONS[0]) == "green"
    vlm.close()


def test_without_wasmtime_numpy_answers_unless_the_kernels_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tinyvlm.backends.wasmtime_kernels", None)  # as where it is not installed
    with VLM.from_pretrained() as vlm:
        assert vlm.stats()["backend"] == "numpy"
        assert vlm.ask(shape_image("circle", "red"), QUESTIONS[0]) == "red"
    with pytest.raises(InputError) as missing:
        VLM.from_pretrained(backend="wasm")
    assert missing.value.code == "wasmtime-missing"


def test_stats(wasm: VLM) -> None:
    wasm.ask(shape_image(), "Describe the image.")
    stats = wasm.stats()
    assert stats["backend"] == "wasm"
    assert stats["simd"] == "relaxed"
    assert stats["activation_bits"] in (7, 8)
    assert min(stats["load_ms"], stats["encode_ms"], stats["prefill_ms"], stats["decode_tokens_per_s"]) > 0
    assert 10e6 < stats["kernel_memory_bytes"] <= stats["kernel_memory_peak_bytes"] < 100e6
