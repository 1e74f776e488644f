"""Our kernels against onnxruntime-web, wllama and numpy: the same work in one page, run in turn, round after round.

Everyone has an engine of its own for each number of threads, and one run to warm up. All samples are seconds of one
unit (image, token, product); figures are their medians, `low` and `high` enclose the middle half.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from smollm2.download import SMOLLM2, ensure_model
from support.environment import BUILD, PEERS_VENV, REQUIREMENTS, ensure_venv, note, run_module
from support.packages import ensure_package
from website.pyodide_files import VERSION
from website.site_server import CONTENT_SECURITY_POLICY, SiteServer

from .. import networks
from .contestants import ONNXRUNTIME, WLLAMA

FOLDER = BUILD / "peers"
ROUNDS = 5
VARIANTS = ("relaxed", "simd128")
ONNX = ("siglip-fp32.onnx", "siglip-int8.onnx")
GGUF = ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q8_0.gguf")
NUMPY = "numpy in Pyodide"
VERSIONS = "[sys.version.split()[0], benchmarks.peers.matmul.np.__version__]"
"""What its worker is asked for Python's and numpy's."""
STEPS = 32
"""Decoded in one sample, around the context they are named after."""
ENCODE = "SigLIP-B/16 at 512, one image"
PREFILL = f"SmolLM2-135M, prefill of {networks.PREFILL}"
DECODE = {context: f"SmolLM2-135M, decode at {context}" for context in networks.CONTEXTS}
MATMUL = {dtype: f"512 x 512 x 512 product, {dtype}" for dtype in ("int8", "float32")}
UNITS = {
    ENCODE: ("s", 0.0),
    **dict.fromkeys((PREFILL, *DECODE.values()), ("tokens/s", 1.0)),
    **dict.fromkeys(MATMUL.values(), ("GOP/s", 2 * 512**3 / 1e9)),
}
"""Work -> its unit, and how much of it a sample is; 0 where seconds are what is told."""

Samples = dict[tuple[str, int], dict[str, list[float]]]
"""(work, threads) -> contestant -> seconds."""


@dataclass(frozen=True)
class Contestant:
    """A worker's script and first message, and what to ask it for each work."""

    name: str
    script: str
    options: dict[str, Any]
    questions: dict[str, Any]


def measure(chromium: Browser, site: Mapping[str, Path | bytes], python: Path) -> dict[str, Any]:
    """Run every race; `site` has the page's files and the benchmark's, `python` has pip."""
    files, peers_python = prepare(python)
    server = SiteServer({**site, **files})
    policy = CONTENT_SECURITY_POLICY  # wllama starts its workers from blobs; all else stays as the page has it
    for directive in ("script-src", "worker-src", "connect-src"):
        policy = policy.replace(f"{directive} 'self'", f"{directive} 'self' blob:")
    server.extra_headers["Content-Security-Policy"] = policy
    server.start()
    samples: Samples = {}
    versions = {package.name: package.version for package in (ONNXRUNTIME, WLLAMA, SMOLLM2)}
    for threads in (1, 2):
        for contestants in races(threads):
            note(f"ours and {contestants[-1].name.split(',')[0]}, {threads} threads ...")
            page = chromium.new_page()
            page.goto(f"{server.url}benchmarks/page/index.html")
            for contestant in contestants:
                start = {"name": contestant.name, "script": contestant.script, "options": contestant.options}
                page.evaluate("(options) => start(options)", start)
            for work in contestants[0].questions:
                taken = samples[work, threads] = {contestant.name: [] for contestant in contestants}
                for _ in range(1 + ROUNDS):
                    for contestant in contestants:
                        question = {"name": contestant.name, "question": contestant.questions[work]}
                        taken[contestant.name].append(page.evaluate("(options) => ask(options)", question))
            if contestants[-1].name == NUMPY:
                question = {"name": NUMPY, "question": VERSIONS}
                python_version, numpy_version = page.evaluate("(options) => ask(options)", question)
                versions |= {"Python in Pyodide": python_version, "numpy in Pyodide": numpy_version}
            page.close()
    server.close()
    note("the tower natively ...")
    models = [str(FOLDER / name) for name in ONNX]
    native = json.loads(run_module(peers_python, f"{__package__}.native_tower", str(ROUNDS), *models))
    rows = [row for (work, threads), taken in samples.items() for row in rows_of(work, threads, taken)]
    return {
        "versions": {"Chromium": chromium.version, "Pyodide": VERSION, **versions, **native["versions"]},
        "rows": rows,
        "native": [
            {"peer": name, "work": ENCODE, "threads": int(threads), "figure": figure(ENCODE, taken)}
            for name, by_threads in native["samples"].items()
            for threads, taken in by_threads.items()
        ],
    }


def rows_of(work: str, threads: int, taken: dict[str, list[float]]) -> list[dict[str, Any]]:
    """One row of the table a peer; `times_faster` is by medians, above 1 where ours is."""
    figures = {name: figure(work, samples) for name, samples in taken.items()}
    ours = {name: figures.pop(name) for name in VARIANTS}
    rows = []
    for peer, theirs in figures.items():
        ratios = {name: mine["median"] / theirs["median"] for name, mine in ours.items()}
        if UNITS[work][0] == "s":
            ratios = {name: 1 / ratio for name, ratio in ratios.items()}
        row = {"work": work, "unit": UNITS[work][0], "threads": threads, "ours": ours, "peer": peer, "figure": theirs}
        rows.append({**row, "times_faster": ratios})
    return rows


