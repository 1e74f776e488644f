"""The model as it ships, opened so that it can be watched: what it answers, and how sure it is.

A `Witness` stands between the package's generator and its backend and notes the logits that pass, so the product has no
code for this and answers as always. What a model folder's "unsure", "requests" and "naming" do to answers is left out:
evaluation says what the first would keep back (scores.withheld), and what the others do (requests.py, naming.py).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyvlm import VLM
from tinyvlm.backends import Runner
from tinyvlm.backends.kernel_runner import KernelRunner
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.reference_runner import ReferenceRunner
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.weights.planes import DraftPlanes, SplitPlanes
from tinyvlm.weights.quantize import Scheme
from tinyvlm.weights.source import Float32Weights, QuantizedWeights, WeightSource, is_held_as, is_quantized

_GREY = np.full((224, 224, 3), 128, np.uint8)
_GENERATION = "generation_config.json"
_INSTEAD = ("unsure", "requests", "naming")
"""What puts sentences in the place of answers."""


@dataclass(frozen=True)
class Answer:
    """What was said and how likely it was."""

    text: str
    probability: float
    """Of the whole answer, its end included: the product of its tokens' probabilities."""
    first: float
    """Of its first token."""


class Witness:
    """A Runner that notes all logits of every `extend`."""

    def __init__(self, runner: Runner) -> None:
        """Watch `runner`."""
        self._runner = runner
        self.steps: list[tuple[Sequence[int], Any]] = []

    def extend(self, state: Any, token_ids: Sequence[int], position: int) -> int:
        """See Runner."""
        best = self._runner.extend(state, token_ids, position)
        self.steps.append((token_ids, np.array(self._runner.all_logits(), np.float32)))
        return best

    def __getattr__(self, name: str) -> Any:
        """Everything else is the runner's."""
        return getattr(self._runner, name)


class AlwaysAnswering:
    """A model folder without its "unsure", "requests" and "naming"."""

    def __init__(self, folder: Any) -> None:
        """Wrap `folder`; `unsure` then is what was left out, or None."""
        self._folder = folder
        self.unsure = json.loads(folder.read_text(_GENERATION)).get("unsure") if folder.has(_GENERATION) else None

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        text: str = self._folder.read_text(file)
        if file != _GENERATION:
            return text
        return json.dumps({key: value for key, value in json.loads(text).items() if key not in _INSTEAD})

    def __getattr__(self, name: str) -> Any:
        """Everything else is the folder's."""
        return getattr(self._folder, name)


def weights_of(folder: Any) -> str:
    """Return the sha256 of a model folder's weights."""
    return hashlib.sha256(b"".join(file.path.read_bytes() for file in folder.weight_files())).hexdigest()


class Subject:
    """The model under evaluation."""

    def __init__(
        self,
        model: str,
        *,
        backend: str = "wasm",
        quantization: Scheme | None = None,
        draft: bool = False,
        threads: int | None = None,
    ) -> None:
        """Open `model`. `draft`: as a page has a q8 model while the low planes are on their way.

        q4 and q2 of a folder that holds q8 are made of what its q8 stands for.
        """
        folder = AlwaysAnswering(open_model(model))
        self.unsure = folder.unsure
        self.weights = weights_of(folder)
        source: WeightSource = folder.weights()
        parts = read_model(folder, source)
        if draft:
            source = DraftPlanes(SplitPlanes(source))
        held = next(
            (scheme for scheme in ("q8", "q4", "q2") if is_quantized(source) and is_held_as(source, scheme)), ""
        )
        self.variant = "draft" if draft else quantization or held or "q8"
        scheme: Scheme = quantization or "q8"
        if held and quantization not in (None, held):
            source = Float32Weights(source)
        elif held:
            scheme = "float32"  # of the matrices that are not quantized
        self._witness = Witness(_runner(backend, parts.model, source, scheme, threads, self.variant))
        self.vlm = VLM(parts, self._witness, 0, draft=draft)
        self._blank = self.vlm.encode_image(_GREY)
        self._blank_answers: dict[str, str] = {}

    def see(self, image: Any) -> Any:
        """Return an image for `ask`."""
        return self.vlm.encode_image(image)

    def ask(self, image: Any, question: str) -> Answer:
        """Return the greedy answer."""
        self._witness.steps.clear()
        text = self.vlm.ask(image, question)
        steps = self._witness.steps[-self.vlm.last_answer.decode_steps - 1 :]
        chosen = [ids[0] for ids, _ in steps[1:]]
        chosen.append(int(steps[-1][1].argmax()))
        logs = [log_probability(row, token) for (_, row), token in zip(steps, chosen, strict=True)]
        return Answer(text, math.exp(sum(logs)), math.exp(logs[0]))

    def looked(self, image: Any, question: str) -> Any:
        """Return where the model looked for the first word of its answer: rows x columns numbers, or None."""
        words = self.vlm.explain(image, question).words
        return words[0].heat if words else None

    def ask_blank(self, question: str) -> str:
        """Return the answer before a grey image: what the model says if there is nothing to see."""
        if question not in self._blank_answers:
            self._blank_answers[question] = self.vlm.ask(self._blank, question)
        return self._blank_answers[question]

    def close(self) -> None:
        """Give memory and threads back."""
        self.vlm.close()


def log_probability(logits: Any, token: int) -> float:
    """Return the natural logarithm of a token's probability; logits (V,)."""
    shifted = np.asarray(logits, np.float64) - np.max(logits)
    return float(shifted[token] - np.log(np.exp(shifted).sum()))


def _runner(
    backend: str, model: Any, source: WeightSource, scheme: Scheme, threads: int | None, variant: str
) -> Runner:
    if backend == "wasm":
        precision: Any = "float32" if variant == "float32" else None
        kernels = WasmtimeKernels(threads=threads)
        weights = KernelWeights(kernels, source, scheme)
        return KernelRunner(model, weights, owns_kernels=True, attention=precision)
    if not is_quantized(source) and scheme != "float32":
        source = QuantizedWeights(source, scheme)
    return ReferenceRunner(model, source)
