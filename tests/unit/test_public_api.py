"""What other projects may rely on: names, and that importing needs the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import tinyvlm

STDLIB_ONLY = """
import sys
before = set(sys.modules)
import tinyvlm, tinyvlm.page.engine, tinyvlm.cli
import tinyvlm.text.chat
from tinyvlm.models import idefics3, llama, smolvlm, tinyvlm as _
from tinyvlm.weights import gguf, gguf_model
outside = {
    name.partition(".")[0] for name in set(sys.modules) - before
} - set(sys.stdlib_module_names) - {"tinyvlm"}
assert not outside, outside
"""


def test_importing_needs_the_standard_library_alone() -> None:
    """The page can then restore Python from a snapshot, and start without numpy."""
    subprocess.run([sys.executable, "-c", STDLIB_ONLY], check=True)


def test_public_names() -> None:
    assert sorted(tinyvlm.__all__) == [
        "CancelledError",
        "Conversation",
        "EncodedImage",
        "ExplainedWord",
        "Explanation",
        "InputError",
        "KernelError",
        "Line",
        "LoadError",
        "ModelError",
        "Reader",
        "Reading",
        "TinyVLMError",
        "TinyVLMWarning",
        "VLM",
        "Word",
        "__version__",
    ]
    for name in tinyvlm.__all__:
        assert getattr(tinyvlm, name) is not None


def test_the_version_is_the_projects() -> None:
    pyproject = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert tinyvlm.__version__ == tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"]


def test_every_error_is_a_tinyvlm_error() -> None:
    for name in ("InputError", "ModelError", "LoadError", "KernelError", "CancelledError"):
        assert issubclass(getattr(tinyvlm, name), tinyvlm.TinyVLMError)
