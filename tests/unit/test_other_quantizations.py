"""Checkpoints that others have quantized: refused alike wherever they are opened, or read where they are q8."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from public_model import llama_files
from streamed import Stream
from tinyvlm import VLM
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import TinyVLMError
from tinyvlm.weights.quantize import from_bfloat16, to_bfloat16
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

MATRIX = "model.layers.0.self_attn.q_proj.weight"
NORM = "model.layers.1.input_layernorm.weight"
INT8 = {"num_bits": 8, "type": "int", "strategy": "channel", "symmetric": True, "dynamic": False}

Tensors = dict[str, tuple[str, tuple[int, ...], bytes]]


def compressed(**weights: Any) -> dict[str, Any]:
    """What compressed-tensors writes into config.json."""
    group = {"targets": ["Linear"], "weights": {**INT8, **weights}, "input_activations": {"num_bits": 8}}
    return {"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}}}


def write(folder: Path, config: Mapping[str, Any], change: Callable[[Tensors], None]) -> Path:
    """A tiny Llama whose config has more fields, and whose tensors are changed."""
    folder.mkdir(exist_ok=True)
    for name, data in llama_files().items():
        (folder / name).write_bytes(data)
    fields = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**fields, **config}))
    with open_safetensors(folder / "model.safetensors") as file:
        tensors = {
            name: (info.dtype, info.shape, bytes(file.read(name)))
            for name, info in file.tensors.items()
            if not name.startswith("__padding")
        }
    change(tensors)
    write_safetensors(folder / "model.safetensors", tensors, {})
    return folder


def stored(dtype: str, *shape: int) -> tuple[str, tuple[int, ...], bytes]:
    """Bytes that mean nothing."""
    sizes = {"I8": 1, "U8": 1, "F8_E4M3": 1, "BF16": 2, "F32": 4, "I32": 4, "U32": 4}
    return dtype, shape, b"\x01" * (int(np.prod(shape)) * sizes[dtype])


def replaced(**tensors: tuple[str, tuple[int, ...], bytes]) -> Callable[[Tensors], None]:
    """Put tensors, whose names end as these do, in the place of one matrix."""

    def change(present: Tensors) -> None:
        del present[MATRIX]
        present |= {MATRIX.removesuffix("weight") + name.replace("__", "."): value for name, value in tensors.items()}

    return change


BITS_8 = replaced(weight=stored("I8", 32, 32), SCB=stored("F32", 32))
BITS_4 = replaced(weight=stored("U8", 512, 1), weight__absmax=stored("U8", 16), weight__quant_map=stored("F32", 16))
FP8 = replaced(weight=stored("F8_E4M3", 32, 32), weight_scale=stored("BF16", 32, 1))
FP8_BLOCKS = replaced(weight=stored("F8_E4M3", 32, 32), weight_scale_inv=stored("F32", 1, 1))
MLX = replaced(weight=stored("U32", 32, 4), scales=stored("BF16", 32, 1), biases=stored("BF16", 32, 1))
GPTQ = replaced(qweight=stored("I32", 4, 32), qzeros=stored("I32", 1, 4), scales=stored("BF16", 1, 32))
PACKED = replaced(weight_packed=stored("I32", 32, 4), weight_scale=stored("BF16", 32, 1), weight=stored("I32", 32, 4))
GROUPS = replaced(weight=stored("I8", 32, 32), weight_scale=stored("BF16", 32, 2))
UNPACKED = replaced(weight=stored("BF16", 32, 32), weight_scale=stored("BF16", 32, 1))

NAMED = {
    "bitsandbytes": ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}, BITS_8),
    "fp8": ({"quantization_config": {"quant_method": "fp8", "fmt": "e4m3"}}, FP8_BLOCKS),
    "MLX": ({"quantization": {"bits": 4}, "quantization_config": {"bits": 4}}, MLX),
    "gptq": ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, GPTQ),
    "awq": ({"text_config": {"quantization_config": {"quant_method": "awq"}}}, GPTQ),
    "compressed-tensors": (compressed(num_bits=4, strategy="group"), PACKED),
    "an unknown method": ({"quantization_config": ["q8"]}, BITS_8),
}
UNNAMED = {
    "I8": BITS_8, "I8 in groups": GROUPS, "U8": BITS_4, "F8_E4M3": FP8, "U32": MLX, "I32": GPTQ, "BF16": UNPACKED
}  # fmt: skip


def codes(folder: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Codes and details with which it is refused: by numpy, by the kernels, and as the page opens it."""
    refusals = []
    for attempt in (
        lambda: VLM.from_pretrained(folder, backend="numpy"),
        lambda: VLM.from_pretrained(folder, backend="wasm", threads=1),
        lambda: all(Stream(folder, WasmtimeKernels(threads=1)).place()),
    ):
        with pytest.raises(TinyVLMError) as caught:
            attempt()
        refusals.append((caught.value.code, caught.value.details))
    return refusals


