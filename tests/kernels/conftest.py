"""Every kernel test runs on both builds, with one thread and with several, and under the deterministic lowering."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import Harness
from tinyvlm.backends import program
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels

CONFIGURATIONS = {
    "relaxed-1": {"variant": "relaxed", "threads": 1},
    "relaxed-3": {"variant": "relaxed", "threads": 3},
    "deterministic-2": {"variant": "relaxed", "threads": 2, "deterministic": True},
    "deterministic-7-bits": {"variant": "relaxed", "threads": 1, "deterministic": True, "activation_mode": 0},
    "simd128-1": {"variant": "simd128", "threads": 1},
    "simd128-2": {"variant": "simd128", "threads": 2},
}


@pytest.fixture(scope="module", autouse=True)
def share_everything() -> Iterator[None]:
    """However small an instruction is, all threads take part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "SERIAL_COST", 0)
        patch.setattr(program, "SERIAL_PROGRAM_COST", 0)
        yield


@pytest.fixture(scope="session", params=CONFIGURATIONS)
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A harness over one configuration; at the end nothing may be left on its heap but the helpers' stacks."""
    kernels = WasmtimeKernels(**CONFIGURATIONS[request.param])
    before = kernels.call("heap_used")
    yield Harness(kernels)
    assert kernels.call("heap_used") == before
    kernels.close()
