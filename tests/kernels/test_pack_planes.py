"""Two planes packed one after the other against pack_q8 of their numpy definition, to the last byte."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import Harness
from tinyvlm.backends.kernel_interface import allocate
from tinyvlm.weights.planes import draft_values, high_plane, low_plane

examples = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@examples
@given(st.integers(1, 40), st.integers(1, 75), st.integers(0, 2**32 - 1))
def test_planes_are_packed_as_q8_is(harness: Harness, n: int, k: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-128, 128, (n, k), np.int8)
    rows = -(-n // 8) * 8
    size = rows * (-(-k // 4) * 4)
    target, expected = Packed(harness, size, rows), Packed(harness, size, rows)
    target.pack("pack_high_plane", high_plane(values), n, k)
    expected.pack("pack_q8", draft_values(high_plane(values), k), n, k)
    assert target.bytes() == expected.bytes()
    target.pack("add_low_plane", low_plane(values), n, k)
    expected.pack("pack_q8", values, n, k)
    assert target.bytes() == expected.bytes()
    for packed in (target, expected):
        packed.free()


class Packed:
    """A matrix in kernel memory and its sums: garbage until something is packed."""

    def __init__(self, harness: Harness, size: int, rows: int) -> None:
        self.kernels, self.size, self.rows = harness.kernels, size, rows
        self.address = allocate(self.kernels, size + 4 * rows)
        self.kernels.write(self.address, b"\xa5" * (size + 4 * rows))

    def pack(self, kernel: str, stored: np.ndarray, n: int, k: int) -> None:
        source = allocate(self.kernels, stored.nbytes)
        self.kernels.write(source, stored.tobytes())
        self.kernels.call(kernel, source, self.address, self.address + self.size, n, k)
        self.kernels.call("heap_free", source)

    def bytes(self) -> bytes:
        return self.kernels.read(self.address, self.size + 4 * self.rows)

    def free(self) -> None:
        self.kernels.call("heap_free", self.address)
