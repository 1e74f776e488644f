"""scripts/build_model.py: what becomes of trained tensors."""

from __future__ import annotations

import numpy as np
import pytest

from bundled_model import folder_writer

SIZES = {"stem": (5, 3, 2, 2), "convolution": (5, 3, 2, 2), "depthwise": (4, 1, 3, 3), "matrix": (4, 6)}


def trained() -> dict[str, np.ndarray]:
    """Small tensors with the names and the rank of trained ones."""
    random, arrays = np.random.RandomState(0), {}
    for name, kind in folder_writer._names():
        shape = SIZES.get(kind, (4,))
        arrays[f"{name}.weight"] = random.standard_normal(shape).astype(np.float32)
        arrays[f"{name}.bias"] = random.standard_normal(shape[0]).astype(np.float32)
    return arrays


def test_every_tensor_is_written_once() -> None:
    arrays = trained()
    names = [name for name, _, _ in folder_writer.convert(arrays)]
    assert sorted(names) == sorted(arrays)


def test_a_convolution_s_columns_are_row_column_channel() -> None:
    arrays = trained()
    ours = {name: value for name, value, _ in folder_writer.convert(arrays)}
    for name in ("connector.features_28.weight", "vision.stem.weight"):
        actual, weight = ours[name], arrays[name]
        assert actual.shape == (5, 2 * 2 * 3)
        for n, y, x, c in np.ndindex(5, 2, 2, 3):
            assert actual[n, (y * 2 + x) * 3 + c] == weight[n, c, y, x]


def test_the_detail_s_convolution_is_q8_and_the_stem_is_not() -> None:
    tensors = dict(folder_writer.stored(trained(), "q8"))
    assert tensors["connector.features_28.weight"][0] == "I8"
    assert tensors["connector.features_28.weight_scale"][:2] == ("F32", (5,))
    assert tensors["vision.stem.weight"][0] == "F32"


def test_float32_rounds_nothing() -> None:
    arrays = {name: value for name, value, _ in folder_writer.convert(trained())}
    tensors = dict(folder_writer.stored(trained(), "float32"))
    assert {name: data for name, (_, _, data) in tensors.items()} == {n: v.tobytes() for n, v in arrays.items()}


def test_weights_that_nothing_asks_for_are_refused() -> None:
    with pytest.raises(AssertionError, match="features_56"):
        list(folder_writer.convert({**trained(), "connector.features_56.weight": np.zeros((1, 1), np.float32)}))
