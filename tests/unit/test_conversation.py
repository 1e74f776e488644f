"""What a conversation keeps, and whom it keeps out meanwhile. Its answers are in tests/parity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tinyvlm import Conversation, InputError
from tinyvlm.models.architecture import Message


class Turns:
    """Counts who is inside."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


class Parrot:
    """Answers with two pieces, and notes at each whether the conversation has its turn."""

    def __init__(self) -> None:
        self.turns: Any = Turns()
        self.depths: list[int] = []
        self.asked: list[Message] = []

    def encoded(self, image: Any) -> Any:
        """See VLM."""
        return image

    def stream_messages(self, messages: Sequence[Message], **options: Any) -> Iterator[str]:
        """See VLM."""
        self.asked = list(messages)
        for piece in ("one ", "two"):
            self.depths.append(self.turns.depth)
            yield piece


def texts(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"][-1]["text"]) for message in messages]


def test_others_wait_for_the_end_of_a_whole_answer() -> None:
    parrot = Parrot()
    assert Conversation(parrot).ask("What?") == "one two"
    assert parrot.depths == [1, 1]
    assert parrot.turns.depth == 0


def test_others_have_their_turn_while_a_stream_is_read() -> None:
    parrot = Parrot()
    for _ in Conversation(parrot).stream("What?"):
        assert parrot.turns.depth == 0


def test_a_next_question_reads_what_was_said() -> None:
    parrot = Parrot()
    talk = Conversation(parrot, "Be brief.")
    talk.ask("What?")
    talk.ask("And now?")
    assert texts(parrot.asked) == [
        ("system", "Be brief."),
        ("user", "What?"),
        ("assistant", "one two"),
        ("user", "And now?"),
    ]


@pytest.mark.parametrize(("system", "first"), [("", [("system", "")]), (None, [])])
def test_an_empty_system_message_is_one_and_none_is_none(system: str | None, first: list[tuple[str, str]]) -> None:
    """Templates write a message of their own where there is none: an empty one is how to leave that out."""
    assert texts(Conversation(Parrot(), system).messages) == first


def test_a_system_message_is_text() -> None:
    with pytest.raises(InputError) as caught:
        Conversation(Parrot(), 5)  # type: ignore[arg-type]
    assert caught.value.code == "chat-message-invalid"
