"""What SmolVLM2 reads of a video: some of its frames, one view each, and the text that introduces them.

As transformers' SmolVLMVideoProcessor and SmolVLMProcessor do it (4.57).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ...errors import InputError
from ...ops import BICUBIC
from .smolvlm_inputs import MAX_EDGE, ImagePlan, ImageProcessor, ImageTokens, image_text

RESAMPLE = BICUBIC
"""Frames are resized with it even where images are with Lanczos."""

SKIPPED_SECONDS = 1
"""Left out at both ends of a long video."""

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True)
class VideoProcessor:
    """`video_sampling` of preprocessor_config.json."""

    max_frames: int
    fps: float
    frames: ImageProcessor
    """How each frame becomes a view."""

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> VideoProcessor:
        """Read preprocessor_config.json; one without `video_sampling` is of a model that takes no videos: KeyError."""
        sampling = config["video_sampling"]
        edge = min(int(sampling["video_size"]["longest_edge"]), MAX_EDGE)
        processor = cls(
            max_frames=int(sampling["max_frames"]),
            fps=float(sampling["fps"]),
            frames=replace(ImageProcessor.from_dict(config), splitting=False, longest_edge=edge, resample=RESAMPLE),
        )
        if not (1 <= processor.max_frames < 1000 and 0 < processor.fps < 1000 and edge > 0):
            raise ValueError("this sampling of videos is not supported")
        return processor


@dataclass(frozen=True)
class VideoPlan:
    """Which frames are read, when each is shown, and the video's length, in seconds."""

    frames: tuple[int, ...]
    seconds: tuple[float, ...]
    duration: float


def video_plan(processor: VideoProcessor, frames: int, fps: float) -> VideoPlan:
    """Choose frames of a video of `frames` frames, evenly, at most `max_frames` and about `processor.fps` a second.

    Raises InputError("video-empty") where there are no frames, or no time.
    """
    if frames < 1 or not 0 < fps < math.inf:
        raise InputError("video-empty")
    duration = frames / fps
    count = max(min(round(processor.fps * duration), processor.max_frames), 1)
    first = 0
    last = frames - 1
    if duration - 2 * SKIPPED_SECONDS > processor.max_frames * processor.fps:
        first = int(SKIPPED_SECONDS * fps)
        last = min(int(frames - SKIPPED_SECONDS * fps), frames - 1)
    if first >= last:
        first = 0
        last = frames - 1
    step = (last - first) / (count - 1) if count > 1 else 0.0
    between = [math.floor(index * step + first) for index in range(count - 1)]
    chosen = sorted({*between, last if count > 1 else first})
    return VideoPlan(tuple(chosen), tuple(index / fps for index in chosen), duration)


def video_text(plan: VideoPlan, tokens: ImageTokens, view_rows: int) -> str:
    """Write a video as text: how long it is, and each frame with its time."""
    length = timedelta(seconds=int(plan.duration))
    count = _in_words(len(plan.frames))
    intro = f"You are provided the following series of {count} frames from a {length} [H:MM:SS] video.\n"
    frame = image_text(ImagePlan(0, 0, ()), tokens, view_rows)
    times = (f"{int(seconds // 60):02d}:{int(seconds % 60):02d}" for seconds in plan.seconds)
    return intro + "".join(f"\nFrame from {time}:{frame}" for time in times) + "\n\n"


def _in_words(number: int) -> str:
    """English for 0 to 999."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {_in_words(rest)}" if rest else "")
