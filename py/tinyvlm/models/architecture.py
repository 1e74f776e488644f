"""Architectures: what a `model_type` in config.json stands for. Adding one is a file and a row here, or a call."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..errors import InputError, ModelError
from ..ops import CacheShape, KeysValues, Ops, Precision, Tensor, Weights
from .looks import Grid, Look

DEFAULT_CONTEXT = 4096
"""Longest text for which a KV cache is held, where a model could read more."""

Message = Mapping[str, Any]
"""A turn of a conversation, as chat templates take it: `role` ("system", "user" or "assistant") and `content`, a list
of {"type": "text", "text": ...} and {"type": "image"}."""


Profile = Literal["fast", "balanced", "accuracy"]
PROFILES: tuple[Profile, ...] = ("fast", "balanced", "accuracy")
"""How much of an image a model looks at, where it can choose: all of it at once, some tiles, or all as published."""


@dataclass(frozen=True)
class ModelFiles:
    """config.json, preprocessor_config.json, generation_config.json and tokenizer_config.json; empty where absent."""

    config: Mapping[str, Any]
    preprocessor: Mapping[str, Any] = field(default_factory=dict)
    generation: Mapping[str, Any] = field(default_factory=dict)
    tokenizer: Mapping[str, Any] = field(default_factory=dict)


class Architecture(Protocol):
    """A model as pure functions over `ops`, with the sizes a backend must know beforehand.

    An image becomes one or several views, squares of bytes of one size; a view becomes a state; an image's state is
    those of its views, one after the other. What is given here suits a model that reads text only.
    """

    vocab_size: int
    max_positions: int
    """Prompt and answer together, in tokens."""
    eos_token_ids: frozenset[int]
    cache_shapes: Sequence[CacheShape] = ()
    """Every layer's KV cache."""
    cache_precision: Precision = "q8"
    """How keys and values are held in kernels, unless the user says otherwise."""
    view_size: int = 0
    """Side of a view in pixels; 0 for a model that reads text only."""
    max_views: int = 1
    """Of one image, or one video."""
    state_shapes: Sequence[tuple[int, int]] = ()
    """Shapes of what `encode` returns for one view: all that text needs to know of it."""
    class_count: int = 0
    """How many class probabilities (1, class_count) a view's state ends with, for an image of one view; 0: none."""
    image_token: str = ""
    """What stands for one row of an image's state in a prompt, as `image_text` writes it; "" where text reads images
    through cross-attention."""
    prompt_prefix: Sequence[int] = ()
    """Token ids before every prompt."""
    looks: Sequence[Look] = ()
    """Which attention tells where in an image the model looks; all of it to the image's tokens where text reads images
    through cross-attention, else to the text that they stand in."""

    def plan(self, height: int, width: int, profile: Profile) -> Any:
        """Return how an image of this size is cut into views; None where there is only one way."""
        return None

    def plan_video(self, frames: int, fps: float) -> Any:
        """Return which `frames` of a video are read; raises InputError for a model that reads none."""
        raise no_videos()

    def views(self, ops: Ops, image: Any, plan: Any) -> list[Tensor]:
        """RGB image (height, width, 3) -> its views, uint8 (view_size, view_size, 3)."""
        return []

    def encode(self, ops: Ops, weights: Weights, view: Tensor) -> list[Tensor]:
        """One view -> its state."""
        return []

    def forward(
        self,
        ops: Ops,
        weights: Weights,
        token_ids: Tensor,
        position: int,
        image_state: Sequence[Tensor],
        cache: Sequence[KeysValues],
    ) -> Tensor:
        """Token ids (T,) at `position`.. -> hidden states (T, hidden_size); extends `cache`.

        An id of vocab_size + i stands for row i of the image's state.
        """

    def logits(self, ops: Ops, weights: Weights, hidden: Tensor) -> Tensor:
        """(T, hidden_size) -> (T, vocab_size)."""

    def prompt(self, messages: Sequence[Message]) -> str | None:
        """Return the text that the model continues with its answer; None where the folder's chat template says it."""
        return None

    def grid(self, plan: Any) -> Grid | None:
        """Return where the tokens of an image, cut as `plan` says, lie; None for a model without `looks`."""
        return None

    def question(self, messages: Sequence[Message]) -> str:
        """Return what the last message asks, as the prompt has it."""
        return " ".join(part["text"] for part in messages[-1]["content"] if part["type"] == "text").rstrip()

    def image_text(self, plan: Any) -> str:
        """Return what stands for an image, or a video, in a prompt."""
        return ""


Loader = Callable[[ModelFiles], Architecture]

ARCHITECTURES: dict[str, str | Loader] = {
    "tinyvlm": ".tinyvlm",
    "llama": ".llama",
    "smolvlm": ".smolvlm",
    "idefics3": ".idefics3",
}
"""`model_type` -> the module here whose `load(files)` returns an Architecture, or such a function."""


def register_architecture(model_type: str, load: Loader) -> None:
    """Let `load`, a class for one, make the architecture of folders whose config.json has this `model_type`."""
    ARCHITECTURES[model_type] = load


def load_architecture(files: ModelFiles) -> Architecture:
    """Return the architecture that a model folder's config.json names; ModelError where it is unknown or malformed."""
    model_type = files.config.get("model_type")
    if not isinstance(model_type, str) or model_type not in ARCHITECTURES:
        supported = ", ".join(sorted(ARCHITECTURES))
        raise ModelError("architecture-unknown", model_type=repr(model_type), supported=supported)
    row = ARCHITECTURES[model_type]
    load: Loader = importlib.import_module(row, __package__).load if isinstance(row, str) else row
    try:
        return load(files)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError("config-invalid", reason=repr(error)) from error


def no_videos() -> InputError:
    """Return what a model says that reads no videos."""
    return InputError("video-unsupported")


def token_ids_of(value: Any) -> frozenset[int]:
    """Return an `eos_token_id`, which may be one number, a list of them, or missing: answers end at their limit."""
    if value is None:
        return frozenset()
    return frozenset(int(token) for token in (value if isinstance(value, list) else [value]))
