"""Runs a model on the kernels: weights packed once, one recorded program each for encode, prefill and decode step."""

from __future__ import annotations

import math
import struct
import weakref
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from ..errors import CancelledError, KernelError, ModelError
from ..media.images import RGBImage
from ..models.architecture import Architecture
from ..ops import Precision
from .arena import assign_offsets
from .kernel_interface import ACTIVATION_BITS, Kernels, allocate
from .kernel_memory import KernelConstants
from .kernel_weights import KernelWeights
from .kv_cache import new_cache
from .recorder import Recorder
from .values import Register, Storage, Value

CANDIDATES = 64
"""How many of the best logits the kernels keep for a sampler."""

PREFILL_ROWS = 256
"""Tokens of a longer text that are taken in at once; the arena is made for them."""

ROWS, POSITION, LAST = 0, 1, 2
"""Registers of text programs: rows, position of the first, index of the last. A step's token id is in LAST."""


class ImageState:
    """What encode left of one image: in the runner's slot, or in kernel memory of its own, freed with the object."""

    def __init__(self, address: int, nbytes: int) -> None:
        """Describe what lies in the slot, at `address`."""
        self.address, self.nbytes = address, nbytes
        self._free: weakref.finalize[..., ImageState] | None = None  # its own memory, if it has any

    def move_out(self, kernels: Kernels) -> None:
        """Leave the slot for memory of its own."""
        slot, self.address = self.address, allocate(kernels, self.nbytes)
        self._free = weakref.finalize(self, kernels.call, "heap_free", self.address)
        kernels.call("memory_copy", self.address, slot, self.nbytes)

    def move_in(self, kernels: Kernels, slot: int) -> None:
        """Leave memory of its own for the slot, which is free."""
        kernels.call("memory_copy", slot, self.address, self.nbytes)
        self.address = slot
        if self._free:
            self._free()


