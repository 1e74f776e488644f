"""Writes the site as files, for any static host and any path on it: `python3 scripts/build_site.py [--out FOLDER]`.

The same sources give the same files; scripts and styles come without comments and indentation. The folder is replaced
only when the new one is whole.
"""

from __future__ import annotations

from pathlib import Path

from support.environment import REQUIREMENTS, ROOT, RUN_VENV, command_line, enter_venv, run_main
from website.first_visit import first_visit
from website.site_files import prepare_site
from website.site_writer import write_site


def main() -> int:
    """Build, then say what to do with it."""
    parser = command_line(__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    out = parser.parse_args().out.absolute()
    files = prepare_site(enter_venv(RUN_VENV, REQUIREMENTS / "run.txt"), small=True)
    size = write_site(files, out)
    first = first_visit(files)
    kilobytes = sum(first.values()) / 1000
    print(f"Until the page answers, {kilobytes:.1f} kB of scripts and styles in {len(first)} files, without Pyodide.")
    print(
        f"{out}: {len(files)} files, {size / 1e6:.1f} MB. Upload what is in it to a static host, under any path, with "
        f"HTTPS. To try it here: python3 -m http.server -d {out}"
    )
    return 0


if __name__ == "__main__":
    run_main(main)
