"""What is measured in Chromium: kernels on a page of their own, the model through the real page."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from support.chromium import chromium_flags, ensure_chromium, open_chromium
from support.environment import note
from website.site_files import prepare_site
from website.site_server import SiteServer

from . import reading, smolvlm, start
from .native import BUILDS
from .peers import races

HERE = Path(__file__).parent
QUERIES = ("threads=1", "threads=2", "threads=2&simd=simd128")
PAGE_RUNS = 15
READER_RUNS = 8


def measure(python: Path, peers: bool) -> dict[str, Any]:
    """Everything in Chromium, and the peers if wanted; `python` has pip."""
    files = prepare_site(python)
    files |= {f"{HERE.name}/{path.relative_to(HERE).as_posix()}": path for path in HERE.rglob("*") if path.is_file()}
    server = SiteServer(files).start()
    with open_chromium(python) as chromium:
        report = {"browser": _figures(chromium, server.url), "profile": _profile(chromium, server.url)}
        report["browser"] |= {f"page {query}": _model(chromium, f"{server.url}?{query}") for query in QUERIES}
        if peers:
            report["peers"] = races.measure(chromium, files, python)
    server.close()
    return report


def measure_start(python: Path) -> dict[str, Any]:
    """Page to ready."""
    executable, files = ensure_chromium(python), prepare_site(python)
    with sync_playwright() as playwright:

        def launch(profile: str) -> BrowserContext:
            flags = chromium_flags()
            return playwright.chromium.launch_persistent_context(profile, executable_path=executable, args=flags)

        return start.measure(launch, files)


def measure_reader(python: Path) -> dict[str, float]:
    """Milliseconds that reading a receipt takes through the real page: the first time, and the best of several."""
    file = io.BytesIO()
    reading.receipt().save(file, "PNG")
    picture = base64.b64encode(file.getvalue()).decode()
    figures: dict[str, float] = {}
    server = SiteServer(prepare_site(python)).start()
    with open_chromium(python) as chromium:
        for threads in (1, 2):
            note(f"a receipt in the page, {threads} threads ...")
            context = chromium.new_context(service_workers="block")
            page = context.new_page()
            page.goto(f"{server.url}?threads={threads}")
            first, *others = page.evaluate((HERE / "page" / "reader.js").read_text(), [picture, READER_RUNS])
            context.close()
            name = f"page, receipt of {2 * reading.ITEMS} lines"
            figures |= {f"{name}, threads: {threads}": min(others), f"{name}, first, threads: {threads}": first}
    server.close()
    return figures


def _figures(chromium: Browser, url: str) -> dict[str, Any]:
    """Kernels, networks and models of random weights."""
    figures: dict[str, Any] = {"chromium": chromium.version}
    for simd, threads in BUILDS:
        note(f"kernels and networks in Chromium, {simd}, {threads} threads ...")
        for part, name in (("ops", "kernels"), ("networks", "networks")):
            options = {"modules": [f"benchmarks.{part}"], "simd": simd, "threads": threads}
            question = f"benchmarks.{part}.measure(kernels) | {{'activation_mode': kernels.activation_mode}}"
            figures[f"{name} {simd} {threads}t"] = _answer(chromium, url, options, question)
    for name in smolvlm.MODELS:
        note(f"{name} in Chromium ...")
        options = {"modules": ["benchmarks.smolvlm"], "simd": "relaxed", "threads": 2}
        question = f"benchmarks.smolvlm.measure(kernels, {name!r})"
        figures[f"{name} relaxed 2t"] = _answer(chromium, url, options, question)
    return figures


def _profile(chromium: Browser, url: str) -> dict[str, Any]:
    note("where the networks' time goes ...")
    options = {"modules": ["benchmarks.networks", "benchmarks.breakdown"], "simd": "relaxed", "threads": 1}
    profile: dict[str, Any] = _answer(chromium, url, options, "benchmarks.breakdown.measure(kernels)")
    return profile


def _answer(chromium: Browser, url: str, options: dict[str, Any], question: str) -> Any:
    """Ask kernels of its own, in a page of its own, what an expression of Python is worth."""
    page = chromium.new_page()
    page.goto(f"{url}benchmarks/page/index.html")
    page.evaluate("(options) => start(options)", {"name": "bench", "script": "worker.js", "options": options})
    answer = page.evaluate("(options) => ask(options)", {"name": "bench", "question": question})
    page.close()
    return answer


def _model(chromium: Browser, url: str) -> dict[str, Any]:
    """The bundled model through the real page."""
    note(f"the page, {url.partition('?')[2]} ...")
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    page.goto(url)
    ready_ms = page.evaluate("() => window.tinyvlm.ready.then(() => performance.now())")
    measured = page.evaluate((HERE / "page" / "model.js").read_text(), PAGE_RUNS)
    context.close()
    return {"open_to_ready_ms": round(ready_ms), **measured}
