"""What the model gets right: scores of the shipped package, weights and kernels, beside what needs no image.

    python3 scripts/evaluate.py [--data FOLDER] [--tasks a,b] [--limit N] [--card] [--pictures FOLDER] [--json FILE]

Without --data, the test split of easy-VQA (PyPI, MIT) alone; with it, all tasks of scripts/evaluation/tasks.py that the
folder has images for. Greedy answers, compared word for word (read text: letter for letter). Every score has a 95 %
interval (Wilson for shares, else a bootstrap over images) and three baselines: "majority", the commonest training
answer to this kind of question; "blind", the commonest to the very same words; "blank", the model itself before a grey
image. Then how honest the answers' probabilities are, and what a threshold for "not sure" would keep back.

--naming, --requests, --shown and --given each print a table of the model card's instead; --shown --card writes it
there. --views prints what a second, closer look at photos would bring.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bundled_model.configs import NAME
from support.environment import EVALUATE_VENV, REQUIREMENTS, command_line, enter_venv, note, run_main


def main() -> int:
    """Evaluate in an environment of its own and print what was found."""
    options = parse()
    enter_venv(EVALUATE_VENV, REQUIREMENTS / "evaluate.txt")
    if options.requests:
        from evaluation.requests import request_table

        print(request_table())
        return 0
    if options.naming:
        from evaluation.naming import naming_table

        print(naming_table(options.model, options.naming, options.limit, options.threads, note))
        return 0
    if options.shown:
        show(options)
        return 0
    from evaluation import measure, pictures, report, selection

    if options.given:
        from evaluation.given import given_table

        tasks, shown = selection.chosen_tasks(options.tasks, options.data), selection.read_pictures(options.data)
        print(given_table(options.model, tasks, shown, options.split, options.limit, options.threads, note))
        return 0
    from evaluation.answers import Subject, weights_of
    from tinyvlm.hub import open_model

    tasks, shown = selection.chosen_tasks(options.tasks, options.data), selection.read_pictures(options.data)
    rounded = weights_of(open_model(options.model)) if options.unrounded else ""
    subject = Subject(
        options.unrounded or options.model,
        backend=options.backend,
        quantization="float32" if options.unrounded else options.quantization,
        draft=options.draft,
        threads=options.threads,
    )
    if options.views:
        from evaluation.views import views_table

        (photos,) = (task for task in selection.chosen_tasks("photos", options.data))
        print(views_table(subject, photos, shown, options.split, options.limit, note))
        subject.close()
        return 0
    started = time.perf_counter()
    figures, asked = measure.measure(subject, tasks, shown, options.split, options.limit, note)
    stats = subject.vlm.stats()
    found: dict[str, Any] = {
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
        found |= {"model": options.model, "weights": rounded, "variant": "unrounded"}
    if asked:
        found["calibration"] = measure.calibration(asked, (subject.unsure or {}).get("below"))
    report.print_report(found, time.perf_counter() - started)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.pictures:
        for path in pictures.write_sheets(asked, options.pictures):
            note(f"wrote {path}")
    if options.card:
        if options.tasks or not options.data:
            found.pop("calibration", None)  # the card's is over all tasks
        report.write_card(found)
    subject.close()
    return 0


def show(options: argparse.Namespace) -> None:
    """Print the table of single pictures, and write it to the card if wanted."""
    from evaluation.report import write_shown
    from evaluation.shown import answers, read_verdicts, shown_table
    from shown_pictures.drawn_pictures import drawings
    from shown_pictures.package_photos import photos
    from tinyvlm import VLM

    shown, verdicts = [*photos(), *drawings()], read_verdicts()
    with VLM.from_pretrained(options.model, threads=options.threads) as vlm:
        name, given = vlm.name, answers(vlm, shown, options.pictures)
    table = shown_table(shown, given, verdicts)
    print(table)
    if options.card:
        write_shown(name, table)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; they are checked before an environment is made."""
    parser = command_line(__doc__)
    parser.add_argument("--data", type=Path, help="a folder with clean.jsonl, research.jsonl and their images")
    parser.add_argument("--split", default="val", help="of the folder's rows (val); easy-VQA is asked its test split")
    parser.add_argument("--tasks", default="", help="only these, by the keys in scripts/evaluation/tasks.py")
    parser.add_argument("--limit", type=int, default=0, help="only a seeded sample of N images a task")
    parser.add_argument("--model", default=NAME, help="a folder, or what else VLM.from_pretrained opens")
    parser.add_argument("--backend", choices=("wasm", "numpy"), default="wasm")
    parser.add_argument("--threads", type=int, help="of the kernels (all cores)")
    parser.add_argument("--quantization", choices=("float32", "q8", "q4", "q2"), default=None)
    parser.add_argument("--unrounded", help="a folder with the weights that --model was rounded from, run in float32")
    parser.add_argument(
        "--requests", action="store_true", help="only how requests that it was not made for are met, by its rules alone"
    )
    parser.add_argument(
        "--naming", type=Path, metavar="FOLDER", help="only how well things are named: a folder as --data"
    )
    parser.add_argument(
        "--shown", action="store_true", help="only twenty pictures that nobody trained on, with verdicts"
    )
    parser.add_argument(
        "--given", action="store_true", help="only how often the answer is right that a user is given, by kind"
    )
    parser.add_argument("--views", action="store_true", help="only what a second look at photos would bring")
    parser.add_argument("--draft", action="store_true", help="q8 before its low planes are in")
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    parser.add_argument(
        "--card", action="store_true", help="keep the report in docs/evaluation, write the card's tables"
    )
    parser.add_argument(
        "--pictures", type=Path, help="write sheets of right and wrong cases, or what is shown, to this folder"
    )
    options = parser.parse_args(arguments)
    if options.draft and options.quantization not in (None, "q8"):
        parser.error("a draft is of q8 weights: --draft goes with no other --quantization")
    if options.unrounded and (options.draft or options.quantization):
        parser.error("--unrounded is float32: it goes without --draft and --quantization")
    if options.card and (options.limit or options.split != "val"):
        parser.error("--card is for figures of the whole validation split: leave out --limit and --split")
    return options


if __name__ == "__main__":
    run_main(main)
