"""What a tab holds after everything that is garbage has gone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page

FLAGS = ("--enable-blink-features=ForceEagerMeasureMemory",)
"""Chromium's: memory is measured at once, and not some time later."""
HEAP, WORKERS, KERNELS, PYTHON = "page, JavaScript", "page and workers", "kernels", "Python"
BROWSER = "of it, browser's"
"""Nodes and listeners, and an entry of 0.3 KB for every request, which Chromium keeps for the debugger that this is."""
NODES, LISTENERS = "DOM nodes", "event listeners"
JUDGED = (HEAP, WORKERS, KERNELS, PYTHON)

_ALL = """async () => {
  if (!window.crossOriginIsolated || !performance.measureUserAgentSpecificMemory) return 0;
  return (await performance.measureUserAgentSpecificMemory()).bytes;
}"""
_STATS = "() => window.tinyvlm.stats()"


class Meter:
    """Measures one page."""

    def __init__(self, page: Page) -> None:
        """Begin; the page has to be in Chromium."""
        self._page = page
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Performance.enable")

    def measure(self) -> dict[str, float]:
        """Return bytes, and numbers of nodes and listeners; 0 where a thing cannot be measured."""
        for _ in range(3):  # what finalizers let go of is garbage of the next round
            self._devtools.send("HeapProfiler.collectGarbage")
            self._page.wait_for_timeout(200)
        stats: dict[str, Any] = self._page.evaluate(_STATS)
        heap = self._devtools.send("Runtime.getHeapUsage")
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        named = {metric["name"]: metric["value"] for metric in metrics}
        return {
            HEAP: heap["usedSize"] + heap.get("embedderHeapUsedSize", 0),
            BROWSER: heap.get("embedderHeapUsedSize", 0),
            WORKERS: self._page.evaluate(_ALL),
            KERNELS: stats["kernel_memory_bytes"],
            PYTHON: stats["python_heap_bytes"],
            NODES: named["Nodes"],
            LISTENERS: named["JSEventListeners"],
        }
