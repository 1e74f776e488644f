"""Gets Pyodide into build/pyodide: `python3 scripts/pyodide_dist.py`.

Files that are there and right are kept, so a second call needs no network.
"""

from __future__ import annotations

from support.environment import REQUIREMENTS, RUN_VENV, command_line, ensure_venv, run_main
from website.pyodide_files import FOLDER, VERSION, ensure_pyodide


def main() -> int:
    """Fetch and say where."""
    command_line(__doc__).parse_args()
    paths = ensure_pyodide(ensure_venv(RUN_VENV, REQUIREMENTS / "run.txt"))
    size = sum(path.stat().st_size for path in paths)
    print(f"Pyodide {VERSION}: {len(paths)} files, {size / 1e6:.1f} MB in {FOLDER}")
    return 0


if __name__ == "__main__":
    run_main(main)
