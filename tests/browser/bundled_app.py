"""The Vite app in vite_app/, built with Vite as npm has it and the npm package of this checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from support.environment import BUILD
from support.node_tools import ensure_node_programs

SOURCE = Path(__file__).with_name("vite_app")
FOLDER = BUILD / "vite-app"
LEAST_NODE = 20
_STAMP = "installed.sha256"


def build_app(package: Path, image: bytes) -> Path:
    """Return what a static host is to serve; `package` is a folder that write_package has written."""
    programs = ensure_node_programs(LEAST_NODE)
    _install(programs)
    for path in SOURCE.iterdir():
        if path.is_file():
            shutil.copy(path, FOLDER)
    installed = FOLDER / "node_modules/tinyvlm"
    shutil.rmtree(installed, ignore_errors=True)
    shutil.copytree(package, installed)
    (FOLDER / "public").mkdir(exist_ok=True)
    (FOLDER / "public/red.png").write_bytes(image)
    _run(programs, "node", "node_modules/tinyvlm/copy.mjs", "public/tinyvlm")
    _run(programs, "node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    return FOLDER / "dist"


def _install(programs: Path) -> None:
    """Have what the lock file lists, every archive by its hash, and run no script of any package."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    stamp, wanted = FOLDER / _STAMP, hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, FOLDER)
    _run(programs, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def _run(programs: Path, program: str, *arguments: str) -> None:
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    done = subprocess.run(
        [str(programs / program), *arguments],
        cwd=FOLDER,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}"
