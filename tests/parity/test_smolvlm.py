"""SmolVLM and Idefics3, from the image's bytes to logits, against files that transformers wrote (scripts/golden)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from harness import ArraySource, Harness
from tinyvlm.backends.reference_ops import KeysValues, ReferenceOps
from tinyvlm.backends.reference_weights import ReferenceWeights
from tinyvlm.backends.values import Value
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.models.parts import smolvlm
from tinyvlm.models.parts.smolvlm_inputs import ImageProcessor, ImageTokens, cut_views, image_text, number_rows
from tinyvlm.models.parts.smolvlm_video import RESAMPLE, VideoProcessor, video_plan, video_text

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
Run = Callable[..., np.ndarray]
PROMPTS = [("smolvlm", 0), ("smolvlm", 1), ("smolvlm", 2), ("idefics3", 0), ("idefics3", 1)]
"""Two images; one, padded beside the first when they were made; no image; one in tiles; one as a whole."""
WITH_IMAGES = [prompt for prompt in PROMPTS if prompt != ("smolvlm", 2)]


@dataclass(frozen=True)
class Golden:
    """One prompt of a file."""

    file: Any
    config: smolvlm.SmolVLMConfig
    processor: ImageProcessor
    prompt: dict[str, Any]
    source: ArraySource
    index: int

    def array(self, name: str) -> np.ndarray:
        return self.file[f"{name}{self.index}"]

    @property
    def images(self) -> list[np.ndarray]:
        return [self.file[f"image{self.index}.{i}"] for i in range(self.prompt["images"])]


@cache
def read(name: str, index: int) -> Golden:
    file = np.load(GOLDEN / f"{name}.npz")
    weights = {key[2:]: file[key].astype(np.float32) for key in file.files if key.startswith("w:")}
    patches = f"{smolvlm.VISION}.embeddings.patch_embedding.weight"
    weights[patches] = weights[patches].transpose(0, 2, 3, 1).reshape(len(weights[patches]), -1)
    prompt = json.loads(str(file["prompts"]))[index]
    processor = ImageProcessor.from_dict(json.loads(str(file["preprocessor"])))
    return Golden(
        file=file,
        config=smolvlm.SmolVLMConfig.from_dict(json.loads(str(file["config"]))),
        processor=replace(processor, splitting=prompt["splitting"]),
        prompt=prompt,
        source=ArraySource(weights),
        index=index,
    )


def run_reference(op: Callable[..., Any], *inputs: np.ndarray, source: ArraySource, caches: Any = ()) -> np.ndarray:
    """Harness.run, on numpy."""
    held = [KeysValues(shape, "float32") for shape in caches]
    return np.asarray(op(ReferenceOps(), ReferenceWeights(source), *inputs, *held))


@pytest.fixture(params=["numpy", "relaxed 2", "simd128 1"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Calls `op(ops, weights, *inputs)` on one backend."""
    if request.param == "numpy":
        yield run_reference
        return
    variant, threads = request.param.split()
    kernels = WasmtimeKernels(variant=variant, threads=int(threads))
    yield Harness(kernels).run
    kernels.close()


def assert_equal(actual: np.ndarray, expected: np.ndarray) -> None:
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() < 1e-3
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize("prompt", WITH_IMAGES)
def test_views_are_the_processors_bytes(run: Run, prompt: tuple[str, int]) -> None:
    golden = read(*prompt)
    processor, actual = golden.processor, []
    for image in golden.images:
        plan = processor.plan(*image.shape[:2])
        for i in range(len(plan.views)):

            def op(ops: Any, w: Any, image: Any, plan: Any = plan, i: int = i) -> Any:
                return cut_views(ops, image, plan, processor.view_size, processor.resample)[i]

            actual.append(run(op, image, source=golden.source))
    np.testing.assert_array_equal(np.stack(actual), golden.array("views"))


