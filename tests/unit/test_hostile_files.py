"""Fuzzed weights files: whatever is in a header, it is read or refused, without another exception or much memory.

Seeded, so that every run sees the same files. A parser that hung would end the run (`faulthandler_timeout`).
"""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gguf_bytes import ARRAY, BOOL, F32, I32, STRING, U32, GGUFBytes
from tinyvlm.errors import ModelError
from tinyvlm.weights import gguf, safetensors
from tinyvlm.weights.gguf_model import GGUFSource
from tinyvlm.weights.gguf_types import STORED_TYPES
from tinyvlm.weights.safetensors import ITEM_SIZES
from tinyvlm.weights.tensor_info import TensorInfo

pytestmark = pytest.mark.slow

CASES = 4_000
PEAK_BYTES = 32 << 20
REFUSALS = {
    *("weights-invalid", "weights-truncated", "weights-header-too-long", "weights-name-twice", "weights-bytes-left"),
    *("tensor-invalid", "weights-unsupported", "gguf-version-unsupported"),
}
MODEL_REFUSALS = REFUSALS | {
    *("gguf-architecture-unknown", "gguf-metadata-invalid", "gguf-metadata-unsupported", "gguf-tensor-unknown"),
    *("gguf-split", "gguf-files-wrong", "gguf-not-for-images", "gguf-widths-differ"),
    *("tensor-shape-wrong", "weights-missing"),
}
_POWERS = (0, 4, 5, 6, 7, 8, 9, 10, 15, 16, 24, 31, 32, 40, 62, 63, 64)
NUMBERS = sorted({(1 << power) + near for power in _POWERS for near in (-1, 0, 1)} | {-1, -32, 12, 1 << 100})
"""Around the ends of integer types, and of what one might add or multiply."""


@contextmanager
def bounded_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < PEAK_BYTES


def attempt(parse: Callable[[], Any], refusals: set[str] = REFUSALS) -> Any:
    """What was parsed, or the code of a refusal; any other exception fails the test."""
    try:
        return parse()
    except ModelError as error:
        refusal = error
    assert refusal.code in refusals
    assert str(refusal).endswith(".")
    return refusal.code


def check_tensors(tensors: dict[str, TensorInfo], size: int) -> None:
    """Every tensor inside the file, of the size that its shape needs, and none on another."""
    end = 0
    for info in sorted(tensors.values(), key=lambda info: (info.offset, info.nbytes)):
        assert end <= info.offset <= info.offset + info.nbytes <= size
        end = info.offset + info.nbytes
        count = 1
        for length in info.shape:
            count *= length
        if info.dtype in ITEM_SIZES:
            assert count * ITEM_SIZES[info.dtype] == info.nbytes
        else:
            stored = STORED_TYPES[info.dtype]
            assert count * stored.nbytes == info.nbytes * stored.values


def scramble(rng: random.Random, data: bytearray, alphabet: bytes, end: int) -> None:
    """Flip bits, put bytes in, take bytes out or repeat some, before `end`; or cut the file."""
    at = rng.randrange(min(end, len(data)) or 1)
    match rng.randrange(6):
        case 0 if data:
            data[at] ^= 1 << rng.randrange(8)
        case 1 if data:
            data[at] = rng.choice(alphabet)
        case 2:
            del data[at : at + rng.randint(1, 9)]
        case 3:
            data[at:at] = rng.choices(alphabet, k=rng.randint(1, 9))
        case 4:
            data[at:at] = data[at : at + rng.randint(1, 200)]
        case 5 if rng.random() < 0.3:
            del data[at:]


# ---- safetensors ---------------------------------------------------------------------------------------------------


def good_safetensors() -> dict[str, Any]:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, dtype, shape in (("a", "F32", [2, 3]), ("b", "BF16", [4]), ("c", "I8", [1, 7]), ("d", "U8", [0, 5])):
        nbytes = ITEM_SIZES[dtype]
        for length in shape:
            nbytes *= length
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + nbytes]}
        end += nbytes
    return header