@pytest.mark.parametrize("method", NAMED)
def test_what_config_json_calls_quantized_is_refused_by_name(tmp_path: Path, method: str) -> None:
    assert codes(write(tmp_path, *NAMED[method])) == [("quantized-otherwise", {"method": method})] * 3


@pytest.mark.parametrize("kind", UNNAMED)
def test_types_that_are_not_ours_are_refused_where_config_json_is_silent(tmp_path: Path, kind: str) -> None:
    for code, details in codes(write(tmp_path, {}, UNNAMED[kind])):
        assert code == "weights-unsupported"
        assert details["dtype"] == kind.split()[0]
        assert MATRIX.removesuffix("weight") in details["tensor"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [NORM, MATRIX])
def test_weights_that_are_no_numbers_are_found_where_they_are_loaded(tmp_path: Path, name: str, value: float) -> None:
    def change(tensors: Tensors) -> None:
        dtype, shape, data = tensors[name]
        values = np.frombuffer(data, np.float16).copy()
        values[-1] = value
        tensors[name] = dtype, shape, values.tobytes()

    folder = write(tmp_path, {}, change)
    if name == NORM:
        assert codes(folder) == [("tensor-not-finite", {"tensor": repr(name)})] * 3
    with pytest.raises(TinyVLMError) as caught:
        VLM.from_pretrained(folder, backend="wasm", threads=1, quantization="float32")
    assert caught.value.code == "tensor-not-finite"
    with pytest.raises(TinyVLMError) as caught, closing(VLM.from_pretrained(folder, backend="numpy")) as vlm:
        vlm.logits([1, 2])
    assert caught.value.details == {"tensor": repr(name)}


def int8_by_row(tensors: Tensors, plain: bool) -> None:
    """Layers' matrices as compressed-tensors holds them, -128 among them; `plain`: multiplied out."""
    for name in [name for name in tensors if name.endswith("_proj.weight")]:
        _, shape, data = tensors[name]
        weight = np.frombuffer(data, np.float16).astype(np.float32).reshape(shape)
        scale = to_bfloat16(np.abs(weight).max(axis=1, keepdims=True) / 127.5)
        values = np.clip(np.rint(weight / from_bfloat16(scale)), -128, 127).astype(np.int8)
        values[0, 0] = -128
        if plain:
            tensors[name] = "F32", shape, (values * from_bfloat16(scale)).astype(np.float32).tobytes()
        else:
            tensors[name] = "I8", shape, values.tobytes()
            tensors[f"{name}_scale"] = "BF16", scale.shape, scale.tobytes()


def test_int8_with_a_scale_a_row_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "int8", compressed(), lambda tensors: int8_by_row(tensors, False))
    plain = write(tmp_path / "plain", {}, lambda tensors: int8_by_row(tensors, True))
    ids = [1, 7, 9, 20, 30, 31, 5, 2]

    def logits(folder: Path, **options: Any) -> np.ndarray:
        with closing(VLM.from_pretrained(folder, **options)) as vlm:
            return vlm.logits(ids)

    expected = logits(plain, backend="numpy", quantization="float32")
    for backend in ("numpy", "wasm"):
        exact = logits(folder, backend=backend, quantization="float32")
        np.testing.assert_allclose(exact, expected, rtol=1e-4, atol=1e-4)
        assert np.linalg.norm(logits(folder, backend=backend) - expected) < 0.05 * np.linalg.norm(expected)
    stream = Stream(folder, WasmtimeKernels(threads=1))
    stream.until("whole")
    np.testing.assert_array_equal(stream.vlm.logits(ids), logits(folder, backend="wasm", threads=1))
