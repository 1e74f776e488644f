"""What public models do better than the bundled one, by the scores that their authors have published.

web/ui/model/published_figures.js has the same figures, since the page shows them before anything is loaded; a test
compares them. Nothing is fetched for them, and a model whose authors published none has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TASKS: dict[str, tuple[str, ...]] = {
    "documents": ("DocVQA val",),
    "text in photos": ("TextVQA val", "OCRBench"),
    "charts": ("ChartQA test",),
    "diagrams and school science": ("AI2D", "ScienceQA"),
    "knowledge and mathematics": ("MMMU", "MMStar", "MathVista"),
}
"""What questions are about -> the benchmarks that ask them; the order in which both are told."""

NOTE = (
    "scores of at most 100, published by the model's authors for its weights before quantization, not measured here; "
    "the bundled model has no score on these benchmarks"
)


@dataclass(frozen=True)
class Published:
    """The scores of one model, each of at most 100, by benchmark; and the address of the page that has them."""

    source: str
    scores: dict[str, float]


# AI2D of the 2.2B model is that of the first card. The second repeats the model's ScienceQA, 84.5, in that column.
_SMOLVLM_CARD = "https://huggingface.co/HuggingFaceTB/SmolVLM-256M-Instruct"
_SMOLVLM2_CARD = "https://huggingface.co/HuggingFaceTB/SmolVLM2-2.2B-Instruct"

PUBLISHED: dict[str, Published] = {
    "HuggingFaceTB/SmolVLM-256M-Instruct": Published(
        _SMOLVLM_CARD,
        {
            "DocVQA val": 58.3,
            "TextVQA val": 49.9,
            "OCRBench": 52.6,
            "ChartQA test": 55.8,
            "AI2D": 47,
            "ScienceQA": 73.6,
            "MMMU": 28.3,
            "MMStar": 34.6,
            "MathVista": 35.9,
        },
    ),
    "HuggingFaceTB/SmolVLM-500M-Instruct": Published(
        _SMOLVLM_CARD,
        {
            "DocVQA val": 70.5,
            "TextVQA val": 60.5,
            "OCRBench": 61,
            "ChartQA test": 63.2,
            "AI2D": 59.5,
            "ScienceQA": 79.7,
            "MMMU": 33.7,
            "MMStar": 38.3,
            "MathVista": 40.1,
        },
    ),
    "HuggingFaceTB/SmolVLM-Instruct": Published(
        _SMOLVLM_CARD,
        {
            "DocVQA val": 79.7,
            "TextVQA val": 72.1,
            "OCRBench": 65.5,
            "ChartQA test": 71.6,
            "AI2D": 64,
            "ScienceQA": 84.5,
            "MMMU": 38.3,
            "MMStar": 41.8,
            "MathVista": 43.9,
        },
    ),
    "HuggingFaceTB/SmolVLM2-2.2B-Instruct": Published(
        _SMOLVLM2_CARD,
        {
            "DocVQA val": 79.98,
            "TextVQA val": 73.21,
            "OCRBench": 72.9,
            "ChartQA test": 68.84,
            "AI2D": 70,
            "ScienceQA": 90,
            "MMMU": 42,
            "MMStar": 46,
            "MathVista": 51.5,
        },
    ),
}
"""Repository -> what its authors have published."""


def published_facts(model: str) -> dict[str, Any]:
    """Return what `tinyvlm info` adds for the repository `model` (owner/name); nothing where nothing was published.

    `better_at` is a list of str, `published_scores` benchmark -> score; `published_note` and `published_source` are
    sentence and address.
    """
    published = PUBLISHED.get(model)
    if published is None:
        return {}
    tasks = [f"questions about {task}" for task, names in TASKS.items() if set(names) & set(published.scores)]
    return {
        "better_at": [*tasks, "longer answers"],
        "published_scores": published.scores,
        "published_note": NOTE,
        "published_source": published.source,
    }
