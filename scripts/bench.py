"""Measures speed on this machine.

    python3 scripts/bench.py [--browser | --peers | --start | --reader] [--json FILE] [--picture FILE]

Natively (wasmtime, and numpy as the reference) and, with --browser, in Chromium through the real page: load, encode,
prefill, decode, a whole short answer; single kernels with their share of the machine's peak; and, with random weights
of their true shape, SigLIP-B/16 at 512 pixels, SmolLM2-135M, and the whole of SmolVLM-256M and 500M, quantized as they
load. With --peers also, in turn with ours, onnxruntime-web, wllama and numpy on the same work (about 350 MB are
fetched, once). --picture draws as an SVG where the networks' time goes, instruction by instruction. Medians; `low` and
`high` enclose the middle half. --start measures instead how long the page takes until it can answer, at the first visit
and at later ones; --picture then draws what the start is made of. --reader measures instead how fast text is found and
read, natively and, a receipt, in the page: the best of several runs, in milliseconds.
Machines are noisy: compare figures of one run only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, run_main


def main() -> int:
    """Run in the test environment, which has all that is measured."""
    parser = command_line(__doc__)
    parser.add_argument("--browser", action="store_true", help="also measure in Chromium")
    parser.add_argument("--peers", action="store_true", help="also measure others on the same work (implies --browser)")
    parser.add_argument("--start", action="store_true", help="measure only the page's start, in Chromium")
    parser.add_argument("--reader", action="store_true", help="measure only how fast text is read")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--picture", type=Path, help="draw where the time goes to this file (implies --browser)")
    options = parser.parse_args()
    python = enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from benchmarks import breakdown, browser, native, reading, start, tables

    report: dict[str, Any] = {"machine": native.machine()}
    if options.start:
        report["start"] = browser.measure_start(python)
        start.print_report(report["start"])
    elif options.reader:
        report["reader"] = reading.measure() | browser.measure_reader(python)
        reading.print_report(report["reader"])
    else:
        report["native"] = native.measure()
        if options.browser or options.peers or options.picture:
            report |= browser.measure(python, options.peers)
        tables.print_report(report)
    if options.picture:
        drawn = start.picture(report["start"]) if options.start else breakdown.picture(report["profile"])
        options.picture.write_text(drawn)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    run_main(main)
