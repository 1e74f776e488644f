"""The `tinyvlm` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from . import __version__
from .errors import TinyVLMError
from .hub import DEFAULT_MODEL, open_model
from .vlm import VLM

_MODEL_HELP = "folder, file, URL, Hugging Face repository (owner/name, owner/name@revision) or name"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0, 1 for an error with a sentence, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "download":
            _download(options.model)
            return 0
        vlm = VLM.from_pretrained(options.model, backend=options.backend, threads=options.threads)
        try:
            _ask(vlm, options) if options.command == "ask" else _info(vlm, options)
        finally:
            vlm.close()
    except TinyVLMError as error:
        print(f"tinyvlm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _download(model: str) -> None:
    def show(file: str, loaded: int, size: int | None) -> None:
        of = f" of {size / 1e6:,.1f}" if size else ""
        print(f"\r{file}: {loaded / 1e6:,.1f}{of} MB", end="\n" if loaded == size else "", file=sys.stderr, flush=True)

    print(open_model(model, progress=show).path)


def _ask(vlm: VLM, options: argparse.Namespace) -> None:
    sampling = {"max_new_tokens": options.max_new_tokens, "temperature": options.temperature, "seed": options.seed}
    if options.json:
        answer = vlm.ask(options.image, options.question, **sampling)
        print(json.dumps({"answer": answer, "finish_reason": vlm.last_answer.finish_reason, **vlm.stats()}))
        return
    for piece in vlm.stream(options.image, options.question, **sampling):
        print(piece, end="", flush=True)
    print()


def _info(vlm: VLM, options: argparse.Namespace) -> None:
    info = {"version": __version__, **vlm.card, **vlm.stats()}
    if options.json:
        print(json.dumps(info))
        return
    for key, value in info.items():
        print(f"{key:26} {', '.join(value) if isinstance(value, list) else value}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tinyvlm", description="Ask questions about images, on this machine.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="answer a question about an image")
    ask.add_argument("image", help="path of a PNG, JPEG, WebP, GIF, BMP or other image that Pillow reads")
    ask.add_argument("question")
    ask.add_argument("--max-new-tokens", type=int, default=32, help="longest answer (default: %(default)s)")
    ask.add_argument("--temperature", type=float, default=0.0, help="0 takes the likeliest word (default)")
    ask.add_argument("--seed", type=int, default=None, help="repeat a random answer")
    info = commands.add_parser("info", help="say what the model and this machine are")
    download = commands.add_parser("download", help="fetch a model to use it without a network, and say where it lies")
    download.add_argument("model", help=_MODEL_HELP)
    for command in (ask, info):
        command.add_argument("--model", default=DEFAULT_MODEL, help=f"{_MODEL_HELP} (default: %(default)s)")
        command.add_argument("--backend", choices=("auto", "numpy", "wasm"), default="auto")
        command.add_argument("--threads", type=int, default=None, help="for the wasm backend (default: all cores)")
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
