"""The `tinyvlm` command."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from . import read_command, terminal
from .errors import InputError, TinyVLMError
from .folder.quantizer import quantize_model
from .hub.open import DEFAULT_MODEL, open_model
from .hub.published_figures import published_facts
from .media.image_sources import MAX_FILE_BYTES
from .models.architecture import PROFILES
from .progress import Meter
from .progress_bar import show_progress
from .version import __version__
from .vlm import CHAT_TOKENS, QUANTIZATIONS, VLM

_MODEL_HELP = "folder, file, URL, Hugging Face repository (owner/name, owner/name@revision) or name"
_IMAGE_HELP = "a PNG, JPEG, WebP, GIF, BMP or other image that Pillow reads; - reads it from standard input"
_THREADS_HELP = "for the wasm backend (default: one for each core that may be used, at most 8)"
_IMAGE_NAME = re.compile(r"\S+\.(avif|bmp|gif|hei[cf]|jpe?g|png|tiff?|webp)", re.IGNORECASE)
_WORTH_SAYING = 0.01
"""Probability from which a token is listed."""
_EXIT_STATUSES = (
    "Exit status: 0; 1 for an error, which is said in a sentence; 2 for wrong usage; 130 after Ctrl+C; "
    "141 where nobody reads on."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, as `_EXIT_STATUSES` has them."""
    try:
        options = _parse(arguments)
        with terminal.warnings_as_sentences():
            status: int | None = options.run(options)
    except TinyVLMError as error:
        terminal.complain(str(error))
        return 1
    except BrokenPipeError:
        return 128 + 13
    except KeyboardInterrupt:
        terminal.end_line()
        return 128 + 2
    return status or 0


def _download(options: argparse.Namespace) -> None:
    folder = open_model(
        options.model,
        revision=options.revision,
        offline=options.offline,
        mmproj=options.mmproj,
        progress=show_progress(),
    )
    terminal.write(f"{folder.path}\n")


def _quantize(options: argparse.Namespace) -> None:
    show = show_progress()
    folder = open_model(
        options.source,
        revision=options.revision,
        offline=options.offline,
        mmproj=options.mmproj,
        progress=show,
    )
    meter = Meter(show, "quantize")

    def tell(done: int, tensors: int, name: str) -> None:
        meter.update(name, done + 1, tensors, done=done + 1 == tensors)

    terminal.write(f"{quantize_model(folder, options.target, options.to, progress=tell)}\n")


def _ask(options: argparse.Namespace) -> None:
    image, question = _asked(options)
    with _loaded(options) as vlm:
        shown: Sequence[str | bytes] = () if image is None else (image,)
        if options.with_text:
            question, shown = vlm.with_text(question, shown)
        images = [vlm.encode_image(image, profile=options.profile) for image in shown]
        pieces = vlm.conversation().stream(question, *images, **_sampling(options))
        if options.json:
            answer = "".join(pieces)
            facts = {"answer": answer, "finish_reason": vlm.last_answer.finish_reason, **vlm.stats()}
            terminal.write(f"{json.dumps(facts)}\n")
        else:
            _print(pieces)


def _explain(options: argparse.Namespace) -> None:
    """A word a line: how likely it was, and what else could have begun in its place."""
    with _loaded(options) as vlm:
        image = vlm.encode_image(_image(options.image), profile=options.profile)
        explanation = vlm.explain(image, options.question, **_sampling(options))
    if options.json:
        terminal.write(f"{json.dumps(explanation.to_json())}\n")
        return
    if not explanation.words:
        terminal.write(f"{explanation.text}  ({explanation.kind}: not the model's own words)\n")
    for word in explanation.words:
        others = [f"{text.strip() or 'the end'} {p:.0%}" for text, p in word.alternatives if p >= _WORTH_SAYING]
        terminal.write(f"{word.text.strip():20} {word.probability:4.0%}   {', '.join(others)}".rstrip() + "\n")


def _asked(options: argparse.Namespace) -> tuple[str | bytes | None, str]:
    """Return the image, if there is one, and the question: what is not named comes from standard input."""
    image = options.image
    question = options.question
    if question is None and image is not None and not _names_image(image):
        image, question = None, image
    if image == question == "-":
        options.wrong("image and question cannot both come from standard input")
    if question in (None, "-"):
        question = terminal.read_text() if terminal.has_input() else ""
        if not question:
            options.wrong("the question is missing: tinyvlm ask photo.jpg 'What is this?'")
    return None if image is None else _image(image), question


def _names_image(text: str) -> bool:
    """Whether a single word of `ask` is its image, so that the question has to come from elsewhere."""
    try:
        return Path(text).is_file() or bool(_IMAGE_NAME.fullmatch(text))
    except (OSError, ValueError):  # too long for a name, a null byte
        return False


def _image(name: str) -> str | bytes:
    return terminal.read_bytes(MAX_FILE_BYTES + 1) if name == "-" else name


def _chat(options: argparse.Namespace) -> None:
    """One question a line, until the input ends; the images belong to the first."""
    with _loaded(options) as vlm:
        conversation = vlm.conversation()
        images = [vlm.encode_image(_image(image), profile=options.profile) for image in options.images]
        for question in _questions():
            try:
                _print(conversation.stream(question, *images, **_sampling(options)))
            except InputError as error:
                terminal.complain(str(error))
            else:
                images = []


