"""Tensors that do not belong together are refused while a program is recorded: kernels trust its sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import Storage, Value
from tinyvlm.errors import ModelError

MISFITS: dict[str, Callable[[Recorder, Value], Any]] = {
    "channels that are no whole blocks": lambda ops, x: ops.depth_to_space(x, 2),
    "a residual of another size": lambda ops, x: ops.upsample(x, 2, residual=x),
    "too few factors": lambda ops, x: ops.scale_columns(x, tensor(1, 5)),
    "a row of factors for each row": lambda ops, x: ops.scale_columns(x, tensor(16, 6)),
    "maps of another size": lambda ops, x: ops.join_columns([x, tensor(2, 8, 6)]),
    "nine numbers": lambda ops, x: ops.rectify(x, [1.0] * 9, 2, 2),
    "filters of fewer channels": lambda ops, x: ops.depthwise_conv2d(x, tensor(3, 3, 5), tensor(6), stride=1),
    "a bias of fewer channels": lambda ops, x: ops.depthwise_conv2d(x, tensor(3, 3, 6), tensor(5), stride=1),
}


class NoConstants:
    """Room for what programs read, which nobody reads here."""

    activation_bytes = 1

    def store(self, data: bytes) -> int:
        return 64

    def rope_table(self, head_dim: int, positions: int, theta: float, factor: float) -> int:
        return 64


def tensor(*shape: int) -> Value:
    return Value(shape, Storage(64, 64))


@pytest.mark.parametrize("misfit", MISFITS)
def test_what_does_not_fit_is_refused(misfit: str) -> None:
    ops = Recorder(NoConstants())
    with pytest.raises(ModelError, match="do not fit its config"):
        MISFITS[misfit](ops, tensor(4, 4, 6))
    assert not ops.instructions
