"""Public architectures with random weights of their true shape: SigLIP-B/16 at 512 pixels and SmolLM2-135M.

The same words natively and inside the page; weights are q8 (and q4), drawn as bytes, so their answers mean nothing.
"""

from __future__ import annotations

import random
import statistics
import time
import zlib
from array import array

from tinyvlm.backends.arena import assign_offsets
from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.backends.kernel_memory import KernelConstants
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.kv_cache import new_cache
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import Register, Storage, Value
from tinyvlm.models.parts import llama, siglip
from tinyvlm.ops import Precision
from tinyvlm.weights.tensor_info import TensorInfo

SIGLIP = siglip.SiglipConfig(768, 3072, 12, 12, 512, 16, 1e-6)
LLAMA = llama.LlamaConfig(49152, 576, 1536, 30, 9, 3, 1e-5, 100_000.0, True)
ATTENTION: Precision = "q8"
SCHEMES = ("q8", "q4")
PREFILL, CONTEXTS, POSITIONS = 300, (64, 512), 640


def measure(kernels: Kernels, repeats: int = 3) -> dict[str, float]:
    """Milliseconds and rates by name."""
    network = siglip_network(kernels)
    figures = {"siglip_encode_ms": 1000 * network.median("encode", repeats)}
    network.close()
    for scheme in SCHEMES:
        network = llama_network(kernels, scheme)
        name = "llama" if scheme == "q8" else f"llama_{scheme}"
        figures[f"{name}_record_ms"] = 1000 * network.record_seconds
        figures[f"{name}_prefill_tokens_per_s"] = PREFILL / network.median("prefill", repeats)
        for context in CONTEXTS:
            seconds = network.median(f"decode at {context}", 10 * repeats)
            figures[f"{name}_decode_tokens_per_s_at_{context}"] = 1 / seconds
        figures[f"{name}_kernel_memory_mb"] = kernels.call("heap_used") / 1e6
        network.close()
    return figures


class Network:
    """Programs with their weights in kernel memory, each ready to run."""

    def __init__(self, kernels: Kernels, shapes: dict[str, tuple[int, ...]], scheme: str = "q8") -> None:
        """Hold random weights of these shapes; they are packed as programs are recorded."""
        self.kernels, self.constants = kernels, KernelConstants(kernels)
        self.weights = KernelWeights(kernels, RandomWeights(shapes, scheme))
        self.runs: dict[str, tuple[int, tuple[int, int, int]]] = {}
        """What to run -> the program's address, and its registers."""
        self.words: dict[int, array[int]] = {}
        """Programs by address."""
        self.record_seconds = 0.0

    def load(self, recorder: Recorder) -> int:
        """Return the address of what was recorded, with memory of its own."""
        offsets, size = assign_offsets(recorder.storages)
        words = recorder.encode(self.constants.store(bytes(size)), offsets)
        address = self.constants.store(words.tobytes())
        self.words[address] = words
        return address

    def seconds(self, name: str, times: int = 1) -> float:
        """Run `times` in a row and return the time of one."""
        program, registers = self.runs[name]
        started = time.perf_counter()
        for _ in range(times):
            self.kernels.run(program, *registers, 0, 0)
        return (time.perf_counter() - started) / times

    def median(self, name: str, repeats: int) -> float:
        """Seconds of one run, after one to warm up."""
        self.seconds(name)
        return statistics.median(self.seconds(name) for _ in range(repeats))

    def close(self) -> None:
        """Give the memory back."""
        self.weights.finish()
        for address in (*self.weights.addresses, *self.constants.addresses):
            self.kernels.call("heap_free", address)


