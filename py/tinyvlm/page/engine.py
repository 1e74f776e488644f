"""The door that the page's worker uses: kernels held by JavaScript, a model whose bytes come into kernel memory.

Every method answers with one JSON string, as arriving.py has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..answers.explanation import Explanation
from ..answers.sampling import check_options
from ..backends.kernel_weights import Stage
from ..backends.page_kernels import PageKernels
from ..conversation import Conversation
from ..errors import InputError, LoadError
from ..media.encoded_image import EncodedImage
from ..media.images import RGBImage
from ..models import tinyvlm as _bundled_model  # noqa: F401  what a snapshot of Python's memory should hold already
from ..reading.reading import Reading
from ..text.prompts import user_message
from .arriving import Arriving, answered
from .page_reader import PageReader
from .streamed_model import StreamedModel

WARM_UP_TOKENS = 8


class Session:
    """One model, the image it looks at, what was said about it, and the answer in progress."""

    def __init__(self, model: StreamedModel, reader: PageReader) -> None:
        """Start without an image, with a model that may still be on its way in, and a reader that comes later."""
        self._model = model
        self._vlm = model.vlm
        self._reader = reader
        self._read_ms = 0.0
        self._is_asked_about = False
        self._reading: Reading | None = None  # of the image asked about, also where the model sees none
        self._image: EncodedImage | None = None
        self._conversation: Conversation | None = None
        self._pieces: Iterator[str | Explanation] = iter(())
        self._explanation: Explanation | None = None
        self._preparing: Iterator[str] = iter(())
        if self._vlm.instead.requests:
            self._preparing = self._vlm.instead.requests.prepared()

    def encode(self, pixels: Any, width: int, height: int, profile: str) -> str:
        """Encode RGB pixels (a JS Uint8Array of height * width * 3); a new conversation begins."""
        return answered(lambda: self._encode(pixels, width, height, profile))

    def forget(self) -> str:
        """Begin a new conversation, without an image."""
        return answered(self._forget)

    def ask(self, question: str, options: str) -> str:
        """Begin an answer; `options` is a JSON object of SamplingParams, `choices`, `schema` and `with_text`.

        Return {"reads": whether the image has to be read before its first piece}. `with_text` tells the model what was
        read in the image asked about, once in a conversation: see `reads_first`.
        """
        return answered(lambda: self._begun(self._begin_answer, question, options))

    def explain(self, question: str, options: str) -> str:
        """Begin an answer as `ask` does, to be explained: "" are pieces too. The conversation stays as it is.

        Where the question was asked in it, the answer is the one that was given there, if options are the same.
        """
        return answered(lambda: self._begun(self._begin_explaining, question, options))

    def explanation(self) -> str:
        """Return Explanation.to_json() of the answer begun with `explain`, once its last piece is out."""
        return answered(lambda: self._explanation and self._explanation.to_json())

    def reads_first(self, question: str, options: str) -> str:
        """Return whether the image has to be read before `ask` is called, where `with_text` is among its options.

        A question that cannot be asked so costs no reading: it is an error here, or of `ask`.
        """
        return answered(lambda: self._reads_first(question, json.loads(options)))

    def next_piece(self) -> str:
        """Return the answer's next piece, or null at its end."""
        return answered(self._next_piece)

    def load_reader(self, texts: str, files: str) -> Arriving:
        """Announce the text reader's files; see Loading."""
        return Arriving(self._reader.load(json.loads(texts), json.loads(files)))

    def picture(self) -> str:
        """Return what is there of the image asked about: "read", "kept" to be read, or "none"."""
        return answered(self._picture)

    def begin_reading(self, pixels: Any, width: int, height: int, is_asked_about: bool) -> str:
        """Begin to read RGB pixels (see `encode`); None: those that were kept of the image asked about."""
        return answered(lambda: self._begin_reading(pixels, width, height, is_asked_about))

    def read_on(self) -> str:
        """Go one step on: {"line": the line it found, or null} or, at the end, {"reading": all of it}."""
        return answered(self._read_on)

    def end_reading(self) -> str:
        """Give up a reading that is not at its end."""
        return answered(self._reader.end)

    def reading(self) -> str:
        """Return what was read in the image asked about: Reading.to_json() with `read_ms`; null before."""
        return answered(lambda: self._reading and self._shown(self._reading))

    def answer_stats(self) -> str:
        """Return figures of the last answer."""
        last = self._vlm.last_answer
        return answered(
            lambda: {
                "prefill_ms": last.prefill_ms,
                "decode_ms": last.decode_ms,
                "tokens": last.tokens,
                "prompt_tokens": last.prompt_tokens,
                "reused_tokens": last.reused_tokens,
                "dropped_turns": last.dropped_turns,
                "finish_reason": last.finish_reason,
                "draft": last.draft,
                "read": last.read,
                "named": last.named,
                "unserved": last.unserved,
            }
        )

    def stats(self) -> str:
        """Return VLM.stats()."""
        return answered(self._vlm.stats)

    def card(self) -> str:
        """Return the model's card: name, description, limits, suggestions, and what it reads."""
        reads = {"sees": self._vlm.sees, "needs_image": self._vlm.needs_image, "remembers": self._vlm.remembers}
        return answered(lambda: {"id": self._vlm.name, "name": self._vlm.name, **self._vlm.card, **reads})

    def warm_up(self) -> str:
        """Run every program once, so that the engine compiles it; a large model's image encoding is left out.

        The image and the conversation stay; an unfinished answer ends.
        """
        return answered(self._warm_up)

    def _encode(self, pixels: Any, width: int, height: int, profile: str) -> dict[str, float]:
        self._needs("vision")
        self._forget()
        self._image = self._vlm.encode_pixels(RGBImage(height, width, pixels), profile=profile)  # type: ignore[arg-type]
        return {"encode_ms": self._image.encode_ms, "width": width, "height": height}

    def _forget(self) -> None:
        self._pieces = iter(())  # an answer that was cut off holds its image
        self._image = self._conversation = self._reading = None

    def _begun(self, begin: Callable[[str, dict[str, Any]], None], question: str, options: str) -> dict[str, bool]:
        self._needs("vision", "text")
        self._pieces = iter(())  # an answer that was cut off ends here, and counts as far as it came
        begin(question, json.loads(options))
        return {"reads": self._vlm.last_answer.read and self._picture() == "kept"}

    def _reads_first(self, question: str, options: dict[str, Any]) -> bool:
        options.pop("with_text", None)
        check_options(options)
        user_message(question, [])
        return self._vlm.remembers and self._reading is None

    def _begin_answer(self, question: str, options: dict[str, Any]) -> None:
        with_text = options.pop("with_text", False)
        check_options(options)
        if not self._vlm.remembers:
            self._pieces = self._vlm.stream(self._image, question, with_text=with_text, **options)
            return
        images = []
        if self._conversation is None:
            self._conversation = self._vlm.conversation()
            images = [self._image] if self._image else []
        text = self._vlm.told("", [self._reading]) if with_text and self._reading else ""
        if text and not self._is_told(text, self._conversation):
            user_message(question, [])
            question = text + question
        self._pieces = self._conversation.stream(question, *images, **options)
        if text and not question.startswith(text) and not self._is_told(text, self._conversation):
            self._pieces = self._conversation.stream(text + question, **options)  # the turn with it is left out now

    def _begin_explaining(self, question: str, options: dict[str, Any]) -> None:
        self._explanation = None
        with_text = options.pop("with_text", False)
        check_options(options)
        told = question
        if with_text and self._reading:
            told = self._vlm.told("", [self._reading]) + question
        messages = self._conversation.until(question, told) if self._conversation else None
        if messages:
            self._pieces = self._vlm.explaining_messages(messages, **options)
        else:
            self._pieces = self._vlm.explaining(self._image, told, **options)

    def _next_piece(self) -> str | None:
        piece = next(self._pieces, None)
        if isinstance(piece, Explanation):
            self._explanation = piece
            return None
        return piece

    def _is_told(self, text: str, conversation: Conversation) -> bool:
        """Return whether a turn begins with a text, of those that the last prompt had room for."""
        kept = conversation.messages[2 * self._vlm.last_answer.dropped_turns :]
        return any(part.get("text", "").startswith(text) for message in kept for part in message["content"])

    def _picture(self) -> str:
        if self._reading:
            return "read"
        return "kept" if self._image and self._image.picture else "none"

    def _begin_reading(self, pixels: Any, width: int, height: int, is_asked_about: bool) -> None:
        picture = None if pixels is None else RGBImage(height, width, pixels)
        if picture is None and self._image:
            picture = self._image.picture
        if picture is None:
            raise InputError("image-missing")
        self._is_asked_about = is_asked_about
        self._reader.begin(picture)

    def _read_on(self) -> dict[str, Any]:
        line, reading = self._reader.step()
        if reading is None:
            return {"line": line and {"text": line.text, "confidence": line.confidence, "corners": line.corners}}
        self._read_ms = self._reader.elapsed_ms
        if self._is_asked_about:
            self._reading = reading
        if self._is_asked_about and self._image:
            self._image.reading = reading
            self._image.picture = None
        return {"reading": self._shown(reading)}

    def _shown(self, reading: Reading) -> dict[str, Any]:
        return {**reading.to_json(), "read_ms": self._read_ms}

    def _needs(self, *stages: Stage) -> None:
        if not self._model.has(*stages):
            raise LoadError("not-loaded")

    def _warm_up(self) -> None:
        self._needs("vision", "text")
        white = RGBImage(64, 64, b"\xff" * (64 * 64 * 3))
        image = self._vlm.encode_pixels(white, profile="fast") if self._vlm.needs_image else None
        self._vlm.ask(image, "Describe the image.", max_new_tokens=WARM_UP_TOKENS)
        next(self._preparing, None)


class Loading(Arriving):
    """A model on its way in."""

    def __init__(
        self, engine: Any, name: str, texts: str, files: str, quantization: str = "", reads: bool = False
    ) -> None:
        """`texts` is a JSON object of file texts, `files` a JSON list of weight files (`name`, `kind`, `size`).

        `reads`: there will be a text reader, for a model that has text read.
        """
        scheme: Any = quantization or None  # what it may be, the model checks
        kernels = PageKernels(engine)
        self._reader = PageReader(kernels)
        open_reader = self._reader.open if reads else None
        self._model = StreamedModel(
            kernels, name, json.loads(texts), json.loads(files), scheme, open_reader=open_reader
        )
        super().__init__(self._model)
        self.session: Session | None = None

    def _prepare(self) -> dict[str, int | bool]:
        nbytes = self._model.prepare()
        self.session = Session(self._model, self._reader)
        return {"nbytes": nbytes, "lossy": self._model.is_lossy}
