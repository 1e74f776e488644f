"""Reads a picture: finds lines of text, cuts them out, recognises each, and puts them in order."""

from __future__ import annotations

import json
import math
import os
from array import array
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

from ..backends.networks import HeldImage, Network, Networks
from ..errors import ModelError
from ..folder.model_folder import LocalFolder
from ..media.images import RGBImage, load_image
from ..models.parts.text_detector import STRIDE, TextDetectorConfig, text_map
from ..models.parts.text_recognizer import LINE_HEIGHT, TextRecognizerConfig, best_classes
from ..ops import BILINEAR, Ops, Tensor, Weights
from .boxes import Box, find_boxes
from .characters import DecodedLine, decode
from .crops import LEAST_WIDTH, Crop
from .directions import Lines
from .geometry import Corners, between, quarter_turns, sides
from .order import arranged
from .reading import Line, Reading, Word
from .tiles import Tile, joined_map

if TYPE_CHECKING:
    from ..backends.open_runner import Backend

T = TypeVar("T")

LEAST_SIDES = 480, 736
"""The detector sees a picture with its shorter side at least so long; once more, and larger, where print is small."""

MOST_ENLARGED = 3.0
"""A small picture is seen enlarged by no more than this at first: of a line that fills it, letters that are hundreds of
pixels high would fall to pieces."""

SMALL_PRINT = 16.0
"""Median height of lines, in pixels as the detector sees them, below which it looks once more."""

MOST_SIDE = 2000
"""The detector sees a picture with its longer side at most so long, as rapidocr has it;"""

MOST_SHRUNK, MOST_PIXELS = 2.0, 12_000_000
"""but none is shrunk by more than this factor, up to so many pixels: small print stays legible."""

LEAST_CONFIDENCE = 0.5
"""Below it, what was read is not text."""


class Reader:
    """A text detector and a text recogniser. Not safe for use from several threads at once."""

    def __init__(self, networks: Networks, config: dict[str, Any]) -> None:
        """Bind the networks to their configuration; raises ModelError("config-invalid")."""
        self._networks = networks
        self._detector, self._recognizer, characters = _read_config(config)
        self._characters = ["", *characters]

    @classmethod
    def from_folder(
        cls, path: str | os.PathLike[str], *, backend: Backend = "auto", threads: int | None = None
    ) -> Reader:
        """Open a folder that scripts/build_reader.py wrote. Raises what opening a model folder does."""
        from ..backends.open_networks import open_networks  # not in the page, which brings networks of its own

        folder = LocalFolder(Path(path))
        config = json.loads(folder.read_text("config.json"))
        _read_config(config)  # before threads and memory are taken
        return cls(open_networks(backend, folder.weights(), threads), config)

    def read(self, image: Any) -> Reading:
        """Return all that an image says; `image` is what `VLM.ask` takes. Raises InputError for what is no image."""
        return drained(self.steps(load_image(image)))

    def steps(self, picture: RGBImage) -> Generator[Line | None, None, Reading]:
        """Read a picture step by step, for who has other things to look at meanwhile; return the reading at the end.

        The first step finds lines. Each of the others recognises one, and yields it, not yet in its place, if it is
        text. Where lines are not level, they are found once more, and some are read twice.
        """
        with self._networks.hold(picture) as held:
            recognize = partial(self.recognize, held)
            found = Lines(self.find(held, picture), recognize)
            yield None
            direction = yield from _texts(found.direction())
            if direction:
                found = Lines(self.find(held, picture, direction), recognize)
                yield None
            lines = yield from _texts(found.read())
        return Reading(arranged(list(filter(is_text, lines))), picture.width, picture.height)

    def read_line(self, image: Any) -> Line:
        """Return what an image says that shows one upright line of text and no more."""
        picture = load_image(image)
        right, bottom = float(picture.width), float(picture.height)
        with self._networks.hold(picture) as held:
            ((_, line),) = self.recognize(held, [((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom))])
        return line

    def find(self, held: HeldImage, picture: RGBImage, direction: int = 0) -> list[Corners]:
        """Return the corners of the lines of a held picture whose text runs in a `direction`, in quarter turns.

        Clockwise from the text's upper left, in pixels of the picture.
        """
        first = min(MOST_ENLARGED * min(picture.width, picture.height), LEAST_SIDES[0])
        sizes = dict.fromkeys(detector_size(picture.width, picture.height, least) for least in (first, *LEAST_SIDES))
        boxes: list[Box] = []
        for width, height in sizes:
            boxes = self._boxes(held, width, height, direction)
            if boxes and median(min(sides(box.corners)) for box in boxes) >= SMALL_PRINT:
                break
            if not boxes and min(width, height) >= LEAST_SIDES[0]:
                break
        x, y = picture.width / width, picture.height / height
        return [box.scaled(x, y, picture.width, picture.height).corners for box in boxes]

    def _boxes(self, held: HeldImage, width: int, height: int, direction: int) -> list[Box]:
        """Return the boxes of a held picture in pixels of one of `width` x `height`."""
        across, down = (height, width) if direction % 2 else (width, height)
        turn = quarter_turns(width, height, direction)

        def maps(places: Sequence[Tile]) -> list[bytes]:
            def cut(ops: Ops, pixels: Tensor) -> list[Tensor]:
                small = ops.resize(pixels, height, width, BILINEAR)
                if direction:
                    small = ops.rectify(small, turn, down, across)
                return [ops.crop(small, *place) for place in places]

            return [self.find_text(image) for image in held.cut(cut)]

        return [box.moved(turn) for box in find_boxes(joined_map(across, down, maps), across, down)]

    def recognize(self, held: HeldImage, lines: Sequence[Corners]) -> Iterator[tuple[int, Line]]:
        """Give what a held picture says inside four corners each, clockwise from the text's upper left.

        Each with its number among `lines`: the widest come first, and some at once.
        """
        crops = [Crop.of(corners) for corners in lines]
        images = held.cut(lambda ops, pixels: [_cut(ops, pixels, crop) for crop in crops])
        order = sorted(range(len(crops)), key=lambda number: -crops[number].padded)
        for start in range(0, len(order), self._networks.at_once):
            together = order[start : start + self._networks.at_once]
            answers = self._networks.run_each(self._recognizer, [images[number] for number in together])
            for number, answer in zip(together, answers, strict=True):
                yield number, self._line(crops[number], array("f", answer))

    def _line(self, crop: Crop, steps: array[float]) -> Line:
        classes = [int(label) for label in steps[::3]]
        content = crop.width / crop.padded
        decoded = decode(classes, steps[1::3], self._characters, content=content, spaces=steps[2::3])
        return line_of(decoded, crop.corners)

    def find_text(self, image: RGBImage) -> bytes:
        """Return the detector's map of a picture whose sides are multiples of its stride, a byte a pixel."""
        return self._networks.run(self._detector, image)

    def recognize_line(self, image: RGBImage) -> bytes:
        """Return what the recogniser says of a line of LINE_HEIGHT pixels' height (text_recognizer.best_classes)."""
        return self._networks.run(self._recognizer, image)

    def prepare(self) -> None:
        """Have all weights asked for that a picture needs, where they are still on their way."""
        self._networks.prepare(self._detector, STRIDE, STRIDE)
        self._networks.prepare(self._recognizer, LINE_HEIGHT, LEAST_WIDTH)

    def stats(self) -> dict[str, Any]:
        """Return figures of the backend."""
        return self._networks.stats()

    def close(self) -> None:
        """Give memory and threads back."""
        self._networks.close()


