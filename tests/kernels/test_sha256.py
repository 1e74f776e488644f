"""SHA-256 in the kernels against hashlib, however the data are cut into pieces."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import Harness
from tinyvlm.backends.kernel_interface import allocate

examples = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Around the ends of blocks, where padding takes one block or two.
sizes = st.one_of(st.integers(0, 200), st.integers(0, 70_000))


def digest(harness: Harness, data: bytes, cuts: list[int]) -> str:
    """Feed `data` in pieces, from an odd address."""
    kernels = harness.kernels
    state = allocate(kernels, kernels.call("sha256_state_size"))
    source, result = allocate(kernels, len(data) + 1), allocate(kernels, 32)
    kernels.write(source + 1, data)
    kernels.call("sha256_start", state)
    for start, stop in pairwise([0, *sorted(cuts), len(data)]):
        kernels.call("sha256_update", state, source + 1 + start, stop - start)
    kernels.call("sha256_finish", state, result)
    found = bytes(kernels.read(result, 32)).hex()
    for address in (state, source, result):
        kernels.call("heap_free", address)
    return found


@examples
@given(size=sizes, seed=st.binary(min_size=1, max_size=8), fractions=st.lists(st.floats(0, 1), max_size=6))
def test_hash_is_hashlibs(harness: Harness, size: int, seed: bytes, fractions: list[float]) -> None:
    data = (hashlib.sha512(seed).digest() * (size // 64 + 1))[:size]
    cuts = [int(fraction * size) for fraction in fractions]
    assert digest(harness, data, cuts) == hashlib.sha256(data).hexdigest()


def test_every_length_around_a_block(harness: Harness) -> None:
    for size in range(200):
        data = bytes(range(size))
        assert digest(harness, data, [size // 3]) == hashlib.sha256(data).hexdigest(), size
