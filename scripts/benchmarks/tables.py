"""Prints what was measured, one figure a line."""

from __future__ import annotations

from typing import Any

from .peers import races


def print_report(report: dict[str, Any]) -> None:
    """Print every part of a report as its kind wants it."""
    for part, sections in report.items():
        if part == "profile":
            _print_profile(sections)
        elif part == "peers":
            races.print_table(sections)
        else:
            _print_figures(part, sections)


def _print_profile(runs: dict[str, Any]) -> None:
    """What each kind of instruction takes of each run."""
    for name, run in runs.items():
        total = sum(part["ms"] for part in run["parts"].values())
        print(f"\n{name}: {run['whole_ms']:.2f} ms, of which {run['overhead_share']:.2%} beside the kernels")
        for label, part in run["parts"].items():
            print(f"    {label:28} {part['instructions']:4.0f} {part['ms']:10.3f} ms {part['ms'] / total:6.1%}")


def _print_figures(part: str, sections: dict[str, Any]) -> None:
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
