"""A worker in which a test runs Python of its own: Pyodide as the engine starts it, with the package."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Runs what it is sent: an error's text comes back, as its answer would.
CONSOLE = """
import { unpackedPackage } from "./engine/lead/package.js";
import { startPyodide } from "./engine/lead/pyodide.js";
const started = (async () => {
  const site = await (await fetch("site.json")).json();
  const archive = unpackedPackage(await (await fetch(site.package.url)).arrayBuffer());
  const started = await startPyodide(site, location.href, archive, "tinyvlm.page.engine");
  await started.keepSnapshot();
  started.pyodide.unpackArchive(await (await fetch(site.templates)).arrayBuffer(), "wheel");
  return started;
})();
self.onmessage = async ({ data: code }) => {
  const { pyodide, restored } = await started;
  try {
    self.postMessage([restored, pyodide.runPython(code)]);
  } catch (error) {
    self.postMessage([restored, String(error)]);
  }
};
"""
OPEN = '() => { window.python = new Worker("console.js", { type: "module" }); }'
CLOSE = "() => window.python.terminate()"
RUN = """(code) => new Promise((resolve, reject) => {
  window.python.onmessage = ({ data }) => resolve(data);
  window.python.onerror = (event) => reject(new Error(event.message));
  window.python.postMessage(code);
})"""


def run(page: Page, code: str) -> tuple[bool, Any]:
    """Return whether Python came out of a snapshot, and what the code is worth."""
    restored, value = page.evaluate(RUN, code)
    return restored, value
