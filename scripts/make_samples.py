"""Draws the page's sample images: `python scripts/make_samples.py [FOLDER]`.

Everything is drawn here, from fixed seeds, so that no image in the page belongs to someone else and the same command
gives the same pixels. Writes PNG files and `samples.json`, which the page reads:
`[{"file": ..., "alt": ..., "questions": [...]}]`.
"""

from __future__ import annotations

from pathlib import Path

from support.environment import REQUIREMENTS, ROOT, TEST_VENV, command_line, enter_venv, run_main


def main() -> int:
    """Write all files."""
    parser = command_line(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "web" / "samples", help="default: web/samples")
    options = parser.parse_args()
    enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from website.sample_images import write_samples

    write_samples(options.folder)
    return 0


if __name__ == "__main__":
    run_main(main)
