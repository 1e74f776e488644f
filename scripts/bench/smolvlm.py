"""SmolVLM-256M and 500M whole, with random bfloat16 weights of their published shapes, quantized to q8 as they load.

The same words natively and inside the page; needs a `Kernels` that has run nothing yet, for its peak of memory. Speed
does not depend on values; answers mean nothing.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tinyvlm.backends.kernel_interface import Kernels, allocate
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.streamed_weights import StreamedWeights
from tinyvlm.media.images import RGBImage
from tinyvlm.models.architecture import Architecture, ModelFiles, Profile, load_architecture
from tinyvlm.models.smolvlm import SmolVLM
from tinyvlm.weights.tensor_info import TensorInfo

VISION = {
    "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
    "image_size": 512, "patch_size": 16,
}  # fmt: skip
TEXT = {"model_type": "llama", "vocab_size": 49280, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5,
        "rope_theta": 100_000.0}  # fmt: skip
MODELS = {
    "SmolVLM-256M": {"hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
                     "num_key_value_heads": 3},
    "SmolVLM-500M": {"hidden_size": 960, "intermediate_size": 2560, "num_hidden_layers": 32, "num_attention_heads": 15,
                     "num_key_value_heads": 5},
}  # fmt: skip
"""`text_config` of each; embeddings are not tied, which makes 256,484,928 and 507,482,304 weights."""

PREPROCESSOR = {"size": {"longest_edge": 2048}, "max_image_size": {"longest_edge": 512}, "do_image_splitting": True}

WIDTH, HEIGHT = 1024, 768
"""Of the photo: one view with the profile "fast", 2 x 2 tiles and the whole with "balanced"."""

CHAT_TOKENS, QUESTION_TOKENS, TILE_TOKENS = 10, 20, 2
"""Tokens of a prompt besides the images' rows: the template's; the user's; and around each view."""

PREFILL, DECODE_AT = 512, 512
BLOCK = 65_521
"""Values after which noise repeats: a prime, so that rows differ."""


def measure(kernels: Kernels, name: str, repeats: int = 3) -> dict[str, float]:
    """Seconds, milliseconds, megabytes and rates by name."""
    model, source = architecture(name), NoiseWeights(name)
    runner, load_s = _timed(lambda: load(kernels, model, source))
    held, peak = kernels.call("heap_used"), kernels.call("heap_peak")
    figures = {
        "weights_millions": source.count / 1e6,
        "load_s": load_s,
        "kernel_memory_loaded_mb": held / 1e6,
        "loading_beyond_that_mb": (peak - held) / 1e6,
    }
    bench = Bench(model, runner)
    figures |= bench.question("fast", "1_view", repeats)
    figures |= bench.question("balanced", "5_views", 1)
    figures |= bench.text(repeats)
    figures["kernel_memory_peak_mb"] = kernels.call("heap_peak") / 1e6
    runner.close()
    return figures


def load(kernels: Kernels, model: Architecture, source: NoiseWeights) -> KernelRunner:
    """Make room for all of the model, then fill it piece by piece, as the page does with a file that arrives."""
    weights = StreamedWeights(kernels, source, "q8")
    runner = KernelRunner(model, weights)
    for fill in weights.fills:
        staged = allocate(kernels, fill.nbytes)
        kernels.write(staged, source.read(fill.tensor)[fill.begin : fill.begin + fill.nbytes])
        fill.place(staged)
        kernels.call("heap_free", staged)
    weights.finish()
    return runner


def architecture(name: str) -> SmolVLM:
    """The published model."""
    config = {"model_type": "smolvlm", "scale_factor": 4, "vision_config": VISION, "text_config": TEXT | MODELS[name],
              "eos_token_id": 2}  # fmt: skip
    model = load_architecture(ModelFiles(config, PREPROCESSOR))
    assert isinstance(model, SmolVLM)
    return model


class Bench:
    """A loaded model and a photo."""

    def __init__(self, model: SmolVLM, runner: KernelRunner) -> None:
        """Make up a photo and a text."""
        self.model, self.runner = model, runner
        self.photo = RGBImage(HEIGHT, WIDTH, random.Random(1).randbytes(3 * WIDTH) * HEIGHT)
        rng = random.Random(2)
        self.words = [rng.randrange(model.vocab_size) for _ in range(PREFILL)]

    def question(self, profile: Profile, label: str, repeats: int) -> dict[str, float]:
        """From a photo and a question to the answer's first token; the first time by itself."""
        model, runner = self.model, self.runner
        plan = model.plan(HEIGHT, WIDTH, profile)
        views = len(plan.views)
        rows = list(range(model.vocab_size, model.vocab_size + views * model.config.view_rows))
        prompt = [*rows, *self.words[: CHAT_TOKENS + QUESTION_TOKENS + TILE_TOKENS * views]]
        encodes, prefills = list[float](), list[float]()
        for _ in range(1 + repeats):
            state, seconds = _timed(lambda: runner.encode([self.photo], plan))
            encodes.append(seconds)
            prefills.append(_timed(lambda state=state: runner.extend(state, prompt, 0))[1])
        totals = [sum(pair) for pair in zip(encodes, prefills, strict=True)]
        return {
            f"first_token_{label}_cold_ms": 1000 * totals[0],
            f"first_token_{label}_ms": 1000 * statistics.median(totals[1:]),
            f"encode_{label}_ms": 1000 * statistics.median(encodes[1:]),
        }

    def text(self, repeats: int) -> dict[str, float]:
        """Tokens a second."""
        prefill = _median(lambda: self.runner.extend(None, self.words, 0), repeats)
        step = _median(lambda: self.runner.extend(None, self.words[:1], DECODE_AT), 10 * repeats)
        return {"prefill_tokens_per_s": PREFILL / prefill, f"decode_tokens_per_s_at_{DECODE_AT}": 1 / step}


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return action(), time.perf_counter() - started


