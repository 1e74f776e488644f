"""What can never fit is told before a byte of it is brought, with what does fit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from public_model import llama_files, write_smolvlm
from streamed import Stream
from tinyvlm import VLM
from tinyvlm.backends import wasmtime_kernels
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.memory_need import LOADING_BYTES, check_memory, memory_need
from tinyvlm.backends.streamed_weights import StreamedWeights
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import KernelError, TinyVLMError
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.page.streamed_model import StreamedModel

HIDDEN, INNER, VOCAB, POSITIONS = 2048, 8192, 49280, 4096
LIMIT = ((1 << 31) - LOADING_BYTES) // 1_000_000
CACHE_BYTES = POSITIONS * 32 * (2 * 64 + 12)
"""Of one layer: keys and values of 32 heads in q8."""


@pytest.fixture
def kernels() -> Iterator[WasmtimeKernels]:
    kernels = WasmtimeKernels(threads=1)
    yield kernels
    kernels.close()


def texts(layers: int) -> dict[str, str]:
    """The small files of a language model of 2 GB, more or less."""
    files = {name: data.decode() for name, data in llama_files().items() if name != "model.safetensors"}
    sizes = {
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "vocab_size": VOCAB,
        "max_position_embeddings": POSITIONS,
        "num_hidden_layers": layers,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "head_dim": 64,
        "tie_word_embeddings": True,
    }
    return {**files, "config.json": json.dumps({**json.loads(files["config.json"]), **sizes})}


def header(layers: int) -> tuple[bytes, int]:
    """The beginning of its weights, and how long the file would be."""
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (VOCAB, HIDDEN), "model.norm.weight": (HIDDEN,)}
    for layer in (f"model.layers.{index}" for index in range(layers)):
        shapes |= {f"{layer}.{name}.weight": (HIDDEN,) for name in ("input_layernorm", "post_attention_layernorm")}
        shapes |= {f"{layer}.self_attn.{name}_proj.weight": (HIDDEN, HIDDEN) for name in "qkvo"}
        shapes |= {f"{layer}.mlp.{name}_proj.weight": (INNER, HIDDEN) for name in ("gate", "up")}
        shapes[f"{layer}.mlp.down_proj.weight"] = (HIDDEN, INNER)
    tensors, end = dict[str, Any](), 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * math.prod(shape)
        tensors[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text, 8 + len(text) + end


def in_the_page(kernels: WasmtimeKernels, layers: int, quantization: Any = None) -> StreamedModel:
    """The model, of which the page has only brought the header."""
    data, size = header(layers)
    files = [{"name": "model.safetensors", "kind": "safetensors", "size": size}]
    model = StreamedModel(kernels, "large", texts(layers), files, quantization)
    assert model.header(0, data) == 0
    return model


def written(folder: Path, layers: int) -> Path:
    """The model as a folder; its file is one hole behind the header."""
    for name, text in texts(layers).items():
        (folder / name).write_text(text)
    data, size = header(layers)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(data)
        file.truncate(size)
    return folder


def weight_bytes(layers: int, bits: float) -> float:
    """Of matrices with so many bits a weight; the table of tokens has eight."""
    return layers * (4 * HIDDEN * HIDDEN + 3 * HIDDEN * INNER) * bits / 8 + VOCAB * HIDDEN


def assert_needs(megabytes: int, nbytes: float) -> None:
    """A little more than weights and cache: scales, programs, activations."""
    assert nbytes / 1e6 < megabytes < nbytes / 1e6 + 80


@pytest.mark.parametrize("native", [False, True])
def test_a_model_too_large_in_8_bits_is_said_to_fit_in_4(
    kernels: WasmtimeKernels, tmp_path: Path, native: bool
) -> None:
    used = kernels.call("heap_used")
    load = partial(VLM.from_pretrained, written(tmp_path, 24), backend="wasm", threads=1)
    with pytest.raises(KernelError) as caught:
        (load if native else in_the_page(kernels, 24).prepare)()
    details = caught.value.details
    assert caught.value.code == "quantization-too-large"
    assert (details["model"], details["limit"]) == (tmp_path.name if native else "large", LIMIT)
    assert (details["quantization"], details["smaller"]) == ("q8", "q4")
    assert_needs(details["megabytes"], weight_bytes(24, 8) + 24 * CACHE_BYTES)
    assert_needs(details["smaller_megabytes"], weight_bytes(24, 4.5) + 24 * CACHE_BYTES)
    assert details["smaller_megabytes"] <= LIMIT < details["megabytes"]
    assert kernels.call("heap_used") == used


def test_what_is_asked_for_in_floats_is_said_to_fit_in_as_many_bits_as_can_be(tmp_path: Path) -> None:
    for layers, smaller in ((12, "q8"), (24, "q4")):
        with pytest.raises(KernelError) as caught:
            VLM.from_pretrained(written(tmp_path, layers), backend="wasm", threads=1, quantization="float32")
        assert caught.value.code == "quantization-too-large"
        assert (caught.value.details["quantization"], caught.value.details["smaller"]) == ("float32", smaller)


@pytest.mark.parametrize("quantization", [None, "q4"])
def test_what_fits_in_no_way_is_said_so(kernels: WasmtimeKernels, tmp_path: Path, quantization: Any) -> None:
    bits = 4.5 if quantization else 8
    for load in (
        lambda: in_the_page(kernels, 48, quantization).prepare(),
        lambda: VLM.from_pretrained(written(tmp_path, 48), backend="wasm", threads=1, quantization=quantization),
    ):
        with pytest.raises(KernelError) as caught:
            load()
        assert caught.value.code == "model-too-large"
        assert caught.value.details["limit"] == LIMIT
        assert_needs(caught.value.details["megabytes"], weight_bytes(48, bits) + 48 * CACHE_BYTES)


@pytest.mark.parametrize("scheme", ["float32", "q8", "q4"])
@pytest.mark.parametrize("public", [False, True])
def test_what_is_counted_is_what_a_model_takes(
    kernels: WasmtimeKernels, tmp_path: Path, scheme: Any, public: bool
) -> None:
    folder = open_model(write_smolvlm(tmp_path / "smolvlm")) if public else open_model()
    source = folder.weights()
    model = read_model(folder, source).model
    before = kernels.call("heap_used")
    runner = KernelRunner(model, StreamedWeights(kernels, source, scheme))
    taken = kernels.call("heap_used") - before
    assert 1 <= memory_need(kernels, model, source, scheme) / taken < 1.05
    runner.close()


def test_the_limit_is_the_last_byte(kernels: WasmtimeKernels) -> None:
    folder = open_model()
    source = folder.weights()
    model = read_model(folder, source).model
    kernels.memory_limit = LOADING_BYTES + memory_need(kernels, model, source, "float32")
    check_memory(kernels, "mine", model, source, "float32")
    kernels.memory_limit -= 1
    with pytest.raises(KernelError) as caught:
        check_memory(kernels, "mine", model, source, "float32")
    assert caught.value.code == "model-too-large", "it is held in 8 bits already: there is nothing smaller"


@pytest.mark.parametrize(("limit", "code"), [(1 << 31, "out-of-memory"), (1 << 25, "model-too-large")])
def test_zero_blocks_may_make_a_model_fit_so_it_is_tried(
    monkeypatch: pytest.MonkeyPatch, limit: int, code: str
) -> None:
    """The bundled model on a device that gives eight megabytes; it is too large only where there can't be more."""

    class Small(WasmtimeKernels):
        def call(self, name: str, *arguments: int) -> int:
            if name == "heap_alloc" and super().call("heap_used") + arguments[0] > 8_000_000:
                return 0
            return super().call(name, *arguments)

    monkeypatch.setattr(wasmtime_kernels, "WasmtimeKernels", Small)
    monkeypatch.setattr(wasmtime_kernels, "MAXIMUM_PAGES", limit >> 16)
    with pytest.raises(KernelError) as caught:
        VLM.from_pretrained(backend="wasm", threads=1)
    assert caught.value.code == code


def test_the_page_takes_4_bits_where_it_is_asked_to(kernels: WasmtimeKernels, tmp_path: Path) -> None:
    folder = write_smolvlm(tmp_path / "smolvlm")
    stream = Stream(folder, kernels, "q4")
    for _ in stream.place():
        pass
    with pytest.warns(UserWarning, match="q4"):
        native = VLM.from_pretrained(folder, backend="wasm", threads=1, quantization="q4")
    ids = native.prompt_ids("Who are you?")
    assert stream.vlm.logits(ids).tobytes() == native.logits(ids).tobytes()
    native.close()
    assert stream.lossy
    assert not Stream(folder, kernels).lossy


@pytest.mark.parametrize(
    ("quantization", "code", "details"),
    [
        ("q2", "bad-argument", {"name": "quantization", "expected": "q8, q4", "value": "'q2'"}),
        ("q4", "quantization-missing", {"quantization": "q4"}),
    ],
)
def test_the_page_refuses_what_it_cannot_hold(
    kernels: WasmtimeKernels, quantization: str, code: str, details: dict[str, str]
) -> None:
    with pytest.raises(TinyVLMError) as caught:
        Stream(Path(open_model().path), kernels, quantization)
    assert (caught.value.code, caught.value.details) == (code, details)
