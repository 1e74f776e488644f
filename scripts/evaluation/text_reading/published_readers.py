"""The published networks that are compared, the very files that ours are converted from, and how they are run."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from reader_model.published import published_files

PUBLISHED = {"thresh": 0.2, "box_thresh": 0.4, "unclip_ratio": 1.4, "use_dilation": False}
"""What inference.yml beside the detector says; rapidocr has one setting for all detectors."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the detector's input, in the order of its channels: blue, green, red."""


def detector() -> Path:
    """Return the detector's file, fetched once. Raises ScriptError."""
    return published_files(Path(sys.executable))[0]


def recognizer() -> Path:
    """Return the recogniser's file, fetched once. Raises ScriptError."""
    return published_files(Path(sys.executable))[1]


def latin(character: str) -> bool:
    """Tell whether Latin text may have a character: Latin letters, digits, punctuation, the usual signs."""
    if character == " " or character.isascii():
        return True
    name = unicodedata.name(character[:1], "")
    return name.startswith("LATIN ") or character in "€£¥°·–—‘’“”…•©®™±×÷§¿¡«»½¼¾²³¹"
