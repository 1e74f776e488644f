"""Builds the kernels of a mutant: one object a source is kept, so that only what differs is compiled.

The bytes are not those of scripts/build_kernels.py, which compiles all at once; what they compute is.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kernel_build.compiler import FLAGS, VARIANTS
from support.environment import BUILD

OBJECTS = BUILD / "mutation" / "objects"
_LINKER = ("-s", "-Wl,", "--no-entry")


def build_kernels(emcc: Sequence[str], root: Path, objects: Path = OBJECTS) -> bool:
    """Build both variants of a checkout into it; return whether that went well."""
    return all(_build_variant(emcc, root, name, objects) for name in VARIANTS)


def _build_variant(emcc: Sequence[str], root: Path, variant: str, objects: Path) -> bool:
    sources = root / "wasm-kernels"
    headers = b"".join(path.read_bytes() for path in sorted(sources.glob("*.h")))
    compiled = []
    for path in sorted(sources.glob("*.c")):
        content = f"{variant} {path.name} ".encode() + headers + path.read_bytes()
        target = objects / f"{hashlib.sha256(content).hexdigest()}.o"
        if not target.exists() and not _compile(emcc, path, target, VARIANTS[variant]):
            return False
        compiled.append(str(target))
    output = str(root / "py/tinyvlm/wasm" / f"{variant}.wasm")
    return _call([*emcc, *FLAGS, *VARIANTS[variant], *compiled, "-o", output], sources)


def _compile(emcc: Sequence[str], source: Path, target: Path, flags: Sequence[str]) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(f".{os.getpid()}.part.o")
    compiling = [flag for flag in FLAGS if not flag.startswith(_LINKER)]
    if not _call([*emcc, *compiling, *flags, "-c", source.name, "-o", str(half)], source.parent):
        return False
    half.replace(target)
    return True


def _call(command: Sequence[str], folder: Path) -> bool:
    return not subprocess.run(command, cwd=folder, capture_output=True).returncode
