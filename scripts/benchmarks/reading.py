"""Speed of reading: the detector by picture, the recogniser by line, and a receipt of 40 lines as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from support.environment import ROOT
from tinyvlm.media.images import RGBImage
from tinyvlm.reading.reader import Reader

FOLDER = ROOT / "web" / "models" / "reader"
PICTURES = ((736, 736), (960, 960), (1600, 736))
LINES = ((48, 96), (48, 320), (48, 640))
"""Height and width."""
ITEMS = 20


def measure(repeats: int = 7) -> dict[str, float]:
    """Return milliseconds by what is measured and the number of threads: best of `repeats`, after a warm-up."""
    figures = {}
    for threads in (1, 2):
        reader = Reader.from_folder(FOLDER, backend="wasm", threads=threads)
        for sizes, network in ((PICTURES, reader.find_text), (LINES, reader.recognize_line)):
            for height, width in sizes:
                name = f"{network.__name__} {width} x {height}, threads: {threads}"
                figures[name] = _milliseconds(partial(network, _noise(height, width)), repeats)
        name = f"receipt of {2 * ITEMS} lines, threads: {threads}"
        figures[name] = _milliseconds(partial(reader.read, receipt()), max(repeats // 2, 1))
        figures[f"memory for all of it, MB, threads: {threads}"] = reader.stats()["kernel_memory_peak_bytes"] / 1e6
        reader.close()
    return figures


def receipt() -> Image.Image:
    """Draw items and their prices, which makes two lines a row."""
    image = Image.new("RGB", (480, 60 + 44 * ITEMS), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(24)
    for row in range(ITEMS):
        draw.text((24, 30 + 44 * row), f"Article {row + 1} x {row % 7 + 1}", fill="black", font=font)
        draw.text((370, 30 + 44 * row), f"{row * 1.37 + 0.99:.2f}", fill="black", font=font)
    return image


def print_report(figures: dict[str, float]) -> None:
    """Print a line each."""
    for name, value in figures.items():
        print(f"{name:48} {value:9.1f}")


def _noise(height: int, width: int) -> RGBImage:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    return RGBImage(height, width, pixels.astype(np.uint8).tobytes())


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)
