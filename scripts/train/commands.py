"""Trains the bundled model.

    python3 scripts/train prepare --data FOLDER ...     draw and collect images and texts (build/train/set)
    python3 scripts/train features                      run the frozen beginning of the tower once
    python3 scripts/train boxes                         look for things in photos, so that one knows where to look
    python3 scripts/train tokenizer OUT.json            make a new vocabulary (the shipped one is the default)
    python3 scripts/train fit --name NAME [--start W]   train; goes on where it stopped
    python3 scripts/train curves NAME ...               draw the logs of runs
    python3 scripts/train export NAME ... OUT.safetensors   averaged weights, for scripts/build_model.py
    python3 scripts/train compare [--time]              which tower, which resolution, which tokens: a table

Everything lies in build/train, and each command makes what the ones before it should have made a sentence. FOLDER holds
lists of annotated images (*.jsonl, see photos.py); without one, only the generated images and easy-VQA are used.
`prepare` also takes public sets as their sites hand them out (public_sets.py): --coco FOLDER, --vqa FOLDER and
--textcaps FOLDER, of each at most --limit images. torch is needed here and nowhere else. See scripts/train/README.md.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bundled_model import configs
from support.environment import (
    BUILD,
    REQUIREMENTS,
    ROOT,
    TEST_VENV,
    TRAIN_VENV,
    ScriptError,
    command_line,
    ensure_venv,
    enter_venv,
    run_main,
)

FOLDER = BUILD / "train"
SET = FOLDER / "set"
_SCHEDULED = (
    "steps", "batch", "rate", "tower_rate", "warmup", "average", "smoothing", "rounding", "rewarded", "seed", "shares"
)  # fmt: skip
DRAWN = {
    "emoji": 16000, "crowd": 12000, "text": 14000, "chart": 7000, "shapes": 5000, "sign": 6000, "graph": 6000,
    "sketch": 4000, "place": 8000,
}  # fmt: skip
TOKENIZER = configs.FOLDER / "tokenizer.json"


def main() -> int:
    """Run one command in an environment of its own."""
    options = _parser().parse_args()
    enter_venv(TRAIN_VENV, REQUIREMENTS / "train.txt")
    options.run(options)
    return 0


def _prepare(options: argparse.Namespace) -> None:
    from .dataset.prepare import prepare
    from .dataset.public_sets import PublicSets

    public = PublicSets(options.coco, options.vqa, options.textcaps, options.limit)
    prepare(SET, options.data, public, {name: getattr(options, name) for name in DRAWN}, os.cpu_count() or 1)


def _features(options: argparse.Namespace) -> None:
    from .model.features import compute_features
    from .model.freed_memory import keep_freed_memory

    keep_freed_memory()
    _wants(SET / "pixels.npy", "prepare")
    compute_features(SET, options.device or _device())


def _boxes(_: argparse.Namespace) -> None:
    from .model.find_boxes import find_boxes
    from .model.freed_memory import keep_freed_memory
    from .sources import detector_graph

    keep_freed_memory()
    _wants(SET / "pixels.npy", "prepare")
    find_boxes(SET, detector_graph())


def _tokenizer(options: argparse.Namespace) -> None:
    from .dataset.vocabulary import train_tokenizer

    _wants(SET / "rows.jsonl", "prepare")
    train_tokenizer(SET, options.out)


def _fit(options: argparse.Namespace) -> None:
    import torch

    from .dataset.texts import Encoder
    from .learning.batches import Set
    from .learning.fit import Run, Schedule, new_model
    from .model.freed_memory import keep_freed_memory
    from .model.network import Sizes
    from .model.starting_weights import load_imagenet, load_trained
    from .sources import imagenet_weights

    _wants(SET / "detail.npy", "features")
    keep_freed_memory()
    torch.set_num_threads(os.cpu_count() or 1)
    given = {name: getattr(options, name) for name in _SCHEDULED}
    schedule = Schedule(**{name: value for name, value in given.items() if value is not None})
    model = new_model(Sizes(), schedule)
    load_imagenet(model.vision, imagenet_weights())
    if options.start:
        load_trained(model, options.start)
    if unknown := schedule.shares.keys() - Schedule().shares.keys():
        raise ScriptError(f"There is no source {', '.join(sorted(unknown))}; there are {', '.join(Schedule().shares)}.")
    data = Set(SET, Encoder(options.tokenizer), options.length)
    run = Run(schedule, data, model, FOLDER / options.name, options.device or _device())
    if options.start and options.start.suffix == ".pt":
        run.take_lessons(options.start)
    run.fit()


def _curves(options: argparse.Namespace) -> None:
    from .learning.curves import draw_curves

    draw_curves([FOLDER / name for name in options.names], options.out)


def _export(options: argparse.Namespace) -> None:
    from .model.export import export

    for name in options.names:
        _wants(FOLDER / name / "checkpoint.pt", f"fit --name {name}")
    export([FOLDER / name / "checkpoint.pt" for name in options.names], options.out)


def _compare(options: argparse.Namespace) -> None:
    from .comparison import compare_table

    folder = FOLDER / "compare"
    if options.time:
        compare_table.measure_times(folder, ensure_venv(TEST_VENV, REQUIREMENTS / "test.txt"))
    else:
        import torch

        from .comparison.compare import compare

        torch.set_num_threads(options.threads)
        compare(folder, options.device or _device())
    print(compare_table.table(folder))


def _shares(text: str) -> dict[str, float]:
    """flickr:0.3,emoji:0.3 -> numbers by source"""
    return {source: float(share) for source, share in (pair.split(":") for pair in text.split(","))}


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _wants(path: Path, command: str) -> None:
    if not path.exists():
        raise ScriptError(f"{path} is not there yet. First run: python3 scripts/train {command}")


def _parser() -> argparse.ArgumentParser:
    parser = command_line(__doc__)
    parser.prog = "scripts/train"
    commands = parser.add_subparsers(required=True)

    prepare = commands.add_parser("prepare", help="draw and collect images and texts")
    prepare.add_argument("--data", type=Path, nargs="*", default=[], help="folders of annotated images")
    prepare.add_argument("--coco", type=Path, help="folder of COCO's captions and images, 2017 or 2014")
    prepare.add_argument("--vqa", type=Path, help="folder of VQA v2's questions and answers, about --coco's images")
    prepare.add_argument("--textcaps", type=Path, help="folder of TextCaps' captions and images")
    prepare.add_argument("--limit", type=int, default=20_000, help="training images of each of these three (20000)")
    for name, count in DRAWN.items():
        prepare.add_argument(f"--{name}", type=int, default=count, help=f"images to draw ({count})")
    prepare.set_defaults(run=_prepare)

    features = commands.add_parser("features", help="run the frozen beginning of the tower once")
    features.add_argument("--device", choices=("cpu", "cuda"))
    features.set_defaults(run=_features)

    boxes = commands.add_parser("boxes", help="look for things in photos")
    boxes.set_defaults(run=_boxes)

    tokenizer = commands.add_parser("tokenizer", help="make a new vocabulary")
    tokenizer.add_argument("out", type=Path)
    tokenizer.set_defaults(run=_tokenizer)

    fit = commands.add_parser("fit", help="train; goes on where it stopped")
    fit.add_argument("--name", required=True, help="folder of the run, in build/train")
    fit.add_argument(
        "--start",
        type=Path,
        help="weights to start from: a model folder, a .pt or .safetensors; otherwise ImageNet's tower",
    )
    fit.add_argument("--steps", type=int)
    fit.add_argument("--batch", type=int)
    fit.add_argument("--rate", type=float, help="highest learning rate of decoder and connector")
    fit.add_argument("--tower-rate", type=float, help="and of the tower")
    fit.add_argument("--warmup", type=int, help="steps in which the rates grow to their highest")
    fit.add_argument("--average", type=float, help="how much of the averaged weights a step keeps")
    fit.add_argument("--smoothing", type=float, help="label smoothing of answers")
    fit.add_argument(
        "--rounding", action="store_const", const=True, help="let steps see the weights in 8 and in 4 bits"
    )
    fit.add_argument("--rewarded", type=int, help="photos a step whose drawn captions are rewarded")
    fit.add_argument("--shares", type=_shares, help="how often sources are drawn: flickr:0.3,emoji:0.3,...")
    fit.add_argument("--length", type=int, default=112, help="tokens of text an image (112)")
    fit.add_argument("--seed", type=int)
    fit.add_argument("--tokenizer", type=Path, default=TOKENIZER)
    fit.add_argument("--device", choices=("cpu", "cuda"))
    fit.set_defaults(run=_fit)

    curves = commands.add_parser("curves", help="draw the logs of runs")
    curves.add_argument("names", nargs="+")
    curves.add_argument("--out", type=Path, default=ROOT / "docs" / "training.svg")
    curves.set_defaults(run=_curves)

    export = commands.add_parser("export", help="averaged weights, for scripts/build_model.py")
    export.add_argument("names", nargs="+", help="runs; of several, the mean")
    export.add_argument("out", type=Path)
    export.set_defaults(run=_export)

    compare = commands.add_parser("compare", help="which tower, which resolution, which tokens: a table")
    compare.add_argument("--time", action="store_true", help="measure the milliseconds instead, on a quiet machine")
    compare.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    compare.add_argument("--device", choices=("cpu", "cuda"))
    compare.set_defaults(run=_compare)
    return parser


if __name__ == "__main__":
    run_main(main)
