"""Programs, threads, heap: the engine around the kernels."""

from __future__ import annotations

import re
import threading
import time
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvlm.backends.arena import assign_offsets
from tinyvlm.backends.kernel_interface import ACTIVATION_BITS, allocate
from tinyvlm.backends.kernel_memory import KernelConstants
from tinyvlm.backends.opcodes import OPCODES
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import Register, Storage, Value
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import KernelError

ROOT = Path(__file__).resolve().parents[2]


def test_opcodes_are_the_kernels_table() -> None:
    table = re.search(r"kernels\[\] = \{(.*?)\};", (ROOT / "wasm-kernels/engine.c").read_text(), re.S)
    assert table
    names = re.findall(r"K\((\w+)\)", table[1])
    assert ("end", *names) == OPCODES


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 20), st.integers(0, 20)), max_size=40))
def test_arena_never_overlaps_what_lives_at_the_same_time(spans: list[tuple[int, int, int]]) -> None:
    storages = [Storage(size, None, min(a, b), max(a, b)) for size, a, b in spans]
    offsets, size = assign_offsets(storages)
    for i, a in enumerate(storages):
        assert offsets[a] % 64 == 0
        assert offsets[a] + a.nbytes <= size
        for b in storages[:i]:
            apart = a.last < b.first or b.last < a.first
            assert apart or offsets[a] + a.nbytes <= offsets[b] or offsets[b] + b.nbytes <= offsets[a]


def test_only_memory_that_is_the_kernels_is_read_and_written() -> None:
    """They are called with plain addresses: one too far would be the process's own."""
    kernels = _heap_kernels()
    address = allocate(kernels, 8)
    end = kernels._memory.data_len()
    kernels.write(address, b"whatever")
    assert kernels.read(address, 8) == b"whatever"
    assert kernels.read(1, 1)
    assert len(kernels.read(end - 4, 4)) == 4
    for at, nbytes in ((0, 1), (-8, 8), (end - 4, 5), (end, 1), (address, -1)):
        with pytest.raises(KernelError) as refused:
            kernels.read(at, nbytes)
        assert refused.value.code == "bad-address", (at, nbytes)
    for at in (0, -8, end - 4):
        with pytest.raises(KernelError) as refused:
            kernels.write(at, b"whatever")
        assert refused.value.code == "bad-address", at


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200_000)), max_size=60))
def test_heap_keeps_every_block_intact(steps: list[tuple[bool, int]]) -> None:
    kernels = _heap_kernels()
    start = kernels.call("heap_used")
    blocks: list[tuple[int, bytes]] = []
    for index, (release, size) in enumerate(steps):
        if release and blocks:
            address, content = blocks.pop(size % len(blocks))
            assert kernels.read(address, len(content)) == content
            kernels.call("heap_free", address)
        else:
            address, content = allocate(kernels, size), bytes([index]) * size
            assert address % 64 == 0
            kernels.write(address, content)
            blocks.append((address, content))
    for address, content in blocks:
        assert kernels.read(address, len(content)) == content
        kernels.call("heap_free", address)
    assert kernels.call("heap_used") == start


_shared: list[WasmtimeKernels] = []


def _heap_kernels() -> WasmtimeKernels:
    if not _shared:
        _shared.append(WasmtimeKernels(threads=1))
    return _shared[0]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_freed_neighbours_are_one_block_again(order: tuple[int, int, int]) -> None:
    """In whatever order they are freed: what they held together finds room where the first of them was."""
    kernels = WasmtimeKernels(threads=1)
    blocks = [allocate(kernels, 100_000) for _ in range(3)]
    allocate(kernels, 64)  # keeps them from lying at the heap's end
    for index in order:
        kernels.call("heap_free", blocks[index])
    assert allocate(kernels, 300_000) == blocks[0]
    kernels.close()


def test_a_free_block_at_the_heap_s_end_grows_in_its_place() -> None:
    kernels = WasmtimeKernels(threads=1)
    small = allocate(kernels, 100_000)
    kernels.call("heap_free", small)
    assert allocate(kernels, 5_000_000) == small
    kernels.close()


@pytest.mark.parametrize(
    ("options", "mode", "bits"),
    [
        ({"variant": "simd128"}, 1, 8),
        ({"variant": "relaxed", "deterministic": True}, 2, 8),
        ({"variant": "relaxed", "deterministic": True, "activation_mode": 0}, 0, 7),
    ],
)
def test_the_probe_finds_how_the_dot_product_reads_eight_bits(options: dict[str, Any], mode: int, bits: int) -> None:
    """Plain SIMD takes unsigned bytes; relaxed SIMD's deterministic lowering signed ones."""
    kernels = WasmtimeKernels(threads=1, **options)
    assert (kernels.activation_mode, ACTIVATION_BITS[kernels.activation_mode]) == (mode, bits)
    kernels.close()


def test_too_much_memory_is_a_sentence() -> None:
    kernels = _heap_kernels()
    for nbytes in (2**31 - 1, 2**31 + 5):
        with pytest.raises(KernelError, match="no memory"):
            allocate(kernels, nbytes)


