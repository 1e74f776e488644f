"""Shows the page to engines other than Chromium, and prints what is seen there.

    python3 scripts/other_browsers.py                   # Firefox, Firefox that resists fingerprinting, WebKitGTK
    python3 scripts/other_browsers.py webkit            # one of firefox, resist, webkit

They come from the distribution: apt install firefox-esr webkit2gtk-driver xvfb. Leaves with 1 where something is wrong,
with 2 where a browser is missing. tests/browser/test_other_browsers.py shows it to the first and the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, note, run_main

NAMES = ("firefox", "resist", "webkit")
WRONG, MISSING = 1, 2


def main() -> int:
    """Visit them one after the other."""
    parser = command_line(__doc__)
    parser.add_argument("browsers", nargs="*", metavar="BROWSER", help=f"of {', '.join(NAMES)} (default: all)")
    chosen = parser.parse_args().browsers or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"not a browser: {', '.join(sorted(unknown))}")
    return _visit_all(chosen, enter_venv(TEST_VENV, REQUIREMENTS / "test.txt"))


def _visit_all(chosen: Sequence[str], python: Path) -> int:
    from browser_checks.visits import BROWSERS, serve, table, visit
    from website.site_files import prepare_site

    server = serve(prepare_site(python))
    codes = {0}
    for browser in (BROWSERS[name] for name in chosen):
        if browser.find() is None:
            print(f"\n{browser.missing}")
            codes.add(MISSING)
            continue
        note(f"{browser.name} ...")
        version, rows = visit(browser, server.url)
        print(table(f"{browser.name} ({version})", rows))
        codes.add(0 if all(row.is_right for row in rows) else WRONG)
    server.close()
    return WRONG if WRONG in codes else max(codes)


if __name__ == "__main__":
    run_main(main)
