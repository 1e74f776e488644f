"""`Reader`: reads the text in pictures, for whoever has one and for several threads."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from .errors import InputError, ModelError
from .media.images import load_image
from .reading.reading import Reading
from .turns import Turns

if TYPE_CHECKING:
    from .backends.open_runner import Backend

MODEL_TYPE = "text_reader"
"""Of a reader's config.json."""


class TextReader(Protocol):
    """Who reads, one thread at a time: reading/reader.py."""

    def read(self, image: Any) -> Reading:
        """Return all that an image says."""

    def stats(self) -> dict[str, Any]:
        """Return figures of the backend."""

    def close(self) -> None:
        """Give memory and threads back."""


class Reader:
    """A text detector and a text recogniser, loaded. Threads may share it: each call waits for its turn.

    A context manager that closes it. It stays in the process that loaded it.
    """

    def __init__(self, text_reader: TextReader) -> None:
        """Users call `from_pretrained`."""
        self._text_reader = text_reader
        self.turns = Turns()
        """Held by whoever uses the reader: a thread that takes it keeps the others out for several calls."""

    def __enter__(self) -> Reader:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the reader."""
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied, as to another process."""
        raise InputError("other-process")

    @classmethod
    def from_pretrained(
        cls, path_or_url: str | os.PathLike[str] | None = None, *, backend: Backend = "auto", threads: int | None = None
    ) -> Reader:
        """Open the bundled reader, or the folder of another; `backend` and `threads` as VLM.from_pretrained has them.

        Raises LoadError("reader-missing") where the bundled one is not there, and what opening a model does.
        """
        from .hub.open import open_bundled_reader, open_model  # a page has neither these nor the next
        from .reading.reader import Reader as FolderReader

        folder = open_bundled_reader() if path_or_url is None else open_model(path_or_url)
        model_type = _model_type(folder.read_text("config.json"))
        if model_type != MODEL_TYPE:
            raise ModelError("architecture-unknown", model_type=model_type, supported=MODEL_TYPE)
        return cls(FolderReader.from_folder(folder.path, backend=backend, threads=threads))

    def read(self, image: Any) -> Reading:
        """Return the text in an image, which may be all that VLM.encode_image takes: lines, words, where they stand.

        Raises InputError with an "image-..." code, or KernelError("out-of-memory").
        """
        picture = load_image(image)
        with self.turns:
            return self._text_reader.read(picture)

    def stats(self) -> dict[str, Any]:
        """Return figures: backend, threads, memory."""
        with self.turns:
            return self._text_reader.stats()

    def close(self) -> None:
        """Give memory and threads back; the object is of no use afterwards. Waits for a call that still runs."""
        if self.turns.end():
            self._text_reader.close()


def _model_type(config: str) -> str:
    try:
        value = json.loads(config)
    except (ValueError, RecursionError) as error:
        raise ModelError("json-invalid", file="config.json") from error
    return str(value.get("model_type")) if isinstance(value, dict) else "None"
