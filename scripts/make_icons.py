"""Draws the installed page's icons from web/icon.svg: `python3 scripts/make_icons.py`."""

from __future__ import annotations

import re

from support.chromium import open_chromium
from support.environment import REQUIREMENTS, ROOT, TEST_VENV, command_line, enter_venv, run_main

WEB = ROOT / "web"
ICONS = {"192.png": 192, "512.png": 512, "maskable-512.png": 512}


def main() -> int:
    """Write web/icons; the maskable one fills its square, since systems cut it to a shape of their own."""
    command_line(__doc__).parse_args()
    python = enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    svg = (WEB / "icon.svg").read_text(encoding="utf-8")
    ground = re.search(r'<rect [^>]*fill="(#\w+)"', svg)
    assert ground, "icon.svg begins with its ground"
    (WEB / "icons").mkdir(exist_ok=True)
    with open_chromium(python) as chromium:
        for name, size in ICONS.items():
            page = chromium.new_page(viewport={"width": size, "height": size})
            background = ground[1] if name.startswith("maskable") else "transparent"
            page.set_content(f"<style>body{{margin:0;background:{background}}}svg{{display:block}}</style>{svg}")
            page.screenshot(path=WEB / "icons" / name, omit_background=True)
            page.close()
    print(f"wrote {', '.join(ICONS)} in web/icons")
    return 0


if __name__ == "__main__":
    run_main(main)