def _read_config(config: Any) -> tuple[Network, Network, str]:
    """Return detector, recogniser and what its classes stand for. The networks do not know the reader they belong to:

    kept programs would hold it in a circle, and who drops a reader would not get its memory back at once.
    """
    try:
        detector = TextDetectorConfig.from_dict(config["detector_config"])
        recognizer = TextRecognizerConfig.from_dict(config["recognizer_config"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("config-invalid", reason=f"{type(error).__name__}: {error}") from error

    def find(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
        return text_map(ops, weights, detector, image)

    def recognize(ops: Ops, weights: Weights, image: Tensor) -> Tensor:
        return best_classes(ops, weights, recognizer, image)

    return find, recognize, recognizer.characters


def detector_size(width: int, height: int, least_side: float) -> tuple[int, int]:
    """Return (width, height) at which the detector sees a picture: multiples of its stride."""
    scale = min(1.0, max(MOST_SIDE / max(width, height), 1 / MOST_SHRUNK))
    scale = max(scale, least_side / min(width, height))
    scale = min(scale, math.sqrt(MOST_PIXELS / (width * height)))
    across, down = (max(round(side * scale / STRIDE), 1) * STRIDE for side in (width, height))
    return across, down


def _cut(ops: Ops, pixels: Tensor, crop: Crop) -> Tensor:
    finer = crop.finer
    line = ops.rectify(pixels, crop.matrix, finer * LINE_HEIGHT, finer * crop.padded, columns=finer * crop.width)
    return line if finer == 1 else ops.resize(line, LINE_HEIGHT, crop.padded, BILINEAR)


def _texts(found: Generator[Line, None, T]) -> Generator[Line | None, None, T]:
    """Yield None in place of what is no text."""
    while True:
        try:
            line = next(found)
        except StopIteration as end:
            result: T = end.value
            return result
        yield line if is_text(line) else None


def drained(steps: Generator[object, None, T]) -> T:
    """Return what a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def is_text(line: Line) -> bool:
    """Tell whether what was read is text."""
    return bool(line.text) and line.confidence >= LEAST_CONFIDENCE


def line_of(decoded: DecodedLine, corners: Corners) -> Line:
    """Return what was recognised inside four corners as a line with its words."""
    words = tuple(Word(word.text, between(corners, word.start, word.stop), word.confidence) for word in decoded.words)
    return Line(decoded.text, corners, decoded.confidence, words)
