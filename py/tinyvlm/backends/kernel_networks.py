"""Networks on the kernels: a program for each network and size of image, the last few kept, in one arena."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..errors import CancelledError
from ..media.images import RGBImage
from .kernel_interface import ACTIVATION_BITS, Kernels
from .kernel_memory import KernelConstants, KernelMemory, Scratch, borrowed
from .kernel_weights import KernelWeights
from .networks import Cut, Network
from .program import SERIAL_PROGRAM_COST, Program
from .recorder import Recorder
from .recording import LoadedProgram, Recording
from .values import Storage, Value

KEPT_PROGRAMS = 24
"""A page of lines has words and lines of many widths; a program takes some 20 KB."""

_ALIGNMENT = 64

_READ_BEYOND = 16
"""Bytes behind an image that kernels may read."""


class _Loaded(NamedTuple):
    """A program in the arena, or in a thread's part of it."""

    program: LoadedProgram
    input: int


class _Prepared:
    """A network's program for images of one size, wherever its activations are to lie."""

    def __init__(self, recording: Recording, constants: KernelConstants, source: Value, answer: Value) -> None:
        """Load nothing yet."""
        self.recording = recording
        self.nbytes = math.prod(answer.shape) * answer.itemsize
        """Size of its answer."""
        self._constants = constants
        self._source = source
        self._words = KernelMemory(constants.kernels)
        self._loaded: dict[int, _Loaded] = {}

    def at(self, arena: int) -> _Loaded:
        """Return the program for an arena that lies at this address."""
        if arena not in self._loaded:
            program = self.recording.load(arena, self._words)
            self._loaded[arena] = _Loaded(program, self.recording.address(self._source, arena))
        return self._loaded[arena]

    def unload(self) -> None:
        """The arena lies elsewhere from now on."""
        self._loaded.clear()
        self._words.free()

    def free(self) -> None:
        """Give everything back."""
        self.unload()
        self._constants.free()


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
        self._part_bytes = 0
        """What each thread has of the arena where every one works by itself."""
        self._programs: dict[tuple[Network, int, int], _Prepared] = {}

    @property
    def at_once(self) -> int:
        """See Networks: as many as there are threads."""
        return self._kernels.threads

    def run(self, network: Network, image: RGBImage) -> bytes:
        """See Networks: all threads work on each instruction."""
        prepared = self._prepared(network, image.height, image.width)
        loaded = prepared.at(self._reserve(prepared.recording.arena_bytes))
        self._kernels.write(loaded.input, image.data)
        self._run(loaded.program.address)
        return self._kernels.read(loaded.program.outputs[0], prepared.nbytes)

    def run_each(self, network: Network, images: Sequence[RGBImage]) -> list[bytes]:
        """See Networks: each thread works on an image of its own, in its own part of the arena."""
        if self.at_once == 1:
            return [self.run(network, image) for image in images]
        answers: list[bytes] = []
        for start in range(0, len(images), self.at_once):
            answers += self._run_together(network, images[start : start + self.at_once])
        return answers

    def _run_together(self, network: Network, images: Sequence[RGBImage]) -> list[bytes]:
        prepared = [self._prepared(network, image.height, image.width) for image in images]
        arena = self._reserve_parts(max(each.recording.arena_bytes for each in prepared), len(images))
        loaded = [each.at(arena + number * self._part_bytes) for number, each in enumerate(prepared)]
        for each, image in zip(loaded, images, strict=True):
            self._kernels.write(each.input, image.data)
        with borrowed(self._kernels) as memory:
            self._run(_program_of_programs([each.program.address for each in loaded], memory))
        return [
            self._kernels.read(at.program.outputs[0], each.nbytes) for at, each in zip(loaded, prepared, strict=True)
        ]

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
            self._run(program.address)
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
        except BaseException:
            constants.free()
            raise
        self._forget(KEPT_PROGRAMS - 1)
        return _Prepared(recording, constants, source, answer)

    def _reserve(self, nbytes: int) -> int:
        """Return the arena's address."""
        if nbytes > self._arena_bytes:
            self._unload()
            self._arena_bytes = 0  # should there be no more memory, nothing is held
            self._arena.borrow("arena", nbytes)
            self._arena_bytes = nbytes
        return self._arena.borrow("arena", self._arena_bytes)

    def _reserve_parts(self, nbytes: int, count: int) -> int:
        """Return the address of an arena of as many parts, each of `nbytes` or more."""
        if nbytes > self._part_bytes:
            self._unload()
            self._part_bytes = -(-nbytes // _ALIGNMENT) * _ALIGNMENT
        return self._reserve(self._part_bytes * count)

    def _unload(self) -> None:
        """Programs know where the arena lies: these do not outlive it."""
        for prepared in self._programs.values():
            prepared.unload()

    def _forget(self, kept: int) -> None:
        """Drop programs, the one that was not used for longest first."""
        while len(self._programs) > kept:
            self._programs.pop(next(iter(self._programs))).free()

    def _run(self, program: int) -> None:
        if self._kernels.run(program, 0, 0, 0, 0, 0) < 0:
            raise CancelledError("cancelled")


def _program_of_programs(addresses: Sequence[int], memory: KernelMemory) -> int:
    """Return the address of a program in `memory` whose one instruction has each of these walked by one thread."""
    program = Program()
    program.emit(
        "run_programs", memory.store(array("i", addresses).tobytes()), len(addresses), cost=SERIAL_PROGRAM_COST
    )
    return memory.store(program.encode(0, {}).tobytes())


class _HeldPixels:
    def __init__(self, networks: KernelNetworks, value: Value) -> None:
        self._networks = networks
        self._value = value

    def cut(self, cut: Cut) -> list[RGBImage]:
        """See HeldImage."""
        return self._networks.cut(self._value, cut)