def hostile_safetensors(rng: random.Random) -> bytes:
    """A header wrong in a few of its values, then in a few of its bytes, or in neither."""
    header, data = good_safetensors(), bytes(39)
    for _ in range(rng.randint(0, 2)):
        entry = header[rng.choice("abcd")]
        if not isinstance(entry, dict):
            continue
        match rng.randrange(8):
            case 0:
                numbers = entry.get("data_offsets", [0])
                numbers[rng.randrange(len(numbers))] = rng.choice(NUMBERS)
            case 1:
                numbers = entry.get("shape") or [0]
                numbers[rng.randrange(len(numbers))] = rng.choice(NUMBERS)
            case 2:
                entry["dtype"] = rng.choice([*ITEM_SIZES, "F4", "", None, 7, [], {}])
            case 3:
                entry["data_offsets"] = list(header[rng.choice("abcd")].get("data_offsets", []))
            case 4:
                entry["shape"] = [rng.choice(NUMBERS) for _ in range(rng.choice([0, 1, 3, 64, 65, 5000]))]
            case 5 if entry:
                del entry[rng.choice(list(entry))]
            case 6:
                shift = rng.choice([-8, -1, 1, 4, 8, 15])
                entry["data_offsets"] = [at + shift for at in entry.get("data_offsets", [])]
            case 7:
                header[rng.choice(["e", "__metadata__"])] = rng.choice([None, 1, 1.5, "x", [], {}, {"k": 1}, entry])
                header.setdefault("e", {})
    text = bytearray(json.dumps(header).encode())
    if rng.random() < 0.1:
        at = text.find(b":") + 1
        text[at:at] = rng.choice([b"[", b'{"a":', b"-", b"1" * 50]) * rng.choice([1, 100, 5000])
    if rng.random() < 0.1:
        text[1:1] = text[1 : text.find(b"}") + 1] + b","
    length = len(text)
    for _ in range(rng.choice([0, 0, 0, 0, 1, 3])):
        scramble(rng, text, b'0123456789-eE.,:"[]{}\\un\x00\xff', len(text))
    if rng.random() < 0.8:
        length = len(text)
    if rng.random() < 0.1:
        length = max(0, rng.choice(NUMBERS)) % (1 << 64)
    return length.to_bytes(8, "little") + text + data[: rng.choice([39, 39, 39, 38, 0])]


def test_safetensors() -> None:
    rng = random.Random(1)
    parsed = 0
    with bounded_memory():
        for _ in range(CASES):
            data = hostile_safetensors(rng)
            header = attempt(lambda data=data: safetensors.parse_header(data, len(data)))
            if not isinstance(header, str):
                check_tensors(header.tensors, len(data))
                parsed += 1
    assert CASES / 20 < parsed < CASES / 2  # neither all refused at the first byte nor all left as they were


# ---- GGUF ----------------------------------------------------------------------------------------------------------

METADATA = {
    "general.architecture": (STRING, "llama"), "general.alignment": (U32, 32), "llama.block_count": (U32, 1),
    "llama.embedding_length": (U32, 32), "llama.feed_forward_length": (U32, 32), "llama.context_length": (U32, 64),
    "llama.attention.head_count": (U32, 2), "llama.attention.head_count_kv": (U32, 1),
    "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5), "tokenizer.ggml.add_bos_token": (BOOL, 0),
    "tokenizer.ggml.tokens": (ARRAY, (STRING, ["a", "b", "", "ü"])),
    "tokenizer.ggml.token_type": (ARRAY, (I32, [1] * 4)),
    "nested": (ARRAY, (ARRAY, [(U32, [1]), (ARRAY, [(STRING, ["x"])])])),
}  # fmt: skip
TENSORS = {
    "token_embd.weight": ([32, 4], "Q8_0"), "output_norm.weight": ([32], "F32"),
    "blk.0.attn_q.weight": ([32, 32], "Q4_0"), "blk.0.attn_k.weight": ([32, 16], "F16"),
    "blk.0.ffn_down.weight": ([256, 2], "Q6_K"),
}  # fmt: skip


