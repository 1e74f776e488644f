"""Asks many questions over many pictures in one tab of Chromium, and tells whether memory or waiting grows.

    python3 scripts/soak_page.py                                # 1,000 questions over 200 pictures
    python3 scripts/soak_page.py --questions 200 --images 40

Pictures and questions come from a seed, several conversations of 50 questions; answers are not judged. The heap of the
page, the memory of page and workers, of the kernels and of Python are measured after 100 questions, half way and at the
end. Leaves with 1 where one of them has grown by more than 5 % since the first time, or the last answers take over 20 %
longer than the first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from support.environment import REQUIREMENTS, TEST_VENV, ScriptError, command_line, enter_venv, run_main


def main() -> int:
    """Ask, and print a table."""
    parser = command_line(__doc__)
    parser.add_argument("--questions", type=int, default=1000, help="a multiple of 50 (default: 1000)")
    parser.add_argument("--images", type=int, default=200, help="(default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="of pictures and questions (default: 1)")
    options = parser.parse_args()
    if options.questions < 100 or options.questions % 50 or not 0 < options.images <= options.questions:
        raise ScriptError("Questions are a multiple of 50, 100 at least, and not fewer than images.")
    return _soak(options, enter_venv(TEST_VENV, REQUIREMENTS / "test.txt"))


def _soak(options: argparse.Namespace, python: Path) -> int:
    from playwright.sync_api import sync_playwright

    from endurance.memory import FLAGS
    from endurance.soak import soak, table, wrong
    from endurance.tab import Tab
    from support.chromium import chromium_flags, ensure_chromium
    from website.site_files import prepare_site
    from website.site_server import SiteServer

    executable, server = ensure_chromium(python), SiteServer(prepare_site(python)).start()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=[*chromium_flags(), *FLAGS])
        tab = Tab(chromium.new_page(), server.url)
        tab.open()
        seen = soak(tab, options.questions, options.images, options.seed)
        chromium.close()
    server.close()
    print(table(seen))
    sentences = wrong(seen)
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return 1 if sentences else 0


if __name__ == "__main__":
    run_main(main)
