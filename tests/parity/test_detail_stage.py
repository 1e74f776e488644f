"""Models whose config has a `connector_config`: a finer map of the tower is added to the tokens of the fine one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import random_model
from harness import ArraySource
from shapes import shape_image
from streamed import Stream, ok
from tinyvlm import VLM
from tinyvlm.backends.kernel_interface import ACTIVATION_BITS
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.reference_runner import ReferenceRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import ModelError
from tinyvlm.folder.quantizer import quantize_model
from tinyvlm.hub import open_model
from tinyvlm.media.images import RGBImage, load_image
from tinyvlm.models.architecture import ModelFiles, load_architecture
from tinyvlm.weights.quantize import quantize_q8, quantized_tensors
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors

NAME = "connector.features_28"
QUESTION = "What color is the shape?"


def changed(folder: Path, detail: dict[str, np.ndarray]) -> Path:
    """The bundled model with this detail in place of its own, or with none where it is empty."""
    bundled = open_model()
    shutil.copytree(bundled.path, folder)
    source = bundled.weights()
    tensors = {
        name: (info.dtype, info.shape, bytes(source.read(name)))
        for name, info in source.tensors.items()
        if not name.startswith(("__padding_", NAME))
    }
    dtypes = {"int8": "I8", "float32": "F32"}
    tensors |= {NAME + end: (dtypes[array.dtype.name], array.shape, array.tobytes()) for end, array in detail.items()}
    write_safetensors(folder / "model.safetensors", tensors, {})
    config = json.loads(bundled.read_text("config.json"))
    if not detail:
        del config["connector_config"]
    (folder / "config.json").write_text(json.dumps(config))
    return quantize_model(open_model(folder), folder.with_name(f"{folder.name}-q8"), "q8")


def detailed(folder: Path, spread: float) -> Path:
    """The bundled model with random detail of this spread, as `tinyvlm quantize` writes it."""
    random = np.random.RandomState(1)
    values, scale = quantize_q8(spread * random.standard_normal((256, 2 * 2 * 40)).astype(np.float32))
    bias = (spread * random.standard_normal(256)).astype(np.float32)
    return changed(folder / "detailed", {".weight": values, ".weight_scale": scale, ".bias": bias})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return detailed(tmp_path_factory.mktemp("detailed"), 0.02)


@pytest.fixture
def kernels() -> Iterator[WasmtimeKernels]:
    kernels = WasmtimeKernels(threads=2)
    yield kernels
    kernels.close()


def logits(folder: Any, **options: Any) -> np.ndarray:
    with closing(VLM.from_pretrained(folder, **options)) as vlm:
        return vlm.logits(vlm.prompt_ids(QUESTION), shape_image("triangle", "blue"))


def test_detail_of_zero_changes_no_bit_and_other_detail_does(folder: Path, tmp_path: Path) -> None:
    expected = logits(changed(tmp_path / "plain", {}), backend="wasm")
    np.testing.assert_array_equal(logits(detailed(tmp_path, 0), backend="wasm"), expected)
    assert np.abs(logits(folder, backend="wasm") - expected).max() > 0.1


def test_backends_agree(folder: Path) -> None:
    expected, actual = logits(folder, backend="numpy"), logits(folder, backend="wasm", threads=1)
    assert np.corrcoef(expected.ravel(), actual.ravel())[0, 1] > 0.99
    np.testing.assert_array_equal(actual, logits(folder, backend="wasm", threads=3))


def test_detail_comes_whole_and_with_the_tower(folder: Path, kernels: WasmtimeKernels) -> None:
    """Too small to be split in planes: a draft has it exactly."""
    with open_safetensors(folder / "model.safetensors") as file:
        names = [name for name in file.tensors if name.startswith(NAME)]
        ends = [file.tensors[name].offset + file.tensors[name].nbytes for name in names]
    assert set(names) == {NAME + suffix for suffix in (".weight", ".weight_scale", ".bias")}
    stream, image = Stream(folder, kernels), load_image(shape_image("triangle", "blue"))
    stream.until("vision")
    assert max(ends) <= stream.offset
    ok(stream.session.encode(image.data, image.width, image.height, "balanced"))
    stream.until("whole")
    assert [milestone for milestone, _ in stream.milestones] == ["vision", "draft", "whole"]
    actual = stream.vlm.logits(stream.vlm.prompt_ids(QUESTION), stream.session._image)
    np.testing.assert_array_equal(actual, logits(folder, backend="wasm"))


@pytest.mark.parametrize("variant", ["relaxed", "simd128"])
@pytest.mark.parametrize("scheme", ["q8", "q4", "q2"])
def test_every_quantization_of_it_runs_as_numpy_has_it(scheme: Any, variant: str) -> None:
    model = load_architecture(ModelFiles(random_model.CONFIG, random_model.PREPROCESSOR))
    arrays = dict[str, np.ndarray]()
    for name, value in random_model.weights().items():
        is_matrix = name.endswith(".weight") and value.ndim == 2 and "positions" not in name
        arrays |= quantized_tensors(name, value, scheme) if is_matrix else {name: value}
    source, (pixels, ids) = ArraySource(arrays), random_model.inputs()
    image, text = RGBImage(64, 64, pixels.tobytes()), ids.tolist()
    results = []
    for threads in (1, 3):
        kernels = WasmtimeKernels(variant=variant, threads=threads)
        steps = (1 << ACTIVATION_BITS[kernels.activation_mode]) - 1
        runner = KernelRunner(model, KernelWeights(kernels, source), owns_kernels=True)
        results.append(runner.logits(runner.encode([image], None), text))
        runner.close()
    assert results[0] == results[1]
    reference = ReferenceRunner(model, source, activation_steps=steps)
    expected = np.frombuffer(reference.logits(reference.encode([image], None), text), np.float32)
    assert np.corrcoef(expected, np.frombuffer(results[0], np.float32))[0, 1] > 0.99


@pytest.mark.parametrize("detail", [{}, {"detail_stage": 3}, {"detail_stage": -1}, {"detail_stage": 9}, None, 2])
def test_a_stage_that_is_not_twice_as_fine_is_a_sentence(detail: Any) -> None:
    with pytest.raises(ModelError, match="config is not usable") as caught:
        load_architecture(ModelFiles({**random_model.CONFIG, "connector_config": detail}, random_model.PREPROCESSOR))
    assert caught.value.code == "config-invalid"


def test_detail_of_another_size_is_a_sentence() -> None:
    arrays = random_model.weights()
    arrays[f"{NAME}.weight"] = arrays[f"{NAME}.weight"][:, :40]
    model = load_architecture(ModelFiles(random_model.CONFIG, random_model.PREPROCESSOR))
    with closing(WasmtimeKernels(threads=1)) as kernels, pytest.raises(ModelError, match="do not fit its config"):
        KernelRunner(model, KernelWeights(kernels, ArraySource(arrays)))
