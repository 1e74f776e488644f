"""Reading and writing safetensors; hostile headers are refused before any memory is taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyvlm.errors import ModelError
from tinyvlm.hub import open_model
from tinyvlm.weights.quantize import dequantize_q8, quantize_q8
from tinyvlm.weights.safetensors import open_safetensors, parse_header, stream_safetensors, write_safetensors
from tinyvlm.weights.source import Float32Weights


def file_bytes(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(dtype: str = "F32", shape: Any = (1,), offsets: Any = (0, 4)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def test_round_trip(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.int8([[1, -2, 3]]), "c": np.float32([9])}
    names = {"float32": "F32", "int8": "I8"}
    path = tmp_path / "x.safetensors"
    write_safetensors(path, {n: (names[a.dtype.name], a.shape, a.tobytes()) for n, a in arrays.items()}, {"k": "v"})
    with open_safetensors(path) as file:
        assert file.metadata == {"k": "v"}
        for name, array in arrays.items():
            info = file.tensors[name]
            assert info.offset % 64 == 0
            assert (info.shape, info.nbytes) == (array.shape, array.nbytes)
            assert bytes(file.read(name)) == array.tobytes()


def test_the_bundled_weights_hold_what_they_should() -> None:
    tensors = open_model().weights().tensors
    names = [name for name in tensors if not name.startswith("__padding_")]
    values = sum(int(np.prod(tensors[name].shape)) for name in names if not name.endswith("_scale"))
    assert values == 12_825_304
    assert tensors["text.embed_tokens.weight"].dtype == "I8"
    assert tensors["vision.stem.weight"].shape == (32, 27)


HOSTILE = {
    "empty": b"",
    "short": b"\x01\0\0",
    "huge header": (1 << 62).to_bytes(8, "little") + b"{}",
    "header past the end": (100).to_bytes(8, "little") + b"{}",
    "not JSON": file_bytes(b"{nope"),
    "not UTF-8": file_bytes(b"\xff\xfe"),
    "deep JSON": file_bytes(b"[" * 100_000),
    "a list": file_bytes([]),
    "duplicate names": file_bytes(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}}'),
    "bad metadata": file_bytes({"__metadata__": {"a": 1}}),
    "metadata list": file_bytes({"__metadata__": []}),
    "missing key": file_bytes({"a": {"dtype": "F32", "shape": [1]}}, bytes(4)),
    "extra key": file_bytes({"a": {**tensor(), "more": 1}}, bytes(4)),
    "unknown type": file_bytes({"a": tensor("F7")}, bytes(4)),
    "type of a wrong kind": file_bytes({"a": tensor() | {"dtype": 3}}, bytes(4)),
    "negative shape": file_bytes({"a": tensor(shape=(-1,))}, bytes(4)),
    "float shape": file_bytes({"a": tensor(shape=(1.0,))}, bytes(4)),
    "true shape": file_bytes({"a": tensor(shape=(True,))}, bytes(4)),
    "overflowing shape": file_bytes({"a": tensor(shape=(1 << 32, 1 << 32, 1 << 32))}, bytes(4)),
    "overflowing product": file_bytes({"a": tensor(shape=(1 << 62, 4, 1))}, bytes(4)),
    "shape too long": file_bytes({"a": tensor(shape=[1] * 1000)}, bytes(4)),
    "negative offset": file_bytes({"a": tensor(offsets=(-4, 0))}, bytes(4)),
    "backward offsets": file_bytes({"a": tensor(offsets=(4, 0))}, bytes(4)),
    "past the end": file_bytes({"a": tensor(offsets=(0, 8), shape=(2,))}, bytes(4)),
    "three offsets": file_bytes({"a": tensor(offsets=(0, 4, 4))}, bytes(4)),
    "wrong size": file_bytes({"a": tensor(shape=(2,))}, bytes(4)),
    "overlap": file_bytes({"a": tensor(), "b": tensor()}, bytes(4)),
    "gap": file_bytes({"a": tensor(offsets=(4, 8))}, bytes(8)),
    "bytes left over": file_bytes({"a": tensor()}, bytes(9)),
}


CODES = {
    **dict.fromkeys(("empty", "short", "header past the end"), "weights-truncated"),
    "huge header": "weights-header-too-long",
    **dict.fromkeys(("not JSON", "not UTF-8", "deep JSON", "a list", "duplicate names"), "weights-invalid"),
    **dict.fromkeys(("bad metadata", "metadata list"), "weights-invalid"),
    "unknown type": "weights-unsupported",
    "bytes left over": "weights-bytes-left",
}
"""All others are "tensor-invalid"."""


@pytest.mark.parametrize("name", HOSTILE)
def test_lying_headers_are_refused(name: str, tmp_path: Path) -> None:
    data = HOSTILE[name]
    with pytest.raises(ModelError) as caught:
        parse_header(data, len(data))
    assert caught.value.code == CODES.get(name, "tensor-invalid")
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(ModelError):
        open_safetensors(path)


def test_q8_rounds_within_half_a_step() -> None:
    weight = np.random.default_rng(0).standard_normal((9, 50)).astype(np.float32)
    weight[3] = 0
    values, scale = quantize_q8(weight)
    assert values.dtype == np.int8
    assert scale.dtype == np.float32
    assert np.abs(values).max() == 127
    assert scale[3] == 1
    assert (np.abs(dequantize_q8(values, scale) - weight) <= scale[:, None] * 0.501).all()


def test_float32_weights_multiply_out() -> None:
    source = open_model().weights()
    plain = Float32Weights(source)
    name = "text.layers.0.mlp.up.weight"
    assert plain.tensors[name].dtype == "F32"
    assert f"{name}_scale" not in plain.tensors
    values = np.frombuffer(source.read(name), np.int8).reshape(1024, 256)
    scale = np.frombuffer(source.read(f"{name}_scale"), np.float32)
    np.testing.assert_array_equal(
        np.frombuffer(plain.read(name), np.float32).reshape(1024, 256), dequantize_q8(values, scale)
    )


def test_bytes_that_do_not_fit_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    with pytest.raises(ValueError, match="a: 2 bytes"):
        write_safetensors(path, {"a": ("F32", (3,), b"xx")}, {})
    assert not path.exists()


def test_a_file_written_tensor_by_tensor_is_the_same(tmp_path: Path) -> None:
    """The bundled one. Bytes are asked for once, in any order; such as do not fit are an error then."""
    source, asked = open_safetensors(open_model().path / "model.safetensors"), list[str]()
    tensors = {
        name: (info.dtype, info.shape) for name, info in source.tensors.items() if not name.startswith("__padding_")
    }

    def read(name: str) -> bytes:
        asked.append(name)
        return bytes(source.read(name))

    for order in (list(tensors), sorted(tensors, key=lambda name: name[::-1])):
        asked.clear()
        stream_safetensors(tmp_path / "x.safetensors", tensors, read, {"format": "tinyvlm-q8"}, reading=order)
        assert asked == order
        assert (tmp_path / "x.safetensors").read_bytes() == (open_model().path / "model.safetensors").read_bytes()
    with pytest.raises(ValueError, match="2 bytes"):
        stream_safetensors(tmp_path / "y.safetensors", tensors, lambda _: b"xx", {})