def good_gguf() -> tuple[GGUFBytes, int]:
    """A small model's file up to its tensors' bytes, and how many those are."""
    built = GGUFBytes(len(TENSORS), len(METADATA))
    for key, (kind, value) in METADATA.items():
        built.entry(key, kind, value)
    end = 0
    for name, (dims, dtype) in TENSORS.items():
        stored = STORED_TYPES[dtype]
        built.tensor(name, dims, stored.code, end)
        count = dims[0] * (dims[1] if len(dims) > 1 else 1)
        end += -(-count // stored.values * stored.nbytes // 32) * 32
    return built, end


def hostile_gguf(rng: random.Random, good: GGUFBytes, nbytes: int) -> bytes:
    """The good file with some of its numbers replaced, names repeated, or bytes changed."""
    built = GGUFBytes()
    built.data, header = bytearray(good.data), len(good.data)
    if rng.random() < 0.7:
        for _ in range(rng.choice([1, 1, 2, 3])):
            at, size = rng.choice(good.fields)
            built.data[at : at + size] = (rng.choice(NUMBERS) % (1 << 8 * size)).to_bytes(size, "little")
    if rng.random() < 0.15:
        (to, room), (at, length) = rng.sample(good.names, 2)
        if room >= length:
            built.data[to : to + 8 + room] = good.data[at : at + 8 + length] + b" " * (room - length)
    if rng.random() < 0.05:
        deep = (ARRAY.to_bytes(4, "little") + (1).to_bytes(8, "little")) * rng.choice([3, 5000])
        at = bytes(good.data).find(b"nested") + 6
        built.data[at + 4 : at + 4] = deep
    data = bytearray(built.finish(nbytes))
    for _ in range(rng.choice([0, 0, 0, 1, 2, 4])):
        scramble(rng, data, bytes(range(256)), header)
    return bytes(data)


def test_gguf() -> None:
    rng = random.Random(2)
    good, nbytes = good_gguf()
    whole = good.finish(nbytes)
    assert GGUFSource([gguf.parse_header(whole, len(whole))]).tensors["model.norm.weight"].shape == (32,)
    parsed = opened = 0
    with bounded_memory():
        for _ in range(CASES):
            data = hostile_gguf(rng, good, nbytes)
            header = attempt(lambda data=data: gguf.parse_header(data, len(data)))
            if not isinstance(header, str):
                check_tensors(header.tensors, len(data))
                parsed += 1
                source = attempt(lambda header=header: GGUFSource([header]), MODEL_REFUSALS)
                opened += not isinstance(source, str)
    assert CASES / 20 < opened < parsed < CASES / 2


def test_gguf_in_parts() -> None:
    """Fetched from a few bytes on, a file says what it says as a whole, in a few steps that grow."""
    rng = random.Random(3)
    good, nbytes = good_gguf()
    with bounded_memory():
        for _ in range(CASES // 5):
            data = hostile_gguf(rng, good, nbytes)
            whole = attempt(lambda data=data: gguf.parse_header(data, len(data)))
            have, steps = rng.choice([0, 24, 500, 1000]), 0
            while True:
                try:
                    parts = attempt(lambda data=data, have=have: gguf.parse_header(data[:have], len(data)))
                    break
                except gguf.HeaderIncomplete as incomplete:
                    have, before, steps = incomplete.needed, have, steps + 1
                if not before < have <= len(data):
                    pytest.fail(f"{before} bytes were not enough, so it asked for {have} of {len(data)}")
            assert steps < 20
            assert repr(parts) == repr(whole)  # NaN equals itself there


def test_gguf_whose_sizes_only_the_server_tells() -> None:
    """The file is said to be a terabyte, so that few claims are beyond it: memory still follows the buffer."""
    rng = random.Random(4)
    good, nbytes = good_gguf()
    with bounded_memory():
        for _ in range(CASES // 5):
            data = hostile_gguf(rng, good, nbytes)
            try:
                attempt(lambda data=data: gguf.parse_header(data, 1 << 40))
                continue
            except gguf.HeaderIncomplete as incomplete:
                needed = incomplete.needed
            assert len(data) < needed <= gguf.MAX_HEADER_BYTES
