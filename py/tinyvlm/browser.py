"""The door that the page's worker uses: kernels held by JavaScript, a model whose bytes are already in kernel memory.

Every method answers with one JSON string, {"ok": ...} or {"error": {"code", "message", "details"}}, so that no Python
object has to be kept alive or freed on the other side.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .backends.kernel import KernelRunner
from .backends.page_kernels import PageKernels
from .errors import InputError, LoadError, TinyVLMError
from .images import RGBImage
from .model_reader import read_model
from .prompts import EncodedImage
from .vlm import VLM
from .weights.safetensors import parse_header
from .weights.source import MappedWeights


class PageFolder:
    """A model folder whose small files are texts and whose weights lie in kernel memory."""

    def __init__(self, name: str, texts: Mapping[str, str], weights: MappedWeights) -> None:
        """Describe what the loader has brought."""
        self.name, self._texts, self._weights = name, texts, weights

    def has(self, file: str) -> bool:
        """See ModelFolder."""
        return file in self._texts

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        if file not in self._texts:
            raise LoadError("model-incomplete", f"The model folder has no {file}.", file=file)
        return self._texts[file]

    def weights(self) -> Any:
        """See ModelFolder."""
        return self._weights


class Session:
    """One loaded model, the image it looks at, and the answer in progress."""

    def __init__(self, engine: Any, name: str, texts: str, address: int, nbytes: int) -> None:
        """Bind the model; `texts` is a JSON object of file texts, the safetensors file lies at `address`."""
        started = time.perf_counter()
        kernels = PageKernels(engine)
        header_bytes = 8 + int.from_bytes(kernels.read(address, 8), "little") if nbytes >= 8 else 0
        header = parse_header(kernels.read(address, min(header_bytes, nbytes)), nbytes)
        folder = PageFolder(name, json.loads(texts), MappedWeights(address, header.tensors))
        parts = read_model(folder, folder.weights())
        runner = KernelRunner(parts.model, folder.weights(), kernels)
        self._vlm = VLM(parts, runner, (time.perf_counter() - started) * 1000)
        self._image: EncodedImage | None = None
        self._pieces: Iterator[str] = iter(())

    def encode(self, pixels: Any, width: int, height: int) -> str:
        """Encode RGB pixels (a JS Uint8Array of height * width * 3)."""
        return _answer(lambda: self._encode(pixels, width, height))

    def ask(self, question: str, sampling: str) -> str:
        """Begin an answer about the encoded image; `sampling` is a JSON object of SamplingParams."""
        return _answer(lambda: self._ask(question, json.loads(sampling)))

    def next_piece(self) -> str:
        """Return the answer's next piece, or null at its end."""
        return _answer(lambda: next(self._pieces, None))

    def answer_stats(self) -> str:
        """Return figures of the last answer."""
        last = self._vlm.last_answer
        return _answer(
            lambda: {
                "prefill_ms": last.prefill_ms,
                "decode_ms": last.decode_ms,
                "tokens": last.tokens,
                "prompt_tokens": last.prompt_tokens,
                "finish_reason": last.finish_reason,
            }
        )

    def stats(self) -> str:
        """Return VLM.stats()."""
        return _answer(self._vlm.stats)

    def card(self) -> str:
        """Return the model's card: name, description, limits, suggestions."""
        return _answer(lambda: {"id": self._vlm.name, **self._vlm.card})

    def _encode(self, pixels: Any, width: int, height: int) -> dict[str, float]:
        self._image = None
        self._image = self._vlm.encode_pixels(RGBImage(height, width, pixels))
        return {"encode_ms": self._image.encode_ms, "width": width, "height": height}

    def _ask(self, question: str, sampling: dict[str, Any]) -> None:
        if self._image is None:
            raise InputError("image-missing", "Please choose an image first.")
        try:
            self._pieces = self._vlm.stream(self._image, question, **sampling)
        except TypeError as error:
            raise InputError("bad-sampling", f"Unknown sampling option: {error}.") from error


def open_session(engine: Any, name: str, texts: str, address: int, nbytes: int) -> Any:
    """Return a Session, or the JSON text of the error that kept it from opening."""
    session = None

    def open_it() -> None:
        nonlocal session
        session = Session(engine, name, texts, address, nbytes)

    answer = _answer(open_it)
    return session or answer


def _answer(action: Callable[[], Any]) -> str:
    try:
        return json.dumps({"ok": action()})
    except TinyVLMError as error:
        wire = {"code": error.code, "message": str(error), "details": error.details}
        return json.dumps({"error": wire})
