"""Who executes a model: numpy, the meaning of every op, or the WASM kernels.

reference_*       numpy: ops, weights, rounding, resampling, the runner
recorder          ops, recorded as instructions (opcodes) of a program, between values
arena             places for a program's activations
kernel_*          the kernels: their interface, memory, packed weights, the runner
streamed_weights  packed weights whose bytes are still on their way
looking           where attention looks, for explanations of answers
kv_cache          keys and values in kernel memory; image_state: what an image left there
memory_need       how much kernel memory a model takes, and what is said where it does not fit (counting_kernels)
*_kernels         who holds the kernels: the page's worker, wasmtime; cores: how many threads those get
open_runner       the choice between them
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..media.images import RGBImage
from .looking import TokenLook


class Runner(Protocol):
    """One model, its weights bound, ready to run. Not safe for use from several threads at once."""

    name: str

    def encode(self, images: Sequence[RGBImage], plan: Any) -> Any:
        """Return all that text needs to know of an image, or of a video's frames, cut as `plan` says.

        May be kept and used for many questions. Raises CancelledError when the kernels' stop flag was set.
        """

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """Append tokens at `position` (0 starts a new text); return the id with the largest next logit.

        `state` is of the image that the tokens stand for or look at; None where there is none. Raises CancelledError
        when the kernels' stop flag was set; what was held before `position` then still is.
        """

    def candidates(self, count: int) -> list[tuple[int, float]]:
        """Return up to `count` (id, logit) of the last `extend`, best first; the kernels keep 64."""

    def all_logits(self) -> Sequence[float]:
        """Return all logits of the last `extend`, by token id."""

    def classes(self, state: Any) -> Sequence[float]:
        """Return the class probabilities that an image's state ends with, `class_count` of them."""

    def logits(self, state: Any, token_ids: Sequence[int]) -> bytes:
        """Return float32 logits (T, vocab_size) of a text of its own, as bytes."""

    def look(self, state: Any, token_ids: Sequence[int], position: int, chosen: Sequence[int]) -> list[TokenLook]:
        """Run up to LOOK_ROWS tokens at `position` again, each of which `chosen` was said behind, and tell how.

        Only this computes attention weights. What is held from `position` on is written again. Raises CancelledError as
        `extend` does.
        """

    def clear_stop(self) -> None:
        """Forget an earlier stop."""

    def stats(self) -> dict[str, Any]:
        """Return figures of this backend."""

    def close(self) -> None:
        """Give memory and threads back."""
