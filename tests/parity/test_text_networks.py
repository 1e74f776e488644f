"""The text detector and recogniser against what onnxruntime answers (scripts/golden/make_reader.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyvlm.backends import kernel_networks
from tinyvlm.backends.kernel_networks import KernelNetworks
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.networks import Networks
from tinyvlm.backends.reference_networks import ReferenceNetworks
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import CancelledError
from tinyvlm.media.images import RGBImage
from tinyvlm.models.parts.text_detector import TextDetectorConfig, detect, text_map
from tinyvlm.models.parts.text_recognizer import TextRecognizerConfig, best_classes, recognize
from tinyvlm.ops import Ops, Tensor, Weights
from tinyvlm.weights.safetensors import open_safetensors
from tinyvlm.weights.source import Float32Weights

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "web" / "models" / "reader"
CONFIG = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
DETECTOR = TextDetectorConfig.from_dict(CONFIG["detector_config"])
RECOGNIZER = TextRecognizerConfig.from_dict(CONFIG["recognizer_config"])

KERNELS = {
    "relaxed-1": {"variant": "relaxed", "threads": 1},
    "relaxed-2": {"variant": "relaxed", "threads": 2},
    "simd128-2": {"variant": "simd128", "threads": 2},
}

MAP_MEAN, MAP_FLIPS, LOGITS = 0.002, 0.002, 0.12
"""Bounds on what 8 bits change: the map's mean, its pixels on the other side of 0.3, the logits' relative norm. About
twice what was measured: 0.0010, 0.0008 and 0.060 in the relaxed build with 7-bit activations, which is the worst."""


@pytest.fixture(scope="module")
def golden() -> Any:
    return np.load(ROOT / "tests" / "golden" / "reader.npz")


@contextmanager
def opened(kind: str, *, float32: bool) -> Iterator[Networks]:
    """The shipped weights on a backend, as they are or as the float32 numbers that they stand for."""
    with open_safetensors(FOLDER / "model.safetensors") as file:
        source = Float32Weights(file) if float32 else file
        networks: Networks
        if kind == "numpy":
            networks = ReferenceNetworks(source)
        else:
            networks = KernelNetworks(KernelWeights(WasmtimeKernels(**KERNELS[kind]), source), owns_kernels=True)
        yield networks
        networks.close()


def detector_map(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
    pixels = ops.normalize(image, 1 / 255, DETECTOR.image_mean, DETECTOR.image_std)
    return detect(ops, weights, "detector", DETECTOR, pixels)


def detector_bytes(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
    return text_map(ops, weights, DETECTOR, image)


def logits(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
    pixels = ops.normalize(image, 1 / 255, RECOGNIZER.image_mean, RECOGNIZER.image_std)
    return recognize(ops, weights, "recognizer", RECOGNIZER, pixels)


def classes(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
    return best_classes(ops, weights, RECOGNIZER, image)


def as_image(pixels: np.ndarray) -> RGBImage:
    return RGBImage(pixels.shape[0], pixels.shape[1], pixels.tobytes())


def floats(data: bytes, *shape: int) -> np.ndarray:
    return np.frombuffer(data, np.float32).reshape(shape)


@pytest.mark.parametrize("kind", ["numpy", *KERNELS])
def test_float32_is_what_onnxruntime_answers(golden: Any, kind: str) -> None:
    """Within 1e-3: of a probability, and of the logits' range."""
    page, line = golden["page"], golden["line"]
    with opened(kind, float32=True) as networks:
        found = floats(networks.run(detector_map, as_image(page)), *page.shape[:2])
        said = floats(networks.run(logits, as_image(line)), *golden["rounded_logits"].shape)
    assert np.abs(found - golden["rounded_map"]).max() < 1e-3
    expected = golden["rounded_logits"]
    assert np.abs(said - expected).max() < 1e-3 * (expected.max() - expected.min())


@pytest.mark.parametrize("kind", ["numpy", *KERNELS])
def test_eight_bits_stay_near_the_published_networks(golden: Any, kind: str) -> None:
    """The same text is found and read."""
    page, line = golden["page"], golden["line"]
    with opened(kind, float32=False) as networks:
        found = np.frombuffer(networks.run(detector_bytes, as_image(page)), np.uint8).reshape(page.shape[:2]) / 255
        said = floats(networks.run(logits, as_image(line)), *golden["logits"].shape)
        best = floats(networks.run(classes, as_image(line)), len(said), 3)
    published = golden["map"]
    assert published.max() > 0.99
    assert np.abs(found - published).mean() < MAP_MEAN
    assert ((found > 0.3) != (published > 0.3)).mean() < MAP_FLIPS

    expected = golden["logits"]
    assert np.linalg.norm(said - expected) < LOGITS * np.linalg.norm(expected)
    assert text(best[:, 0]) == text(expected.argmax(axis=1)) == "Total 12.50"
    weights = np.exp(said - said.max(axis=1, keepdims=True))
    chances = weights / weights.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(best[:, 0], said.argmax(axis=1))
    np.testing.assert_allclose(best[:, 1], chances.max(axis=1), atol=1e-5)
    np.testing.assert_allclose(best[:, 2], chances[:, -1], atol=1e-5)