@pytest.mark.parametrize("prompt", WITH_IMAGES)
def test_vision(run: Run, prompt: tuple[str, int]) -> None:
    """Normalised pixels, hidden states of the first view, features of all."""
    golden = read(*prompt)
    views, config, processor = golden.array("views"), golden.config, golden.processor

    def normalize(ops: Any, w: Any, view: Any) -> Any:
        return ops.normalize(view, processor.rescale_factor, processor.mean, processor.std)

    def see(ops: Any, w: Any, view: Any) -> Any:
        return smolvlm.siglip.encode(ops, w, smolvlm.VISION, config.vision, normalize(ops, w, view))

    def encode(ops: Any, w: Any, view: Any) -> Any:
        return smolvlm.encode(ops, w, config, processor, view)

    pixels = golden.array("pixels")
    np.testing.assert_allclose(run(normalize, views[0], source=golden.source)[: len(pixels)], pixels, rtol=0, atol=1e-6)
    assert_equal(run(see, views[0], source=golden.source), golden.array("hidden")[0])
    features = np.stack([run(encode, view, source=golden.source) for view in views])
    assert_equal(features, golden.array("features"))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_text(prompt: tuple[str, int]) -> None:
    """Images are written as the processors write them, and tokens are the same."""
    golden = read(*prompt)
    written, *rest = golden.prompt["text"].split("<image>")
    for image, text in zip(golden.images, rest, strict=True):
        plan = golden.processor.plan(*image.shape[:2])
        written += image_text(plan, ImageTokens(), golden.config.view_rows) + text
    assert written == golden.prompt["expanded"]
    tokenizer = Tokenizer.from_str(str(golden.file["tokenizer"]))
    assert tokenizer.encode(written).ids == golden.array("ids").tolist()


@pytest.mark.parametrize("chunks", [(), (9, 1, 1)])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_logits(run: Run, prompt: tuple[str, int], chunks: tuple[int, ...]) -> None:
    """From the images' bytes, all in one program; the text whole, and in chunks that cut through an image."""
    golden = read(*prompt)
    config, processor, images = golden.config, golden.processor, golden.images
    ids = number_rows(golden.array("ids").tolist(), config.image_token_id, config.text.vocab_size)
    sizes = (*chunks, len(ids) - sum(chunks))

    def op(ops: Any, w: Any, *inputs: Any) -> Any:
        pictures, ids, cache = inputs[: len(images)], inputs[len(images)], inputs[len(images) + 1 :]
        rows = [
            smolvlm.encode(ops, w, config, processor, view)
            for picture in pictures
            for view in cut_views(
                ops, picture, processor.plan(*picture.shape[:2]), processor.view_size, processor.resample
            )
        ]
        features, at, hidden = ops.concat(rows) if rows else None, 0, None
        for size in sizes:
            part = ids[at : at + size] if isinstance(ids, np.ndarray) else Value((size,), ids.storage, 4 * at)
            hidden = smolvlm.forward(ops, w, config, part, at, features, cache)
            at += size
        return smolvlm.logits(ops, w, config, hidden)

    caches = config.text.cache_shapes(len(ids))
    actual = run(op, *images, np.array(ids, np.int32), source=golden.source, caches=caches)
    expected = golden.array("logits")
    assert_equal(actual[-len(expected) :], expected)


def test_plans() -> None:
    """Sizes on the way to views, of images of many shapes."""
    for case in json.loads(str(np.load(GOLDEN / "smolvlm_inputs.npz")["plans"])):
        given = (case["height"], case["width"])
        plan = ImageProcessor.from_dict(case["config"]).plan(*given)
        before = [given, *map(tuple, case["sizes"])]
        assert (plan.rows, plan.columns) == (case["rows"], case["columns"])
        assert list(plan.views[-1].sizes) == [
            size for size, last in zip(before[1:], before, strict=False) if size != last
        ]


def test_videos() -> None:
    """Which frames, and the text around them."""
    file = np.load(GOLDEN / "smolvlm_inputs.npz")
    processor = VideoProcessor.from_dict(json.loads(str(file["preprocessor"])))
    for case in json.loads(str(file["videos"])):
        plan = video_plan(processor, case["frames"], case["fps"])
        assert list(plan.frames) == case["indices"]
        assert video_text(plan, ImageTokens(), 4) == case["text"]


def test_frames() -> None:
    """torchvision's resampling rounds weights more coarsely than Pillow's."""
    file = np.load(GOLDEN / "smolvlm_inputs.npz")
    frames, frame = VideoProcessor.from_dict(json.loads(str(file["preprocessor"]))).frames, file["frame"]
    (view,) = cut_views(ReferenceOps(), frame, frames.plan(*frame.shape[:2]), frames.view_size, RESAMPLE)
    pixels = ReferenceOps().normalize(view, frames.rescale_factor, frames.mean, frames.std)
    assert np.abs(pixels - file["pixels"]).max() < 1.001 * 2 / 255  # a step of normalised pixels
