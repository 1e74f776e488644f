"""Where a network's time goes: every instruction of its program run by itself, one after the other, as in a real run.

Needs a `Kernels` and no numpy. Timers in a page count in steps of 5 microseconds: figures are means over many passes.
"""

from __future__ import annotations

import time
from array import array
from typing import Any

from networks import Network, llama_network, siglip_network
from tinyvlm.backends.kernel_interface import Kernels, allocate
from tinyvlm.backends.opcodes import OPCODES, SERIAL

RUNS = {"encode": 3, "prefill": 5, "decode at 512": 40}
"""Which runs are looked into, and how many passes each takes."""

MAX_WORDS = 32


def measure(kernels: Kernels) -> dict[str, Any]:
    """Return for each of RUNS milliseconds of the whole run and, by label, of its instructions, and how many there are.

    `overhead_share` is what the same number of instructions takes that have nothing to do, the call included.
    """
    profiles = dict[str, Any]()
    for make in (siglip_network, llama_network):
        network = make(kernels)
        for name in network.runs.keys() & RUNS.keys():
            whole = network.median(name, 2 + RUNS[name])
            overhead = _empty_seconds(network, name) / whole
            profiles[name] = {"whole_ms": 1000 * whole, "overhead_share": overhead, "parts": _parts(network, name)}
        network.close()
    return profiles


def _empty_seconds(network: Network, name: str) -> float:
    address, registers = network.runs[name]
    words, at = array("i", network.words[address]), 1
    while words[at]:
        count = words[at + 1]
        words[at] = OPCODES.index("copy_rows") | words[at] & SERIAL
        words[at + 2 : at + 2 + count] = array("i", [0] * count)
        at += 2 + count
    program = network.constants.store(words.tobytes())
    network.runs["nothing"] = program, registers
    return network.median("nothing", 100)


def _parts(network: Network, name: str) -> dict[str, dict[str, float]]:
    address, registers = network.runs[name]
    words, kernels = network.words[address], network.kernels
    instructions, at = list[tuple[str, bytes]](), 1
    while words[at]:
        end = at + 2 + words[at + 1]
        program = array("i", [words[0], *words[at:end], 0, 0])
        instructions.append((_label(words[at:end]), program.tobytes()))
        at = end
    scratch = allocate(kernels, 4 * MAX_WORDS)
    parts: dict[str, dict[str, float]] = {}
    for label, _ in instructions:
        parts.setdefault(label, {"ms": 0.0, "instructions": 0.0})["instructions"] += 1
    for _ in range(RUNS[name]):
        for label, program in instructions:
            kernels.write(scratch, program)
            started = time.perf_counter()
            kernels.run(scratch, *registers, 0, 0)
            parts[label]["ms"] += 1000 * (time.perf_counter() - started) / RUNS[name]
    kernels.call("heap_free", scratch)
    return dict(sorted(parts.items(), key=lambda item: -item[1]["ms"]))


def _label(instruction: array[int]) -> str:
    """The op's name, for a linear one with its size; see LinearQ8 and LinearF32 in wasm-kernels/engine.h."""
    name, operands = OPCODES[instruction[0] & ~SERIAL], instruction[2:]
    if name == "linear_q8":
        return f"{name} {operands[9] * 4} to {operands[10]}"
    return name


def picture(profiles: dict[str, Any]) -> str:
    """Return an SVG: a bar for each run, its length all of the run's time, cut into what takes it."""
    colours = ("#4c5fd5", "#3f9a6b", "#c9762b", "#b1487c", "#6b8fb5", "#8a6fc0", "#8a8a8a")
    lines, y = [], 24
    for name, profile in profiles.items():
        parts = list(profile["parts"].items())
        shown, rest = parts[: len(colours) - 1], sum(part["ms"] for _, part in parts[len(colours) - 1 :])
        total = sum(part["ms"] for _, part in parts)
        lines.append(f'<text x="12" y="{y}" font-weight="600">{name}: {profile["whole_ms"]:.1f} ms</text>')
        x = 12.0
        for row, (label, ms) in enumerate([*((label, part["ms"]) for label, part in shown), ("all other", rest)]):
            width, colour = 696 * ms / total, colours[row]
            lines.append(f'<rect x="{x:.1f}" y="{y + 10}" width="{width:.1f}" height="22" fill="{colour}"/>')
            left, top = 12 + 348 * (row % 2), y + 56 + 20 * (row // 2)
            lines.append(f'<rect x="{left}" y="{top - 11}" width="12" height="12" fill="{colour}"/>')
            lines.append(f'<text x="{left + 20}" y="{top}">{label}: {ms:.2f} ms, {ms / total:.0%}</text>')
            x += width
        y += 156
    style = "font: 14px system-ui, sans-serif; fill: #333"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {y - 12}" style="{style}">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *lines, "</svg>"]) + "\n"
