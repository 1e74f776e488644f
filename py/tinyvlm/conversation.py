"""`Conversation`: several questions, with what was said before them in mind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from .errors import InputError
from .media.encoded_image import EncodedImage
from .models.architecture import Message
from .text.prompts import assistant_message, user_message
from .turns import Turns


class Answerer(Protocol):
    """Who answers in a conversation: a VLM."""

    turns: Turns
    """See VLM."""

    def encoded(self, image: Any) -> EncodedImage:
        """See VLM."""

    def with_text(self, question: str, images: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """See VLM."""

    def stream_messages(self, messages: Sequence[Message], **options: Any) -> Iterator[str]:
        """See VLM."""


class Conversation:
    """Turns of a user and a model. Its beginning stays in the KV cache: a next turn runs its new tokens only.

    When it no longer fits in the model's context, the oldest turns are left out of what the model reads, but not their
    images (`GenerationStats.dropped_turns` tells); `messages` keeps all.
    """

    def __init__(self, vlm: Answerer, system: str | None = None) -> None:
        """Start with a system message; with None, templates that have one of their own write that."""
        self._vlm = vlm
        self.messages: list[Message] = []
        if not isinstance(system, str | None):
            raise InputError("chat-message-invalid")
        if system is not None:
            self.messages.append({"role": "system", "content": [{"type": "text", "text": system}]})

    def ask(self, question: str, *images: Any, **sampling: Any) -> str:
        """Return the answer to the next question; `images` are shown with it, `with_text` with what they say."""
        with self._vlm.turns:
            return "".join(self.stream(question, *images, **sampling))

    def stream(self, question: str, *images: Any, with_text: bool = False, **sampling: Any) -> Iterator[str]:
        """Yield the answer piece by piece. The turn counts once the answer has begun, even when it is cut off."""
        shown: Sequence[Any] = images
        if with_text:
            question, shown = self._vlm.with_text(question, images)
        message = user_message(question, [self._vlm.encoded(image) for image in shown])
        pieces = self._vlm.stream_messages([*self.messages, message], **sampling)
        return self._recorded(message, pieces)

    def until(self, *questions: str) -> list[Message] | None:
        """Return the messages up to the user's last that says one of these; None where none does."""
        asked = {question.strip() for question in questions}
        for end in range(len(self.messages), 0, -1):
            last = self.messages[end - 1]
            if last["role"] == "user" and last["content"][-1].get("text") in asked:
                return self.messages[:end]
        return None

    def _recorded(self, message: Message, pieces: Iterator[str]) -> Iterator[str]:
        answer = ""
        try:
            for piece in pieces:
                answer += piece
                yield piece
        finally:
            if answer:
                self.messages += [message, assistant_message(answer)]
