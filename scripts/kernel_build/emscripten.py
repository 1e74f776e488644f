"""Finds or installs the one Emscripten that the committed kernels are built with.

Debian 12's own Emscripten is too old for relaxed SIMD, and Emscripten's own downloads cannot be reached everywhere. So
on Debian 12 this takes Emscripten and Binaryen from the next release, unpacks them in a private folder, and drives
Debian 12's clang 19 with them. Elsewhere an `emcc` of the same version, on PATH or in EMCC, is used.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from support.environment import BUILD, note

VERSION = "3.1.69"
DEFAULT_PREFIX = BUILD / "emscripten"
_LLVM = ["clang-19", "lld-19", "llvm-19"]
_TRIXIE = ["emscripten=3.1.69+dfsg-3", "binaryen=120-4", "libc6/trixie", "libstdc++6/trixie", "libgcc-s1/trixie"]
_ACORN = "acorn@8.8.1"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_SHARE = "usr/share/emscripten"

# Binaryen is built against trixie's C library, so it runs under trixie's own loader.
_BINARYEN_WRAPPER = f"""\
#!/bin/sh
P=$(cd "$(dirname "$0")/../.." && pwd)
exec "$P/{_LIBRARIES}/ld-linux-x86-64.so.2" --library-path "$P/{_LIBRARIES}" "$P/usr/bin/$(basename "$0")" "$@"
"""
_EMCC_WRAPPER = f"""\
#!/bin/sh
P=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
export EM_CONFIG="$P/emscripten_config.py"
exec python3 "$P/{_SHARE}/emcc.py" "$@"
"""
_CONFIG = f"""\
import os, shutil
_prefix = os.path.dirname(os.path.abspath(os.environ["EM_CONFIG"]))
LLVM_ROOT = "/usr/lib/llvm-19/bin"
BINARYEN_ROOT = _prefix + "/binaryen"
NODE_JS = shutil.which("node")
CACHE = _prefix + "/{_SHARE}/cache"
FROZEN_CACHE = True
"""


class ToolchainUnavailable(Exception):
    """Why the toolchain cannot be had on this machine."""


def ensure_emcc(prefix: Path = DEFAULT_PREFIX) -> list[str]:
    """Return the command that runs Emscripten 3.1.69; raises ToolchainUnavailable."""
    for candidate in (os.environ.get("EMCC"), str(prefix / "bin/emcc"), shutil.which("emcc")):
        if candidate and _is_right(candidate):
            return [candidate]
    reason = _why_not_installable()
    if reason:
        raise ToolchainUnavailable(f"{reason}, and no emcc {VERSION} is on PATH or in EMCC")
    note(f"Installing Emscripten {VERSION} in {prefix} (once) ...")
    try:
        _install(prefix)
    except subprocess.CalledProcessError as error:
        words = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        detail = f": {words[-1]}" if words else ""
        raise ToolchainUnavailable(f"'{' '.join(map(str, error.cmd[:3]))} ...' failed{detail}") from error
    if not _is_right(str(prefix / "bin/emcc")):
        raise ToolchainUnavailable(f"what was installed in {prefix} does not run")
    return [str(prefix / "bin/emcc")]


def _is_right(emcc: str) -> bool:
    try:
        done = subprocess.run([emcc, "--version"], capture_output=True, text=True)
    except OSError:
        return False
    first = done.stdout.splitlines()[:1]
    return done.returncode == 0 and bool(first) and VERSION in first[0]


def _why_not_installable() -> str | None:
    """Say what keeps this machine from installing the toolchain, or None."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", "12") or platform.machine() != "x86_64":
        return "it installs itself on Debian 12 (x86-64) only"
    if os.geteuid() != 0:
        return "installing it needs root"
    missing = [tool for tool in ("npm", "apt-get", "dpkg-deb") if not shutil.which(tool)]
    return f"it needs {' and '.join(missing)}" if missing else None


def _install(prefix: Path) -> None:
    """Unpack everything in `prefix`; raises CalledProcessError."""
    if any(subprocess.run(["dpkg", "-s", package], capture_output=True).returncode for package in _LLVM):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *_LLVM], env=environment)
    shutil.rmtree(prefix, ignore_errors=True)
    prefix.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        _unpack(_download_packages(Path(scratch)), prefix)
    for program in [*(prefix / "usr/bin").glob("wasm-*"), prefix / "usr/bin/wasm2js"]:
        _write_program(prefix / "binaryen/bin" / program.name, _BINARYEN_WRAPPER)
    (prefix / "emscripten_config.py").write_text(_CONFIG)
    flags = ["--silent", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    _run(["npm", "install", *flags, _ACORN], cwd=prefix / _SHARE)
    _write_program(prefix / "bin/emcc", _EMCC_WRAPPER)


def _download_packages(scratch: Path) -> dict[str, Path]:
    """Fetch trixie's packages with an apt of its own state, so that the machine's stays as it is."""
    for folder in ("etc/preferences.d", "etc/apt.conf.d", "lists/partial", "cache/archives/partial", "debs"):
        (scratch / folder).mkdir(parents=True)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (scratch / "etc/sources.list").write_text(f"deb [signed-by={keyring}] {_mirror()} trixie main\n")
    (scratch / "apt.conf").write_text(
        textwrap.dedent(f"""\
            Dir::Etc "{scratch}/etc"; Dir::State::lists "{scratch}/lists"; Dir::Cache "{scratch}/cache";
            Acquire::Languages "none"; APT::Sandbox::User "root";
            """)
    )
    environment = {**os.environ, "APT_CONFIG": str(scratch / "apt.conf")}
    _run(["apt-get", "update", "-qq"], env=environment)
    _run(["apt-get", "download", "-qq", *_TRIXIE], env=environment, cwd=scratch / "debs")
    return {path.name.partition("_")[0]: path for path in (scratch / "debs").glob("*.deb")}


def _mirror() -> str:
    """The Debian mirror that this machine is set up with."""
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    for line in sources.read_text().splitlines() if sources.exists() else []:
        key, _, address = line.partition(" ")
        if key == "URIs:" and address.strip().rstrip("/").endswith("/debian"):
            return address.split()[0]
    classic = Path("/etc/apt/sources.list")
    for line in classic.read_text().splitlines() if classic.exists() else []:
        words = [word for word in line.split() if not word.startswith(("[", "signed-by")) and not word.endswith("]")]
        if words[:1] == ["deb"] and words[1].rstrip("/").endswith("/debian"):
            return words[1]
    raise ToolchainUnavailable("no Debian mirror is set up in /etc/apt")


def _unpack(packages: dict[str, Path], prefix: Path) -> None:
    libraries = f"./{_SHARE}/cache/sysroot/lib"
    unneeded = [
        f"./{_SHARE}/test",
        "./usr/share/doc",
        f"{libraries}/wasm32-emscripten/lto*",
        f"{libraries}/wasm32-emscripten/pic",
        f"{libraries}/wasm64*",
        "*sanitizer*",
    ]
    _untar(packages["emscripten"], prefix, [f"--exclude={pattern}" for pattern in unneeded])
    _untar(packages["binaryen"], prefix, [])
    for library in ("libc6", "libstdc++6", "libgcc-s1"):
        _untar(packages[library], prefix, ["--wildcards", f"./{_LIBRARIES}/*.so*"])


def _untar(package: Path, prefix: Path, options: list[str]) -> None:
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as tar:
        _run(["tar", "-x", "-C", str(prefix), *options], stdin=tar.stdout)


def _write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _run(
    command: list[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
) -> None:
    subprocess.run(
        command, check=True, cwd=cwd, env=env, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
