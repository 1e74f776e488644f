"""Kills the page in Chromium at seeded moments of a conversation, and tells whether anything is lost.

    python3 scripts/kill_page.py                # 100 kills
    python3 scripts/kill_page.py --kills 14     # twice each kind

Kinds: the engine's worker ends, the tab crashes, a reload, the model's files are cleared, no network, a processor four
times as slow, all storage is cleared. After each the page is opened again: every finished message and image has to be
there, and an answer that was being written has to be marked. Where all storage is cleared, the screen has to keep what
it shows. Leaves with 1 where anything is lost.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, run_main


def main() -> int:
    """Kill, and print a table."""
    parser = command_line(__doc__)
    parser.add_argument("--kills", type=int, default=100, help="(default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="of pictures, questions and moments (default: 1)")
    return _kill(parser.parse_args(), enter_venv(TEST_VENV, REQUIREMENTS / "test.txt"))


def _kill(options: argparse.Namespace, python: Path) -> int:
    from endurance.kills import kill_often, table
    from support.chromium import open_chromium
    from website.site_files import prepare_site
    from website.site_server import SiteServer

    server = SiteServer(prepare_site(python)).start()
    with open_chromium(python) as chromium:
        kills = kill_often(chromium.new_context(), server.url, options.kills, options.seed)
    server.close()
    print(table(kills))
    for number, kill in enumerate(kills, 1):
        for sentence in kill.lost:
            print(f"kill {number}, {kill.kind} after {kill.delay_ms} ms: {sentence}", file=sys.stderr)
    return 1 if any(kill.lost for kill in kills) else 0


if __name__ == "__main__":
    run_main(main)