class KernelRunner:
    """`Runner` over recorded programs: encode, prefill and decode step are one call into the kernels each."""

    name = "wasm"

    def __init__(
        self,
        model: Architecture,
        weights: KernelWeights,
        *,
        owns_kernels: bool = False,
        attention: Precision | None = None,
    ) -> None:
        """Record the programs, for which the weights are packed; raises ModelError where they do not fit the model.

        `attention` says how keys and values are held, where it is not to be as the architecture has it.
        """
        kernels = weights.kernels
        self._model, self._kernels, self._owns_kernels = model, kernels, owns_kernels
        self.weights = weights
        self._constants = KernelConstants(kernels)
        self._owned: list[int] = []
        precision = model.cache_precision if attention is None else attention
        self._attention = precision
        self._caches = [new_cache(shape, precision, self._alloc) for shape in model.cache_shapes]
        # Where text programs read an image's state: one block, so that it is kept and brought back with one copy.
        self._state_bytes = sum(4 * rows * columns for rows, columns in model.state_shapes)
        self._slot = self._alloc(max(self._state_bytes * model.max_views, 4))
        self._view = self._fixed((model.view_size, model.view_size, 3), itemsize=1)
        self._current: weakref.ref[ImageState] | None = None  # the state in the slot

        self._ids = self._fixed((model.max_positions,))
        self._chunk = min(PREFILL_ROWS, model.max_positions)
        self.weights.stage = "vision"
        encoders = [self._record_encode()] if model.view_size else []
        self.weights.stage = "text"
        recorders = [self._record_text(), self._record_step(), *encoders]
        plans = [assign_offsets(recorder.storages) for recorder in recorders]
        self._arena_bytes = max(size for _, size in plans)
        self._arena = self._alloc(self._arena_bytes)
        programs = [self._load(r, offsets) for r, (offsets, _) in zip(recorders, plans, strict=True)]
        self._prefill, self._step, self._encode = (*programs, 0)[:3]
        self._prefill_logits, self._prefill_top = self._addresses(self._text_outputs, plans[0][0])
        self._step_logits, self._step_top = self._addresses(self._decode_outputs, plans[1][0])
        self._logits, self._top = self._prefill_logits, self._prefill_top
        self.weights.finish()

    # ---- Runner ----------------------------------------------------------------------------------------------------

    def encode(self, images: Sequence[RGBImage], plan: Any) -> ImageState:
        """See Runner."""
        states = [state for image in images for state in self._encode_views(image, plan)]
        if len(states) == 1:
            return states[0]
        self._vacate()
        whole = ImageState(self._slot, 0)
        for state in states:
            self._kernels.call("memory_copy", self._slot + whole.nbytes, state.address, state.nbytes)
            whole.nbytes += state.nbytes
        self._current = weakref.ref(whole)
        return whole

    def _encode_views(self, image: RGBImage, plan: Any) -> list[ImageState]:
        kernels, side, states = self._kernels, self._model.view_size, list[ImageState]()
        with self._cut(image, plan) as views:
            for view in views:
                self._vacate()
                kernels.call("memory_copy", self._view.storage.address or 0, view, 3 * side * side)
                self._run(self._encode, 0, 0, 0, 0, 0)
                states.append(ImageState(self._slot, self._state_bytes))
                self._current = weakref.ref(states[-1])
        return states

    @contextmanager
    def _cut(self, image: RGBImage, image_plan: Any) -> Iterator[list[int]]:
        """Yield where an image's views lie, for as long as the block lasts. Their program is of this image's size."""
        kernels, (height, width) = self._kernels, (image.height, image.width)
        with ExitStack() as stack:

            def borrow(nbytes: int) -> int:
                address = allocate(kernels, nbytes)
                stack.callback(kernels.call, "heap_free", address)
                return address

            pixels = borrow(height * width * 3 + 16)
            kernels.write(pixels, image.data)
            recorder = self._recorder()
            source = Value((height, width, 3), Storage(height * width * 3, pixels), itemsize=1)
            views = [recorder.keep(view) for view in self._model.views(recorder, source, image_plan)]
            offsets, size = assign_offsets(recorder.storages)
            arena = borrow(size)
            words = recorder.encode(arena, offsets).tobytes()
            program = borrow(len(words))
            kernels.write(program, words)
            self._run(program, 0, 0, 0, 0, 0)
            yield [recorder.address(view, arena, offsets) for view in views]

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        self._select(state)
        if len(token_ids) == 1 and token_ids[0] < self._model.vocab_size:
            self._logits, self._top = self._step_logits, self._step_top
            return self._run(self._step, 1, position, token_ids[0], 0, 0)
        self._logits, self._top = self._prefill_logits, self._prefill_top
        best = 0
        for start in range(0, len(token_ids), self._chunk):
            chunk = token_ids[start : start + self._chunk]
            self._kernels.write(self._ids.storage.address or 0, array("i", chunk).tobytes())
            best = self._run(self._prefill, len(chunk), position + start, len(chunk) - 1, 0, 0)
        return best

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        count = min(count, CANDIDATES, self._model.vocab_size)
        ids, values = (self._kernels.read(address, 4 * count) for address in self._top)
        return list(zip(struct.unpack(f"<{count}i", ids), struct.unpack(f"<{count}f", values), strict=True))

    def all_logits(self) -> Sequence[float]:
        """See Runner."""
        return array("f", self._kernels.read(self._logits, 4 * self._model.vocab_size))

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """See Runner. Records a program of its own: all rows of logits are for checks, not for answers."""
        self._select(state)
        rows = len(token_ids)
        recorder = self._recorder()
        ids = Value((rows,), self._ids.storage)
        hidden = self._model.forward(recorder, self.weights, ids, 0, self._state_values(), self._caches)
        value = recorder.keep(self._model.logits(recorder, self.weights, hidden))
        offsets, size = assign_offsets(recorder.storages)
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
        self.weights.finish()
        for addresses in (self._owned, self.weights.addresses, self._constants.addresses):
            for address in addresses:
                self._kernels.call("heap_free", address)
            addresses.clear()
        if self._owns_kernels:
            self._kernels.close()

    # ---- recording -------------------------------------------------------------------------------------------------

    def _record_encode(self) -> Recorder:
        recorder = self._recorder()
        outputs = self._model.encode(recorder, self.weights, self._view)
        for output, slot in zip(outputs, self._state_values(views=1), strict=True):
            recorder.write_rows(slot, output, 0)
        return recorder

    def _record_text(self) -> Recorder:
        recorder, chunk = self._recorder(), self._chunk
        rows, position = Register(ROWS, chunk), Register(POSITION, self._model.max_positions - 1)
        ids = Value((rows,), self._ids.storage)
        state = self._state_values()
        hidden = self._model.forward(recorder, self.weights, ids, position, state, self._caches)
        self._text_outputs = self._outputs(recorder, recorder.row(hidden, Register(LAST, chunk - 1)))
        return recorder

    def _record_step(self) -> Recorder:
        recorder = self._recorder()
        # The token id is read straight from its register: a step needs no write before the call.
        ids = Value((1,), Storage(4, self._kernels.call("engine_registers") + 4 * LAST))
        position = Register(POSITION, self._model.max_positions - 1)
        state = self._state_values()
        hidden = self._model.forward(recorder, self.weights, ids, position, state, self._caches)
        self._decode_outputs = self._outputs(recorder, hidden)
        return recorder

    def _outputs(self, recorder: Recorder, hidden: Value) -> tuple[Value, Value, Value]:
        """Logits, and ids and values of the best."""
        logits = recorder.keep(self._model.logits(recorder, self.weights, hidden))
        if logits.columns != self._model.vocab_size:
            sentence = f"The model's weights give {logits.columns} logits, not {self._model.vocab_size}."
            raise ModelError("weights-invalid", sentence)
        return logits, *recorder.top_k(logits, min(CANDIDATES, self._model.vocab_size))

    def _state_values(self, views: int = 0) -> list[Value]:
        """The slot that text programs read an image's state from; that of so many views, of all by default."""
        values, at = list[Value](), self._slot
        for rows, columns in self._model.state_shapes:
            rows *= views or self._model.max_views
            values.append(Value((rows, columns), Storage(4 * rows * columns, at)))
            at += 4 * rows * columns
        return values

    def _recorder(self) -> Recorder:
        return Recorder(self._constants, self._attention)

    def _load(self, recorder: Recorder, offsets: dict[Storage, int]) -> int:
        return self._constants.store(recorder.encode(self._arena, offsets).tobytes())

    def _addresses(
        self, outputs: tuple[Value, Value, Value], offsets: dict[Storage, int]
    ) -> tuple[int, tuple[int, int]]:
        logits, ids, values = (self._arena + offsets[output.storage] for output in outputs)
        return logits, (ids, values)

    # ---- memory and runs -------------------------------------------------------------------------------------------

    def _run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        result = self._kernels.run(program, r0, r1, r2, r3, r4)
        if result < 0:
            raise CancelledError("cancelled", "The answer was stopped.")
        return result

    def _select(self, state: Any) -> None:
        """Bring an image's state into the slot that the text programs read."""
        if state is None:
            return
        if not isinstance(state, ImageState):
            raise KernelError("wrong-backend", "This image was encoded by another backend; encode it again.")
        if self._current is None or self._current() is not state:
            self._vacate()
            state.move_in(self._kernels, self._slot)
            self._current = weakref.ref(state)

    def _vacate(self) -> None:
        """Make the slot free: a state that lies there, and is still wanted, gets memory of its own."""
        state = self._current and self._current()
        if state and state.address == self._slot:
            state.move_out(self._kernels)
        self._current = None

    def _alloc(self, nbytes: int) -> int:
        self._owned.append(allocate(self._kernels, nbytes))
        return self._owned[-1]

    def _fixed(self, shape: tuple[int, ...], itemsize: int = 4) -> Value:
        nbytes = math.prod(shape) * itemsize
        return Value(shape, Storage(nbytes, self._alloc(max(nbytes, 4))), itemsize=itemsize)
