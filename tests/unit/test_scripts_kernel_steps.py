"""The steps of scripts/kernel_steps.py compute what numpy does; the page's run is the script's own check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import kernel_steps
from _emscripten import DEFAULT_PREFIX, ensure_emcc
from _environment import ScriptError

SIZES = (12, 16, 24)
"""rows, k, n: two register tiles, four groups of k, three panels."""


@pytest.fixture(scope="module", autouse=True)
def on_the_path() -> Iterator[None]:
    """The script's folder, as the script itself puts it there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(kernel_steps.FOLDER)
        yield


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """One call instead of a second of them."""
    import native

    monkeypatch.setattr(native, "WARM_UP_S", 0)
    monkeypatch.setattr(native, "MEASURE_S", 0)
    return native


@pytest.fixture
def product() -> object:
    from product import Product

    return Product(*SIZES)


def test_every_source_is_a_row() -> None:
    sources = {path.stem for path in kernel_steps.FOLDER.glob("*.c")}
    assert sources == {row.source for row in kernel_steps.ROWS if isinstance(row, kernel_steps.Step)}


def test_what_ships_computes_the_same(product, native, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row for row in kernel_steps.ROWS if isinstance(row, kernel_steps.Shipped)]
    assert len(rows) > 3
    monkeypatch.setattr(kernel_steps, "ROWS", rows)
    figures = kernel_steps.measure("wasmtime", product, kernel_steps.run_natively(product))
    assert all(gops > 0 for gops in figures)


def test_every_step_computes_the_same(product, native, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (DEFAULT_PREFIX / "bin/emcc").exists():
        pytest.skip("the kernels' toolchain is not installed")
    steps = [row for row in kernel_steps.ROWS if isinstance(row, kernel_steps.Step)]
    monkeypatch.setattr(kernel_steps, "ROWS", steps)
    monkeypatch.setattr(kernel_steps, "OUTPUT", tmp_path)
    kernel_steps.build(ensure_emcc())
    assert len(kernel_steps.measure("wasmtime", product, kernel_steps.run_natively(product))) == len(steps)


def test_a_wrong_result_is_a_sentence(product) -> None:
    def run(row, job):
        return 1.0, "0" * 64

    with pytest.raises(ScriptError, match="does not compute what numpy does, in wasmtime"):
        kernel_steps.measure("wasmtime", product, run)
