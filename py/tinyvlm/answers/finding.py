"""Where a model looks for one thing: it is asked whether it is there, and its answer's first token is explained."""

from __future__ import annotations

from ..media.encoded_image import EncodedImage
from ..models.architecture import Architecture
from ..text.prompts import PromptBuilder, user_message
from .explanation import heat_of
from .generation import GenerationStats, Generator
from .places import Found, presence_question
from .sampling import SamplingParams


class Finder:
    """Finds things in one image."""

    def __init__(self, image: EncodedImage, generator: Generator, prompts: PromptBuilder, model: Architecture) -> None:
        """`model` was taught where to look; the KV cache is used."""
        self._image, self._generator = image, generator
        self._prompts, self._model = prompts, model

    def __call__(self, name: str) -> Found | None:
        """Return where the model looks for a thing that is named without article; None where nothing tells."""
        prompt = self._prompts.build([user_message(presence_question(name), [self._image])])
        stats = GenerationStats()
        said = "".join(self._generator.generate(prompt, SamplingParams(max_new_tokens=1), stats))
        looks = list(self._generator.looks(stats, self._image))
        heat, _ = heat_of(looks, self._model.grid(self._image.plan))
        return Found(said == "yes", heat) if heat else None
