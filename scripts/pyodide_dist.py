"""Gets Pyodide into build/pyodide: `python3 scripts/pyodide_dist.py [--list]`.

Files that are there and right are kept, so a second call needs no network. Then compiles the small standard library
that the page starts with; `--list` finds out anew what belongs in it, for when the package imports something else.
"""

from __future__ import annotations

from support.environment import REQUIREMENTS, RUN_VENV, command_line, ensure_venv, run_main
from website.core_wheel import ensure_core_wheel
from website.pyodide_files import FOLDER, VERSION, ensure_pyodide
from website.standard_library import NAMES, ensure_standard_library, used_modules
from website.templates_archive import ensure_templates


def main() -> int:
    """Fetch, make, and say where."""
    parser = command_line(__doc__)
    parser.add_argument("--list", action="store_true", help=f"write {NAMES.name} anew")
    options = parser.parse_args()
    python = ensure_venv(RUN_VENV, REQUIREMENTS / "run.txt")
    paths = ensure_pyodide(python)
    size = sum(path.stat().st_size for path in paths)
    print(f"Pyodide {VERSION}: {len(paths)} files, {size / 1e6:.1f} MB in {FOLDER}")
    if options.list:
        NAMES.write_text(used_modules(ensure_core_wheel(python), ensure_templates(python)))
    small = ensure_standard_library()
    count = len(NAMES.read_text().split())
    print(f"Of its standard library {count} modules, {small.stat().st_size / 1e6:.2f} MB in {small}")
    return 0


if __name__ == "__main__":
    run_main(main)
