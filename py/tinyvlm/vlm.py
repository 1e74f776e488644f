"""`VLM`: the package's front door. Load a model, ask it about images."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .backends import Runner
from .errors import InputError, ModelError
from .generation import GenerationStats, encode_prompt, generate
from .hub import DEFAULT_MODEL, ModelFolder, open_model
from .images import RGBImage, load_image
from .models import Architecture, load_architecture
from .sampling import SamplingParams
from .tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Backend = Literal["auto", "numpy", "wasm"]
Quantization = Literal["q8", "float32"]


@dataclass(frozen=True, eq=False)
class EncodedImage:
    """An image as the model saw it, to be asked about any number of times."""

    width: int
    height: int
    encode_ms: float
    state: Any
    """The backend's; only the VLM that made it can read it."""


class VLM:
    """A vision-language model, loaded. Use it from one thread at a time."""

    def __init__(
        self, folder: ModelFolder, model: Architecture, tokenizer: Tokenizer, runner: Runner, load_ms: float
    ) -> None:
        """Put parts together; users call `from_pretrained`."""
        self.name = folder.name
        self.card: dict[str, Any] = json.loads(folder.read_text("config.json")).get("card", {})
        self._model, self._tokenizer, self._runner = model, tokenizer, runner
        self._load_ms, self._encode_ms, self._last = load_ms, 0.0, GenerationStats()

    @classmethod
    def from_pretrained(
        cls,
        path_or_url: str = DEFAULT_MODEL,
        *,
        backend: Backend = "auto",
        quantization: Quantization | None = None,
        threads: int | None = None,
    ) -> VLM:
        """Open a model folder by path, URL or name.

        `backend`: "wasm" runs the shipped kernels under wasmtime, "numpy" the reference; "auto" takes wasm where
        wasmtime is installed. `quantization`: None keeps the weights as stored, "float32" multiplies q8 out, "q8" asks
        for int8 weights. Raises LoadError, ModelError or InputError.
        """
        started = time.perf_counter()
        folder = open_model(path_or_url)
        model, tokenizer = read_model(folder)
        source: Any = folder.weights()
        if quantization not in (None, "q8", "float32"):
            raise InputError("bad-argument", f"quantization must be None, 'q8' or 'float32', not {quantization!r}.")
        if quantization == "float32":
            from .weights.source import Float32Weights

            source = Float32Weights(source)
        elif quantization == "q8" and not any(info.dtype == "I8" for info in source.tensors.values()):
            raise ModelError("weights-unsupported", "This model folder holds no int8 weights.")
        runner = _runner(backend, model, source, threads)
        return cls(folder, model, tokenizer, runner, (time.perf_counter() - started) * 1000)

    def encode_image(self, image: Any) -> EncodedImage:
        """Encode a path, bytes, PIL image or uint8 array (H, W, 3); reuse the result for several questions."""
        return self.encode_pixels(load_image(image))

    def encode_pixels(self, image: RGBImage) -> EncodedImage:
        """Encode decoded pixels."""
        started = time.perf_counter()
        self._runner.clear_stop()
        state = self._runner.encode(image)
        self._encode_ms = (time.perf_counter() - started) * 1000
        return EncodedImage(image.width, image.height, self._encode_ms, state)

    def ask(self, image: Any, question: str, **sampling: Any) -> str:
        """Return the answer to a question about an image (or an EncodedImage).

        `sampling`: max_new_tokens, temperature, top_k, top_p, seed (see SamplingParams).
        """
        return "".join(self.stream(image, question, **sampling))

    def stream(self, image: Any, question: str, **sampling: Any) -> Iterator[str]:
        """Yield the answer piece by piece. Starting another question ends an unfinished one with an InputError."""
        params = SamplingParams(**sampling)
        prompt_ids = encode_prompt(self._model, self._tokenizer, question)
        encoded = image if isinstance(image, EncodedImage) else self.encode_image(image)
        stats = self._last = GenerationStats()
        return self._pieces(encoded, prompt_ids, params, stats)

    def _pieces(
        self, encoded: EncodedImage, prompt_ids: list[int], params: SamplingParams, stats: GenerationStats
    ) -> Iterator[str]:
        self._runner.clear_stop()
        pieces = generate(self._runner, self._model, self._tokenizer, encoded.state, prompt_ids, params, stats)
        while True:
            if self._last is not stats:  # the KV cache now holds another text
                raise InputError("stream-replaced", "Another question was asked before this answer had ended.")
            piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def logits(self, token_ids: Sequence[int], image: Any = None) -> NDArray[np.float32]:
        """Return float32 logits (T, vocab_size) for a text of its own; without an image, a white one is seen."""
        import numpy as np

        if not 0 < len(token_ids) <= self._model.max_positions:
            raise InputError("bad-argument", f"logits needs 1 to {self._model.max_positions} token ids.")
        if not all(0 <= token < self._model.vocab_size for token in token_ids):
            raise InputError("bad-argument", f"Token ids must lie in 0..{self._model.vocab_size - 1}.")
        if image is None:
            image = np.full((1, 1, 3), 255, np.uint8)
        encoded = image if isinstance(image, EncodedImage) else self.encode_image(image)
        self._last = GenerationStats()
        self._runner.clear_stop()
        logits = np.frombuffer(self._runner.logits(encoded.state, token_ids), np.float32)
        return logits.reshape(len(token_ids), self._model.vocab_size)

    def tokenize(self, text: str) -> list[int]:
        """Return the token ids of `text`, as is."""
        return self._tokenizer.encode(text)

    def prompt_ids(self, question: str) -> list[int]:
        """Return the token ids that an answer to `question` continues."""
        return encode_prompt(self._model, self._tokenizer, question)

    @property
    def last_answer(self) -> GenerationStats:
        """Figures of the last answer."""
        return self._last

    def stats(self) -> dict[str, Any]:
        """Return figures: model, backend, threads, times of loading and of the last encode and answer, memory."""
        return {
            "model": self.name,
            "load_ms": round(self._load_ms, 1),
            "encode_ms": round(self._encode_ms, 2),
            "prefill_ms": round(self._last.prefill_ms, 2),
            "decode_tokens_per_s": round(self._last.decode_tokens_per_s, 1),
            **self._runner.stats(),
        }

    def close(self) -> None:
        """Give memory and threads back; the object is of no use afterwards."""
        self._runner.close()


def read_model(folder: ModelFolder) -> tuple[Architecture, Tokenizer]:
    """Return the architecture and tokenizer of a model folder; ModelError where a file is missing or malformed."""
    configs = []
    for name in ("config.json", "preprocessor_config.json"):
        try:
            configs.append(json.loads(folder.read_text(name)))
        except ValueError as error:
            raise ModelError("config-invalid", f"{name} is not valid JSON.") from error
    return load_architecture(*configs), Tokenizer.from_json(folder.read_text("tokenizer.json"))


def _runner(backend: Backend, model: Architecture, source: Any, threads: int | None) -> Runner:
    if backend not in ("auto", "numpy", "wasm"):
        raise InputError("bad-argument", f"backend must be 'auto', 'numpy' or 'wasm', not {backend!r}.")
    if backend != "numpy":
        try:
            from .backends.wasmtime_kernels import WasmtimeKernels
        except ImportError as error:
            if backend == "wasm":
                raise InputError("wasmtime-missing", "backend='wasm' needs wasmtime: pip install wasmtime") from error
        else:
            from .backends.kernel import KernelRunner

            return KernelRunner(model, source, WasmtimeKernels(threads=threads), owns_kernels=True)
    from .backends.reference import ReferenceRunner

    return ReferenceRunner(model, source)
