"""A conversation as a document: it reads as it was written, and runs nothing."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

from history_files import PIXELS
from history_page import HistoryTab


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


def written(tab: HistoryTab, kind: str, talk: str) -> tuple[str, bytes]:
    exported = tab.call("write", kind, talk)
    return exported["name"], base64.b64decode(exported["data"])


def test_a_page_of_html_stands_alone_and_runs_nothing(tab: HistoryTab, page: Page, tmp_path: Path) -> None:
    talk = tab.do("begin")
    evil = "</p><script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">'&amp;"
    image = tab.call("draw", talk, "red", {"name": f"{evil}.png"})
    tab.talk(talk, evil, evil)
    tab.ask(talk, "Which?", image=image)
    tab.answer(2, "stop", {"text": "Half"})
    tab.do("idle")
    name, data = written(tab, "html", talk)
    assert name.endswith(".html")
    assert "/" not in name
    path = tmp_path / "exported.html"
    path.write_bytes(data)
    page.goto(path.as_uri())
    page.wait_for_function("() => [...document.images].every(({ complete }) => complete)")
    assert page.locator("h2").all_text_contents() == [evil, "Which?"]
    assert page.locator("p").all_text_contents()[1:] == [evil, "", "Half", "stopped"]
    assert page.evaluate("() => [...document.images].map((i) => [i.naturalWidth, i.alt])") == [[300, f"{evil}.png"]]
    assert page.evaluate("() => [document.title === 'run', document.scripts.length]") == [False, 0]
    assert page.evaluate("() => getComputedStyle(document.querySelector('p')).whiteSpace") == "pre-wrap"
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


def test_markdown_reads_as_it_was_written(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "Is *this* <b>one</b>?", "# No\n1. [x](y)\n- a_b\n\nEnd")
    tab.ask(talk, "Failed?")
    tab.answer(2, "fail", {"code": "engine-stopped", "details": {}})
    name, data = written(tab, "markdown", talk)
    year = tab.page.evaluate("new Date().toISOString().slice(0, 4)")
    assert name == "Is this b one b.md"
    assert data.decode().split("\n") == [
        "# Is \\*this\\* \\<b\\>one\\</b\\>?",
        "",
        f"*{year}*",
        "",
        "**Is \\*this\\* \\<b\\>one\\</b\\>?**",
        "",
        "\\# No  ",
        "1\\. \\[x\\](y)  ",
        "\\- a\\_b",
        "",
        "End",
        "",
        "**Failed?**",
        "",
        "*engine-stopped {}*",
        "",
    ]
    image = tab.call("addBytes", talk, list(PIXELS), "image/png")
    tab.ask(talk, "This?", image=image)
    name, data = written(tab, "markdown", talk)
    assert name == "Is this b one b.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["Is this b one b.md", "images/1.png"]
        assert archive.read("images/1.png") == PIXELS
        assert "![bytes](images/1.png)\n\n**This?**\n\n*being written*" in archive.read(archive.namelist()[0]).decode()
