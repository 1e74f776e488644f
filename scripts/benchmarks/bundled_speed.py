"""Speed of the bundled model, natively: load, encode, prefill, decode, and a whole short answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from tinyvlm import VLM

SHORT, LONG = "What color is the shape?", "Describe the image."


def measure(image: Any, *, repeats: int = 15, **options: Any) -> dict[str, Any]:
    """Medians in milliseconds, with the middle half's spread, over `repeats` runs after two to warm up."""
    started = time.perf_counter()
    vlm = VLM.from_pretrained(**options)
    load_ms = (time.perf_counter() - started) * 1000
    encoded = vlm.encode_image(image)
    figures: dict[str, Any] = {"load_ms": round(load_ms, 1)}

    def record(name: str, action: Callable[[], Any], value: Callable[[], float] | None = None) -> None:
        samples = []
        for _ in range(repeats + 2):
            begun = time.perf_counter()
            action()
            samples.append(value() if value else (time.perf_counter() - begun) * 1000)
        low, middle, high = statistics.quantiles(samples[2:], n=4)
        figures[name] = {"median": round(middle, 2), "low": round(low, 2), "high": round(high, 2)}

    record("encode_ms", lambda: vlm.encode_image(image))
    record("prefill_ms", lambda: vlm.ask(encoded, LONG), lambda: vlm.last_answer.prefill_ms)
    record("decode_tokens_per_s", lambda: vlm.ask(encoded, LONG), lambda: vlm.last_answer.decode_tokens_per_s)
    record("encode_and_short_answer_ms", lambda: vlm.ask(image, SHORT))
    record("second_short_answer_ms", lambda: vlm.ask(encoded, SHORT))
    stats = vlm.stats()
    figures["kernel_memory_peak_mb"] = round(stats.get("kernel_memory_peak_bytes", 0) / 1e6, 1)
    figures["threads"], figures["simd"] = stats["threads"], stats["simd"]
    vlm.close()
    return figures
