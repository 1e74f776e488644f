"""Few bits a weight are warned of before a model answers with noise, and only then."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from public_model import write_smolvlm
from tinyvlm import VLM
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.folder.quantizer import quantize_model
from tinyvlm.weights.loss import SMALL, warn_of_loss
from tinyvlm.weights.tensor_info import TensorInfo

WARNINGS = {"q4": "one time in five", "q2": "noise"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_smolvlm(tmp_path_factory.mktemp("models") / "smolvlm")


@pytest.mark.parametrize("scheme", WARNINGS)
def test_it_is_said_where_a_model_loses(folder: Path, tmp_path: Path, scheme: Any) -> None:
    """When it is opened so, and when it is written so; whoever called is named."""
    with pytest.warns(UserWarning, match=WARNINGS[scheme]) as opened:
        VLM.from_pretrained(folder, backend="numpy", quantization=scheme)
    with pytest.warns(UserWarning, match=WARNINGS[scheme]) as written:
        quantize_model(LocalFolder(folder), tmp_path / scheme, scheme)
    assert {warning.filename for warning in [*opened, *written]} == {__file__}


@pytest.mark.parametrize("scheme", WARNINGS)
def test_what_holds_it_already_is_not_warned_of(folder: Path, tmp_path: Path, scheme: Any) -> None:
    with pytest.warns(UserWarning, match=WARNINGS[scheme]):
        target = quantize_model(LocalFolder(folder), tmp_path / scheme, scheme)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        VLM.from_pretrained(target, backend="numpy")
        VLM.from_pretrained(target, backend="numpy", quantization=scheme)
        VLM.from_pretrained(folder, backend="numpy", quantization="q8")


@pytest.mark.parametrize(("weights", "count"), [(SMALL - 1, 1), (SMALL, 0)])
def test_large_models_bear_4_bits(weights: int, count: int) -> None:
    tensors = {"all": TensorInfo("all", "F32", (weights,), 0, 4 * weights)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_loss("q4", tensors, 1)
        warn_of_loss("q8", tensors, 1)
        warn_of_loss(None, tensors, 1)
    assert len(caught) == count