def figure(work: str, samples: list[float]) -> dict[str, float]:
    """Summarise all samples but the first, in the work's unit."""
    _, amount = UNITS[work]
    low, middle, high = statistics.quantiles([amount / s if amount else s for s in samples[1:]], n=4)
    return {"median": middle, "low": low, "high": high}


def print_table(report: dict[str, Any]) -> None:
    """Print the rows and what was compared."""

    def text(value: dict[str, float]) -> str:
        digits = 0 if value["median"] >= 100 else 1 if value["median"] >= 10 else 2
        return "{:.{digits}f} ({:.{digits}f} to {:.{digits}f})".format(*value.values(), digits=digits)

    form = "{:41} {:>7}  {:24} {:24} {:28} {:24} {:>7} {:>7}"
    ours = [f"ours, {name}" for name in VARIANTS]
    print(form.format("work (unit)", "threads", *ours, "peer", "its figure", *VARIANTS))
    for row in report["rows"]:
        mine, ratios = ([row[key][name] for name in VARIANTS] for key in ("ours", "times_faster"))
        cells = [f"{row['work']} ({row['unit']})", row["threads"], *map(text, mine), row["peer"], text(row["figure"])]
        print(form.format(*cells, *(f"{ratio:.3g}x" for ratio in ratios)))
    for row in report["native"]:
        cells = [f"{row['work']} (s)", row["threads"], "", "", f"{row['peer']}, natively", text(row["figure"]), "", ""]
        print(form.format(*cells))
    print(", ".join(f"{name} {version}" for name, version in report["versions"].items()))


def prepare(python: Path) -> tuple[dict[str, Path | bytes], Path]:
    """Fetch the peers and write their models; return the site's additional files, and the peers' Python."""
    peers_python = ensure_venv(PEERS_VENV, REQUIREMENTS / "peers.txt")
    files: dict[str, Path | bytes] = {"peers/pixels": networks.siglip_pixels()}
    for package in (ONNXRUNTIME, WLLAMA):
        paths = ensure_package(package, python)
        files |= {f"peers/{package.name}/{name}": path for name, path in paths.items()}
    note("Writing the peers' models ...")
    q4_1, q8_0 = ensure_model(), FOLDER / GGUF[1]
    q8_0.parent.mkdir(parents=True, exist_ok=True)
    run_module(peers_python, f"{__package__}.siglip_onnx", *(str(FOLDER / name) for name in ONNX))
    run_module(peers_python, f"{__package__}.requantize", str(q4_1), str(q8_0))
    files |= {f"peers/{name}": FOLDER / name for name in (*ONNX, GGUF[1])} | {f"peers/{GGUF[0]}": q4_1}
    return files, peers_python


def races(threads: int) -> list[list[Contestant]]:
    """Who runs against whom: ours first, in both builds."""

    def ours(options: dict[str, Any], questions: dict[str, str]) -> list[Contestant]:
        return [
            Contestant(simd, "worker.js", {**options, "simd": simd, "threads": threads}, questions) for simd in VARIANTS
        ]

    def network(name: str) -> dict[str, Any]:
        return {"modules": ["benchmarks.networks"], "setup": f"network = benchmarks.networks.{name}(kernels)"}

    tower = {"pixels": "../../peers/pixels", "shape": [networks.SIGLIP.image_size] * 2 + [3], "threads": threads}
    language = {"context": 2 * networks.PREFILL, "threads": threads}
    decode = {work: f"network.seconds('decode at {context}', {STEPS})" for context, work in DECODE.items()}
    asked = {work: {"decodeAt": context, "steps": STEPS} for context, work in DECODE.items()}
    matmul = {
        "modules": ["benchmarks.ops", "benchmarks.peers.matmul"],
        "setup": "products = {d: benchmarks.peers.matmul.Matmul(kernels, d) for d in ('int8', 'float32')}",
        "packages": ["numpy"],
    }
    return [
        [
            *ours(network("siglip_network"), {ENCODE: "network.seconds('encode')"}),
            *(
                Contestant(
                    f"onnxruntime-web, {Path(name).stem.split('-')[1]}",
                    "../peers/onnxruntime.js",
                    {**tower, "model": f"../../peers/{name}"},
                    {ENCODE: None},
                )
                for name in ONNX
            ),
        ],
        [
            *ours(network("llama_network"), {PREFILL: f"network.seconds('prefill') / {networks.PREFILL}", **decode}),
            *(
                Contestant(
                    f"wllama, {name.split('.')[1]}",
                    "../peers/wllama.js",
                    {**language, "model": f"../../peers/{name}"},
                    {PREFILL: {"prefill": networks.PREFILL}, **asked},
                )
                for name in GGUF
            ),
        ],
        [
            *ours(matmul, {work: f"products['{dtype}'].ours()" for dtype, work in MATMUL.items()}),
            Contestant(
                NUMPY,
                "worker.js",
                {**matmul, "simd": "relaxed", "threads": 1},
                {work: f"products['{dtype}'].numpy()" for dtype, work in MATMUL.items()},
            ),
        ],
    ]
