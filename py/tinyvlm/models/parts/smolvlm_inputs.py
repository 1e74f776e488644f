"""What SmolVLM and Idefics3 read of an image: square views of it, and the text that stands for them in a prompt.

As transformers' Idefics3ImageProcessor and SmolVLMImageProcessor (the Pillow ones) and their processors do it. Those
fill the batch up with empty views and mask them; here every view is encoded on its own, so there is nothing to fill.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...ops import LANCZOS, Ops, Tensor

Profile = Literal["fast", "balanced", "accuracy"]
"""The whole image in one view; up to 2 x 2 tiles besides it; as many tiles as the model folder says."""

MAX_EDGE = 4096
"""Resized images are never larger."""

MAX_TILES = 16
"""Most tiles along an edge; a folder that asks for more is refused."""

Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True)
class View:
    """The image resized to each of `sizes` in turn, then the square cut out whose first pixel is (top, left)."""

    sizes: tuple[Size, ...]
    top: int = 0
    left: int = 0


@dataclass(frozen=True)
class ImagePlan:
    """Rows x columns of tiles, then the whole image; 0 x 0 for the whole image alone."""

    rows: int
    columns: int
    views: tuple[View, ...]


@dataclass(frozen=True)
class ImageProcessor:
    """preprocessor_config.json."""

    longest_edge: int
    view_size: int
    splitting: bool
    resample: int
    rescale_factor: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> ImageProcessor:
        """Read the config, with transformers' defaults; a processor that leaves out a step is refused."""
        if not all(config.get(f"do_{step}", True) for step in ("resize", "rescale", "normalize")):
            raise ValueError("this image processor is not supported")
        processor = cls(
            longest_edge=int(config.get("size", {"longest_edge": 4 * 364})["longest_edge"]),
            view_size=int(config.get("max_image_size", {"longest_edge": 364})["longest_edge"]),
            splitting=bool(config.get("do_image_splitting", True)),
            resample=int(config.get("resample", LANCZOS)),
            rescale_factor=float(config.get("rescale_factor", 1 / 255)),
            mean=tuple(map(float, config.get("image_mean", (0.5, 0.5, 0.5)))),
            std=tuple(map(float, config.get("image_std", (0.5, 0.5, 0.5)))),
        )
        most = min(MAX_TILES * processor.view_size, MAX_EDGE)
        if processor.view_size < 1 or not 1 <= processor.longest_edge <= most:
            raise ValueError(f"images of {processor.longest_edge} pixels in views of {processor.view_size}")
        if len(processor.mean) != 3 or len(processor.std) != 3 or not all(processor.std):
            raise ValueError("an image's mean and deviation are those of red, green and blue")
        return processor

    def with_profile(self, profile: Profile) -> ImageProcessor:
        """Return a processor that cuts fewer views, so that answers come sooner."""
        if profile == "fast":
            return replace(self, splitting=False, longest_edge=self.view_size)
        if profile == "balanced":
            return replace(self, longest_edge=min(self.longest_edge, 2 * self.view_size))
        return self

    @property
    def most_views(self) -> int:
        """Views of the image that has most: a square one, where tiles are cut."""
        tiles = math.ceil(self.longest_edge / self.view_size) ** 2 if self.splitting else 0
        return tiles + 1 if tiles > 1 else 1

    def plan(self, height: int, width: int) -> ImagePlan:
        """Say how an image of this size becomes views."""
        side = (self.view_size, self.view_size)
        resized = _scaled_to(self.longest_edge, height, width)
        if not self.splitting:
            return ImagePlan(0, 0, (View(_changes((height, width), resized, side)),))
        whole = self._whole_tiles(*resized)
        sizes = _changes((height, width), resized, whole)
        if whole == side:
            return ImagePlan(0, 0, (View(sizes),))
        rows = whole[0] // self.view_size
        columns = whole[1] // self.view_size
        corners = [(row * self.view_size, column * self.view_size) for row in range(rows) for column in range(columns)]
        return ImagePlan(rows, columns, (*(View(sizes, *corner) for corner in corners), View((*sizes, side))))

    def _whole_tiles(self, height: int, width: int) -> Size:
        """Both edges made longer to a multiple of a view's, the longer one first; the ratio changes."""
        ratio = width / height
        if width >= height:
            width = self._multiple(width)
            return self._multiple(int(width / ratio)), width
        height = self._multiple(height)
        return height, self._multiple(int(height * ratio))

    def _multiple(self, size: int) -> int:
        return math.ceil(size / self.view_size) * self.view_size


def _scaled_to(longest: int, height: int, width: int) -> Size:
    """Scale the longer edge to `longest`; the other keeps the ratio, rounded down, then up to an even number."""
    ratio = width / height
    if width >= height:
        width = longest
        height = int(longest / ratio)
        height += height % 2
    else:
        height = longest
        width = int(longest * ratio)
        width += width % 2
    return max(height, 1), max(width, 1)


def _changes(given: Size, *sizes: Size) -> tuple[Size, ...]:
    """Return `sizes` without those that an image already has."""
    before = (given, *sizes)
    return tuple(size for size, last in zip(sizes, before, strict=False) if size != last)


def cut_views(ops: Ops, image: Any, plan: ImagePlan, view_size: int, resample: int) -> list[Tensor]:
    """RGB image -> every view's uint8 (view_size, view_size, 3); resized images are shared between views."""
    resized: dict[tuple[Size, ...], Tensor] = {(): image}
    for view in plan.views:
        for done in range(len(view.sizes)):
            sizes = view.sizes[: done + 1]
            if sizes not in resized:
                resized[sizes] = ops.resize(resized[sizes[:-1]], *sizes[-1], resample)
    return [ops.crop(resized[view.sizes], view.top, view.left, view_size, view_size) for view in plan.views]


@dataclass(frozen=True)
class ImageTokens:
    """The tokens that an image is written with."""

    image: str = "<image>"
    around: str = "<fake_token_around_image>"
    whole: str = "<global-img>"

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> ImageTokens:
        """Read tokenizer_config.json, which may name other tokens; each is a string or {"content": string}.

        Names stand beside all else, or in `extra_special_tokens`, which transformers 5 makes a list without names.
        """
        extra = config.get("extra_special_tokens")
        more = config.get("model_specific_special_tokens")
        named = {**(extra if isinstance(extra, Mapping) else {}), **(more or {}), **config}

        def token(key: str, default: str) -> str:
            value = named.get(key) or default
            return str(value["content"] if isinstance(value, Mapping) else value)

        return cls(
            token("image_token", cls.image),
            token("fake_image_token", cls.around),
            token("global_image_token", cls.whole),
        )


def image_text(plan: ImagePlan, tokens: ImageTokens, view_rows: int) -> str:
    """Write an image as text: each view is `view_rows` image tokens, in the order of `plan.views`."""
    view = tokens.image * view_rows
    lines = [
        "".join(f"{tokens.around}<row_{row + 1}_col_{column + 1}>{view}" for column in range(plan.columns)) + "\n"
        for row in range(plan.rows)
    ]
    between = "\n" if plan.rows else ""
    return "".join(lines) + f"{between}{tokens.around}{tokens.whole}{view}{tokens.around}"


def number_rows(token_ids: Sequence[int], image_token_id: int, first_id: int) -> list[int]:
    """Replace image tokens by `first_id`, `first_id` + 1, ...: the rows of the images' features that they stand for."""
    numbered = []
    next_id = first_id
    for token in token_ids:
        is_image = token == image_token_id
        numbered.append(next_id if is_image else token)
        next_id += is_image
    return numbered
