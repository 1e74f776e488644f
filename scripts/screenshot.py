"""Takes pictures of the page, with the real model: `python3 scripts/screenshot.py [SCENE ...]`.

Without a scene those that README.md shows, into docs/. With scenes, or with `--all`, which means every one, each in
light and dark and in English and Japanese, into build/screenshots/ or a folder that is named. A fixed window, clock and
language; how long answers took is as it was.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from support.chromium import open_chromium
from support.environment import (
    BUILD,
    REQUIREMENTS,
    ROOT,
    TEST_VENV,
    ScriptError,
    command_line,
    enter_venv,
    run_main,
    write_atomically,
)

if TYPE_CHECKING:
    from screenshots.camera import Scheme

SHOWN: dict[str, tuple[str, Scheme, str]] = {
    "screenshot.webp": ("chat", "light", "en"),
    "screenshot_phone.webp": ("phone", "dark", "en"),
    "screenshot_table.webp": ("table", "light", "ja"),
}
"""Files of docs/ -> scene, colours, language."""


def main() -> int:
    """Take them, and say where they are."""
    parser = command_line(__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help="chat, table, phone ...; an unknown one lists all")
    parser.add_argument("--all", action="store_true", help="every scene")
    parser.add_argument("--folder", type=Path, default=BUILD / "screenshots", help="(default: build/screenshots)")
    return _take(parser.parse_args(), enter_venv(TEST_VENV, REQUIREMENTS / "test.txt"))


def _take(options: argparse.Namespace, python: Path) -> int:
    from screenshots.camera import Look, shots, webp
    from screenshots.japanese_font import font_environment
    from screenshots.page_scenes import SCENES
    from website.site_files import prepare_site
    from website.site_server import SiteServer

    if unknown := set(options.scenes) - set(SCENES):
        raise ScriptError(f"There is no scene {', '.join(sorted(unknown))}; there are {', '.join(SCENES)}.")
    looks = [Look("light", "en"), Look("light", "ja"), Look("dark", "en"), Look("dark", "ja")]
    wanted = {
        options.folder / f"{scene}-{look.name}.png": (scene, look)
        for scene in (SCENES if options.all else options.scenes)
        for look in looks
    } or {ROOT / "docs" / name: (scene, Look(scheme, language)) for name, (scene, scheme, language) in SHOWN.items()}
    os.environ |= font_environment()
    server = SiteServer(prepare_site(python)).start()
    with open_chromium(python) as chromium:
        for scene in dict.fromkeys(scene for scene, _ in wanted.values()):
            files = {path: look for path, (its, look) in wanted.items() if its == scene}
            for path, shot in zip(files, shots(chromium, server.url, scene, list(files.values())), strict=True):
                write_atomically(path, webp(shot) if path.suffix == ".webp" else shot)
                print(f"wrote {path}", flush=True)
    server.close()
    return 0


if __name__ == "__main__":
    run_main(main)