class RandomWeights:
    """A WeightSource that makes up every tensor asked for."""

    def __init__(self, shapes: dict[str, tuple[int, ...]], scheme: str) -> None:
        self.tensors: dict[str, TensorInfo] = {}
        for name, shape in shapes.items():
            matrix = len(shape) == 2 and "position" not in name
            if matrix and scheme == "q4":
                (n, k), scale = shape, f"{name}_rotated_scale"
                self.tensors[name] = TensorInfo(name, "U8", (n, k // 2), 0, n * k // 2)
                self.tensors[scale] = TensorInfo(scale, "BF16", (n, k // 32), 0, n * k // 16)
                continue
            self.tensors[name] = TensorInfo(
                name, "I8" if matrix else "F32", shape, 0, _count(shape) * (1 if matrix else 4)
            )
            if matrix:
                scale = f"{name}_rotated_scale"
                self.tensors[scale] = TensorInfo(scale, "F32", shape[:1], 0, 4 * shape[0])

    def read(self, name: str) -> bytes:
        """Bytes of any value for matrices, the same for a name every time; scales that keep activations near one."""
        info = self.tensors[name]
        if info.dtype in ("I8", "U8"):
            return random.Random(zlib.crc32(name.encode())).randbytes(info.nbytes)
        if info.dtype == "BF16":
            return array("H", [0x3C00]).tobytes() * _count(info.shape)  # 1/128
        value = 1.0
        if name.endswith("_scale"):
            value = 1 / (74 * self.tensors[name.removesuffix("_rotated_scale")].shape[1] ** 0.5)
        elif name.endswith("bias") or "position" in name:
            value = 0.0
        return array("f", [value]).tobytes() * _count(info.shape)


def siglip_shapes() -> dict[str, tuple[int, ...]]:
    """The tower's weights."""
    c, shapes = SIGLIP, dict[str, tuple[int, ...]]()
    side = c.image_size // c.patch_size

    def linear(name: str, n: int, k: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n, k), (n,)

    linear("v.embeddings.patch_embedding", c.hidden_size, c.patch_size**2 * 3)
    shapes["v.embeddings.position_embedding.weight"] = (side * side, c.hidden_size)
    norms = ["v.post_layernorm"]
    for i in range(c.num_hidden_layers):
        name = f"v.encoder.layers.{i}"
        norms += [f"{name}.layer_norm1", f"{name}.layer_norm2"]
        for part in ("q", "k", "v", "out"):
            linear(f"{name}.self_attn.{part}_proj", c.hidden_size, c.hidden_size)
        linear(f"{name}.mlp.fc1", c.intermediate_size, c.hidden_size)
        linear(f"{name}.mlp.fc2", c.hidden_size, c.intermediate_size)
    for name in norms:
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (c.hidden_size,)
    return shapes


def siglip_pixels() -> bytes:
    """A normalised image of noise, float32 (size, size, 3)."""
    noise = array("f", [random.Random(1).uniform(-1, 1) for _ in range(4096)])
    return noise.tobytes() * (SIGLIP.image_size**2 * 3 // len(noise))


def siglip_network(kernels: Kernels) -> Network:
    """The tower, ready to "encode"."""
    network, noise = Network(kernels, siglip_shapes()), siglip_pixels()
    pixels = Value((SIGLIP.image_size, SIGLIP.image_size, 3), Storage(len(noise), network.constants.store(noise)))
    recorder = Recorder(network.constants, ATTENTION)
    recorder.keep(siglip.encode(recorder, network.weights, "v", SIGLIP, pixels))
    network.runs["encode"] = network.load(recorder), (0, 0, 0)
    return network


def llama_network(kernels: Kernels, scheme: str = "q8") -> Network:
    """The language model, ready to "prefill" and to "decode at" each of CONTEXTS."""
    c, shapes = LLAMA, dict[str, tuple[int, ...]]()
    shapes["model.embed_tokens.weight"], shapes["model.norm.weight"] = (c.vocab_size, c.hidden_size), (c.hidden_size,)
    for i in range(c.num_hidden_layers):
        name = f"model.layers.{i}"
        kv = c.cache_shapes(POSITIONS)[0].columns
        for part, n in (("q", c.hidden_size), ("k", kv), ("v", kv), ("o", c.hidden_size)):
            shapes[f"{name}.self_attn.{part}_proj.weight"] = (n, c.hidden_size)
        shapes[f"{name}.mlp.gate_proj.weight"] = shapes[f"{name}.mlp.up_proj.weight"] = (
            c.intermediate_size,
            c.hidden_size,
        )
        shapes[f"{name}.mlp.down_proj.weight"] = (c.hidden_size, c.intermediate_size)
        shapes[f"{name}.input_layernorm.weight"] = shapes[f"{name}.post_attention_layernorm.weight"] = (c.hidden_size,)
    network = Network(kernels, shapes, scheme)
    weights, constants = network.weights, network.constants
    cache = [
        new_cache(shape, ATTENTION, lambda nbytes: constants.store(bytes(nbytes)))
        for shape in c.cache_shapes(POSITIONS)
    ]
    ids = array("i", [random.Random(2).randrange(c.vocab_size) for _ in range(PREFILL)]).tobytes()

    def program(rows: int) -> int:
        recorder, started = Recorder(constants, ATTENTION), time.perf_counter()
        tokens = Value((rows,), Storage(4 * rows, constants.store(ids[: 4 * rows])))
        position = Register(1, POSITIONS - rows)
        hidden = llama.forward(recorder, weights, c, llama.embed(recorder, weights, tokens), position, cache)
        recorder.top_k(llama.logits(recorder, weights, c, recorder.row(hidden, rows - 1)), 64)
        address = network.load(recorder)
        network.record_seconds = time.perf_counter() - started
        return address

    network.runs["prefill"] = program(PREFILL), (0, 0, 0)
    step = program(1)  # the weights are packed by now: record_seconds is of recording alone
    network.runs |= {f"decode at {context}": (step, (1, context, 0)) for context in CONTEXTS}
    return network


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
