"""What reads: picture -> text. Each is a class with `read` for pages and `read_line` for one line that was cut out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from PIL import Image

from support.environment import ROOT
from tinyvlm.reading import reader

from .published_readers import MEAN, PUBLISHED, STD, detector, latin, recognizer


class Reader(Protocol):
    """Reads pictures."""

    def read(self, image: Image.Image) -> str:
        """Return a page's text."""
        ...

    def read_line(self, image: Image.Image) -> str:
        """Return the text of a picture of one line."""
        ...


class RapidOcr:
    """The published networks run by onnxruntime through the package rapidocr."""

    def __init__(self, threads: int, *, latin_only: bool = False, published: bool = False) -> None:
        """`latin_only`: no other class is chosen. `published`: thresholds and input as the detector's own file says."""
        from rapidocr import ModelType, OCRVersion, RapidOCR

        params: dict[str, Any] = {
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "Det.ocr_version": OCRVersion.PPOCRV6,
            "Det.model_type": ModelType.TINY,
            "Det.model_path": str(detector()),
            "Rec.model_path": str(recognizer()),
        }
        if published:
            params |= {f"Det.{name}": value for name, value in PUBLISHED.items()}
            params |= {"Det.mean": list(MEAN), "Det.std": list(STD)}
        self._engine = RapidOCR(params=params)
        if latin_only:
            self._mask()

    def _mask(self) -> None:
        network = self._engine._load_rec_model()
        decode = network.postprocess_op
        barred = np.array([at > 0 and not latin(text) for at, text in enumerate(decode.character)])

        def masked(preds: Any, *args: Any, **options: Any) -> Any:
            preds[..., barred] = 0
            return decode(preds, *args, **options)

        network.postprocess_op = masked

    def read(self, image: Image.Image) -> str:
        """Return the lines in the package's own order."""
        found = self._engine(_bgr(image))
        return "\n".join(getattr(found, "txts", None) or ())

    def read_line(self, image: Image.Image) -> str:
        """Return what the recogniser says of the whole picture."""
        found = self._engine(_bgr(image), use_det=False, use_cls=False, use_rec=True)
        self._engine.update_params(use_det=True, use_cls=True)
        return "".join(getattr(found, "txts", None) or ())


def _bgr(image: Image.Image) -> Any:
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])


def _own_parts(threads: int) -> Reader:
    from .own_parts import OwnParts

    return OwnParts(threads)


class TinyVLMReader:
    """The shipped reader."""

    def __init__(self, threads: int) -> None:
        """Open it from the checkout."""
        self._reader = reader.Reader.from_folder(ROOT / "web" / "models" / "reader", threads=threads)

    def read(self, image: Image.Image) -> str:
        """Return a page's text."""
        return self._reader.read(image).text

    def read_line(self, image: Image.Image) -> str:
        """Return what the recogniser says of the whole picture."""
        return self._reader.read_line(image).text


READERS: Mapping[str, tuple[str, Callable[[int], Reader]]] = {
    "rapidocr": ("rapidocr as it comes", RapidOcr),
    "rapidocr-latin": ("the same, Latin characters only", lambda threads: RapidOcr(threads, latin_only=True)),
    "rapidocr-published": (
        "Latin, the detector's own settings",
        lambda threads: RapidOcr(threads, latin_only=True, published=True),
    ),
    "tinyvlm": ("the shipped reader, its own kernels", TinyVLMReader),
    "own-parts": ("our boxes, characters and order, networks by onnxruntime", _own_parts),
}
"""What a reader is, and how it is opened with a number of threads."""
