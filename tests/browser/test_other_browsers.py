"""The page's main job in Firefox and WebKit: scripts/browser_checks/ visits it as a person would."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from browser_checks.installed import TESTED
from browser_checks.visits import BROWSERS, serve, table, visit
from website.site_files import SiteFiles

NOT_CHECKED = "NOT CHECKED HERE"


@pytest.fixture(scope="module")
def checked_url(site_files: SiteFiles) -> Iterator[str]:
    """The site with the checks' own module beside it."""
    server = serve(site_files)
    yield server.url
    server.close()


@pytest.mark.parametrize("name", TESTED)
def test_the_main_job_is_done(name: str, checked_url: str) -> None:
    browser = BROWSERS[name]
    if browser.find() is None:
        leave = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        leave(f"{NOT_CHECKED}. {browser.missing}")
    version, rows = visit(browser, checked_url)
    assert rows
    assert all(row.is_right for row in rows), table(f"{browser.name} ({version})", rows)
