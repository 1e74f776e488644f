"""One 8-bit linear op, from its definition to what ships, and how fast each step is.

    python3 scripts/kernel_steps.py

Builds scripts/linear_steps/step*.c with the kernels' own toolchain, compares every result with numpy's to the last bit,
and prints GOP/s (2 operations a multiply-add) under wasmtime and, where there is one, in Chromium. docs/kernels.md
explains the steps. Medians; machines are noisy: compare figures of one run only.

Exit codes: 0 fine, 1 something failed or is wrong, 3 the toolchain cannot be installed here.
"""

from __future__ import annotations

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, run_main


def main() -> int:
    """Run in the test environment, which has numpy, wasmtime and Playwright."""
    command_line(__doc__).parse_args()
    enter_venv(TEST_VENV, REQUIREMENTS / "test.txt")
    from linear_steps.table import measure_all

    return measure_all()


if __name__ == "__main__":
    run_main(main)
