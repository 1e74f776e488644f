"""Compiles wasm-kernels/*.c: `python scripts/build_kernels.py [--check] [--prefix FOLDER]`.

Writes py/tinyvlm/wasm/relaxed.wasm and simd128.wasm: the same sources with and without relaxed SIMD. The same sources
give the same bytes on any machine; `--check` builds elsewhere and compares with what is committed.

Exit codes: 0 fine, 1 the build failed or differs, 3 the toolchain cannot be installed here.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kernel_build.compiler import OUTPUT, SOURCES, build
from kernel_build.emscripten import DEFAULT_PREFIX, ToolchainUnavailable, ensure_emcc
from support.environment import command_line, run_main

UNAVAILABLE = 3


def main() -> int:
    """Build or check."""
    parser = command_line(__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed kernels, write nothing")
    parser.add_argument("--prefix", type=Path, default=DEFAULT_PREFIX, help="where the toolchain is or goes")
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    try:
        emcc = ensure_emcc(options.prefix.resolve())
    except ToolchainUnavailable as error:
        print(f"The kernels' toolchain cannot be installed here: {error}.", file=sys.stderr)
        return UNAVAILABLE
    if not options.check:
        _report(build(emcc, options.sources, options.output))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        built = build(emcc, options.sources, Path(scratch))
        _report(built)
        differing = [path.name for path in built if not _same(path, options.output / path.name)]
    for name in differing:
        print(f"{name} differs from the committed one: run scripts/build_kernels.py and commit what it writes.")
    return 1 if differing else 0


def _same(built: Path, committed: Path) -> bool:
    return committed.exists() and built.read_bytes() == committed.read_bytes()


def _report(paths: Sequence[Path]) -> None:
    for path in paths:
        data = path.read_bytes()
        print(f"{path.name:14} {len(data):7} bytes  sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    run_main(main)
