"""What was found, printed, and kept for the model card."""

from __future__ import annotations

from typing import Any

from bundled_model.configs import FOLDER, NAME
from support.environment import ROOT, ScriptError, note

from . import card
from .card import Report

REPORTS = ROOT / "docs" / "evaluation"


def print_report(report: Report, seconds: float) -> None:
    """Print a row for each figure, then the calibration."""
    limit = f", {report['limit']} images a task" if report["limit"] else ""
    about = f"{report['model']} {report['weights'][:8]}, {report['variant']}, {report['backend']} {report['simd']}"
    print(f"{about}; split {report['split']}{limit}; {report['date']}, {seconds:.0f} s\n")
    print(f"{'task':26} {'measure':21} {'score':>7} {'95 % interval':>17} {'majority':>8} {'blind':>7} {'blank':>7}"
          f" {'n':>6}  calibration error")  # fmt: skip
    for figure in report["figures"]:

        def show(name: str, figure: dict[str, Any] = figure) -> str:
            value = figure[name]
            return "" if value is None else f"{value:.3f}" if figure["unit"] == "score" else f"{value:.1%}"

        error = f"{figure['ece']:.1%} [{figure['ece_low']:.1%}, {figure['ece_high']:.1%}]" if "ece" in figure else ""
        interval = f"[{show('low')}, {show('high')}]"
        print(f"{figure['task']:26} {figure['measure']:21} {show('value'):>7} {interval:>17} {show('majority'):>8}"
              f" {show('blind'):>7} {show('blank'):>7} {figure['n']:6}  {error}")  # fmt: skip
    if "calibration" in report:
        _print_calibration(report["calibration"])


def _print_calibration(found: dict[str, Any]) -> None:
    """Print the calibration error of all questions, and what thresholds for "not sure" would do."""
    interval = f"[{found['ece_low']:.1%}, {found['ece_high']:.1%}]"
    print(f"\nexpected calibration error over {found['n']} questions: {found['ece']:.1%} {interval}")
    print("first token below   withheld   of these right   of the others right")
    for row in found["thresholds"]:
        print(f"{row['threshold']:17g} {row['share']:10.1%} {row['right']:16.1%} {row['kept_right']:21.1%}")
    print("by source, withheld and of these right:")
    for source, rows in found["sources"].items():
        print(f"  {source:24}", *(f"{row['threshold']:g}: {row['share']:.0%} {row['right']:.0%};" for row in rows))


def write_card(report: Report) -> None:
    """Keep the report and write the tables of the bundled model's card; raises ScriptError where that cannot be."""
    _check_model(report["model"])
    note(f"wrote {card.keep(report, REPORTS)}")
    _into_card(card.tables(card.read_kept(REPORTS, NAME), report["weights"]))


def write_shown(model: str, text: str) -> None:
    """Put the table of single pictures into the bundled model's card; raises ScriptError where that cannot be."""
    _check_model(model)
    _into_card(text, card.SHOWN)


def _check_model(model: str) -> None:
    if model != NAME:
        raise ScriptError(f"--card writes the card of {NAME}; this is {model}.")


def _into_card(text: str, *marks: tuple[str, str]) -> None:
    path = FOLDER / "README.md"
    try:
        card.write_card(path, text, *marks)
    except card.CardError as error:
        raise ScriptError(str(error)) from error
    note(f"wrote {path}")