def text(best: np.ndarray) -> str:
    """Greedy CTC: repeated classes are one character, class 0 is none."""
    kept = [int(c) for i, c in enumerate(best) if c and (i == 0 or c != best[i - 1])]
    return "".join(RECOGNIZER.characters[c - 1] for c in kept)


def test_builds_and_threads_agree(golden: Any) -> None:
    """Sums of bytes are exact: one thread and two give the same map, byte for byte."""
    maps = []
    for kind in ("relaxed-1", "relaxed-2"):
        with opened(kind, float32=False) as networks:
            maps.append(networks.run(detector_bytes, as_image(golden["page"])))
    assert maps[0] == maps[1]


def test_programs_are_kept_by_size_and_the_least_used_goes(golden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers do not depend on what ran before, larger arenas and forgotten programs included."""
    monkeypatch.setattr(kernel_networks, "KEPT_PROGRAMS", 2)
    line = golden["line"]
    with opened("relaxed-1", float32=False) as networks:
        wide = as_image(np.concatenate([line, line], axis=1))
        first = networks.run(classes, as_image(line))
        assert first == networks.run(classes, as_image(line))
        networks.run(classes, wide)
        networks.run(detector_bytes, as_image(golden["page"]))
        assert first == networks.run(classes, as_image(line))
        assert isinstance(networks, KernelNetworks)
        assert len(networks._programs) == 2


@pytest.mark.parametrize("kind", ["numpy", *KERNELS])
def test_images_at_once_are_read_as_one_after_the_other(kind: str, golden: Any) -> None:
    """Whatever their widths and number, also where the arena grows and programs have to move with it."""
    line = np.concatenate([golden["line"]] * 2, axis=1)
    lines = [as_image(line[:, :width]) for width in (96, 160, 96, 320, 64, 320, 224)]
    assert len({image.data for image in lines}) == 5
    with opened(kind, float32=False) as networks:
        expected = [networks.run(classes, image) for image in lines]
    with opened(kind, float32=False) as networks:
        assert networks.at_once == int(KERNELS.get(kind, {}).get("threads", 1))
        assert networks.run_each(classes, lines) == expected
        networks.run(detector_bytes, as_image(golden["page"]))
        assert networks.run_each(classes, lines[::-1]) == expected[::-1]
        assert networks.run_each(classes, []) == []


def test_memory_of_images_at_once_is_given_back(golden: Any) -> None:
    with open_safetensors(FOLDER / "model.safetensors") as file:
        kernels = WasmtimeKernels(threads=2)
        before = kernels.call("heap_used")
        networks = KernelNetworks(KernelWeights(kernels, file))
        lines = [as_image(golden["line"][:, :width]) for width in (96, 160)]
        networks.run_each(classes, lines)
        held = kernels.call("heap_used")
        for _ in range(3):
            networks.run_each(classes, lines)
        assert kernels.call("heap_used") == held
        networks.close()
        assert kernels.call("heap_used") == before
        kernels.close()


def test_what_is_cut_out_of_a_held_image(golden: Any) -> None:
    """Resized and rectified as numpy does; memory is given back."""
    image = as_image(golden["page"])

    def cut(ops: Ops, pixels: Tensor) -> list[Tensor]:
        return [ops.resize(pixels, 32, 64, 2), ops.rectify(pixels, [1, 0, 8, 0, 1, 4, 0, 0], 30, 120, columns=100)]

    with opened("numpy", float32=False) as networks, networks.hold(image) as held:
        expected = held.cut(cut)
    with opened("relaxed-2", float32=False) as networks:
        assert isinstance(networks, KernelNetworks)
        before = networks.stats()["kernel_memory_bytes"]
        with networks.hold(image) as held:
            assert held.cut(cut) == expected
            assert held.cut(cut) == expected
        after = networks.stats()
        assert after["kernel_memory_bytes"] - before <= after["arena_bytes"] + 64
    assert [(part.height, part.width) for part in expected] == [(32, 64), (30, 120)]
    assert expected[1].data[:300] == golden["page"][4, 8:108].tobytes()


def test_a_stopped_program_says_so(golden: Any) -> None:
    with open_safetensors(FOLDER / "model.safetensors") as file:
        kernels = WasmtimeKernels(threads=1)
        networks = KernelNetworks(KernelWeights(kernels, file))
        networks.run(classes, as_image(golden["line"]))
        kernels.call("engine_set_stop", 1)
        with pytest.raises(CancelledError):
            networks.run(classes, as_image(golden["line"]))
        networks.close()
        assert kernels.call("heap_used") == 0
        kernels.close()


def test_programs_at_once_stop_on_the_way(golden: Any) -> None:
    with open_safetensors(FOLDER / "model.safetensors") as file:
        kernels = WasmtimeKernels(threads=2)
        networks = KernelNetworks(KernelWeights(kernels, file))
        lines = [as_image(golden["line"])] * 2
        expected = networks.run_each(classes, lines)
        kernels.call("engine_set_stop", 1)
        with pytest.raises(CancelledError):
            networks.run_each(classes, lines)
        kernels.call("engine_set_stop", 0)
        assert networks.run_each(classes, lines) == expected
        networks.close()
        kernels.close()
