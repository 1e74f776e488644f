"""The rows of docs/kernels.md: steps that are built, kernels that ship; what they compute, and how fast."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from kernel_build.emscripten import ToolchainUnavailable, ensure_emcc
from support.chromium import chromium_flags, find_chromium
from support.environment import BUILD, ROOT, ScriptError, note
from website.site_server import SiteServer

from .product import At, Job, Product
from .wasmtime_runs import run_kernels, run_step

FOLDER = ROOT / "scripts" / "linear_steps"
WORKER = FOLDER / "worker.js"
KERNELS = ROOT / "py" / "tinyvlm" / "wasm"
OUTPUT = BUILD / "kernel_steps"
FLAGS = ["-O3", "--no-entry", "-sSTANDALONE_WASM", "-sINITIAL_MEMORY=16777216", "-Wl,--export=__heap_base"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
SIMD128 = ("-msimd128",)
RELAXED = ("-msimd128", "-mrelaxed-simd")
UNAVAILABLE = 3

ASK_WORKER = """([url, job]) => new Promise((resolve, reject) => {
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(job);
})"""


@dataclass(frozen=True)
class Step:
    """A source of FOLDER, and how it is built."""

    label: str
    source: str
    flags: Sequence[str]
    panels: bool = False
    """Whether it reads packed weights."""

    @property
    def module(self) -> Path:
        """Where it is built."""
        return OUTPUT / f"{self.source}{''.join(self.flags)}.wasm"

    def job(self, product: Product) -> Job:
        """How it is called."""
        return product.step(panels=self.panels)


@dataclass(frozen=True)
class Shipped:
    """The same by the committed kernels."""

    label: str
    variant: str
    threads: int = 1
    quantize: bool = False
    """Whether rows are quantized each time, too."""

    def job(self, product: Product) -> Job:
        """How it is called."""
        return product.shipped(quantize=self.quantize)


class Peak(Shipped):
    """What no tile can exceed."""

    def job(self, product: Product) -> Job:
        """How it is called."""
        return product.peak()


ROWS: tuple[Step | Shipped, ...] = (
    Step("1. as written down, without SIMD", "step1_naive", ()),
    Step("1. the same, vectorized by the compiler", "step1_naive", SIMD128),
    Step("2. the zero point out of the loop", "step2_column_sums", SIMD128),
    Step("3. weights in panels", "step3_panels", SIMD128, panels=True),
    Step("4. the relaxed dot instruction", "step4_dot", RELAXED, panels=True),
    Step("5. a register tile", "step5_tile", RELAXED, panels=True),
    Shipped("ships: relaxed", "relaxed"),
    Shipped("ships: relaxed, rows quantized each time", "relaxed", quantize=True),
    Shipped("ships: relaxed, 2 threads", "relaxed", threads=2),
    Shipped("ships: plain SIMD128", "simd128"),
    Shipped("ships: plain SIMD128, 2 threads", "simd128", threads=2),
    Peak("peak: the dot instruction in registers", "relaxed"),
)

Run = Callable[[Step | Shipped, Product, Job], tuple[float, str]]
"""Runs a row's job: seconds of a call, and the sha256 of y."""


def measure_all() -> int:
    """Build, run and print; return the exit code."""
    try:
        build(ensure_emcc())
    except ToolchainUnavailable as error:
        print(f"The kernels' toolchain cannot be installed here: {error}.", file=sys.stderr)
        return UNAVAILABLE
    product = Product()
    figures = {"wasmtime": measure("wasmtime", product, run_natively)}
    if chromium := find_chromium():
        with run_in_page(chromium, product) as run:
            figures["Chromium"] = measure("Chromium", product, run)
    else:
        note("There is no Chromium here: only wasmtime was measured.")
    print_table(product, figures)
    return 0


def build(emcc: Sequence[str]) -> None:
    """Compile all steps; raises ScriptError."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for step in ROWS:
        if not isinstance(step, Step):
            continue
        command = [*emcc, *FLAGS, *WARNINGS, *step.flags, f"{step.source}.c", "-o", str(step.module)]
        if subprocess.run(command, cwd=FOLDER).returncode:
            raise ScriptError(f"{step.source}.c does not compile; the compiler says why above.")


def measure(engine: str, product: Product, run: Run) -> list[float]:
    """GOP/s of every row; raises ScriptError where a result is not numpy's."""
    expected = hashlib.sha256(product.y.tobytes()).hexdigest()
    figures = []
    for row in ROWS:
        note(f"{engine}: {row.label} ...")
        job = row.job(product)
        seconds, digest = run(row, product, job)
        if job.computes_y and digest != expected:
            raise ScriptError(f'"{row.label}" does not compute what numpy does, in {engine}.')
        figures.append(job.operations / seconds / 1e9)
    return figures


def run_natively(row: Step | Shipped, product: Product, job: Job) -> tuple[float, str]:
    """Run a job under wasmtime."""
    if isinstance(row, Step):
        return run_step(row.module, product, job)
    return run_kernels(row.variant, row.threads, product, job)


@contextmanager
def run_in_page(chromium: str, product: Product) -> Iterator[Run]:
    """Run jobs in workers of a page, whose headers give it threads."""
    paths = [WORKER, *(ROOT / "web" / "engine").rglob("*.js"), *KERNELS.glob("*.wasm"), *OUTPUT.glob("*.wasm")]
    files: dict[str, Path | bytes] = {path.relative_to(ROOT).as_posix(): path for path in paths}
    server = SiteServer({**files, "index.html": b"<!doctype html>", "operands": product.memory}).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=chromium_flags())
        note(f"Chromium {browser.version}")

        def run(row: Step | Shipped, product: Product, job: Job) -> tuple[float, str]:
            page = browser.new_page()
            page.goto(server.url)
            result = page.evaluate(ASK_WORKER, [url_of(WORKER), message_of(row, job, product)])
            page.close()
            return result["seconds"], result["sha256"]

        yield run
        browser.close()
    server.close()


def message_of(row: Step | Shipped, job: Job, product: Product) -> dict[str, Any]:
    """The job as worker.js takes it."""

    def marked(words: Sequence[int]) -> list[Any]:
        return [{"at": int(word)} if isinstance(word, At) else word for word in words]

    if isinstance(row, Step):
        module: dict[str, Any] = {"step": url_of(row.module)}
    else:
        kernels = url_of(KERNELS / f"{row.variant}.wasm")
        module = {"kernels": kernels, "variant": row.variant, "threads": row.threads}
    parts = {name: marked(getattr(job, name)) for name in ("args", "words", "prepare")}
    y = {"at": int(product.y_at), "nbytes": product.y.nbytes}
    return {"operands": "/operands", **module, "entry": job.entry, **parts, "y": y}


def url_of(path: Path) -> str:
    """The page's files lie as in the checkout."""
    return f"/{path.relative_to(ROOT).as_posix()}"


def print_table(product: Product, figures: dict[str, list[float]]) -> None:
    """Print GOP/s as a Markdown table."""
    rows, k, n = product.sizes
    print(f"| {rows} x {k} by {k} x {n}, GOP/s | {' | '.join(figures)} |")
    print(f"| --- |{' --- |' * len(figures)}")
    for index, row in enumerate(ROWS):
        print(f"| {row.label} | {' | '.join(format_rate(column[index]) for column in figures.values())} |")


def format_rate(gops: float) -> str:
    """Two digits, or three."""
    return f"{gops:.1f}" if gops < 20 else f"{gops:.0f}"
