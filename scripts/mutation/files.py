"""Which files are mutated, which of their lines, and a sample that gives each area its share."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from support.environment import ROOT, ScriptError

from .c_mutants import c_mutants
from .javascript_mutants import javascript_mutants
from .mutant import Mutant
from .python_mutants import python_mutants

AREAS = ("py/tinyvlm", "web/engine", "web/ui", "wasm-kernels")
"""What the score is told for, and what is sampled where no path is named."""

_READERS: Mapping[str, Callable[[str, bytes], list[Mutant]]] = {".py": python_mutants, ".c": c_mutants, ".h": c_mutants}
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def list_files(paths: Sequence[str], root: Path = ROOT) -> list[str]:
    """Return the files below `paths` that can be mutated, relative to `root`; raises ScriptError."""
    found: set[str] = set()
    for path in paths:
        start = (root / path).resolve()
        if not start.exists() or not start.is_relative_to(root):
            raise ScriptError(f"There is no {path} in this checkout.")
        files = [start] if start.is_file() else sorted(start.rglob("*"))
        found |= {file.relative_to(root).as_posix() for file in files if file.suffix in {".js", *_READERS}}
    return sorted(found)


def list_mutants(files: Iterable[str], root: Path = ROOT) -> list[Mutant]:
    """Return every mutant of the files; raises ScriptError where a file cannot be read."""
    files = list(files)
    mutants = javascript_mutants(root, [name for name in files if name.endswith(".js")])
    for name in files:
        reader = _READERS.get(Path(name).suffix)
        if reader is not None:
            mutants += reader(name, (root / name).read_bytes())
    return sorted(mutants)


def changed_lines(since: str, root: Path = ROOT) -> dict[str, set[int]]:
    """Return the lines that were added or edited since `since` and the checkout parted, by file."""
    base = _git(root, "merge-base", since, "HEAD").strip()
    changed: dict[str, set[int]] = {}
    for name in _git(root, "diff", "--name-only", "-z", "--diff-filter=d", base).split("\0"):
        if name:
            hunks = _HUNK.findall(_git(root, "diff", "-U0", base, "--", name))
            changed[name] = {line for at, count in hunks for line in range(int(at), int(at) + int(count or 1))}
    return changed


def area_of(file: str) -> str:
    """Return the area that a file is in, or its folder."""
    return next((area for area in AREAS if file.startswith(f"{area}/")), str(Path(file).parent))


def sample(mutants: Sequence[Mutant], count: int, seed: int, root: Path = ROOT) -> list[Mutant]:
    """Return `count` of the mutants, from each area as many as its share of the lines of code."""
    areas: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        areas.setdefault(area_of(mutant.file), []).append(mutant)
    lines = {area: _count_lines(root, {mutant.file for mutant in found}) for area, found in areas.items()}
    shares = _shares(lines, count)
    chosen: list[Mutant] = []
    for area in sorted(areas):
        found = sorted(areas[area])
        # By area, so that an edit in one leaves the others' samples as they were.
        chosen += random.Random(f"{seed} {area}").sample(found, min(shares[area], len(found)))
    return sorted(chosen)


def _shares(weights: Mapping[str, int], count: int) -> dict[str, int]:
    """Divide `count` by weight; what rounding leaves goes to the largest remainders."""
    total = sum(weights.values())
    exact = {name: count * weight / total for name, weight in weights.items()}
    shares = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in by_remainder[: count - sum(shares.values())]:
        shares[name] += 1
    return shares


def _count_lines(root: Path, files: Iterable[str]) -> int:
    return sum((root / name).read_bytes().count(b"\n") for name in files)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise ScriptError(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout
