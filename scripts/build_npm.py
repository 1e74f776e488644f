"""Writes the npm package as a folder: `python3 scripts/build_npm.py [--out FOLDER] [--no-models | --code]`.

`npm pack` or `npm publish` in that folder does the rest. `--no-models` leaves out the bundled model and the text
reader, `--code` all that the engine fetches: such a package is told by `baseURL` where a site lies
(scripts/build_site.py).
"""

from __future__ import annotations

from pathlib import Path

from npm_package.declarations import declarations
from npm_package.package_files import package_files
from npm_package.package_writer import write_package
from support.environment import BUILD, REQUIREMENTS, RUN_VENV, command_line, ensure_venv, run_main
from support.node_tools import ensure_javascript_tools
from website.site_files import prepare_site


def main() -> int:
    """Build, then say how large it is and what to do with it."""
    parser = command_line(__doc__)
    parser.add_argument("--out", type=Path, default=BUILD / "npm", metavar="FOLDER", help="default: build/npm")
    less = parser.add_mutually_exclusive_group()
    less.add_argument("--no-models", action="store_true", help="without the bundled model and the text reader")
    less.add_argument("--code", action="store_true", help="modules and types alone")
    options = parser.parse_args()
    out = options.out.absolute()
    site = prepare_site(ensure_venv(RUN_VENV, REQUIREMENTS / "run.txt"))
    types = declarations(ensure_javascript_tools())
    files = package_files(site, types, data=not options.code, models=not options.no_models)
    size = write_package(files, out)
    print(f"{out}: {len(files)} files, {size / 1e6:.1f} MB. To make an archive of it: cd {out} && npm pack")
    return 0


if __name__ == "__main__":
    run_main(main)
