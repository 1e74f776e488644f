"""Networks on the kernels: a program for each network and size of image, the last few kept, in one arena."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..errors import CancelledError
from ..media.images import RGBImage
from .kernel_interface import ACTIVATION_BITS, Kernels
from .kernel_memory import KernelConstants, Scratch, borrowed
from .kernel_weights import KernelWeights
from .networks import Cut, Network
from .recorder import Recorder
from .recording import LoadedProgram, Recording
from .values import Storage, Value

KEPT_PROGRAMS = 24
"""A page of lines has words and lines of many widths; a program takes some 20 KB."""

_READ_BEYOND = 16
"""Bytes behind an image that kernels may read."""


class _Prepared(NamedTuple):
    """A network's program for images of one size."""

    program: LoadedProgram
    constants: KernelConstants
    input: int
    nbytes: int
    """Size of its answer."""


class KernelNetworks:
    """`Networks` over recorded programs."""

    name = "wasm"

    def __init__(self, weights: KernelWeights, *, owns_kernels: bool = False) -> None:
        """Bind weights, which are packed when a network first asks for them."""
        self._weights = weights
        self._kernels: Kernels = weights.kernels
        self._owns_kernels = owns_kernels
        self._arena = Scratch(self._kernels)
        self._arena_bytes = 0
        self._programs: dict[tuple[Network, int, int], _Prepared] = {}

    def run(self, network: Network, image: RGBImage) -> bytes:
        """See Networks."""
        prepared = self._prepared(network, image.height, image.width)
        self._kernels.write(prepared.input, image.data)
        self._run(prepared.program)
        return self._kernels.read(prepared.program.outputs[0], prepared.nbytes)

    def prepare(self, network: Network, height: int, width: int) -> None:
        """See Networks. Weights that are streamed in (streamed_weights.py) may still be to come."""
        self._prepared(network, height, width)

    @contextmanager
    def hold(self, image: RGBImage) -> Iterator[_HeldPixels]:
        """See Networks."""
        with borrowed(self._kernels) as memory:
            nbytes = image.height * image.width * 3
            pixels = memory.alloc(nbytes + _READ_BEYOND)
            self._kernels.write(pixels, image.data)
            value = Value((image.height, image.width, 3), Storage(nbytes, pixels), itemsize=1)
            yield _HeldPixels(self, value)

    def cut(self, image: Value, cut: Cut) -> list[RGBImage]:
        """Run `cut` on an image that lies in kernel memory."""
        constants = KernelConstants(self._kernels)
        try:
            recorder = Recorder(constants)
            parts = list(cut(recorder, image))
            recording = Recording(recorder, parts)
            program = recording.load(self._reserve(recording.arena_bytes), constants)
            self._run(program)
            return [
                RGBImage(part.shape[0], part.shape[1], self._kernels.read(at, math.prod(part.shape)))
                for part, at in zip(parts, program.outputs, strict=True)
            ]
        finally:
            constants.free()

    def stats(self) -> dict[str, Any]:
        """See Networks."""
        kernels = self._kernels
        return {
            "backend": self.name,
            "simd": kernels.variant,
            "threads": kernels.threads,
            "activation_bits": ACTIVATION_BITS[kernels.activation_mode],
            "kernel_memory_bytes": kernels.call("heap_used"),
            "kernel_memory_peak_bytes": kernels.call("heap_peak"),
            "arena_bytes": self._arena_bytes,
        }

    def close(self) -> None:
        """See Networks: the kernels, with threads and all memory, where they are these networks' own."""
        if self._owns_kernels:
            self._kernels.close()
            return
        self._forget(0)
        self._arena.free()
        self._weights.free()

    def _prepared(self, network: Network, height: int, width: int) -> _Prepared:
        key = (network, height, width)
        prepared = self._programs.pop(key, None) or self._record(network, height, width)
        self._programs[key] = prepared  # the last one used is the last one to go
        return prepared

    def _record(self, network: Network, height: int, width: int) -> _Prepared:
        constants = KernelConstants(self._kernels)
        try:
            recorder = Recorder(constants)
            source = recorder.new(height, width, 3, itemsize=1)
            source.storage.first = 0  # it is written before the first instruction
            answer = network(recorder, self._weights, source)
            self._weights.finish()
            recording = Recording(recorder, [answer])
            arena = self._reserve(recording.arena_bytes)
            self._forget(KEPT_PROGRAMS - 1)
            program = recording.load(arena, constants)
        except BaseException:
            constants.free()
            raise
        nbytes = math.prod(answer.shape) * answer.itemsize
        return _Prepared(program, constants, recording.address(source, arena), nbytes)

    def _reserve(self, nbytes: int) -> int:
        """Return the arena's address. Programs that were made for a smaller one do not outlive it."""
        if nbytes > self._arena_bytes:
            self._forget(0)
            self._arena_bytes = 0  # should there be no more memory, nothing is held
            self._arena.borrow("arena", nbytes)
            self._arena_bytes = nbytes
        return self._arena.borrow("arena", self._arena_bytes)

    def _forget(self, kept: int) -> None:
        """Drop programs, the one that was not used for longest first."""
        while len(self._programs) > kept:
            self._programs.pop(next(iter(self._programs))).constants.free()

    def _run(self, program: LoadedProgram) -> None:
        if self._kernels.run(program.address, 0, 0, 0, 0, 0) < 0:
            raise CancelledError("cancelled")


class _HeldPixels:
    def __init__(self, networks: KernelNetworks, value: Value) -> None:
        self._networks = networks
        self._value = value

    def cut(self, cut: Cut) -> list[RGBImage]:
        """See HeldImage."""
        return self._networks.cut(self._value, cut)
