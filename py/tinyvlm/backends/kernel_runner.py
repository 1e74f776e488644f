"""Runs a model on the kernels: weights packed once, one recorded program each for encode, prefill and decode step."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import CancelledError, ModelError
from ..media.images import RGBImage
from ..models.architecture import Architecture
from ..ops import Precision
from .image_state import ImageSlot, ImageState
from .kernel_interface import ACTIVATION_BITS
from .kernel_looking import LookRecording
from .kernel_memory import KernelConstants, KernelMemory, borrowed
from .kernel_weights import KernelWeights
from .kv_cache import new_cache
from .looking import LookingOps, TokenLook
from .recorder import Recorder
from .recording import Recording
from .values import Register, Storage, Value

CANDIDATES = 64
"""How many of the best logits the kernels keep for a sampler."""

PREFILL_ROWS = 256
"""Tokens of a longer text that are taken in at once; the arena is made for them."""

ROWS = 0
POSITION = 1
LAST = 2
"""Registers of text programs: rows, position of the first, index of the last. A step's token id is in LAST."""


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
        self.weights = weights
        self._model = model
        self._kernels = weights.kernels
        self._owns_kernels = owns_kernels
        self._attention = model.cache_precision if attention is None else attention
        self._memory = KernelMemory(self._kernels)
        self._constants = KernelConstants(self._kernels)

        self._caches = [new_cache(shape, self._attention, self._memory.alloc) for shape in model.cache_shapes]
        self._slot = ImageSlot(self._memory, model.state_shapes, model.max_views)
        self._view = self._fixed((model.view_size, model.view_size, 3), itemsize=1)
        self._ids = self._fixed((model.max_positions,))
        self._prefill_rows = min(PREFILL_ROWS, model.max_positions)
        self._load_programs()
        weights.finish()

    # ---- Runner ----------------------------------------------------------------------------------------------------

    def encode(self, images: Sequence[RGBImage], plan: Any) -> ImageState:
        """See Runner."""
        self._slot.free_left()
        states = [state for image in images for state in self._encode_views(image, plan)]
        return states[0] if len(states) == 1 else self._slot.join(states)

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        self._slot.select(state)
        if len(token_ids) == 1 and token_ids[0] < self._model.vocab_size:
            self._last = self._step
            return self._run(self._step.address, 1, position, token_ids[0])

        self._last = self._prefill
        best = 0
        for start in range(0, len(token_ids), self._prefill_rows):
            ids = token_ids[start : start + self._prefill_rows]
            self._write_ids(ids)
            best = self._run(self._prefill.address, len(ids), position + start, len(ids) - 1)
        return best

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """See Runner."""
        count = min(count, CANDIDATES, self._model.vocab_size)
        _, ids_at, values_at = self._last.outputs
        ids = struct.unpack(f"<{count}i", self._kernels.read(ids_at, 4 * count))
        values = struct.unpack(f"<{count}f", self._kernels.read(values_at, 4 * count))
        return list(zip(ids, values, strict=True))

    def all_logits(self) -> Sequence[float]:
        """See Runner."""
        logits_at = self._last.outputs[0]
        return array("f", self._kernels.read(logits_at, 4 * self._model.vocab_size))

    def classes(self, state: ImageState) -> Sequence[float]:
        """See Runner."""
        nbytes = 4 * self._model.class_count
        return array("f", self._kernels.read(state.address + state.nbytes - nbytes, nbytes))

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """See Runner. Records a program of its own: all rows of logits are for checks, not for answers."""
        self._slot.select(state)
        rows = len(token_ids)
        recorder = self._recorder()
        hidden = self._forward(recorder, Value((rows,), self._ids.storage), 0)
        recording = Recording(recorder, [self._model.logits(recorder, self.weights, hidden)])
        with borrowed(self._kernels) as memory:
            program = recording.load(memory.alloc(recording.arena_bytes), memory)
            self._write_ids(token_ids)
            self._run(program.address)
            return self._kernels.read(program.outputs[0], 4 * rows * self._model.vocab_size)

    def look(self, state: Any, token_ids: Sequence[int], position: int, chosen: Sequence[int]) -> list[TokenLook]:
        """See Runner. Records a program of its own, with the tables that it needs: nothing of it stays."""
        self._slot.select(state)
        self._write_ids(token_ids)
        ids = Value((len(token_ids),), self._ids.storage)

        def logits(ops: LookingOps) -> Any:
            return self._model.logits(ops, self.weights, self._forward(ops, ids, position))

        constants = KernelConstants(self._kernels)
        try:
            recorder = Recorder(constants, self._attention)
            look = LookRecording(recorder, LookingOps(recorder, self._model.looks), logits)
            program = look.recording.load(constants.alloc(look.recording.arena_bytes), constants)
            self._run(program.address)
            return list(look.read(self._kernels, program, chosen))
        finally:
            constants.free()

    def clear_stop(self) -> None:
        """See Runner."""
        self._kernels.call("engine_set_stop", 0)

    def stats(self) -> dict[str, Any]:
        """See Runner."""
        kernels = self._kernels
        self._slot.free_left()
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
        """Give back this model's memory; the kernels, with threads and all memory, where they are this runner's own."""
        if self._owns_kernels:
            self._kernels.close()
            return
        self._slot.free_left()
        self.weights.free()
        self._constants.free()
        self._memory.free()

    # ---- images ----------------------------------------------------------------------------------------------------

    def _encode_views(self, image: RGBImage, plan: Any) -> list[ImageState]:
        states = []
        with self._cut(image, plan) as views:
            for view in views:
                self._slot.vacate()
                self._kernels.call("memory_copy", self._view.storage.address or 0, view, self._view.storage.nbytes)
                self._run(self._encode)
                states.append(self._slot.take_view())
        return states

    @contextmanager
    def _cut(self, image: RGBImage, plan: Any) -> Iterator[Sequence[int]]:
        """Yield where an image's views lie, for as long as the block lasts. Their program is of this image's size."""
        nbytes = image.height * image.width * 3
        with borrowed(self._kernels) as memory:
            pixels = memory.alloc(nbytes + 16)  # resizing reads past the last one
            self._kernels.write(pixels, image.data)
            recorder = self._recorder()
            source = Value((image.height, image.width, 3), Storage(nbytes, pixels), itemsize=1)
            recording = Recording(recorder, self._model.views(recorder, source, plan))
            program = recording.load(memory.alloc(recording.arena_bytes), memory)
            self._run(program.address)
            yield program.outputs

    # ---- recording -------------------------------------------------------------------------------------------------

    def _load_programs(self) -> None:
        """Record all programs; they run one at a time, and share an arena."""
        self.weights.stage = "vision"
        encode = self._record_encode() if self._model.view_size else None
        self.weights.stage = "text"
        prefill = self._record_prefill()
        step = self._record_step()

        self._arena_bytes = max(recording.arena_bytes for recording in (prefill, step, encode) if recording)
        arena = self._memory.alloc(self._arena_bytes)
        self._prefill = prefill.load(arena, self._constants)
        self._step = step.load(arena, self._constants)
        self._encode = encode.load(arena, self._constants).address if encode else 0
        self._last = self._prefill  # the text program that ran last

    def _record_encode(self) -> Recording:
        recorder = self._recorder()
        outputs = self._model.encode(recorder, self.weights, self._view)
        for output, slot in zip(outputs, self._slot.values(views=1), strict=True):
            recorder.write_rows(slot, output, 0)
        return Recording(recorder)

    def _record_prefill(self) -> Recording:
        recorder = self._recorder()
        ids = Value((Register(ROWS, self._prefill_rows),), self._ids.storage)
        hidden = self._forward(recorder, ids, Register(POSITION, self._model.max_positions - 1))
        last = recorder.row(hidden, Register(LAST, self._prefill_rows - 1))
        return Recording(recorder, self._best(recorder, last))

    def _record_step(self) -> Recording:
        recorder = self._recorder()
        # The token id is read straight from its register: a step needs no write before the call.
        ids = Value((1,), Storage(4, self._kernels.call("engine_registers") + 4 * LAST))
        hidden = self._forward(recorder, ids, Register(POSITION, self._model.max_positions - 1))
        return Recording(recorder, self._best(recorder, hidden))

    def _forward(self, recorder: Any, ids: Value, position: int) -> Value:
        state = self._slot.values()
        hidden: Value = self._model.forward(recorder, self.weights, ids, position, state, self._caches)
        return hidden

    def _best(self, recorder: Recorder, hidden: Value) -> tuple[Value, Value, Value]:
        """Logits of one row, and ids and values of the best."""
        logits = recorder.keep(self._model.logits(recorder, self.weights, hidden))
        if logits.columns != self._model.vocab_size:
            raise ModelError("logits-wrong", found=logits.columns, expected=self._model.vocab_size)
        return logits, *recorder.top_k(logits, min(CANDIDATES, self._model.vocab_size))

    def _recorder(self) -> Recorder:
        return Recorder(self._constants, self._attention)

    # ---- memory and runs -------------------------------------------------------------------------------------------

    def _run(self, program: int, r0: int = 0, r1: int = 0, r2: int = 0) -> int:
        result = self._kernels.run(program, r0, r1, r2, 0, 0)
        if result < 0:
            raise CancelledError("cancelled")
        return result

    def _write_ids(self, token_ids: Sequence[int]) -> None:
        self._kernels.write(self._ids.storage.address or 0, array("i", token_ids).tobytes())

    def _fixed(self, shape: tuple[int, ...], itemsize: int = 4) -> Value:
        nbytes = math.prod(shape) * itemsize
        return Value(shape, Storage(nbytes, self._memory.alloc(max(nbytes, 4))), itemsize=itemsize)
