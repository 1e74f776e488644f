"""`VLM`: the package's front door. Load a model, ask it about images."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

from .answers.constraints import Choices, Constraint, JSONSchema
from .answers.explanation import Explanation, explained
from .answers.finding import Finder
from .answers.generation import GenerationStats, Generator
from .answers.requests import pieces_of
from .answers.sampling import SamplingParams, check_options
from .answers.unsure import Unsure
from .backends import Runner
from .conversation import Conversation
from .errors import CancelledError, InputError, LoadError
from .folder.model_folder import DEFAULT_MODEL
from .folder.model_reader import ModelParts, read_model
from .instead import Instead, ReadAnswer
from .media.encoded_image import EncodedImage
from .media.images import RGBImage, load_image
from .models.architecture import PROFILES, Message, Profile
from .progress import OnProgress
from .reader import Reader
from .reading.context import with_text
from .reading.questions import answer_pieces
from .reading.reading import Reading
from .text.prompts import PromptBuilder, PromptToken, user_message, without_oldest_turn
from .turns import Turns
from .weights.quantize import Scheme
from .weights.source import WeightSource, is_held_as

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .backends.open_runner import Backend

CHAT_TOKENS = 256
"""Longest answer of a model that was made for conversations, unless the question says otherwise."""

_Step = TypeVar("_Step", bound=str | Explanation)

QUANTIZATIONS: tuple[Scheme, ...] = ("float32", "q8", "q4", "q2")


class VLM:
    """A vision-language model, loaded. Threads may share it: each call waits for its turn.

    A context manager that closes it. It stays in the process that loaded it.
    """

    def __init__(
        self,
        parts: ModelParts,
        runner: Runner,
        load_ms: float,
        *,
        draft: bool = False,
        open_reader: Callable[[], Reader] | None = None,
    ) -> None:
        """Put parts together; users call `from_pretrained`.

        `draft`: weights are yet to become exact. `open_reader` is called when text is first to be read.
        """
        self.name = parts.name
        self.card = parts.card
        self.instead = Instead(parts, runner, has_reader=open_reader is not None)
        """What is answered otherwise than by the model's own words."""
        self._model = parts.model
        self._tower = parts.tower
        self._tokenizer = parts.tokenizer
        self._runner = runner
        self._prompts = PromptBuilder(parts.model, parts.tokenizer, parts.template)
        self._generator = Generator(runner, parts.model, parts.tokenizer)
        self._load_ms = load_ms
        self._encode_ms = 0.0
        self._last = GenerationStats()
        self._draft = draft
        self._open_reader = open_reader
        self._reader: Reader | None = None
        self._identity = object()  # what its images know it by, without keeping it in memory
        self.turns = Turns()
        """Held by whoever uses the model: a thread that takes it keeps the others out for several calls."""

    def __enter__(self) -> VLM:
        """Return the model itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the model."""
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied, as to another process."""
        raise InputError("other-process")

    @classmethod
    def from_pretrained(
        cls,
        path_or_url: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        backend: Backend = "auto",
        quantization: Scheme | None = None,
        threads: int | None = None,
        revision: str = "main",
        token: str | None = None,
        offline: bool = False,
        local_files_only: bool = False,
        mmproj: str | None = None,
        progress: OnProgress | None = None,
    ) -> VLM:
        """Open a model: a Hugging Face repository ("owner/name"), a folder, a GGUF file, a URL, or the bundled one.

        `backend`: "wasm" runs the shipped kernels under wasmtime, "numpy" the reference; "auto" takes wasm where
        wasmtime is installed. `quantization`: None keeps weights that are quantized already, and makes others q8 for
        the kernels; "float32" (the KV cache too), "q8", "q4" and "q2" are what they say. `revision` and `token` are for
        repositories; `offline`, or `local_files_only`, takes what is cached; `mmproj` names the vision tower of a GGUF
        model, beside it or (for one on this disk) by a path, where another is to be taken than is found; `progress`
        hears of what is fetched (progress.py). Raises LoadError, ModelError or InputError.
        """
        from .backends.open_runner import open_runner
        from .hub import open_model  # with all that downloads: a page starts sooner without it
        from .weights.loss import warn_of_loss

        started = time.perf_counter()
        if quantization not in (None, *QUANTIZATIONS):
            expected = ", ".join(("None", *QUANTIZATIONS))
            raise InputError("bad-argument", name="quantization", expected=expected, value=repr(quantization))
        offline = offline or local_files_only
        folder = open_model(
            path_or_url, revision=revision, token=token, offline=offline, mmproj=mmproj, progress=progress
        )
        source: WeightSource = folder.weights()
        if quantization and not is_held_as(source, quantization):
            warn_of_loss(quantization, source.tensors, 2)
        parts = read_model(folder, source)
        runner = open_runner(backend, parts.name, parts.model, source, quantization, threads)
        open_reader = partial(Reader.from_pretrained, backend=backend, threads=threads)
        return cls(parts, runner, (time.perf_counter() - started) * 1000, open_reader=open_reader)

    def encode_image(self, image: Any, *, profile: Profile = "balanced") -> EncodedImage:
        """Encode a path, open file, bytes, data URL, PIL image or array; reuse the result for several questions.

        `profile` says how closely a model looks that cuts images into tiles: "fast", "balanced" or "accuracy".
        """
        return self.encode_pixels(load_image(image), profile=profile)

    def encode_pixels(self, image: RGBImage, *, profile: Profile = "balanced") -> EncodedImage:
        """Encode decoded pixels."""
        if not self._model.view_size:
            raise self._blind()
        if profile not in PROFILES:
            raise InputError("bad-argument", name="profile", expected=", ".join(PROFILES), value=repr(profile))
        with self.turns:
            return self._encoded([image], self._model.plan(image.height, image.width, profile))

    def _blind(self) -> InputError:
        """What is said of images where the model reads text only."""
        if self._tower == "misfit":
            return InputError("tower-misfit", model=self.name)
        if self._tower == "missing":
            return InputError("tower-missing", model=self.name)
        return InputError("image-unsupported", model=self.name)

    def encode_video(self, frames: Sequence[Any], fps: float) -> EncodedImage:
        """Encode a video, given as its frames (each what `encode_image` takes) and how many of them are a second.

        The model chooses which to read; raises InputError for a model that reads no videos.
        """
        plan = self._model.plan_video(len(frames), fps)
        pixels = [load_image(frames[index]) for index in plan.frames]
        with self.turns:
            return self._encoded(pixels, plan, "video")

    def read(self, image: Any) -> Reading:
        """Return the text in an image (or an EncodedImage): its lines and words, where they stand, how sure that is.

        A reader of its own does it, whichever model this is; it is loaded at the first call, and closed with the model.
        Raises InputError with an "image-..." code: "image-not-kept" for an EncodedImage of a model that has no text
        read (generation_config.json); LoadError("reader-missing").
        """
        if not isinstance(image, EncodedImage):
            picture = load_image(image)
            with self.turns:
                return self._text_reader().read(picture)
        with self.turns:
            return self._read(image)

    def _read(self, image: EncodedImage) -> Reading:
        """Read an encoded image, once."""
        if image.reading is None:
            if image.picture is None:
                raise InputError("image-not-kept")
            image.reading = self._text_reader().read(image.picture)
            image.picture = None
        reading: Reading = image.reading
        return reading

    def with_text(self, question: str, images: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """Return a question behind the text that is read in its images, and which of those the model is shown.

        That is all of them, or none where it reads text only. Raises InputError for a model that was not made for
        conversations, and as `read` does.
        """
        if not self.remembers:
            expected = "False for a model that was not made for conversations"
            raise InputError("bad-argument", name="with_text", expected=expected, value="True")
        user_message(question, [])  # one that cannot be asked costs no reading
        told = self.told(question, [self.read(image) for image in images])
        return told, images if self.sees else ()

    def told(self, question: str, readings: Sequence[Reading]) -> str:
        """Return a question behind what was read in its images, cut to this model's context (reading/context.py)."""
        return with_text(question, readings, self._model.max_positions, lambda text: len(self.tokenize(text)))

    def _text_reader(self) -> Reader:
        if self._reader is None:
            if self._open_reader is None:
                raise LoadError("reader-missing")
            self._reader = self._open_reader()
        return self._reader

    def encoded(self, image: Any) -> EncodedImage:
        """Return `image` encoded, if it is not yet, or was so only by a draft of this model.

        Raises InputError("image-of-another-model") for an EncodedImage that is not this one's.
        """
        if not isinstance(image, EncodedImage):
            return self.encode_image(image)
        if image.encoder is not self._identity:
            raise InputError("image-of-another-model")
        with self.turns:
            return self._exact(image)

    def _exact(self, image: EncodedImage) -> EncodedImage:
        if image.pixels and not self._draft:
            self._last = GenerationStats()  # a stream that looks at the draft's state is over
            image.state = None  # not kept beside the new one
            again = self._encoded(image.pixels, image.plan, image.kind)
            image.state = again.state
            image.encode_ms = again.encode_ms
            image.pixels = None
        return image

    def _encoded(
        self, pixels: Sequence[RGBImage], plan: Any, kind: Literal["image", "video"] = "image"
    ) -> EncodedImage:
        started = time.perf_counter()
        self._runner.clear_stop()
        state = self._runner.encode(pixels, plan)
        self._encode_ms = (time.perf_counter() - started) * 1000
        kept = pixels if self._draft else None
        size = (pixels[0].width, pixels[0].height)
        picture = pixels[0] if self.instead.has_text_read and kind == "image" else None
        return EncodedImage(*size, self._encode_ms, state, plan, kind, kept, picture, encoder=self._identity)

    def ask(self, image: Any, question: str, **sampling: Any) -> str:
        """Return the answer to a question about an image (or an EncodedImage); None asks without one.

        `sampling`: max_new_tokens, temperature, top_k, top_p, stop, seed and others (see SamplingParams); `with_text`,
        `choices` and `schema` (see `stream`). `unsure=False` has the model's own answer always: where it would have to
        guess, to what it was not made for, where the reader's would be given (the bundled model has text read: `read`),
        and where two maps of its looks tell it (which of two things lies left, or above). Other threads wait for the
        answer's end.
        """
        with self.turns:
            return "".join(self.stream(image, question, **sampling))

    def stream(
        self,
        image: Any,
        question: str,
        *,
        with_text: bool = False,
        choices: Sequence[str] | None = None,
        schema: Mapping[str, Any] | None = None,
        **sampling: Any,
    ) -> Iterator[str]:
        """Yield the answer piece by piece. Starting another question, in any thread, ends an unfinished one: its next
        piece is an InputError("stream-replaced").

        `with_text`: a reader reads the image first, and the model is told what it says (a model made for
        conversations; one that sees no images can be asked about their text).

        `choices`: the answer is one of these texts, in one piece, which `max_new_tokens` and `stop` do not cut.
        `schema`: it is JSON of this schema (json_schema.py says which).
        """
        params = self._params(sampling)
        constraint = self._constraint(choices, schema)
        asked = [user_message(question, [])]
        if self.instead.sentence(asked, params, constraint) is None:
            self._prompts.build(asked)  # a question that cannot be asked costs no encoding
        with self.turns:
            images: Sequence[Any] = () if image is None else (image,)
            if with_text:
                question, images = self.with_text(question, images)
            return self._answer([user_message(question, list(map(self.encoded, images)))], params, constraint)

    def explain(self, image: Any, question: str, **options: Any) -> Explanation:
        """Return an answer, with where in the image the model looked for each of its words, and how sure it was.

        `options` are those of `stream`. Each word has a probability, the likeliest tokens in its first one's place, and
        a map of rows x columns numbers (sum 1) over the upright image. For the bundled model that is 14 x 14: where the
        first head of the cross-attention of its third and fifth layer looked, which were taught to for an answer's
        first word and for written text. For SmolVLM and Idefics3 it is the tiles' cells, the mean over all heads of the
        middle third of layers, which nobody taught. What was not taught is a hint. An answer that is not the model's
        own words (`kind`) has no words and no maps: `unsure=False` has the model's own.

        Takes one more pass over the answer; `ask` computes none of it. Raises InputError for a model that sees no
        images, and for videos.
        """
        with self.turns:
            *_, explanation = self.explaining(image, question, **options)
        assert isinstance(explanation, Explanation)
        return explanation

    def explaining(self, image: Any, question: str, **options: Any) -> Iterator[str | Explanation]:
        """`explain` step by step: yield the answer's pieces as `stream` does, "" for each token that is explained, and
        the explanation.

        Between two steps it is others' turn, as with `stream`.
        """
        user_message(question, [])  # one that cannot be asked costs no encoding
        with self.turns:
            encoded = self._shown(image)
            return self._explained(encoded, self.stream(encoded, question, **options))

    def explaining_messages(self, messages: Sequence[Message], **options: Any) -> Iterator[str | Explanation]:
        """`explaining` for a conversation's last message; where its last image was looked at."""
        images = [part["image"] for message in messages for part in message["content"] if part["type"] != "text"]
        with self.turns:
            image = self._shown(images[-1] if images else None)
            return self._explained(image, self.stream_messages(messages, **options))

    def _shown(self, image: Any) -> EncodedImage:
        if not self.sees:
            raise self._blind()
        if image is None:
            raise InputError("image-missing")
        encoded = self.encoded(image)
        if encoded.kind == "video":
            raise InputError("bad-argument", name="image", expected="an image", value="a video")
        return encoded

    def _explained(self, image: EncodedImage, pieces: Iterator[str]) -> Iterator[str | Explanation]:
        stats = self._last
        steps = explained(pieces, stats, image, self._generator, self._model, self._tokenizer)
        return self._in_turns(steps, stats)

    def conversation(self, system: str | None = None) -> Conversation:
        """Begin a conversation, in which questions may refer to what was said before."""
        return Conversation(self, system)

    def stream_messages(
        self,
        messages: Sequence[Message],
        *,
        choices: Sequence[str] | None = None,
        schema: Mapping[str, Any] | None = None,
        **sampling: Any,
    ) -> Iterator[str]:
        """Yield the answer to a conversation's last message; its images are EncodedImages. See `stream`."""
        params = self._params(sampling)
        constraint = self._constraint(choices, schema)
        with self.turns:
            for part in (part for message in messages for part in message["content"] if part["type"] != "text"):
                self.encoded(part["image"])
            return self._answer(messages, params, constraint)

    def _params(self, sampling: Mapping[str, Any]) -> SamplingParams:
        check_options(sampling)
        defaults = {"max_new_tokens": CHAT_TOKENS} if self.remembers else {}
        return SamplingParams(**{**defaults, **sampling})

    def _constraint(self, choices: Sequence[str] | None, schema: Mapping[str, Any] | None) -> Constraint | None:
        if choices is not None and schema is not None:
            raise InputError("choices-and-schema")
        if choices is not None:
            return Choices(self._tokenizer, choices)
        return None if schema is None else JSONSchema(self._tokenizer, schema)

    def _answer(
        self, messages: Sequence[Message], params: SamplingParams, constraint: Constraint | None
    ) -> Iterator[str]:
        looks = any(part["type"] != "text" for message in messages for part in message["content"])
        if self.needs_image and not looks:
            raise InputError("image-missing")
        sentence = self.instead.sentence(messages, params, constraint)
        if sentence is not None:
            self._last = GenerationStats(unserved=True, finish_reason="stop", draft=self._draft)
            return self._in_turns(pieces_of(sentence), self._last)
        read = self.instead.read(messages, params, constraint)
        if read:
            self._last = GenerationStats(read=True, finish_reason="stop", draft=self._draft)
            return self._in_turns(self._pieces_read(read), self._last)
        if isinstance(constraint, Choices):  # they end by themselves, and a part of one is none of them
            params = replace(params, max_new_tokens=constraint.most_tokens, stop=())
        stats = GenerationStats(draft=self._draft)
        prompt = self._fitting(messages, params, stats)
        self._last = stats
        unsure = self.instead.unsure_of(messages) if params.unsure and self._prompts.asks(messages) else None
        find = self._placing(messages, params, constraint)
        pieces = self._in_turns(self._pieces(prompt, params, stats, constraint, unsure, find), stats)
        return self._chosen(pieces, constraint) if isinstance(constraint, Choices) else pieces

    def _pieces_read(self, read: ReadAnswer) -> Iterator[str]:
        yield from answer_pieces(self._read(read.image), read.answer)

    def _chosen(self, pieces: Iterator[str], choices: Choices) -> Iterator[str]:
        """A choice in one piece, as only its end tells which of them it is."""
        choice = choices.given("".join(pieces))
        if choice is None:
            raise InputError("choices-too-long", limit=self._model.max_positions)
        yield choice

    def _fitting(
        self, messages: Sequence[Message], params: SamplingParams, stats: GenerationStats
    ) -> list[PromptToken]:
        """Return the prompt, without the conversation's oldest turns where they leave too little room."""
        context = self._model.max_positions
        reserve = min(params.max_new_tokens, context // 4)
        while True:
            shorter = without_oldest_turn(messages)
            try:
                prompt = self._prompts.build(messages)
            except InputError as error:
                if shorter is None or error.code != "question-too-long":
                    raise
            else:
                if shorter is None or len(prompt) + reserve <= context:
                    return prompt
            messages = shorter
            stats.dropped_turns += 1

    def _pieces(
        self,
        prompt: list[PromptToken],
        params: SamplingParams,
        stats: GenerationStats,
        constraint: Constraint | None,
        unsure: Unsure | None,
        find: Callable[[], str | None] | None,
    ) -> Iterator[str]:
        """`find`: what is to be answered, as far as two things were found."""
        self._runner.clear_stop()
        try:
            found = find and find()
        except CancelledError:
            stats.finish_reason = "cancelled"
            raise
        if found:
            stats.placed = True
            yield from self._generator.write(prompt, found, params, stats)
            return
        if find and self.instead.unsure:
            stats.unsure, stats.finish_reason = True, "stop"
            yield from pieces_of(self.instead.unsure.answer)
            return
        yield from self._generator.generate(prompt, params, stats, constraint, unsure)

    def _placing(
        self, messages: Sequence[Message], params: SamplingParams, constraint: Constraint | None
    ) -> Callable[[], str | None] | None:
        place = self.instead.place(messages, params, constraint)
        if place is None:
            return None
        image, question = place
        return partial(question.answer, Finder(image, self._generator, self._prompts, self._model))

    def _in_turns(self, pieces: Iterator[_Step], stats: GenerationStats) -> Iterator[_Step]:
        """Between two pieces it is others' turn: whoever reads an answer may come back late, or never."""
        while (piece := self._next(pieces, stats)) is not None:
            yield piece

    def _next(self, pieces: Iterator[_Step], stats: GenerationStats) -> _Step | None:
        with self.turns:
            if self._last is not stats:  # the KV cache now holds another text
                raise InputError("stream-replaced")
            return next(pieces, None)

    def logits(self, token_ids: Sequence[int], image: Any = None) -> NDArray[np.float32]:
        """Return float32 logits (T, vocab_size) for a text of its own, which holds the image's tokens if it has any.

        A model that looks at images through cross-attention sees a white one where none is given.
        """
        import numpy as np

        limit = self._model.max_positions
        vocab_size = self._model.vocab_size
        if not 0 < len(token_ids) <= limit or not all(0 <= token < vocab_size for token in token_ids):
            raise InputError("token-ids-invalid", limit=limit, last=vocab_size - 1)
        if image is None and self._model.view_size and not self._model.image_token:
            image = np.full((1, 1, 3), 255, np.uint8)
        with self.turns:
            images = [] if image is None else [self.encoded(image)]
            token_ids = [token for token, _ in self._prompts.assign(token_ids, images)]
            self._last = GenerationStats()
            self._generator.forget()
            self._runner.clear_stop()
            logits = self._runner.logits(images[0].state if images else None, token_ids)
        return np.frombuffer(logits, np.float32).reshape(len(token_ids), vocab_size)

    def make_exact(self, load_ms: float) -> None:
        """From now on all weights are exact: what comes of draft ones is made again when it is next needed."""
        self._draft = False
        self._load_ms = load_ms
        self._generator.forget()

    def tokenize(self, text: str) -> list[int]:
        """Return the token ids of `text`, as is."""
        return self._tokenizer.encode(text)

    def prompt_ids(self, question: str) -> list[int]:
        """Return the token ids that an answer to `question` continues."""
        return [token for token, _ in self._prompts.build([user_message(question, [])])]

    @property
    def remembers(self) -> bool:
        """Whether the model was made for conversations: its answers may refer to what was said before."""
        return self._prompts.has_template

    @property
    def sees(self) -> bool:
        """Whether the model reads images."""
        return bool(self._model.view_size)

    @property
    def needs_image(self) -> bool:
        """Whether every question is about an image."""
        return self.sees and not self._model.image_token

    @property
    def last_answer(self) -> GenerationStats:
        """Figures of the last answer."""
        return self._last

    def stats(self) -> dict[str, Any]:
        """Return figures: model, backend, threads, times of loading and of the last encode and answer, memory."""
        with self.turns:
            return self._stats()

    def _stats(self) -> dict[str, Any]:
        return {
            "model": self.name,
            "draft": self._draft,
            "load_ms": round(self._load_ms, 1),
            "encode_ms": round(self._encode_ms, 2),
            "prefill_ms": round(self._last.prefill_ms, 2),
            "decode_tokens_per_s": round(self._last.decode_tokens_per_s, 1),
            **self._runner.stats(),
        }

    def close(self) -> None:
        """Give memory and threads back; the object is of no use afterwards. Waits for a call that still runs."""
        if self.turns.end():
            self._runner.close()
            if self._reader:
                self._reader.close()