def _median(action: Callable[[], object], repeats: int) -> float:
    """Seconds of one, after one to warm up."""
    action()
    return statistics.median(_timed(action)[1] for _ in range(repeats))


class NoiseWeights:
    """A WeightSource that makes up every tensor asked for, a piece at a time, as a file would be read."""

    def __init__(self, name: str) -> None:
        """Describe the published tensors."""
        self.tensors: Mapping[str, TensorInfo] = {
            tensor: TensorInfo(tensor, "BF16", shape, 0, 2 * math.prod(shape)) for tensor, shape in _shapes(name)
        }
        self.count = sum(math.prod(info.shape) for info in self.tensors.values())
        self._blocks: dict[int, bytes] = {}

    def read(self, name: str) -> Any:
        """Values that keep activations near one; what is returned makes its bytes when it is cut."""
        shape = self.tensors[name].shape
        if len(shape) == 1:
            value = 0x0000 if name.endswith("bias") else 0x3F80
            return array("H", [value]).tobytes() * shape[0]
        exponent = 126 - round(math.log2(math.prod(shape[1:])) / 2)
        if exponent not in self._blocks:
            self._blocks[exponent] = _noise(exponent)
        return _Repeated(self._blocks[exponent])


class _Repeated:
    """Bytes without end that are made as they are cut out."""

    def __init__(self, block: bytes) -> None:
        self._block = block

    def __getitem__(self, part: slice) -> bytes:
        start = part.start % len(self._block)
        nbytes = part.stop - part.start
        return (self._block * ((start + nbytes) // len(self._block) + 1))[start : start + nbytes]


def _noise(exponent: int) -> bytes:
    """BLOCK bfloat16 values of any sign and mantissa between 2^(exponent - 127) and twice that."""
    rng, data = random.Random(exponent), bytearray(2 * BLOCK)
    data[0::2] = rng.randbytes(BLOCK).translate(bytes((exponent & 1) << 7 | i & 127 for i in range(256)))
    data[1::2] = rng.randbytes(BLOCK).translate(bytes(i & 128 | exponent >> 1 for i in range(256)))
    return bytes(data)


def _shapes(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes as in the published safetensors file."""
    vision, text = VISION, MODELS[name]
    wide, deep = vision["hidden_size"], vision["intermediate_size"]
    tower, patch = "model.vision_model", vision["patch_size"]
    yield from _layer(f"{tower}.embeddings.patch_embedding", wide, 3, patch, patch)
    yield f"{tower}.embeddings.position_embedding.weight", ((vision["image_size"] // patch) ** 2, wide)
    yield from _layer(f"{tower}.post_layernorm", wide)
    for i in range(vision["num_hidden_layers"]):
        layer = f"{tower}.encoder.layers.{i}"
        for norm in ("layer_norm1", "layer_norm2"):
            yield from _layer(f"{layer}.{norm}", wide)
        for part in ("q", "k", "v", "out"):
            yield from _layer(f"{layer}.self_attn.{part}_proj", wide, wide)
        yield from _layer(f"{layer}.mlp.fc1", deep, wide)
        yield from _layer(f"{layer}.mlp.fc2", wide, deep)
    hidden, inner = text["hidden_size"], text["intermediate_size"]
    kv = hidden // text["num_attention_heads"] * text["num_key_value_heads"]
    yield "model.connector.modality_projection.proj.weight", (hidden, 16 * wide)
    for head in ("model.text_model.embed_tokens", "lm_head"):
        yield f"{head}.weight", (TEXT["vocab_size"], hidden)
    yield "model.text_model.norm.weight", (hidden,)
    for i in range(text["num_hidden_layers"]):
        layer = f"model.text_model.layers.{i}"
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{layer}.{norm}.weight", (hidden,)
        for part, n in (("q", hidden), ("k", kv), ("v", kv), ("o", hidden)):
            yield f"{layer}.self_attn.{part}_proj.weight", (n, hidden)
        for part, n, k in (("gate", inner, hidden), ("up", inner, hidden), ("down", hidden, inner)):
            yield f"{layer}.mlp.{part}_proj.weight", (n, k)


def _layer(name: str, n: int, *k: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (n, *k)
    yield f"{name}.bias", (n,)
