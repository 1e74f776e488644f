"""Compiles the C sources, with the same bytes on any machine."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.environment import ROOT, ScriptError

SOURCES = ROOT / "wasm-kernels"
OUTPUT = ROOT / "py/tinyvlm/wasm"
VARIANTS = {"relaxed": ["-mrelaxed-simd", "-DTINYVLM_RELAXED=1"], "simd128": []}
# Standalone with an imported memory: no JavaScript glue, full export names. One shared memory for all threads.
FLAGS = [
    "-O3",
    "-msimd128",
    "-matomics",
    "-mbulk-memory",
    "--no-entry",
    "-sSTANDALONE_WASM",
    "-sIMPORTED_MEMORY",
    "-Wl,--shared-memory",
    "-sALLOW_MEMORY_GROWTH",
    "-sINITIAL_MEMORY=1048576",
    "-sMAXIMUM_MEMORY=2147483648",
    "-sSTACK_SIZE=131072",
    "-Wl,--export=__heap_base",
    "-Wall",
    "-Wextra",
    "-Werror",
]
_IMPORT_SECTION, _MEMORY_KIND = 2, 2


def build(emcc: Sequence[str], sources: Path, output: Path) -> list[Path]:
    """Compile all variants into `output`; raises ScriptError with the compiler's words."""
    # Names relative to the sources' folder, in a fixed order: nothing of this machine gets into the bytes.
    names = sorted(path.name for path in sources.glob("*.c"))
    if not names:
        raise ScriptError(f"There are no C files in {sources}.")
    output.mkdir(parents=True, exist_ok=True)
    built = []
    for variant, flags in VARIANTS.items():
        path = output.resolve() / f"{variant}.wasm"
        mapping = f"-ffile-prefix-map={sources.resolve()}=wasm-kernels"
        command = [*emcc, *FLAGS, mapping, *flags, *names, "-o", str(path)]
        if subprocess.run(command, cwd=sources).returncode:
            raise ScriptError(f"The {variant} kernels do not compile; the compiler says why above.")
        imports = list_imports(path.read_bytes())
        if imports != [("env", "memory", _MEMORY_KIND)]:
            raise ScriptError(f"{path.name} may import env.memory and nothing else, but imports {imports}.")
        built.append(path)
    return built


def list_imports(wasm: bytes) -> list[tuple[str, str, int]]:
    """Return (module, name, kind) of a WebAssembly binary's imports, up to the first whose size is unknown here.

    Format: WebAssembly core specification, binary format, import section.
    """
    if wasm[:8] != b"\0asm\1\0\0\0":
        raise ValueError("not a WebAssembly 1 binary")
    position = 8
    while position < len(wasm):
        section, (size, start) = wasm[position], _leb(wasm, position + 1)
        if section == _IMPORT_SECTION:
            return _read_imports(wasm, start)
        position = start + size
    return []


def _read_imports(wasm: bytes, position: int) -> list[tuple[str, str, int]]:
    count, position = _leb(wasm, position)
    imports = []
    for _ in range(count):
        names = []
        for _ in range(2):
            length, position = _leb(wasm, position)
            names.append(wasm[position : position + length].decode())
            position += length
        kind = wasm[position]
        imports.append((names[0], names[1], kind))
        if kind != _MEMORY_KIND:
            break  # one more than allowed: enough to refuse the binary
        limits = wasm[position + 1]
        _, position = _leb(wasm, position + 2)
        if limits & 1:
            _, position = _leb(wasm, position)
    return imports


def _leb(data: bytes, position: int) -> tuple[int, int]:
    """Read an unsigned LEB128 number; return it and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return value, position
