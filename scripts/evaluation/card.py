"""The tables in the model card: made from the reports in docs/evaluation/, one file for each set of weights.

A file is {"model", "weights", "date", "variants": {variant: report}}; it stays when the weights are replaced, and the
card shows then what they scored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Report = dict[str, Any]

BEGIN, END = "<!-- evaluation: written by scripts/evaluate.py --card -->", "<!-- end of evaluation -->"
SHOWN = "<!-- shown: written by scripts/evaluate.py --shown --card -->", "<!-- end of shown -->"
VARIANTS = ("unrounded", "float32", "q8", "draft", "q4", "q2")
MAIN = "q8"
"""The variant that ships."""


class CardError(Exception):
    """The card cannot be written; the text says why."""


def keep(report: Report, folder: Path) -> Path:
    """Put a report into the file of its weights: its figures take the place of older ones of the same name."""
    path = folder / f"{report['model']}-{report['weights'][:8]}.json"
    about = {key: report[key] for key in ("model", "weights", "date")}
    kept = json.loads(path.read_text()) if path.exists() else {**about, "variants": {}}
    before = kept["variants"].get(report["variant"], {})
    figures = {_name(figure): figure for figure in before.get("figures", [])}
    figures |= {_name(figure): figure for figure in report["figures"]}
    kept["variants"][report["variant"]] = {**before, **report, "figures": list(figures.values())}
    kept["date"] = report["date"]
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def write_card(card: Path, text: str, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Put `text` between the card's two marks; raises CardError where it has them not."""
    before, begin, rest = card.read_text(encoding="utf-8").partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise CardError(f"{card} has no place for the table: it needs the lines\n{marks[0]}\n{marks[1]}")
    card.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def tables(kept: Sequence[Report], weights: str) -> str:
    """Return markdown about these weights, and what other weights of the model scored, oldest first."""
    current = next(report for report in kept if report["weights"] == weights)
    variants = {name: current["variants"][name] for name in VARIANTS if name in current["variants"]}
    main = variants.get(MAIN) or next(iter(variants.values()))
    parts = [_scores(main), _calibration(main), _thresholds(main), _quantizations(variants)]
    earlier = sorted((report for report in kept if report is not current), key=lambda report: str(report["date"]))
    parts.append(_earlier(main, earlier))
    return "\n\n".join(part for part in parts if part)


def read_kept(folder: Path, model: str) -> list[Report]:
    """Return what is kept of all weights of a model."""
    files = [json.loads(path.read_text()) for path in sorted(folder.glob(f"{model}-*.json"))]
    return [report for report in files if report["model"] == model]


def _scores(report: Report) -> str:
    rows = [
        [
            figure["task"],
            figure["measure"],
            f"**{_value(figure, 'value')}**",
            f"{_value(figure, 'low')} to {_value(figure, 'high')}",
            *(_value(figure, name) for name in ("majority", "blind", "blank")),
            f"{figure['n']:,}",
        ]
        for figure in report["figures"]
    ]
    title = f"{report['variant']}, {report['backend']} {report['simd']}, measured {report['date']}:".replace("  ", " ")
    return f"{title}\n\n" + _table(
        ["task", "measure", "score", "95 % interval", "majority", "blind", "blank image", "n"], rows
    )


def _calibration(report: Report) -> str:
    found = report.get("calibration")
    if not found:
        return ""
    interval = f"{found['ece_low']:.1%} to {found['ece_high']:.1%}".replace("%", " %")
    error = f"{found['ece']:.1%}".replace("%", " %")
    return (
        f"Expected calibration error of the answers' probabilities over all {found['n']:,} questions: {error} "
        f"({interval}, 15 bins)."
    )


def _thresholds(report: Report) -> str:
    found = report.get("calibration")
    if not found:
        return ""
    rows = [
        [f"{row['threshold']:g}", *(_percent(row[name]) for name in ("share", "right", "kept_right"))]
        for row in found["thresholds"]
    ]
    names = ["first token below", "answers withheld", "of these, right", "of the others, right"]
    return 'What a threshold for "not sure" does:\n\n' + _table(names, rows)


def _quantizations(variants: dict[str, Report]) -> str:
    if len(variants) < 2:
        return ""
    columns = [{_name(figure): figure for figure in report["figures"]} for report in variants.values()]
    title = (
        "By quantization. Unrounded is what q8 was made of, in float32. float32, q4 and q2 are made of what q8 stands "
        "for; float32 with exact activations:"
    )
    return f"{title}\n\n" + _side_by_side(list(variants), columns)


def _earlier(main: Report, earlier: Sequence[Report]) -> str:
    if not earlier:
        return ""
    columns, heads = [{_name(figure): figure for figure in main["figures"]}], [f"{main['date']}, these"]
    for kept in earlier:
        report = kept["variants"].get(main["variant"])
        if report:
            columns.append({_name(figure): figure for figure in report["figures"]})
            heads.append(f"{report['date']}, {kept['weights'][:8]}")
    return f"Earlier weights ({main['variant']}):\n\n" + _side_by_side(heads, columns) if len(columns) > 1 else ""


def _side_by_side(heads: Sequence[str], columns: Sequence[dict[tuple[str, str], Any]]) -> str:
    """Return a table of what more than one column has."""
    counts = Counter(name for column in columns for name in column)
    names = [name for name, count in counts.items() if count > 1]
    rows = [[*name, *(_value(column[name], "value") if name in column else "" for column in columns)] for name in names]
    return _table(["task", "measure", *heads], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return markdown; a task's name is written once."""
    lines, last = [heads, ["---"] * len(heads)], ""
    for row in rows:
        lines.append(["" if row[0] == last else row[0], *row[1:]])
        last = row[0]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _name(figure: dict[str, Any]) -> tuple[str, str]:
    return figure["task"], figure["measure"]


def _value(figure: dict[str, Any], name: str) -> str:
    value = figure.get(name)
    if value is None:
        return ""
    return f"{value:.3f}" if figure["unit"] == "score" else _percent(value)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
