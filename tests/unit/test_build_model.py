"""scripts/build_model.py: the trainer's tensors under our names, and the config that goes with them."""

from __future__ import annotations

import numpy as np
import pytest

import build_model

SIZES = {"stem": (5, 3, 2, 2), "convolution": (5, 3, 2, 2), "depthwise": (4, 1, 3, 3), "matrix": (4, 6)}


def trained(*, detail: bool) -> dict[str, np.ndarray]:
    """Small tensors with the trainer's names."""
    random, arrays = np.random.RandomState(0), {}
    for _, name, kind in build_model._names():
        if detail or name != "p28":
            shape = SIZES.get(kind, (4,))
            arrays[f"{name}.weight"] = random.standard_normal(shape).astype(np.float32)
            arrays[f"{name}.bias"] = random.standard_normal(shape[0]).astype(np.float32)
    return arrays


@pytest.mark.parametrize("detail", [True, False])
def test_config_and_tensors_have_detail_where_the_weights_do(detail: bool) -> None:
    arrays = trained(detail=detail)
    names = {name for name, _, _ in build_model.convert(arrays)}
    config = build_model.model_config(arrays)
    assert ("connector.features_28.weight" in names) == ("connector_config" in config) == detail
    assert config.get("connector_config", {"detail_stage": 2}) == {"detail_stage": 2}
    assert len(names) == len(arrays)


def test_a_convolution_s_columns_are_row_column_channel() -> None:
    arrays = trained(detail=True)
    ours = {name: value for name, value, _ in build_model.convert(arrays)}
    for name, theirs in (("connector.features_28", "p28"), ("vision.stem", "tower.stem.c")):
        actual, weight = ours[f"{name}.weight"], arrays[f"{theirs}.weight"]
        assert actual.shape == (5, 2 * 2 * 3)
        for n, y, x, c in np.ndindex(5, 2, 2, 3):
            assert actual[n, (y * 2 + x) * 3 + c] == weight[n, c, y, x]


def test_the_detail_s_convolution_is_q8_and_the_stem_is_not() -> None:
    tensors = dict(build_model.stored(trained(detail=True)))
    assert tensors["connector.features_28.weight"][0] == "I8"
    assert tensors["connector.features_28.weight_scale"][:2] == ("F32", (5,))
    assert tensors["vision.stem.weight"][0] == "F32"


def test_weights_that_nothing_asks_for_are_refused() -> None:
    with pytest.raises(AssertionError, match="p56"):
        list(build_model.convert({**trained(detail=True), "p56.weight": np.zeros((1, 1), np.float32)}))
