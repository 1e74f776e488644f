"""The faults that are put into JavaScript, as node lists them with Stryker's instrumenter: list_mutants.js."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.environment import BUILD, ScriptError, note
from support.node_tools import ensure_node_programs

from .mutant import Mutant, make_mutant

LEAST_NODE = 20
FOLDER = BUILD / "javascript" / "mutation"
_PACKAGES = Path(__file__).with_name("packages")
_PROGRAM = Path(__file__).with_name("list_mutants.js")
_STAMP = "sha256"


def javascript_mutants(root: Path, files: Sequence[str]) -> list[Mutant]:
    """Return the mutants of modules below `root`, in the order of the files; raises ScriptError."""
    if not files:
        return []
    node = str(ensure_instrumenter())
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as listed:
        for name in files:
            print(json.dumps({"name": name, "path": str(root / name)}), file=listed)
        listed.flush()
        done = subprocess.run(
            [node, "--input-type=module", "-"],
            cwd=FOLDER,
            input=_PROGRAM.read_bytes(),
            stdout=subprocess.PIPE,
            env={**os.environ, "MUTATED_FILES": listed.name},
        )
    if done.returncode:
        raise ScriptError("The JavaScript could not be read; node says why above.")
    mutants = {_mutant(root, entry) for entry in json.loads(done.stdout)}
    return sorted(mutant for mutant in mutants if mutant.replacement != mutant.original)


def ensure_instrumenter() -> Path:
    """Return node; what list_mutants.js imports is in FOLDER. Raises ScriptError."""
    programs = ensure_node_programs(LEAST_NODE)
    lock = _PACKAGES / "package-lock.json"
    wanted, stamp = hashlib.sha256(lock.read_bytes()).hexdigest(), FOLDER / _STAMP
    if not stamp.exists() or stamp.read_text() != wanted:
        note("Fetching Stryker's instrumenter ...")
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in _PACKAGES.glob("*.json"):
            shutil.copy(path, FOLDER)
        command = [str(programs / "npm"), "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        search_path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
        if subprocess.run(command, cwd=FOLDER, env={**os.environ, "PATH": search_path}).returncode:
            raise ScriptError("Stryker's instrumenter could not be fetched from npm; is the network reachable?")
        stamp.write_text(wanted)
    return programs / "node"


def _mutant(root: Path, entry: dict[str, Any]) -> Mutant:
    """Turn places in UTF-16 units into places in bytes."""
    source = (root / entry["file"]).read_bytes()
    units = source.decode().encode("utf-16-le")
    start, end = (len(units[: 2 * entry[place]].decode("utf-16-le").encode()) for place in ("start", "end"))
    return make_mutant(entry["file"], source, start, end, entry["replacement"], entry["kind"])
