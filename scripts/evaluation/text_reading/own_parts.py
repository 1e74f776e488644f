"""The published networks run by onnxruntime, with our own boxes, crops, characters and reading order round them.

What is not the networks' can be measured, and its settings chosen, without our kernels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from tinyvlm.reading.boxes import find_boxes
from tinyvlm.reading.characters import DecodedLine, decode
from tinyvlm.reading.directions import Lines
from tinyvlm.reading.geometry import Corners, quarter_turns, sides
from tinyvlm.reading.order import arranged
from tinyvlm.reading.reader import drained, is_text, line_of
from tinyvlm.reading.reading import Line, Reading

from .published_readers import MEAN, STD, detector, latin, recognizer

HEIGHT = 48
"""Of a line as the recogniser takes it, in pixels."""
LEAST_SIDE, MOST_SIDE, STEP = 736, 2000, 32
"""A picture's shorter side is made at least, its longer one at most so long; both are multiples of a step."""


class OwnParts:
    """Reads with the parts of `tinyvlm.reading`."""

    def __init__(self, threads: int) -> None:
        """Open both networks."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False  # it keeps memory for every width that was met
        self._detector = onnxruntime.InferenceSession(str(detector()), options)
        self._recognizer = onnxruntime.InferenceSession(str(recognizer()), options)
        names = self._recognizer.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *names, " "]
        self._barred = np.array([at > 0 and not latin(text) for at, text in enumerate(self._characters)])

    def text_map(self, image: Image.Image) -> tuple[bytes, int, int]:
        """Return (map, width, height) of a picture as the detector sees it."""
        small = image.resize(detector_size(*image.size), Image.Resampling.BILINEAR)
        pixels = np.asarray(small, np.float32)[..., ::-1] / 255
        values = ((pixels - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)[None]
        (found,) = self._detector.run(None, {self._detector.get_inputs()[0].name: values})
        return np.round(found[0, 0] * 255).astype(np.uint8).tobytes(), *small.size

    def find(self, image: Image.Image, direction: int = 0) -> list[Corners]:
        """Return the corners of the lines of a picture whose text runs in a `direction`, in quarter turns."""
        text_map, width, height = self.text_map(image.rotate(90 * direction, expand=True))
        sides = (height, width) if direction % 2 else (width, height)
        turn = quarter_turns(*sides, direction)
        x, y = image.width / sides[0], image.height / sides[1]
        return [box.moved(turn).scaled(x, y, *image.size).corners for box in find_boxes(text_map, width, height)]

    def recognize(self, line: Image.Image) -> DecodedLine:
        """Return what an upright line says."""
        width = max(math.ceil(line.width * HEIGHT / line.height), 8)
        padded = max(320, -(-width // STEP) * STEP)
        pixels = np.zeros((HEIGHT, padded, 3), np.float32)
        pixels[:, :width] = np.asarray(line.resize((width, HEIGHT), Image.Resampling.BILINEAR), np.float32) / 127.5 - 1
        values = np.ascontiguousarray(pixels[..., ::-1].transpose(2, 0, 1)[None])
        (found,) = self._recognizer.run(None, {self._recognizer.get_inputs()[0].name: values})
        chances = np.where(self._barred, 0, found[0])
        classes, probabilities = chances.argmax(-1).tolist(), chances.max(-1).tolist()
        spaces = chances[:, -1].tolist()
        return decode(classes, probabilities, self._characters, content=width / padded, spaces=spaces)

    def reading(self, image: Image.Image) -> Reading:
        """Return all that a picture says."""
        image = image.convert("RGB")

        def recognize(lines: Sequence[Corners]) -> Iterator[tuple[int, Line]]:
            return enumerate(line_of(self.recognize(rectified(image, corners)), corners) for corners in lines)

        found = Lines(self.find(image), recognize)
        direction = drained(found.direction())
        if direction:
            found = Lines(self.find(image, direction), recognize)
        return Reading(arranged(list(filter(is_text, drained(found.read())))), *image.size)

    def read(self, image: Image.Image) -> str:
        """Return a page's text."""
        return self.reading(image).text

    def read_line(self, image: Image.Image) -> str:
        """Return the text of a picture of one line."""
        return self.recognize(image.convert("RGB")).text


def detector_size(width: int, height: int) -> tuple[int, int]:
    """Return the size at which the detector sees a picture, as rapidocr has it."""
    scale = min(1.0, MOST_SIDE / max(width, height))
    scale = max(scale, LEAST_SIDE / min(width, height))
    across, down = (max(round(side * scale / STEP), 1) * STEP for side in (width, height))
    return across, down


def rectified(image: Image.Image, corners: Corners) -> Image.Image:
    """Return the picture inside four corners, upright, at its own size."""
    width, height = (max(round(side), 1) for side in sides(corners))
    target = ((0, 0), (width, 0), (width, height), (0, height))
    return image.transform(
        (width, height), Image.Transform.PERSPECTIVE, perspective(target, corners), Image.Resampling.BICUBIC
    )


def perspective(source: Sequence[tuple[float, float]], target: Sequence[tuple[float, float]]) -> list[float]:
    """Return the 8 numbers of the perspective map that takes four points to four others."""
    rows: list[list[float]] = []
    values: list[float] = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    solved: Any = np.linalg.solve(np.array(rows, float), np.array(values, float))
    return [float(value) for value in solved]
