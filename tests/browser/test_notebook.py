"""The cell of docs/embedding.md runs in a Pyodide console, such as JupyterLite's, with the page's own wheel."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from element_page import png

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "embedding.md"
THEIRS = "https://example.org/tinyvlm/"
CONSOLE = """async ([site, cell, image]) => {
  const { loadPyodide } = await import(`${site}pyodide/pyodide.mjs`);
  const printed = [];
  const pyodide = await loadPyodide({ indexURL: `${site}pyodide/`, stdout: (line) => printed.push(line) });
  await pyodide.loadPackage("micropip");
  pyodide.FS.writeFile("photo.png", Uint8Array.from(image));
  await pyodide.runPythonAsync(cell);
  return printed;
}"""


def test_the_notebook_s_cell(page: Page, site_url: str) -> None:
    (cell,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    assert cell.count(THEIRS) == 1
    html = "<!doctype html><title>A console</title><link rel=icon href=icon.svg>"
    page.route("**/console.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{site_url}console.html")
    printed = page.evaluate(CONSOLE, [site_url, cell.replace(THEIRS, site_url), list(png())])
    assert printed[-1] == "red"
