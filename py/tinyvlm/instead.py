"""Who answers in the model's place: a sentence on what it was not made for, a reader of text, its classes or looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from .answers.constraints import Constraint
from .answers.naming import Naming
from .answers.places import PlaceQuestion, asked_place
from .answers.requests import Requests
from .answers.sampling import SamplingParams
from .answers.unsure import Unsure, asks_openly
from .backends import Runner
from .folder.model_reader import ModelParts
from .media.encoded_image import EncodedImage
from .models.architecture import Message
from .reading.questions import answer_asked
from .reading.values import Answer


class ReadAnswer(NamedTuple):
    """An answer that what is written in an image gives."""

    image: EncodedImage
    answer: Answer


class Instead:
    """What a model's folder has answered otherwise than by the model's own words (generation_config.json)."""

    def __init__(self, parts: ModelParts, runner: Runner, *, has_reader: bool) -> None:
        """`has_reader`: there is, or will be, who reads text."""
        self.unsure: Unsure | None = parts.unsure
        """What is said in place of answers that the model would have to guess, and where; None: nothing."""
        self.requests: Requests | None = parts.requests
        """What the model is for, and says where it is asked for anything else; None: it answers everything."""
        self.naming: Naming | None = parts.naming
        """How what an image shows is named from its class probabilities; None: the model's own words alone do it."""
        self.has_text_read = parts.has_text_read and has_reader
        """Whether questions for an image's text go to the reader."""
        self._looks_at_things = parts.looks_at_things
        self._model = parts.model
        self._runner = runner
        words = (parts.tokenizer.encode(word) for word in (" yes", " no"))
        self._yes_and_no = frozenset(ids[0] for ids in words if len(ids) == 1)  # or others begin alike

    def sentence(
        self, messages: Sequence[Message], params: SamplingParams, constraint: Constraint | None
    ) -> str | None:
        """Return what is said to a last message that the model was not made for."""
        if self.requests is None or not params.unsure or constraint is not None:
            return None
        return self.requests.sentence_for(self._model.question(messages))

    def read(
        self, messages: Sequence[Message], params: SamplingParams, constraint: Constraint | None
    ) -> ReadAnswer | None:
        """Return how the last message is answered by the last image's text; None where the model answers."""
        if not self.has_text_read or not params.unsure or constraint is not None:
            return None
        answer = answer_asked(self._model.question(messages))
        image = _last_image(messages)
        if answer is None or image is None or (image.picture is None and image.reading is None):
            return None
        return ReadAnswer(image, answer)

    def place(
        self, messages: Sequence[Message], params: SamplingParams, constraint: Constraint | None
    ) -> tuple[EncodedImage, PlaceQuestion] | None:
        """Return what a last message wants compared, and in which image; None where the model alone answers."""
        if not self._looks_at_things or not params.unsure or constraint is not None:
            return None
        question, image = asked_place(self._model.question(messages)), _last_image(messages)
        return None if question is None or image is None else (image, question)

    def unsure_of(self, messages: Sequence[Message]) -> Unsure | None:
        """Return what is said where the model is not sure: what the last image shows, where that is asked for."""
        question = self._model.question(messages)
        found = self._named(question, _last_image(messages)) or self.unsure
        return replace(found, unfit=self._yes_and_no) if found and asks_openly(question) else found

    def _named(self, question: str, image: EncodedImage | None) -> Unsure | None:
        if self.naming is None or image is None:
            return None
        return self.naming.instead(question, partial(self._runner.classes, image.state))


def _last_image(messages: Sequence[Message]) -> EncodedImage | None:
    shown = [part["image"] for message in messages for part in message["content"] if part["type"] != "text"]
    return shown[-1] if shown else None
