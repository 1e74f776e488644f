"""Two planes of nibbles: what they hold, how they are seen as one matrix, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.errors import ModelError
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.weights import planes
from tinyvlm.weights.planes import (
    HIGH,
    LOW,
    DraftPlanes,
    JoinedPlanes,
    SplitPlanes,
    draft_values,
    high_plane,
    join_planes,
    low_plane,
)
from tinyvlm.weights.safetensors import open_safetensors, write_safetensors
from tinyvlm.weights.source import Float32Weights, is_held_as, is_quantized, read_array

Tensors = dict[str, tuple[str, tuple[int, ...], bytes]]

sizes, seeds = st.integers(0, 20), st.integers(0, 2**32 - 1)


def matrix(seed: int, n: int, k: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (n, k), np.int8)


@given(sizes, sizes, seeds)
def test_planes_hold_the_matrix(n: int, k: int, seed: int) -> None:
    values = matrix(seed, n, k)
    high, low = high_plane(values), low_plane(values)
    assert high.shape == low.shape == (n, (k + 1) // 2)
    np.testing.assert_array_equal(join_planes(high, low, k), values)


@given(sizes, sizes, seeds)
def test_a_draft_is_off_by_eight_at_most_and_by_nothing_on_average(n: int, k: int, seed: int) -> None:
    values = matrix(seed, n, k)
    error = draft_values(high_plane(values), k).astype(int) - values
    assert np.abs(error).max(initial=0) <= 8
    every = np.arange(-128, 128, dtype=np.int8)
    pairs = np.stack([every, every], axis=1)  # each value in an even and in an odd column
    assert (draft_values(high_plane(pairs), 2).astype(int) - pairs).sum() == 0


def test_which_nibble_is_whose() -> None:
    values = np.array([[0x12, -1, 0x7F, -128]], np.int8)
    assert high_plane(values).tolist() == [[0xF1, 0x87]]
    assert low_plane(values).tolist() == [[0xF2, 0x0F]]


def q8(name: str, n: int, k: int) -> Tensors:
    scale = np.linspace(0.01, 0.02, n).astype(np.float32)
    return {name: ("I8", (n, k), matrix(n + k, n, k).tobytes()), f"{name}_scale": ("F32", (n,), scale.tobytes())}


def test_a_folder_with_planes_reads_as_one_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "LEAST_VALUES", 64)
    stored = {**q8("big.weight", 8, 16), **q8("odd.weight", 9, 15), **q8("small.weight", 7, 8)}
    path = tmp_path / "model.safetensors"
    write_safetensors(path, stored, {})
    whole = open_safetensors(path)
    split = SplitPlanes(whole)
    left = {name for name in stored if name != "big.weight"}
    written = {name for name in split.tensors if not name.startswith("__padding")}
    assert written == {"big.weight_high", "big.weight_low", *left}
    (tmp_path / "split").mkdir()
    kinds = {name: split.tensors[name] for name in written}
    tensors = {name: (info.dtype, info.shape, bytes(split.read(name))) for name, info in kinds.items()}
    write_safetensors(tmp_path / "split" / "model.safetensors", tensors, {})

    source = LocalFolder(tmp_path / "split").weights()
    assert isinstance(source, JoinedPlanes)
    assert is_quantized(source)
    assert is_held_as(source, "q8")
    assert {name for name in source.tensors if not name.startswith("__padding")} == set(stored)
    for name, (dtype, shape, data) in stored.items():
        assert (source.tensors[name].dtype, source.tensors[name].shape) == (dtype, shape)
        assert bytes(source.read(name)) == data
        assert Float32Weights(source).read(name) == Float32Weights(whole).read(name)
    draft = read_array(DraftPlanes(split), "big.weight")
    np.testing.assert_array_equal(draft, draft_values(high_plane(matrix(24, 8, 16)), 16))
    assert bytes(DraftPlanes(split).read("odd.weight")) == stored["odd.weight"][2]


def test_matrices_of_64_kib_are_split_and_smaller_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, {**q8("large.weight", 256, 256), **q8("small.weight", 255, 256)}, {})
    names = {name for name in SplitPlanes(open_safetensors(path)).tensors if name.endswith(("weight", "high", "low"))}
    assert names == {"large.weight_high", "large.weight_low", "small.weight"}


HOSTILE: dict[str, Tensors] = {
    "no low plane": {"a.weight_high": ("U8", (2, 2), bytes(4))},
    "no high plane": {"a.weight_low": ("U8", (2, 2), bytes(4))},
    "rows": {"a.weight_high": ("U8", (2, 2), bytes(4)), "a.weight_low": ("U8", (3, 2), bytes(6))},
    "columns": {"a.weight_high": ("U8", (2, 2), bytes(4)), "a.weight_low": ("U8", (2, 3), bytes(6))},
    "turned": {"a.weight_high": ("U8", (2, 3), bytes(6)), "a.weight_low": ("U8", (3, 2), bytes(6))},
    "type": {"a.weight_high": ("U8", (2, 2), bytes(4)), "a.weight_low": ("I8", (2, 2), bytes(4))},
    "a line": {"a.weight_high": ("U8", (4,), bytes(4)), "a.weight_low": ("U8", (4,), bytes(4))},
    "the matrix too": {
        "a.weight": ("I8", (2, 4), bytes(8)),
        "a.weight_high": ("U8", (2, 2), bytes(4)),
        "a.weight_low": ("U8", (2, 2), bytes(4)),
    },
}


@pytest.mark.parametrize("case", HOSTILE)
def test_planes_that_do_not_belong_together_are_refused(tmp_path: Path, case: str) -> None:
    write_safetensors(tmp_path / "model.safetensors", HOSTILE[case], {})
    with pytest.raises(ModelError, match="two planes of the same size") as caught:
        LocalFolder(tmp_path).weights()
    assert caught.value.code == "tensor-planes-wrong"


def test_names_that_only_end_alike_are_tensors_like_others(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors", {"weight_high": ("F32", (1,), bytes(4))}, {})
    assert set(LocalFolder(tmp_path).weights().tensors) == {"weight_high"}


def test_a_file_can_be_closed_when_both_planes_were_read(tmp_path: Path) -> None:
    """Whoever still holds the planes then: the last matrix is kept between its planes, no longer."""
    weights = tmp_path / "weights.safetensors"
    write_safetensors(weights, {"a.weight": ("I8", (256, 256), bytes(256 * 256))}, {})
    with open_safetensors(weights) as file:
        split = SplitPlanes(file)
        assert [len(split.read(f"a.weight{plane}")) for plane in (HIGH, LOW)] == [256 * 128] * 2
    assert set(split.tensors) >= {f"a.weight{HIGH}", f"a.weight{LOW}"}
