"""Writes the site as files, for any static host and any path on it: `python3 scripts/build_site.py [--out FOLDER]`.

The same sources give the same files. The folder is replaced only when the new one is whole.
"""

from __future__ import annotations

from pathlib import Path

from support.environment import REQUIREMENTS, ROOT, RUN_VENV, command_line, ensure_venv, run_main
from website.site_files import prepare_site
from website.site_writer import write_site


def main() -> int:
    """Build, then say what to do with it."""
    parser = command_line(__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    out = parser.parse_args().out.absolute()
    files = prepare_site(ensure_venv(RUN_VENV, REQUIREMENTS / "run.txt"))
    size = write_site(files, out)
    print(
        f"{out}: {len(files)} files, {size / 1e6:.1f} MB. Upload what is in it to a static host, under any path, with "
        f"HTTPS. To try it here: python3 -m http.server -d {out}"
    )
    return 0


if __name__ == "__main__":
    run_main(main)
