"""A folder streamed in fill by fill, as the page does it, with wasmtime in the browser's place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.errors import TinyVLMError
from tinyvlm.page.engine import Loading, Session

TEXTS = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "generation_config.json",
    "class_names.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
)


class Engine:
    """Kernels as the page's JavaScript shows them."""

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self.exports, self.write = self, kernels.write
        self.variant, self.threads = kernels.variant, kernels.threads
        self.threadsReason, self.activationMode = kernels.threads_reason, kernels.activation_mode
        self.memoryLimit = kernels.memory_limit
        self.program_run = kernels.run

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self._kernels.call(name, *arguments)

    def read(self, address: int, nbytes: int) -> Any:
        return js_bytes(self._kernels.read(address, nbytes))


def js_bytes(data: bytes) -> Any:
    """A Uint8Array, as Pyodide shows it."""
    return SimpleNamespace(to_bytes=lambda: data)


class Stream:
    """A folder's weights on their way: a model's, or those of the reader of a `session`."""

    def __init__(
        self,
        folder: Path,
        kernels: Kernels,
        quantization: str = "",
        *,
        reads: bool = False,
        session: Session | None = None,
    ) -> None:
        self._kernels, self._file = kernels, (folder / "model.safetensors").read_bytes()
        texts = json.dumps({name: (folder / name).read_text() for name in TEXTS if (folder / name).exists()})
        files = json.dumps([{"name": "model.safetensors", "kind": "safetensors", "size": len(self._file)}])
        self.loading: Any = (
            session.load_reader(texts, files)
            if session
            else Loading(Engine(kernels), "streamed", texts, files, quantization, reads)
        )
        wanted = 8
        while wanted:
            wanted = ok(self.loading.header(0, js_bytes(self._file[:wanted])))
        prepared = ok(self.loading.prepare())
        self.total, self.lossy = prepared["nbytes"], prepared["lossy"]
        self.asked, self.offset = 0, 0
        self.milestones: list[tuple[str, int]] = []
        """Each with the offset in the file up to which bytes have been placed."""

    @property
    def session(self) -> Session:
        assert self.loading.session
        return self.loading.session

    @property
    def vlm(self) -> Any:
        return self.session._vlm

    def place(self) -> Iterator[dict[str, int]]:
        """Place one fill after the other."""
        while fill := ok(self.loading.next_fill()):
            assert self.offset <= fill["offset"]
            self.offset = fill["offset"] + fill["nbytes"]
            self.asked += fill["nbytes"]
            self._kernels.write(fill["address"], self._file[fill["offset"] : self.offset])
            self.milestones += [(milestone, self.offset) for milestone in ok(self.loading.filled())]
            yield fill

    def until(self, milestone: str) -> None:
        """Place what it takes to reach a milestone."""
        fills = self.place()
        while milestone not in dict(self.milestones):
            next(fills)


def ok(answer: str) -> Any:
    """What a call through the page's door returned; raises TinyVLMError where it was an error."""
    value = json.loads(answer)
    if "error" in value:
        raise TinyVLMError(value["error"]["code"], **value["error"]["details"])
    return value["ok"]
