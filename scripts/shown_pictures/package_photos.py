"""Photos that lie in wheels on PyPI as samples, pinned: scikit-image, matplotlib, scikit-learn.

Of these packages only the files are fetched; nothing is installed.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from PIL import Image

from evaluation.shown import Shown
from support.packages import Package, ensure_package

SCIKIT_IMAGE = Package(
    "scikit-image",
    "0.26.0",
    {
        "data/astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "data/camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        "data/chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "data/coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "data/coins.png": "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
        "data/motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        "data/rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
    },
    "7df650e79031634ac90b11e64a9eedaf5a5e06fcd09bcd03a34be01745744466",
    folder="skimage",
    platform="manylinux_2_28_x86_64",
)
MATPLOTLIB = Package(
    "matplotlib",
    "3.11.2",
    {"mpl-data/sample_data/grace_hopper.jpg": "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130"},
    "df4f7784aca81a94f254c0a2767d592ee25f407e488f5fa7203e51093fb6ca27",
    platform="manylinux2014_x86_64",
)
SCIKIT_LEARN = Package(
    "scikit-learn",
    "1.9.1",
    {
        "datasets/images/china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "datasets/images/flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    },
    "e5d7b18a5b9dca241a74695f3275fa4c895a9dadc72b3d8df5fa9d1083c9b83e",
    folder="sklearn",
    platform="manylinux_2_28_x86_64",
)
QUESTIONS = (
    (SCIKIT_IMAGE, "data/chelsea.png", "What animal is in the picture?"),
    (SCIKIT_IMAGE, "data/coffee.png", "What color is the cup?"),
    (SCIKIT_IMAGE, "data/motorcycle_left.png", "What is this?"),
    (SCIKIT_IMAGE, "data/astronaut.png", "Describe the image."),
    (SCIKIT_IMAGE, "data/rocket.jpg", "What is in the picture?"),
    (SCIKIT_IMAGE, "data/camera.png", "What is the man doing?"),
    (SCIKIT_IMAGE, "data/coins.png", "How many coins are there?"),
    (MATPLOTLIB, "mpl-data/sample_data/grace_hopper.jpg", "What is the woman wearing?"),
    (SCIKIT_LEARN, "datasets/images/china.jpg", "What is this building?"),
    (SCIKIT_LEARN, "datasets/images/flower.jpg", "What color is the flower?"),
)


def photos() -> list[Shown]:
    """Return all, to be fetched when they are opened."""
    return [
        Shown(Path(file).stem, "photos", f"{package.name}, {Path(file).name}", question, partial(_open, package, file))
        for package, file, question in QUESTIONS
    ]


def _open(package: Package, file: str) -> Image.Image:
    """Return a photo as RGB. Raises ScriptError."""
    with Image.open(ensure_package(package, Path(sys.executable))[file]) as image:
        return image.convert("RGB")
