"""From messages to what a model reads: prompt text, token ids, and which image each of them belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..errors import InputError, ModelError
from ..media.encoded_image import EncodedImage
from ..models.architecture import Architecture, Message
from .chat import VIDEO
from .tokenizer import Tokenizer

MAX_TOKEN_BYTES = 64
"""No token is longer; a question with more bytes than this times the context cannot fit."""

ANSWER_ROOM = 8
"""Tokens that a prompt leaves for an answer at least."""


PromptToken = tuple[int, EncodedImage | None]
"""A token id, and the image that it stands for or looks at."""


class Template(Protocol):
    """A chat template (chat.py)."""

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt's text."""


class PromptBuilder:
    """Writes prompts for one model."""

    def __init__(self, model: Architecture, tokenizer: Tokenizer, template: Template | None) -> None:
        """Bind to a model; `template` is for those whose prompts a chat template writes."""
        self._model = model
        self._tokenizer = tokenizer
        self._template = template

    @property
    def has_template(self) -> bool:
        """Whether a chat template writes this model's prompts."""
        return self._template is not None

    def build(self, messages: Sequence[Message]) -> list[PromptToken]:
        """Return the tokens that an answer to the last message continues.

        Raises InputError for an empty question, or one that leaves no room for an answer ("question-too-long").
        """
        model = self._model
        tokenizer = self._tokenizer
        room = model.max_positions - ANSWER_ROOM
        messages = self._cleaned(messages)
        if (
            sum(len(part.get("text", "")) for message in messages for part in message["content"])
            > room * MAX_TOKEN_BYTES
        ):
            raise self._too_long(room)
        images = [part["image"] for message in messages for part in message["content"] if part["type"] != "text"]
        text = self._expanded(self._text(messages), images)
        tokens = self.assign([*model.prompt_prefix, *tokenizer.encode(text)], images)
        if len(tokens) > room:
            raise self._too_long(room)
        return tokens

    def asks(self, messages: Sequence[Message]) -> bool:
        """Whether the last message ends as questions do, as the prompt has it."""
        return self._model.question(self._cleaned(messages[-1:])).endswith("?")

    def _text(self, messages: Sequence[Message]) -> str:
        text = self._model.prompt(messages)
        if text is None:
            if self._template is None:
                raise ModelError("template-missing")
            text = self._template.render(messages)
        return text

    def _cleaned(self, messages: Sequence[Message]) -> list[Message]:
        return [
            {**message, "content": [self._cleaned_part(part) for part in message["content"]]} for message in messages
        ]

    def _cleaned_part(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Text without zero bytes, and without anything that would be read as one of the model's special tokens."""
        if part["type"] != "text":
            return part
        text = part["text"].replace("\x00", " ")
        for token in (*self._tokenizer.special_tokens, VIDEO):
            text = text.replace(token, f"{token[:1]} {token[1:]}")
        return {**part, "text": text}

    def _expanded(self, text: str, images: Sequence[EncodedImage]) -> str:
        """Put what stands for each image in the place of its mark."""
        mark = self._model.image_token
        if not mark:
            return text
        first, *others = re.split("|".join(map(re.escape, (mark, VIDEO))), text)
        if len(others) != len(images):
            raise ModelError("template-invalid", found=len(others), images=len(images))
        return first + "".join(self._model.image_text(i.plan) + part for i, part in zip(images, others, strict=True))

    def assign(self, ids: Sequence[int], images: Sequence[EncodedImage]) -> list[PromptToken]:
        """Say which image each token stands for or looks at, and which of its rows.

        Text up to the second image belongs to the first, and so on: what belongs to an image is one run. Raises
        InputError unless the images' tokens are there, one for each row.
        """
        model = self._model
        if not model.image_token:
            return [(token, images[-1] if images else None) for token in ids]
        mark = self._tokenizer.id_of(model.image_token)
        counts = [model.image_text(image.plan).count(model.image_token) for image in images]
        tokens: list[PromptToken] = []
        if sum(token == mark for token in ids) != sum(counts):
            raise InputError("image-tokens-wrong", count=sum(counts), token=model.image_token)
        index = 0
        row = 0
        for token in ids:
            if token == mark:
                if row == counts[index]:
                    index += 1
                    row = 0
                tokens.append((model.vocab_size + row, images[index]))
                row += 1
            else:
                tokens.append((token, images[index] if images else None))
        return tokens

    def _too_long(self, room: int) -> InputError:
        return InputError("question-too-long", limit=room, words=room * 3 // 4)


def user_message(question: Any, images: Sequence[EncodedImage]) -> Message:
    """Return a user's turn: images first. Raises InputError for a question that is empty or not text."""
    if not isinstance(question, str):
        raise InputError("bad-question")
    if not question.replace("\x00", " ").strip():
        raise InputError("question-empty")
    parts: list[Any] = [{"type": image.kind, "image": image} for image in images]
    return {"role": "user", "content": [*parts, {"type": "text", "text": question.strip()}]}


def assistant_message(answer: str) -> Message:
    """Return the model's turn."""
    return {"role": "assistant", "content": [{"type": "text", "text": answer}]}


def without_oldest_turn(messages: Sequence[Message]) -> list[Message] | None:
    """Return the messages without the first user's turn and what follows up to the next; None where only one is.

    Its images move to the next turn: questions are still about them.
    """
    starts = [index for index, message in enumerate(messages) if message["role"] == "user"]
    if len(starts) < 2:
        return None
    first, second = (messages[start] for start in starts[:2])
    images = [part for part in first["content"] if part["type"] != "text"]
    kept = {**second, "content": [*images, *second["content"]]}
    return [*messages[: starts[0]], kept, *messages[starts[1] + 1 :]]
