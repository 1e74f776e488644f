"""Measures speed on this machine.

    python3 scripts/bench.py [--browser | --peers | --start] [--json FILE] [--picture FILE]

Natively (wasmtime, and numpy as the reference) and, with --browser, in Chromium through the real page: load, encode,
prefill, decode, a whole short answer; single kernels with their share of the machine's peak; and, with random weights
of their true shape, SigLIP-B/16 at 512 pixels, SmolLM2-135M, and the whole of SmolVLM-256M and 500M, quantized as they
load. With --peers also, in turn with ours, onnxruntime-web, wllama and numpy on the same work (about 350 MB are
fetched, once). --picture draws as an SVG where the networks' time goes, instruction by instruction. Medians; `low` and
`high` enclose the middle half. --start measures instead how long the page takes until it can answer, at the first visit
and at later ones; --picture then draws what the start is made of.
Machines are noisy: compare figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from support.environment import REQUIREMENTS, ROOT, TEST_VENV, enter_venv, note, run_main

BENCHMARKS = ROOT / "scripts" / "benchmarks"
PAGE_RUNS = 15
BUILDS = [(variant, threads) for variant in ("relaxed", "simd128") for threads in (1, 2)]


def main() -> int:
    """Run in the test environment, which has all that is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", action="store_true", help="also measure in Chromium")
    parser.add_argument("--peers", action="store_true", help="also measure others on the same work (implies --browser)")
    parser.add_argument("--start", action="store_true", help="measure only the page's start, in Chromium")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--picture", type=Path, help="draw where the time goes to this file (implies --browser)")
    options = parser.parse_args()
    python = enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from benchmarks import breakdown, start

    if options.start:
        report: dict[str, Any] = {"machine": machine(), "start": page_start(python)}
        start.print_report(report["start"])
    else:
        report = {"machine": machine(), "native": native()}
        if options.browser or options.peers or options.picture:
            report |= browser(python, options.peers)
        print_report(report)
    if options.picture:
        drawn = start.picture(report["start"]) if options.start else breakdown.picture(report["profile"])
        options.picture.write_text(drawn)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def native() -> dict[str, Any]:
    """Kernels and the bundled model under wasmtime, and the model on numpy."""
    from benchmarks import bundled_speed, networks, ops, smolvlm
    from fixtures.shapes import shape_image
    from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels

    figures: dict[str, Any] = {}
    for variant, threads in BUILDS:
        note(f"kernels and networks under wasmtime, {variant}, {threads} threads ...")
        kernels = WasmtimeKernels(variant=variant, threads=threads)
        figures[f"kernels {variant} {threads}t"] = ops.measure(kernels)
        figures[f"networks {variant} {threads}t"] = networks.measure(kernels)
        kernels.close()
    for name in smolvlm.MODELS:
        note(f"{name} under wasmtime ...")
        kernels = WasmtimeKernels(threads=2)
        figures[f"{name} relaxed 2t"] = smolvlm.measure(kernels, name)
        kernels.close()
    image = shape_image(size=256)
    note("the model under wasmtime ...")
    for threads in (1, 2):
        figures[f"model wasm, {threads} threads"] = bundled_speed.measure(image, backend="wasm", threads=threads)
    note("the model on numpy ...")
    figures["model numpy"] = bundled_speed.measure(image, backend="numpy", repeats=5)
    return figures