def _info(options: argparse.Namespace) -> None:
    with _loaded(options) as vlm:
        info = {"version": __version__, **vlm.card, **published_facts(vlm.name), **vlm.stats()}
    if options.json:
        terminal.write(f"{json.dumps(info)}\n")
        return
    for key, value in info.items():
        terminal.write(f"{key:26} {_in_words(value)}\n")


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        value = [f"{name} {part}" for name, part in value.items()]
    return ", ".join(value) if isinstance(value, list) else str(value)


def _loaded(options: argparse.Namespace) -> closing[VLM]:
    return closing(
        VLM.from_pretrained(
            options.model,
            backend=options.backend,
            quantization=options.quantization,
            threads=options.threads,
            revision=options.revision,
            offline=options.offline,
            mmproj=options.mmproj,
            progress=show_progress(),
        )
    )


def _sampling(options: argparse.Namespace) -> dict[str, Any]:
    sampling = {"temperature": options.temperature, "seed": options.seed}
    return sampling if options.max_new_tokens is None else {"max_new_tokens": options.max_new_tokens, **sampling}


def _print(pieces: Iterator[str]) -> None:
    for piece in pieces:
        terminal.write(piece)
    terminal.write("\n")


def _questions() -> Iterator[str]:
    while (question := terminal.read_line("> ")) is not None:
        if question.strip():
            yield question


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    try:
        options, rest = parser.parse_known_args(arguments)
    except SystemExit as stopped:
        if not stopped.code:
            terminal.write("")  # the help is not out yet
        raise
    is_word = len(rest) == 1 and (rest == ["-"] or not rest[0].startswith("-"))
    if options.command == "ask" and options.image is not None and options.question is None and is_word:
        # Where options stand between image and question, argparse has settled by then that there is no question.
        options.question = rest.pop()
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinyvlm",
        description="Ask questions about images, and read their text, on this machine.",
        epilog=_EXIT_STATUSES,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    ask = commands.add_parser("ask", help="answer a question, about an image or without one")
    ask.add_argument("image", nargs="?", help=_IMAGE_HELP)
    ask.add_argument("question", nargs="?", help="text; read from standard input where it is missing or -")
    ask.add_argument("--with-text", action="store_true", help="read the image first, and tell the model what it says")
    ask.set_defaults(wrong=ask.error)
    chat = commands.add_parser("chat", help="answer questions one after the other, with what was said before in mind")
    chat.add_argument("images", nargs="*", metavar="image", help=_IMAGE_HELP)
    explain = commands.add_parser(
        "explain", help="answer, and say how likely each word was; with --json, where it looked"
    )
    explain.add_argument("image", help=_IMAGE_HELP)
    explain.add_argument("question")
    for command in (ask, chat, explain):
        longest = f"longest answer in tokens (default: 32, or {CHAT_TOKENS} for a model made for conversations)"
        command.add_argument("--max-new-tokens", type=int, default=None, help=longest)
        command.add_argument("--temperature", type=float, default=0.0, help="0 takes the likeliest word (default)")
        command.add_argument("--seed", type=int, default=None, help="repeat a random answer")
        command.add_argument("--profile", choices=PROFILES, default="balanced", help="how closely to look at an image")
    read = commands.add_parser("read", help="print the text in images")
    read_command.add_arguments(read)
    info = commands.add_parser("info", help="say what the model and this machine are")
    for command in (ask, explain, info):
        command.add_argument("--json", action="store_true", help="print one JSON object")
    for command in (ask, chat, explain, info):
        command.add_argument("--model", default=DEFAULT_MODEL, help=f"{_MODEL_HELP} (default: %(default)s)")
        command.add_argument("--quantization", choices=QUANTIZATIONS, default=None, help="how to hold the weights")
    for command in (ask, chat, explain, info, read):
        command.add_argument("--backend", choices=("auto", "numpy", "wasm"), default="auto")
        command.add_argument("--threads", type=int, default=None, help=_THREADS_HELP)

    download = commands.add_parser("download", help="fetch a model to use it without a network, and say where it lies")
    download.add_argument("model", help=_MODEL_HELP)
    quantize = commands.add_parser("quantize", help="write a published model as a folder with quantized weights")
    quantize.add_argument("source", help=_MODEL_HELP)
    quantize.add_argument("target", help="a folder that is not there yet")
    quantize.add_argument("--to", choices=QUANTIZATIONS[1:], required=True, help="8, 4 or 2 bits a weight")
    for command in (ask, chat, explain, info, download, quantize):
        command.add_argument("--mmproj", default=None, help="the vision tower of a GGUF model, where it is not found")
        command.add_argument("--revision", default="main", help="of a repository: branch, tag or commit")
        command.add_argument("--offline", action="store_true", help="use what was fetched before, and ask nobody")
    for command, run in ((ask, _ask), (chat, _chat), (explain, _explain), (info, _info)):
        command.set_defaults(run=run)
    download.set_defaults(run=_download)
    quantize.set_defaults(run=_quantize)
    return parser


if __name__ == "__main__":
    sys.exit(main())
