"""What the model gets right: scores of the shipped package, weights and kernels, beside what needs no image.

    python3 scripts/evaluate.py [--data FOLDER] [--tasks a,b] [--limit N] [--card] [--pictures FOLDER] [--json FILE]

Without --data, the test split of easy-VQA (PyPI, MIT) alone; with it, all tasks of scripts/evaluation/tasks.py that the
folder has images for. Greedy answers, compared word for word (read text: letter for letter). Every score has a 95 %
interval (Wilson for shares, else a bootstrap over images) and three baselines: "majority", the commonest training
answer to this kind of question; "blind", the commonest to the very same words; "blank", the model itself before a grey
image. Then how honest the answers' probabilities are, and what a threshold for "not sure" would keep back.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.environment import REQUIREMENTS, ROOT, ScriptError, ensure_venv, note, run_main

VENV = "build/evaluate-venv"
REPORTS = ROOT / "docs" / "evaluation"
BUNDLED = "tinyvlm-13m"


def main() -> int:
    """Evaluate in an environment of its own and print what was found."""
    options = parse()
    python = ensure_venv(VENV, REQUIREMENTS / "evaluate.txt")
    if Path(sys.prefix) != python.parent.parent:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "py")}
        return subprocess.run([str(python), __file__, *sys.argv[1:]], env=environment).returncode
    from evaluation import card, measure, pictures
    from evaluation.answers import Subject, weights_of
    from tinyvlm.hub import open_model

    tasks, shown = chosen_tasks(options), read_pictures(options.data)
    rounded = weights_of(open_model(options.model)) if options.unrounded else ""
    subject = Subject(
        options.unrounded or options.model,
        backend=options.backend,
        quantization="float32" if options.unrounded else options.quantization,
        draft=options.draft,
        threads=options.threads,
    )
    started = time.perf_counter()
    figures, asked = measure.measure(subject, tasks, shown, options.split, options.limit, note)
    stats = subject.vlm.stats()
    report: dict[str, Any] = {
        "model": subject.vlm.name,
        "weights": subject.weights,
        "variant": subject.variant,
        "backend": stats["backend"],
        "simd": stats.get("simd", ""),
        "date": time.strftime("%Y-%m-%d"),
        "split": options.split,
        "limit": options.limit,
        "figures": figures,
    }
    if rounded:
        report |= {"model": options.model, "weights": rounded, "variant": "unrounded"}
    if asked:
        report["calibration"] = measure.calibration(asked, (subject.unsure or {}).get("below"))
    print_report(report, time.perf_counter() - started)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.pictures:
        for path in pictures.write_sheets(asked, options.pictures):
            note(f"wrote {path}")
    if options.card:
        if options.tasks or not options.data:
            report.pop("calibration", None)  # the card's is over all tasks
        write_card(card, report)
    subject.close()
    return 0


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; they are checked before an environment is made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with clean.jsonl, research.jsonl and their images")
    parser.add_argument("--split", default="val", help="of the folder's rows (val); easy-VQA is asked its test split")
    parser.add_argument("--tasks", default="", help="only these, by the keys in scripts/evaluation/tasks.py")
    parser.add_argument("--limit", type=int, default=0, help="only a seeded sample of N images a task")
    parser.add_argument("--model", default=BUNDLED, help="a folder, or what else VLM.from_pretrained opens")
    parser.add_argument("--backend", choices=("wasm", "numpy"), default="wasm")
    parser.add_argument("--threads", type=int, help="of the kernels (all cores)")
    parser.add_argument("--quantization", choices=("float32", "q8", "q4", "q2"), default=None)
    parser.add_argument("--unrounded", help="a folder with the weights that --model was rounded from, run in float32")
    parser.add_argument("--draft", action="store_true", help="q8 before its low planes are in")
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    parser.add_argument(
        "--card", action="store_true", help="keep the report in docs/evaluation, write the card's tables"
    )
    parser.add_argument("--pictures", type=Path, help="write sheets of right and wrong cases to this folder")
    options = parser.parse_args(arguments)
    if options.draft and options.quantization not in (None, "q8"):
        parser.error("a draft is of q8 weights: --draft goes with no other --quantization")
    if options.unrounded and (options.draft or options.quantization):
        parser.error("--unrounded is float32: it goes without --draft and --quantization")
    if options.card and (options.limit or options.split != "val"):
        parser.error("--card is for figures of the whole validation split: leave out --limit and --split")
    return options


def chosen_tasks(options: argparse.Namespace) -> list[Any]:
    """Return the tasks that were asked for; raises ScriptError for one that is not there."""
    from evaluation.tasks import EASY_VQA, TASKS

    keys = [key.strip() for key in options.tasks.split(",") if key.strip()]
    unknown = set(keys) - {task.key for task in TASKS}
    if unknown:
        names = ", ".join(task.key for task in TASKS)
        raise ScriptError(f"There is no task {', '.join(sorted(unknown))}; there are {names}.")
    tasks = [task for task in TASKS if (task.key in keys if keys else options.data or EASY_VQA in task.sources)]
    if not options.data and any(EASY_VQA not in task.sources for task in tasks):
        raise ScriptError("Only easy-vqa can be asked without --data FOLDER.")
    return tasks


def read_pictures(data: Path | None) -> list[Any]:
    """Return easy-VQA's images and those of a data folder."""
    import easy_vqa

    from evaluation.tasks import read_data, read_easy_vqa

    shown = read_easy_vqa(Path(easy_vqa.__file__).parent / "data")
    try:
        return shown + (read_data(data) if data else [])
    except FileNotFoundError as error:
        raise ScriptError(str(error)) from error


def print_report(report: dict[str, Any], seconds: float) -> None:
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
        print_calibration(report["calibration"])


def print_calibration(found: dict[str, Any]) -> None:
    """Print the calibration error of all questions, and what thresholds for "not sure" would do."""
    interval = f"[{found['ece_low']:.1%}, {found['ece_high']:.1%}]"
    print(f"\nexpected calibration error over {found['n']} questions: {found['ece']:.1%} {interval}")
    print("first token below   withheld   of these right   of the others right")
    for row in found["thresholds"]:
        print(f"{row['threshold']:17g} {row['share']:10.1%} {row['right']:16.1%} {row['kept_right']:21.1%}")
    print("by source, withheld and of these right:")
    for source, rows in found["sources"].items():
        print(f"  {source:24}", *(f"{row['threshold']:g}: {row['share']:.0%} {row['right']:.0%};" for row in rows))


def write_card(card: Any, report: dict[str, Any]) -> None:
    """Keep the report and write the tables of the bundled model's card; raises ScriptError where that cannot be."""
    if report["model"] != BUNDLED:
        raise ScriptError(f"--card writes the card of {BUNDLED}; this is {report['model']}.")
    note(f"wrote {card.keep(report, REPORTS)}")
    path = ROOT / "web" / "models" / BUNDLED / "README.md"
    try:
        card.write_card(path, card.tables(card.read_kept(REPORTS, BUNDLED), report["weights"]))
    except card.CardError as error:
        raise ScriptError(str(error)) from error
    note(f"wrote {path}")


if __name__ == "__main__":
    run_main(main)
