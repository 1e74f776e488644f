"""What the scripts stand on: the checkout, one-sentence failures, and Python environments made on demand.

An entry reads its arguments under whatever Python it was started with, then calls `enter_venv`, and only then imports
what is not in the standard library.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036  the scripts are started by hand, with any Python
    sys.exit(f"Tiny-VLM needs Python 3.11 or newer; this is {platform.python_version()} ({sys.executable}).")

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
REQUIREMENTS = ROOT / "scripts" / "requirements"
RUN_VENV = "build/venv"
TEST_VENV = ".venv"
EVALUATE_VENV = "build/evaluate-venv"
PERPLEXITY_VENV = "build/perplexity-venv"
PEERS_VENV = "build/peers-venv"
ONNX_VENV = "build/onnx-venv"
TRAIN_VENV = "build/train/venv"
NODE_VENV = "build/javascript/venv"
PYTHON_PATH = os.pathsep.join(str(ROOT / folder) for folder in ("py", "scripts"))
"""Where modules are looked for besides an environment's own: tinyvlm, and the packages beside the entries."""
_STAMP = "requirements.sha256"


class ScriptError(Exception):
    """Something a person can act on; its text is all that is shown."""


def run_main(main: Callable[[], int]) -> None:
    """Leave with `main`'s exit code; a ScriptError becomes a sentence, Ctrl+C no traceback."""
    try:
        code = main()
    except ScriptError as error:
        print(f"\n{error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        code = 130
    sys.exit(code)


def command_line(description: str | None) -> argparse.ArgumentParser:
    """Return a parser whose help shows an entry's docstring as it stands."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def note(text: str) -> None:
    """Tell what is going on, beside the program's own output."""
    print(text, file=sys.stderr, flush=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that no one ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def enter_venv(name: str, requirements: Path, root: Path = ROOT) -> Path:
    """Go on inside the environment of `ensure_venv`, with PYTHON_PATH in reach; return its Python.

    Elsewhere this process becomes the same command there, and the call does not return. Raises ScriptError.
    """
    python = ensure_venv(name, requirements, root)
    inside = os.path.samefile(sys.prefix, root / name)
    if not inside or os.environ.get("PYTHONPATH") != PYTHON_PATH:
        _become([str(python), *sys.orig_argv[1:]])
    return python


def start_module(module: str) -> NoReturn:
    """Become a module of a package in scripts/, with the arguments of this process.

    For entries in folders of their own, from which Python sees that folder alone.
    """
    options = sys.orig_argv[1 : -len(sys.argv)]
    _become([sys.executable, *options, "-P", "-m", module, *sys.argv[1:]])


def run_module(python: Path, module: str, *arguments: str, given: str | None = None) -> str:
    """Return what a module prints under the Python of another environment; `given` is its input. Raises ScriptError."""
    command = [str(python), "-P", "-m", module, *arguments]
    done = subprocess.run(command, env=_with_python_path(), input=given, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise ScriptError(f"{module} failed; it says why above.")
    return done.stdout


def _become(command: list[str]) -> NoReturn:
    """Replace this process, so that signals reach the command and its exit code is what the caller sees."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # there the caller would be told that it has ended
        sys.exit(subprocess.run(command, env=_with_python_path()).returncode)
    os.execve(command[0], command, _with_python_path())


def _with_python_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PYTHON_PATH}


def ensure_venv(name: str, requirements: Path, root: Path = ROOT) -> Path:
    """Return the Python of the environment `root/name` that holds exactly the pinned `requirements`.

    Made anew when the requirements or this Python have changed, otherwise left alone, which takes no time.
    Raises ScriptError when it cannot be made.
    """
    folder = root / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = folder / _STAMP, _digest(requirements)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    note(f"Preparing a Python environment in {name} (once) ...")
    _create(folder, python)
    _call(
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)],
        f"The packages in {requirements.name} could not be installed; pip says why above. Is the network reachable?",
    )
    stamp.write_text(wanted)
    return python


def _digest(requirements: Path) -> str:
    """Changes when an environment has to be made anew."""
    python = f"{os.path.realpath(sys.executable)} {platform.python_version()}\n"
    return hashlib.sha256(python.encode() + requirements.read_bytes()).hexdigest()


def _create(folder: Path, python: Path) -> None:
    """Make an empty environment with pip."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    with_pip = _has_ensurepip()
    command = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(folder)]
    _call(command, f"No Python environment could be made in {folder}; Python says why above.")
    if not with_pip:
        wheel = str(_debian_pip_wheel(folder))
        _call([str(python), f"{wheel}/pip", "install", "--quiet", "--no-index", wheel], "pip could not be installed.")


def _has_ensurepip() -> bool:
    """Debian and Ubuntu cut pip's wheels out of Python and keep them in python3-venv."""
    return subprocess.run([sys.executable, "-m", "ensurepip", "--version"], capture_output=True).returncode == 0


def _debian_pip_wheel(folder: Path) -> Path:
    """Take pip from the distribution's own package, which any user may download without installing it."""
    sentence = (
        "This Python comes without pip. Install it (on Debian and Ubuntu: sudo apt install python3-venv) "
        "and run the command again."
    )
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise ScriptError(sentence)
    with tempfile.TemporaryDirectory() as scratch:
        download = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", "python3-pip-whl"]
        done = subprocess.run(download, cwd=scratch, capture_output=True)
        if done.returncode and os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
            done = subprocess.run(download, cwd=scratch, capture_output=True)
        for package in Path(scratch).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "pip-wheel")], check=True)
    wheels = sorted(folder.glob("pip-wheel/usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise ScriptError(sentence)
    return wheels[-1]


def _call(command: Sequence[str], sentence: str) -> None:
    """Run a command whose own output goes to stderr; raises ScriptError(sentence) when it fails."""
    if subprocess.run(command, stdout=sys.stderr).returncode:
        raise ScriptError(sentence)
