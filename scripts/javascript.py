"""Checks the page's JavaScript: `python3 scripts/javascript.py [--fix]`.

Types (in JSDoc comments, read by TypeScript) and format (prettier). `--fix` formats in place.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from support.environment import ROOT, command_line, run_main
from support.node_tools import ensure_javascript_tools
from website.zip_library import ensure_zip_library

PROJECTS = ("tsconfig.page.json", "tsconfig.workers.json", "tsconfig.sw.json", "tsconfig.tests.json")
"""One for each kind of global scope."""

FORMATTED = ("web/**/*.js", "scripts/**/*.js", "tests/**/*.js")


def main() -> int:
    """Run every check, whatever fails on the way."""
    parser = command_line(__doc__)
    parser.add_argument("--fix", action="store_true", help="write files as prettier has them")
    options = parser.parse_args()
    tools = ensure_javascript_tools()
    ensure_zip_library()  # its types
    checks = [[*tools.tsc, "--project", project] for project in PROJECTS]
    checks.append([*tools.prettier, "--write" if options.fix else "--check", "--log-level", "warn", *FORMATTED])
    return max([_run(command) for command in checks])


def _run(command: Sequence[str]) -> int:
    return 0 if subprocess.run(command, cwd=ROOT).returncode == 0 else 1


if __name__ == "__main__":
    run_main(main)