def test_registers_are_read_when_the_program_runs() -> None:
    """One program, several row counts: only the asked rows are written."""
    kernels = WasmtimeKernels(threads=2)
    constants = KernelConstants(kernels)
    store = constants.store

    x = np.arange(40, dtype=np.float32).reshape(10, 4)
    recorder = Recorder(constants)
    rows = Register(0, 10)
    source = Value((rows, 4), Storage(160, store(x.tobytes())))
    target = Value((10, 4), Storage(160, store(bytes(160))))
    recorder.write_rows(target, source, 0)
    program = store(recorder.encode(0, {}).tobytes())
    for count in (3, 7):
        kernels.write(target.storage.address or 0, bytes(160))
        assert kernels.run(program, count, 0, 0, 0, 0) == 0
        written = np.frombuffer(kernels.read(target.storage.address or 0, 160), np.float32).reshape(10, 4)
        np.testing.assert_array_equal(written[:count], x[:count])
        assert not written[count:].any()
    kernels.close()


_blocks: dict[WasmtimeKernels, int] = {}


def _busy_program(kernels: WasmtimeKernels, instructions: int) -> int:
    """A program of many softmaxes."""
    if kernels not in _blocks:
        _blocks[kernels] = allocate(kernels, 64 * 4096)
    value = Value((64, 1024), Storage(64 * 4096, _blocks[kernels]))
    recorder = Recorder(KernelConstants(kernels))
    for _ in range(instructions):
        recorder.emit("softmax", value, value, 64, 1024, cost=500_000)
    words = recorder.encode(0, {}).tobytes()
    program = allocate(kernels, len(words))
    kernels.write(program, words)
    return program


@pytest.mark.parametrize("threads", [1, 3])
def test_the_stop_flag_ends_a_running_program(threads: int) -> None:
    kernels = WasmtimeKernels(threads=threads)
    program = _busy_program(kernels, 20_000)
    flag = kernels.call("engine_stop_flag")
    started = time.perf_counter()
    timer = threading.Timer(0.05, lambda: kernels.write(flag, b"\x01\0\0\0"))
    timer.start()
    assert kernels.run(program, 0, 0, 0, 0, 0) == -1
    stopped_after = time.perf_counter() - started
    timer.join()
    assert kernels.run(program, 0, 0, 0, 0, 0) == -1, "the flag holds until it is cleared"
    kernels.call("engine_set_stop", 0)
    short = _busy_program(kernels, 3)
    assert kernels.run(short, 0, 0, 0, 0, 0) == 0
    started = time.perf_counter()
    assert kernels.run(program, 0, 0, 0, 0, 0) == 0
    assert stopped_after < time.perf_counter() - started
    kernels.close()


def test_programs_may_be_freed_and_stopped_at_once() -> None:
    """The lead goes on while helpers still leave the last barrier: they must not read what it frees or resets."""
    kernels = WasmtimeKernels(threads=4)
    for round_ in range(300):
        program = _busy_program(kernels, 2)
        kernels.call("engine_set_stop", round_ % 3 == 0)
        assert kernels.run(program, 0, 0, 0, 0, 0) == (-1 if round_ % 3 == 0 else 0)
        nbytes = 64
        kernels.write(program, b"\xff" * nbytes)
        kernels.call("heap_free", program)
    kernels.close()


def test_threads_may_outnumber_cores_and_be_left_idle() -> None:
    """Eight threads on any machine, then fewer of them active: the same sums, and no deadlock."""
    kernels = WasmtimeKernels(threads=8)
    program = _busy_program(kernels, 50)
    for active in (8, 1, 4, 8, 2):
        kernels.call("engine_set_active", active)
        for _ in range(5):
            assert kernels.run(program, 0, 0, 0, 0, 0) == 0
    kernels.close()


def test_parked_helpers_use_no_processor() -> None:
    """After a while without programs the helpers sleep: process time stands still."""
    kernels = WasmtimeKernels(threads=3)
    assert kernels.run(_busy_program(kernels, 3), 0, 0, 0, 0, 0) == 0
    deadline = time.perf_counter() + 10
    while True:
        used, waiting = time.process_time(), threading.Event()
        waiting.wait(0.2)
        if time.process_time() - used < 0.02:
            break
        assert time.perf_counter() < deadline, "helpers keep spinning"
    kernels.close()


def test_small_instructions_between_shared_ones_keep_their_order() -> None:
    """Serial, shared and serial again, each reading what the one before wrote."""
    kernels = WasmtimeKernels(threads=3)
    constants = KernelConstants(kernels)
    store = constants.store

    value = Value((64, 1024), Storage(64 * 4096, store(np.ones((64, 1024), np.float32).tobytes())))
    recorder = Recorder(constants)
    for cost in (-1, 10**6, -1, -1, 10**7, 10**6, 10**6, -1):
        recorder.emit("add", value, value, value, 64, 1024, cost=cost)
    program = store(recorder.encode(0, {}).tobytes())
    for run in range(1, 15):
        kernels.run(program, 0, 0, 0, 0, 0)
        written = np.frombuffer(kernels.read(value.storage.address or 0, 64 * 4096), np.float32)
        assert (written == np.float32(2.0) ** (8 * run)).all()
    kernels.close()


def test_every_call_is_counted() -> None:
    kernels = WasmtimeKernels(threads=1)
    before = kernels.crossings
    kernels.call("heap_used")
    kernels.run(_busy_program(kernels, 1), 0, 0, 0, 0, 0)
    assert kernels.crossings > before + 1
