"""How long the page takes until it can answer: at the first visit, at later ones, and over a slow link.

Times count from the navigation. Every visit has a Chromium of its own; the visits of a run share a profile. "Later
visit without snapshot" is what every later visit was before Python's memory was kept; at a "later visit, new model" the
page is there, but nothing of the model; and at one with conversations, so many are kept, each with a picture.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from support.environment import note
from website.site_server import SiteServer

from .throttled_server import ThrottledServer

FIRST, LATER, WITHOUT = "first visit", "later visit", "later visit without snapshot"
NEW_MODEL = "later visit, new model"
STORED = 200
CROWDED = f"later visit, {STORED} conversations"
RUNS = 5
SLOW_RUNS = 2
SLOW_BITS_PER_S = 10e6
SETTLE_S = 1.5
"""For the browser to start before a visit, and to write its caches after one."""

PREFIX = "tinyvlm "
"""Of the engine's own measures (web/engine/lead/timeline.js)."""

# Milestones that a version of the page does not have are taken as reached with `ready`.
MILESTONES = """async () => {
  const vlm = window.tinyvlm;
  const reached = (promise) => (promise ?? vlm.ready).then(() => performance.now());
  const canSee = reached(vlm.canSee), ready = reached(vlm.ready), whole = reached(vlm.whole);
  const canvas = new OffscreenCanvas(256, 256);
  const context = canvas.getContext("2d");
  context.fillStyle = "red";
  context.fillRect(64, 64, 128, 128);
  await vlm.ask(await canvas.convertToBlob(), "What color is the shape?");
  const answered = performance.now();
  return { can_see: await canSee, ready: await ready, first_answer: answered, whole: await whole };
}"""
ENTRIES = """() => performance.getEntries().filter(({ entryType }) => ["measure", "resource"].includes(entryType)).map(
  ({ entryType, name, startTime, duration, transferSize = 0 }) => ({
    kind: entryType, name, duration, bytes: transferSize, start: performance.timeOrigin + startTime }))"""
UNTIL_KEPT = """() => new Promise((resolve) => {
  const look = (list) => list.getEntriesByName("tinyvlm keep the snapshot").length && resolve();
  new PerformanceObserver(look).observe({ type: "measure", buffered: true });
})"""
FORGOTTEN = {WITHOUT: ["snapshots"], NEW_MODEL: ["parts", "models"]}
"""What is deleted before such a visit, of all that the page has kept."""
FORGET = """async (names) => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("tinyvlm");
  for (const name of names) await folder.removeEntry(name, { recursive: true });
}"""
FILL = """async (count) => {
  const { History } = await import("./ui/history/store.js");
  const history = await History.open();
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d");
  for (let number = 0; number < count; number++) {
    context.fillStyle = `hsl(${number} 80% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const conversation = history.begin();
    const blob = await canvas.convertToBlob();
    const picture = { blob, name: `${number}.png`, width: canvas.width, height: canvas.height };
    const image = await history.addImage(conversation, picture);
    for (const question of ["What color is it?", "Is there a dog?", "Describe the image."]) {
      const answer = await history.ask(conversation, { question, image, model: "Tiny-VLM", profile: "balanced" });
      await answer.finish({ text: `An answer to question ${number}` });
    }
  }
}"""


def measure(launch: Callable[[str], Any], files: Mapping[str, Any]) -> dict[str, Any]:
    """Return medians in milliseconds by kind of visit, and the spans of the one that is nearest to them.

    `launch` starts a Chromium with a profile folder (Playwright's launch_persistent_context).
    """
    local = SiteServer(files).start()
    visits: dict[str, list[dict[str, Any]]] = {FIRST: [], WITHOUT: [], LATER: [], CROWDED: []}
    for run in range(RUNS):
        note(f"page to ready, run {run + 1} of {RUNS} ...")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            for kind in (FIRST, LATER, LATER, CROWDED, WITHOUT):
                visits[kind].append(_visit(launch(profile), local.url, kind))
    local.close()
    slow = ThrottledServer(files, SLOW_BITS_PER_S).start()
    for run in range(SLOW_RUNS):
        note(f"over 10 Mbit/s, run {run + 1} of {SLOW_RUNS} ...")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            for kind in (FIRST, NEW_MODEL, LATER):
                visits.setdefault(f"{kind}, 10 Mbit/s", []).append(_visit(launch(profile), slow.url, kind))
    slow.close()
    return {kind: _summary(found) for kind, found in visits.items()}