def browser(python: Path, peers: bool) -> dict[str, Any]:
    """The same in Chromium: kernels on a page of their own, the model through the real page; and the peers."""
    from playwright.sync_api import sync_playwright

    from support.chromium import chromium_flags, ensure_chromium
    from website.site_files import prepare_site
    from website.site_server import SiteServer

    files = prepare_site(python)
    files |= {
        f"benchmarks/{path.relative_to(BENCHMARKS).as_posix()}": path
        for path in BENCHMARKS.rglob("*")
        if path.is_file()
    }
    server = SiteServer(files).start()
    figures: dict[str, Any] = {}
    report: dict[str, Any] = {"browser": figures}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(python), args=chromium_flags())
        figures["chromium"] = chromium.version
        for simd, threads in BUILDS:
            note(f"kernels and networks in Chromium, {simd}, {threads} threads ...")
            for part, name in (("ops", "kernels"), ("networks", "networks")):
                options = {"modules": [f"benchmarks.{part}"], "simd": simd, "threads": threads}
                question = f"benchmarks.{part}.measure(kernels) | {{'activation_mode': kernels.activation_mode}}"
                figures[f"{name} {simd} {threads}t"] = on_a_page(chromium, server.url, options, question)
        from benchmarks.smolvlm import MODELS

        for name in MODELS:
            note(f"{name} in Chromium ...")
            options = {"modules": ["benchmarks.smolvlm"], "simd": "relaxed", "threads": 2}
            question = f"benchmarks.smolvlm.measure(kernels, {name!r})"
            figures[f"{name} relaxed 2t"] = on_a_page(chromium, server.url, options, question)
        note("where the networks' time goes ...")
        options = {"modules": ["benchmarks.networks", "benchmarks.breakdown"], "simd": "relaxed", "threads": 1}
        report["profile"] = on_a_page(chromium, server.url, options, "benchmarks.breakdown.measure(kernels)")
        for query in ("threads=1", "threads=2", "threads=2&simd=simd128"):
            note(f"the page, {query} ...")
            context = chromium.new_context(service_workers="block")
            page = context.new_page()
            page.goto(f"{server.url}?{query}")
            started = "() => window.tinyvlm.ready.then(() => performance.now())"
            ready_ms = page.evaluate(started)
            measured = page.evaluate((BENCHMARKS / "page" / "model.js").read_text(), PAGE_RUNS)
            figures[f"page {query}"] = {"open_to_ready_ms": round(ready_ms), **measured}
            context.close()
        if peers:
            from benchmarks.peers import races

            report["peers"] = races.measure(chromium, files, python)
        chromium.close()
    server.close()
    return report


def page_start(python: Path) -> dict[str, Any]:
    """Page to ready, in Chromium."""
    from playwright.sync_api import sync_playwright

    from benchmarks import start
    from support.chromium import chromium_flags, ensure_chromium
    from website.site_files import prepare_site

    executable = ensure_chromium(python)
    with sync_playwright() as playwright:

        def launch(profile: str) -> Any:
            flags = chromium_flags()
            return playwright.chromium.launch_persistent_context(profile, executable_path=executable, args=flags)

        return start.measure(launch, prepare_site(python))


def on_a_page(chromium: Any, url: str, options: dict[str, Any], question: str) -> Any:
    """Answer a question, an expression of Python, on kernels of its own in a page of its own."""
    page = chromium.new_page()
    page.goto(f"{url}benchmarks/page/index.html")
    page.evaluate("(options) => start(options)", {"name": "bench", "script": "worker.js", "options": options})
    answer = page.evaluate("(options) => ask(options)", {"name": "bench", "question": question})
    page.close()
    return answer


def print_profile(runs: dict[str, Any]) -> None:
    """Print what each kind of instruction takes of each run."""
    for name, run in runs.items():
        total = sum(part["ms"] for part in run["parts"].values())
        print(f"\n{name}: {run['whole_ms']:.2f} ms, of which {run['overhead_share']:.2%} beside the kernels")
        for label, part in run["parts"].items():
            print(f"    {label:28} {part['instructions']:4.0f} {part['ms']:10.3f} ms {part['ms'] / total:6.1%}")


def print_report(report: dict[str, Any]) -> None:
    """Print every figure, one a line."""
    for part, sections in report.items():
        if part == "profile":
            print_profile(sections)
            continue
        if part == "peers":
            from benchmarks.peers import races

            races.print_table(sections)
            continue
        for section, figures in sections.items():
            if not isinstance(figures, dict):
                print(f"{part:8} {section:34} {figures}")
                continue
            for name, value in figures.items():
                if isinstance(value, dict):
                    value = f"{value['median']:10.2f}  ({value['low']:.2f} to {value['high']:.2f})"
                elif isinstance(value, float):
                    value = f"{value:10.2f}"
                print(f"{part:8} {section:26} {name:34} {value}")


if __name__ == "__main__":
    run_main(main)
