"""Runs a model on the kernels: weights packed once, one recorded program each for encode, prefill and decode step."""

from __future__ import annotations

import struct
import weakref
from array import array
from collections.abc import Sequence
from typing import Any

from ..errors import CancelledError, KernelError
from ..images import RGBImage
from ..models import Architecture
from ..weights.source import WeightSource
from .arena import plan
from .kernel_weights import KernelWeights
from .kernels import ACTIVATION_BITS, Kernels, allocate
from .program import Recorder, Register, Storage, Value, new_cache

CANDIDATES = 64
"""How many of the best logits the kernels keep for a sampler."""

ROWS, POSITION, LAST = 0, 1, 2
"""Registers of text programs: rows, position of the first, index of the last. A step's token id is in LAST."""


class KernelConstants:
    """`Constants` in kernel memory."""

    def __init__(self, kernels: Kernels) -> None:
        """Bind to the memory of `kernels`."""
        self._kernels, self._ropes = kernels, dict[tuple[int, int, float], int]()
        self.activation_bytes = kernels.call("activation_bytes")
        self.addresses: list[int] = []

    def store(self, data: bytes) -> int:
        """See Constants."""
        self.addresses.append(allocate(self._kernels, len(data)))
        self._kernels.write(self.addresses[-1], data)
        return self.addresses[-1]

    def rope_table(self, head_dim: int, positions: int, theta: float) -> int:
        """See Constants."""
        key = head_dim, positions, theta
        if key not in self._ropes:
            frequencies = array("d", [theta ** (-i / head_dim) for i in range(0, head_dim, 2)]).tobytes()
            source, table = self.store(frequencies), allocate(self._kernels, 4 * head_dim * positions)
            self._kernels.call("rope_table", source, table, positions, head_dim // 2)
            self.addresses.append(table)
            self._ropes[key] = table
        return self._ropes[key]


class ImageState:
    """What encode left in kernel memory for one image; freed with the object."""

    def __init__(self, kernels: Kernels, nbytes: int) -> None:
        """Hold `nbytes` of kernel memory."""
        self.address = allocate(kernels, nbytes)
        weakref.finalize(self, kernels.call, "heap_free", self.address)


class KernelRunner:
    """`Runner` over recorded programs: encode, prefill and decode step are one call into the kernels each."""

    name = "wasm"

    def __init__(
        self, model: Architecture, source: WeightSource, kernels: Kernels, *, owns_kernels: bool = False
    ) -> None:
        """Pack the weights and record the programs; raises ModelError for weights that do not fit the model."""
        self._model, self._kernels, self._owns_kernels = model, kernels, owns_kernels
        self._weights, self._constants = KernelWeights(kernels, source), KernelConstants(kernels)
        self._owned: list[int] = []
        self._caches = [new_cache(shape, "float32", self._alloc) for shape in model.cache_shapes]
        # One block, so that an image's state is kept and brought back with one copy.
        self._state_bytes = sum(4 * rows * columns for rows, columns in model.image_state_shapes)
        self._state_address = self._alloc(self._state_bytes)
        self._state, at = list[Value](), self._state_address
        for rows, columns in model.image_state_shapes:
            self._state.append(Value((rows, columns), Storage(4 * rows * columns, at)))
            at += 4 * rows * columns
        self._current: weakref.ref[ImageState] | None = None

        self._ids = self._fixed((model.max_positions,))
        recorders = [self._record_encode(), self._record_text(), self._record_step()]
        plans = [plan(recorder.storages) for recorder in recorders]
        self._arena_bytes = max(size for _, size in plans)
        self._arena = self._alloc(self._arena_bytes)
        addresses = [self._load(r, offsets) for r, (offsets, _) in zip(recorders, plans, strict=True)]
        self._encode, self._prefill, self._step = addresses
        self._prefill_top = self._top_address(self._text_top, plans[1][0])
        self._step_top = self._top_address(self._decode_top, plans[2][0])
        self._top = self._prefill_top

    # ---- Runner ----------------------------------------------------------------------------------------------------

    def encode(self, image: RGBImage) -> ImageState:
        """See Runner."""
        height, width = image.height, image.width
        size = self._model.image_size
        sizes = (height, width, size, size, self._model.resample)
        scratch_bytes = self._kernels.call("resize_scratch_bytes", *sizes)
        pixels = allocate(self._kernels, height * width * 3 + 16)
        try:
            self._kernels.write(pixels, image.data)
            scratch = allocate(self._kernels, scratch_bytes)
            try:
                self._current = None
                self._run(self._encode, pixels, height, width, scratch, 0)
            finally:
                self._kernels.call("heap_free", scratch)
        finally:
            self._kernels.call("heap_free", pixels)
        state = ImageState(self._kernels, self._state_bytes)
        self._kernels.call("memory_copy", state.address, self._state_address, self._state_bytes)
        self._current = weakref.ref(state)
        return state

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        self._select(state)
        if len(token_ids) == 1:
            self._top = self._step_top
            return self._run(self._step, 1, position, token_ids[0], 0, 0)
        self._top = self._prefill_top
        self._kernels.write(self._ids.storage.address or 0, array("i", token_ids).tobytes())
        return self._run(self._prefill, len(token_ids), position, len(token_ids) - 1, 0, 0)

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        count = min(count, CANDIDATES, self._model.vocab_size)
        ids, values = (self._kernels.read(address, 4 * count) for address in self._top)
        return list(zip(struct.unpack(f"<{count}i", ids), struct.unpack(f"<{count}f", values), strict=True))

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """See Runner. Records a program of its own: all rows of logits are for checks, not for answers."""
        self._select(state)
        rows = len(token_ids)
        recorder = self._recorder()
        ids = Value((rows,), self._ids.storage)
        hidden = self._model.forward(recorder, self._weights, ids, 0, self._state, self._caches)
        value = recorder.keep(self._model.logits(recorder, self._weights, hidden))
        offsets, size = plan(recorder.storages)
        arena = allocate(self._kernels, size)
        words = recorder.encode(arena, offsets).tobytes()
        program = allocate(self._kernels, len(words))
        try:
            self._kernels.write(program, words)
            self._kernels.write(self._ids.storage.address or 0, array("i", token_ids).tobytes())
            self._run(program, 0, 0, 0, 0, 0)
            return self._kernels.read(arena + offsets[value.storage], rows * self._model.vocab_size * 4)
        finally:
            self._kernels.call("heap_free", program)
            self._kernels.call("heap_free", arena)

    def clear_stop(self) -> None:
        """See Runner."""
        self._kernels.call("engine_set_stop", 0)

    def stats(self) -> dict[str, Any]:
        """See Runner."""
        kernels = self._kernels
        return {
            "backend": self.name,
            "simd": kernels.variant,
            "threads": kernels.threads,
            "threads_reason": kernels.threads_reason,
            "activation_bits": ACTIVATION_BITS[kernels.activation_mode],
            "kernel_memory_bytes": kernels.call("heap_used"),
            "kernel_memory_peak_bytes": kernels.call("heap_peak"),
            "arena_bytes": self._arena_bytes,
        }

    def close(self) -> None:
        """Free this model's memory, and end the kernels' threads where they are this runner's own."""
        for addresses in (self._owned, self._weights.addresses, self._constants.addresses):
            for address in addresses:
                self._kernels.call("heap_free", address)
            addresses.clear()
        if self._owns_kernels:
            self._kernels.close()

    # ---- recording -------------------------------------------------------------------------------------------------

    def _record_encode(self) -> Recorder:
        recorder = self._recorder()
        image = (Register(0), Register(1), Register(2), Register(3))
        outputs = self._model.encode(recorder, self._weights, image)
        for output, slot in zip(outputs, self._state, strict=True):
            recorder.write_rows(slot, output, 0)
        return recorder

    def _record_text(self) -> Recorder:
        recorder, largest = self._recorder(), self._model.max_positions
        rows, position = Register(ROWS, largest), Register(POSITION, largest - 1)
        ids = Value((rows,), self._ids.storage)
        hidden = self._model.forward(recorder, self._weights, ids, position, self._state, self._caches)
        last = recorder.row(hidden, Register(LAST, largest - 1))
        self._text_top = self._top_of(recorder, last)
        return recorder

    def _record_step(self) -> Recorder:
        recorder = self._recorder()
        # The token id is read straight from its register: a step needs no write before the call.
        ids = Value((1,), Storage(4, self._kernels.call("engine_registers") + 4 * LAST))
        position = Register(POSITION, self._model.max_positions - 1)
        hidden = self._model.forward(recorder, self._weights, ids, position, self._state, self._caches)
        self._decode_top = self._top_of(recorder, hidden)
        return recorder

    def _top_of(self, recorder: Recorder, hidden: Value) -> tuple[Value, Value]:
        logits = self._model.logits(recorder, self._weights, hidden)
        return recorder.top_k(logits, min(CANDIDATES, self._model.vocab_size))

    def _recorder(self) -> Recorder:
        return Recorder(self._constants)

    def _load(self, recorder: Recorder, offsets: dict[Storage, int]) -> int:
        return self._constants.store(recorder.encode(self._arena, offsets).tobytes())

    def _top_address(self, top: tuple[Value, Value], offsets: dict[Storage, int]) -> tuple[int, int]:
        ids, values = top
        return self._arena + offsets[ids.storage], self._arena + offsets[values.storage]

    # ---- memory and runs -------------------------------------------------------------------------------------------

    def _run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        result = self._kernels.run(program, r0, r1, r2, r3, r4)
        if result < 0:
            raise CancelledError("cancelled", "The answer was stopped.")
        return result

    def _select(self, state: Any) -> None:
        """Bring an image's state into the slot that the text programs read."""
        if not isinstance(state, ImageState):
            raise KernelError("wrong-backend", "This image was encoded by another backend; encode it again.")
        if self._current is None or self._current() is not state:
            self._kernels.call("memory_copy", self._state_address, state.address, self._state_bytes)
            self._current = weakref.ref(state)

    def _alloc(self, nbytes: int) -> int:
        self._owned.append(allocate(self._kernels, nbytes))
        return self._owned[-1]

    def _fixed(self, shape: tuple[int, ...]) -> Value:
        nbytes = 4
        for size in shape:
            nbytes *= size
        return Value(shape, Storage(nbytes, self._alloc(nbytes)))