def _visit(context: Any, url: str, kind: str) -> dict[str, Any]:
    page = context.pages[0]
    time.sleep(SETTLE_S)
    if kind in (CROWDED, *FORGOTTEN):
        page.goto(f"{url}icon.svg")
        if kind == CROWDED:
            page.evaluate(FILL, STORED)
        else:
            page.evaluate(FORGET, FORGOTTEN[kind])
        page.goto("about:blank")
    page.goto(url)
    milestones = page.evaluate(MILESTONES)
    origin = page.evaluate("performance.timeOrigin")
    workers = [worker for worker in page.workers if worker.url.endswith("worker.js")]  # helpers never listen
    if kind in (FIRST, WITHOUT):
        next(worker for worker in workers if worker.url.endswith("/lead/worker.js")).evaluate(UNTIL_KEPT)
    entries = [entry for source in (page, *workers) for entry in source.evaluate(ENTRIES)]
    for entry in entries:
        entry["start"] -= origin
    time.sleep(SETTLE_S)
    context.close()
    spans = [entry for entry in entries if entry["start"] < milestones["whole"]]
    return {"milestones": milestones, "spans": sorted(spans, key=lambda entry: entry["start"])}


def _summary(visits: list[dict[str, Any]]) -> dict[str, Any]:
    names = visits[0]["milestones"]
    median = {name: statistics.median(visit["milestones"][name] for visit in visits) for name in names}
    typical = min(visits, key=lambda visit: abs(visit["milestones"]["ready"] - median["ready"]))
    figures = {f"{name}_ms": round(value) for name, value in median.items()}
    return {
        **figures,
        "typical_ms": round(typical["milestones"]["ready"]),
        "typical": typical["milestones"],
        "spans": typical["spans"],
    }


def print_report(report: dict[str, Any]) -> None:
    """Print a row for each kind of visit, and what comes over the slow link at a first one."""
    for kind, figures in report.items():
        times = "  ".join(f"{name.removesuffix('_ms')} {figures[name]:6d}" for name in figures if name.endswith("_ms"))
        print(f"{kind:32} {times}  (ms)")
    figures = report[f"{FIRST}, 10 Mbit/s"]
    print(f"\n{'bytes that have come':32} {'until the first answer':>24} {'until it is exact':>24}")
    until = [_bytes_until(figures["spans"], figures["typical"][name]) for name in ("first_answer", "whole")]
    for name in sorted(until[1], key=lambda name: -until[1][name]):
        print(f"{name:32} {until[0].get(name, 0):24,} {until[1][name]:24,}")
    print(f"{'all':32} {sum(until[0].values()):24,} {sum(until[1].values()):24,}")


def _bytes_until(spans: list[dict[str, Any]], time_ms: float) -> dict[str, int]:
    """Bytes by file, headers included, the page's own modules and pictures as one."""
    found: dict[str, int] = {}
    for span in spans:
        if span["kind"] == "resource" and span["start"] + span["duration"] <= time_ms:
            folder, _, name = urlsplit(span["name"]).path.lstrip("/").rpartition("/")
            made = folder.startswith(("pyodide", "python", "kernels", "models"))
            name = name if made else "page"
            found[name] = found.get(name, 0) + span["bytes"]
    return found


def picture(report: dict[str, Any]) -> str:
    """Return an SVG: for each kind of visit on this machine, what the start is made of, over the same time axis."""
    kinds = [kind for kind in (FIRST, WITHOUT, LATER) if kind in report]
    longest = max(report[kind]["typical_ms"] for kind in kinds)
    scale, lines, y = 460 / longest, list[str](), 24
    for kind in kinds:
        figures = report[kind]
        lines.append(f'<text x="12" y="{y}" font-weight="600">{kind}: ready after {figures["typical_ms"]} ms</text>')
        y += 12
        rows = [(name, bars, colour) for name, bars, colour in _rows(figures["spans"]) if bars]
        ready = 240 + scale * figures["typical_ms"]
        height = 20 * len(rows)
        lines.append(f'<line x1="{ready:.1f}" y1="{y}" x2="{ready:.1f}" y2="{y + height}" stroke="#333"/>')
        for name, bars, colour in rows:
            lines.append(f'<text x="232" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
            for start, duration in bars:
                x, width = 240 + scale * start, max(1.0, scale * min(duration, longest - start))
                bar = f'x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="13"'
                lines.append(f'<rect {bar} fill="{colour}" fill-opacity="0.8"/>')
            y += 20
        y += 32
    style = "font: 14px system-ui, sans-serif; fill: #333"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {y - 20}" style="{style}">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *lines, "</svg>"]) + "\n"


def _rows(spans: list[dict[str, Any]]) -> list[tuple[str, list[tuple[float, float]], str]]:
    """What is fetched in two rows, then every measured step in one of its own."""
    fetched: dict[str, list[tuple[float, float]]] = {"page and modules": [], "other files": []}
    steps: dict[str, list[tuple[float, float]]] = {}
    for span in spans:
        bar = span["start"], span["duration"]
        if span["kind"] == "measure":
            steps.setdefault(span["name"].removeprefix(PREFIX), []).append(bar)
        else:
            module = span["name"].endswith((".js", ".css")) and "/pyodide/" not in span["name"]
            fetched["page and modules" if module else "other files"].append(bar)
    rows = [(name, bars, "#8a8a8a") for name, bars in fetched.items()]
    return rows + [(name, bars, "#4c5fd5") for name, bars in steps.items()]
