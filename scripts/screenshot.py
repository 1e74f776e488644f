"""Takes the README's picture of the page: `python3 scripts/screenshot.py`."""

from __future__ import annotations

from support.chromium import open_chromium
from support.environment import REQUIREMENTS, ROOT, TEST_VENV, command_line, enter_venv, run_main
from website.site_files import prepare_site
from website.site_server import SiteServer

TARGET = ROOT / "docs" / "screenshot.png"
ANSWERED = ".message.answer[data-state=done]"


def main() -> int:
    """Ask two questions about a sample and save what the page shows."""
    command_line(__doc__).parse_args()
    python = enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from playwright.sync_api import expect

    server = SiteServer(prepare_site(python)).start()
    with open_chromium(python) as chromium:
        page = chromium.new_page(viewport={"width": 1120, "height": 720})
        page.goto(server.url)
        page.evaluate("() => window.tinyvlm.whole")
        page.locator("#samples button").nth(1).click()
        for count, question in enumerate(("What shape is in the image?", "What color is it?"), 1):
            page.locator("#question").fill(question)
            page.locator("#send").click()
            expect(page.locator(ANSWERED)).to_have_count(count)
        page.screenshot(path=TARGET)
    server.close()
    print(f"wrote {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    run_main(main)
