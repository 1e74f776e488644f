"""Reading GGUF: what llama.cpp's own package writes, the format's edges, and headers that lie."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gguf_bytes import ARRAY, BOOL, F32, I32, STRING, U8, U32, U64, GGUFBytes
from tinyvlm.errors import ModelError
from tinyvlm.weights.gguf import MAX_ITEMS, GGUFFile, HeaderIncomplete, parse_header
from tinyvlm.weights.gguf_types import STORED_TYPES, dequantize

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def parse(data: bytes):
    return parse_header(data, len(data))


@pytest.mark.parametrize("dtype", [dtype for dtype, stored in STORED_TYPES.items() if stored.values > 1])
def test_blocks_are_worth_what_llama_cpp_says(dtype: str) -> None:
    golden = np.load(GOLDEN / "gguf_blocks.npz")
    expected = golden[f"{dtype}_values"]
    assert expected.shape == (3, 2 * STORED_TYPES[dtype].values)
    np.testing.assert_array_equal(dequantize(golden[f"{dtype}_bytes"].tobytes(), dtype, expected.shape), expected)


def test_a_file_written_by_llama_cpps_package() -> None:
    with GGUFFile(GOLDEN / "tiny_text.gguf") as file:
        assert file.metadata["general.architecture"] == "llama"
        assert file.metadata["llama.rope.freq_base"] == 5000.0
        assert file.metadata["tokenizer.ggml.add_bos_token"] is False
        assert file.metadata["tokenizer.ggml.merges"] == ["a b", "c d"]
        assert file.metadata["tokenizer.ggml.token_type"] == [3] * 4 + [1] * 36
        assert file.tensors["blk.1.ffn_down.weight"].shape == (32, 64)
        found = {info.dtype for info in file.tensors.values()}
        assert found == {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"}
        for info in file.tensors.values():
            assert info.offset % 32 == 0
            assert len(file.read(info.name)) == info.nbytes


def test_every_kind_of_value() -> None:
    built = GGUFBytes(metadata=12)
    scalars = {
        "u8": (U8, 255), "i32": (I32, -5), "u32": (U32, 1 << 31), "f32": (F32, 0.5), "bool": (BOOL, 1),
        "u64": (U64, 1 << 63),
        "text": (STRING, "é\n"), "none": (ARRAY, (STRING, [])), "texts": (ARRAY, (STRING, ["", "ab", "ü"])),
        "ints": (ARRAY, (I32, [1, -1])), "bools": (ARRAY, (BOOL, [1, 0])),
        "nested": (ARRAY, (ARRAY, [(U8, [1, 2]), (STRING, ["x"])])),
    }  # fmt: skip
    for key, (kind, value) in scalars.items():
        built.entry(key, kind, value)
    assert parse(built.finish()).metadata == {
        "u8": 255, "i32": -5, "u32": 1 << 31, "f32": 0.5, "bool": True, "u64": 1 << 63, "text": "é\n", "none": [],
        "texts": ["", "ab", "ü"], "ints": [1, -1], "bools": [True, False], "nested": [[1, 2], ["x"]],
    }  # fmt: skip


def test_texts_in_other_encodings_are_no_reason_to_refuse_a_file() -> None:
    """llama.cpp takes texts as bytes. Tokens stay what they are, all else is readable."""
    built = GGUFBytes(metadata=3).entry("general.author", STRING, b"Jos\xe9").entry(b"k\xff", U8, 1)
    data = built.entry("tokens", ARRAY, (STRING, [b"a", b"\xc3", b"\xe9"])).finish()
    assert parse(data).metadata == {"general.author": "Jos\ufffd", "k\ufffd": 1, "tokens": ["a", "\udcc3", "\udce9"]}


def test_shapes_offsets_and_alignment() -> None:
    built = GGUFBytes(2, 1, version=2).entry("general.alignment", U32, 64)
    built.tensor("b", [64, 3], 8, 64).tensor("a", [2, 3, 4, 1], 0, 320)
    data = built.finish(320 + 96, 64)
    tensors = parse(data).tensors
    assert (tensors["b"].dtype, tensors["b"].shape, tensors["b"].nbytes) == ("Q8_0", (3, 64), 204)
    assert (tensors["a"].shape, tensors["a"].offset) == ((1, 4, 3, 2), len(data) - 96)


def test_a_short_buffer_asks_for_more_and_doubles() -> None:
    """Starting from nothing, a vocabulary is fetched and parsed again a few times only."""
    built = GGUFBytes(1, 2).entry("tokens", ARRAY, (STRING, [f"token {i}" for i in range(50_000)]))
    data = built.entry("types", ARRAY, (I32, [1] * 50_000)).tensor("w", [32, 2], 8, 0).finish(68)
    asked = [0]
    header = None
    while header is None:
        try:
            header = parse_header(data[: asked[-1]], len(data))
        except HeaderIncomplete as incomplete:
            asked.append(incomplete.needed)
    assert len(asked) < 25
    assert asked[-1] <= len(data)
    assert all(after >= min(max(2 * before, 1), len(data)) for before, after in pairwise(asked))
    assert header == parse(data)
    assert header.metadata["tokens"][-1] == "token 49999"


def ending(metadata: GGUFBytes) -> bytes:
    return metadata.finish(4096)


HOSTILE = {
    "empty": b"",
    "short": b"GGUF\3\0",
    "not GGUF": b"GGML" + bytes(100),
    "absurd tensor count": ending(GGUFBytes(1 << 63)),
    "absurd metadata count": ending(GGUFBytes(0, 1 << 63)),
    "counts beyond the file": ending(GGUFBytes(1000, 1000)),
    "endless key": ending(GGUFBytes(0, 1).number("Q", 1 << 63)),
    "long key": ending(GGUFBytes(0, 1).entry("k" * 1025, U8, 1)),
    "two values": ending(GGUFBytes(0, 2).entry("k", U8, 1).entry("k", U8, 1)),
    "unknown kind": ending(GGUFBytes(0, 1).string("k").number("I", 13)),
    "truth of 2": ending(GGUFBytes(0, 1).entry("k", BOOL, 2)),
    "endless string": ending(GGUFBytes(0, 1).string("k").number("I", STRING).number("Q", (1 << 64) - 1)),
    "endless array": ending(GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", U8).number("Q", 1 << 62)),
    "endless strings": ending(GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", STRING).number("Q", 1 << 20)),
    "array of unknown": ending(GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", 77).number("Q", 1)),
    "long string in an array": ending(
        GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", STRING).number("Q", 1).number("Q", 1 << 40)
    ),
    "deep arrays": ending(
        GGUFBytes(0, 1).entry("k", ARRAY, (ARRAY, [(ARRAY, [(ARRAY, [(ARRAY, [(ARRAY, [(U8, [1])])])])])]))
    ),
    "alignment of 3": ending(GGUFBytes(0, 1).entry("general.alignment", U32, 3)),
    "alignment of 0": ending(GGUFBytes(0, 1).entry("general.alignment", U32, 0)),
    "absurd alignment": ending(GGUFBytes(0, 1).entry("general.alignment", U32, 1 << 31)),
    "alignment of text": ending(GGUFBytes(0, 1).entry("general.alignment", STRING, "32" * 1000)),
    "no dimensions": ending(GGUFBytes(1).tensor("w", [], 0, 0)),
    "five dimensions": ending(GGUFBytes(1).tensor("w", [1] * 5, 0, 0)),
    "dimension of zero": ending(GGUFBytes(1).tensor("w", [32, 0], 0, 0)),
    "part of a block": ending(GGUFBytes(1).tensor("w", [33, 2], 8, 0)),
    "overflowing shape": ending(GGUFBytes(1).tensor("w", [1 << 32, 1 << 32], 0, 0)),
    "overflowing size": ending(GGUFBytes(1).tensor("w", [1 << 62], 0, 0)),
    "offset out of line": ending(GGUFBytes(1).tensor("w", [4], 0, 8)),
    "offset past the end": ending(GGUFBytes(1).tensor("w", [4], 0, 1 << 20)),
    "overflowing offset": ending(GGUFBytes(1).tensor("w", [4], 0, (1 << 64) - 32)),
    "bytes past the end": ending(GGUFBytes(1).tensor("w", [4096], 0, 0)),
    "overlap": ending(GGUFBytes(2).tensor("a", [32], 0, 0).tensor("b", [32], 0, 96)),
    "the same place": ending(GGUFBytes(2).tensor("a", [32], 0, 0).tensor("b", [32], 0, 0)),
    "duplicate names": ending(GGUFBytes(2).tensor("a", [8], 0, 0).tensor("a", [8], 0, 32)),
}


TRUNCATED = ["empty", "short", "absurd tensor count", "absurd metadata count", "counts beyond the file"]
CODES = {
    **dict.fromkeys([*TRUNCATED, "endless strings", "long string in an array"], "weights-truncated"),
    **dict.fromkeys(["two values", "duplicate names"], "weights-name-twice"),
    **dict.fromkeys(["no dimensions", "five dimensions", "dimension of zero", "part of a block"], "tensor-invalid"),
    **dict.fromkeys(["overflowing shape", "overflowing size", "offset out of line"], "tensor-invalid"),
    **dict.fromkeys(["offset past the end", "overflowing offset", "bytes past the end"], "tensor-invalid"),
    **dict.fromkeys(["overlap", "the same place"], "tensor-invalid"),
}
"""All others are "weights-invalid"."""


@pytest.mark.parametrize("name", HOSTILE)
def test_lying_headers_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        parse(HOSTILE[name])
    assert caught.value.code == CODES.get(name, "weights-invalid")
    assert len(str(caught.value)) < 300
    path = tmp_path / "x.gguf"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ModelError):
        GGUFFile(path)


@pytest.mark.parametrize(
    ("data", "word", "code"),
    [
        (GGUFBytes(1).tensor("w", [256], 21, 0).finish(110), "IQ3_S", "weights-unsupported"),
        (GGUFBytes(1).tensor("w", [256], 35, 0).finish(66), "TQ2_0", "weights-unsupported"),
        (GGUFBytes(1).tensor("w", [256], 4711, 0).finish(4096), "type 4711", "weights-unsupported"),
        (GGUFBytes(version=1).finish(64), "version 0x1", "gguf-version-unsupported"),
        (GGUFBytes(version=3 << 24).finish(64), "little-endian", "gguf-version-unsupported"),
    ],
)
def test_what_is_not_supported_is_named(data: bytes, word: str, code: str) -> None:
    with pytest.raises(ModelError, match=word) as caught:
        parse(data)
    assert caught.value.code == code


def test_arrays_are_limited_together() -> None:
    """Each would fit into the file's size; the file is only said to be so large, so nothing was taken."""
    built = GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", U8).number("Q", MAX_ITEMS + 1)
    with pytest.raises(ModelError):
        parse_header(bytes(built.data), 1 << 40)
    built = GGUFBytes(0, 1).string("k").number("I", ARRAY).number("I", U8).number("Q", MAX_ITEMS)
    with pytest.raises(HeaderIncomplete):
        parse_header(bytes(built.data), 1 << 40)


def test_long_headers_are_refused_before_they_are_fetched() -> None:
    built = GGUFBytes(0, 1).string("k").number("I", STRING).number("Q", 200_000_000)
    with pytest.raises(ModelError, match="no valid header"):
        parse_header(bytes(built.data), 1 << 40)
    built = GGUFBytes(0, 1 << 23)
    with pytest.raises(ModelError, match="more than 100000000"):
        parse_header(bytes(built.data), 1 << 40)
