"""The program that runs tokens of an answer once more and leaves where they looked: recorded when asked for."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterator, Sequence

from ..ops import Tensor
from .kernel_interface import Kernels
from .looking import CANDIDATES, LookingOps, TokenLook
from .recorder import Recorder
from .recording import LoadedProgram, Recording
from .values import Value


class LookRecording:
    """Of some rows: all probabilities, the best of each row, and attention weights where the model has `looks`."""

    def __init__(self, recorder: Recorder, looking: LookingOps, logits: Callable[[LookingOps], Tensor]) -> None:
        """`logits` calls the model with ops, which are `looking` on the recorder: (T, vocab_size)."""
        shares: Value = recorder.softmax(logits(looking))
        self._rows, self._columns = shares.shape
        self._count = min(CANDIDATES, self._columns)
        self._looks = looking.looks
        self._keys = 0 if looking.weights is None else int(looking.weights.columns)
        best = [value for row in range(self._rows) for value in recorder.top_k(_row(shares, row), self._count)]
        weights = [] if looking.weights is None else [looking.weights]
        self.recording = Recording(recorder, [shares, *best, *weights])

    def read(self, kernels: Kernels, program: LoadedProgram, chosen: Sequence[int]) -> Iterator[TokenLook]:
        """Yield what the program left of each row, behind which a token was `chosen`."""
        shares_at, *best_at = program.outputs
        for row, token in enumerate(chosen):
            ids = array("i", kernels.read(best_at[2 * row], 4 * self._count))
            best = array("f", kernels.read(best_at[2 * row + 1], 4 * self._count))
            (probability,) = struct.unpack("<f", kernels.read(shares_at + 4 * (row * self._columns + token), 4))
            nbytes = 4 * self._keys
            sums = array("f", kernels.read(best_at[-1] + row * nbytes, nbytes)) if nbytes else ()
            weights = [weight / self._looks for weight in sums]
            yield TokenLook(probability, list(zip(ids, best, strict=True)), weights)


def _row(x: Value, row: int) -> Value:
    return Value((1, x.columns), x.storage, x.offset + 4 * row * x.columns)
