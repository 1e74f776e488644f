"""The steps of scripts/kernel_steps.py compute what numpy does; the page's run is the script's own check."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel_build.emscripten import DEFAULT_PREFIX, ensure_emcc
from linear_steps import table, wasmtime_runs
from linear_steps.product import Product
from support.environment import ScriptError

pytestmark = pytest.mark.slow

SIZES = (12, 16, 24)
"""rows, k, n: two register tiles, four groups of k, three panels."""


@pytest.fixture
def one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call instead of a second of them."""
    monkeypatch.setattr(wasmtime_runs, "WARM_UP_S", 0)
    monkeypatch.setattr(wasmtime_runs, "MEASURE_S", 0)


@pytest.fixture
def product() -> Product:
    """A small one."""
    return Product(*SIZES)


def test_every_source_is_a_row() -> None:
    sources = {path.stem for path in table.FOLDER.glob("*.c")}
    assert sources == {row.source for row in table.ROWS if isinstance(row, table.Step)}


@pytest.mark.usefixtures("one_call")
def test_what_ships_computes_the_same(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row for row in table.ROWS if isinstance(row, table.Shipped)]
    assert len(rows) > 3
    monkeypatch.setattr(table, "ROWS", rows)
    figures = table.measure("wasmtime", product, table.run_natively)
    assert all(gops > 0 for gops in figures)


@pytest.mark.usefixtures("one_call")
def test_every_step_computes_the_same(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (DEFAULT_PREFIX / "bin/emcc").exists():
        pytest.skip("the kernels' toolchain is not installed")
    steps = [row for row in table.ROWS if isinstance(row, table.Step)]
    monkeypatch.setattr(table, "ROWS", steps)
    monkeypatch.setattr(table, "OUTPUT", tmp_path)
    table.build(ensure_emcc())
    assert len(table.measure("wasmtime", product, table.run_natively)) == len(steps)


def test_a_wrong_result_is_a_sentence(product: Product) -> None:
    def run(row, product, job):
        return 1.0, "0" * 64

    with pytest.raises(ScriptError, match="does not compute what numpy does, in wasmtime"):
        table.measure("wasmtime", product, run)
