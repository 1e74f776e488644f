"""The linear op that all steps compute, its exact result, and how each of them is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyvlm.backends.opcodes import OPCODES

ROWS, K, N = 510, 768, 768
REPEATS = 8
"""Products in a program of what ships: one alone would be over before the helper threads are awake."""

PEAK_ROUNDS = 1_000_000
PEAK_OPERATIONS = PEAK_ROUNDS * 12 * 32
"""Twelve chains (wasm-kernels/probe.c), 16 multiply-adds a dot instruction."""

_ALIGN = 64


class At(int):
    """A word that is a place in a job's memory."""


@dataclass(frozen=True)
class Job:
    """A call to measure: of an export, with `args`. Its memory holds the operands, and behind them `words`."""

    entry: str
    args: list[int]
    words: list[int]
    operations: int
    prepare: tuple[int, ...] = ()
    """Words of a program that runs once before."""
    computes_y: bool = True


class Product:
    """y = (x - zero) W^T * scales + bias, of random operands.

    Scales are powers of two: products with them are exact, and y is the same to the last bit whether an engine fuses
    multiply and add or not.
    """

    def __init__(self, rows: int = ROWS, k: int = K, n: int = N) -> None:
        """Draw the operands, lay them out in memory, and compute y in numpy."""
        rng = np.random.default_rng(0)
        x = rng.integers(0, 128, (rows, k), np.uint8)
        x[:, 0], x[:, 1] = 0, 127  # the ends of its range are what a row is quantized by
        zero = rng.integers(1, 127, rows)
        scale = _powers_of_two(rng, rows)
        weight = rng.integers(-127, 128, (n, k), np.int8)
        weight_scale = _powers_of_two(rng, n)
        bias = rng.standard_normal(n, np.float32)
        centred = x.astype(np.float64) - zero[:, None]
        sums = centred @ weight.T.astype(np.float64)  # integers below 2^53: exact
        self.y = sums.astype(np.float32) * (scale[:, None] * weight_scale) + bias

        self.sizes = (rows, k, n)
        self.operations = 2 * rows * k * n
        self.memory = b""
        """The operands, one behind the other."""
        self._x = self._place(x)
        self._floats = self._place((centred * scale[:, None]).astype(np.float32))
        self._rows_q = self._place(np.array(list(zip(scale, zero, strict=True)), [("scale", "f4"), ("zero", "i4")]))
        self._weight = self._place(weight)
        # [n / 8][k / 4][8 columns][4 k], as pack_q8 (wasm-kernels/pack.c) packs them
        self._panels = self._place(weight.reshape(n // 8, 8, k // 4, 4).transpose(0, 2, 1, 3))
        self._of_columns = [self._place(a) for a in (weight_scale, weight.sum(axis=1, dtype=np.int32), bias)]
        self._quantized = [self._place(np.zeros((rows, k), np.int16)), self._place(np.zeros((rows, 2), np.int32))]
        self.y_at = self._place(np.zeros_like(self.y))
        self._behind = At(len(self.memory))

    def step(self, *, panels: bool) -> Job:
        """A step's call: it takes the address of its operands (step.h)."""
        weight = self._panels if panels else self._weight
        words = [self._x, self._rows_q, weight, *self._of_columns, self.y_at, *self.sizes]
        return Job("linear", [self._behind], words, self.operations)

    def shipped(self, *, quantize: bool = False) -> Job:
        """A program of what ships; its rows are quantized once before, or each time."""
        rows, k, n = self.sizes
        no_rotation = 1
        no_residual = no_activation = 0
        rows_from_floats = _instruction("quantize_rows", self._floats, *self._quantized, rows, k, k, k, no_rotation)
        weights = (self._panels, *self._of_columns)
        sizes = (rows, k // 4, n, n)
        product = _instruction("linear_q8", *self._quantized, *weights, no_residual, self.y_at, *sizes, no_activation)
        words = _program([*rows_from_floats, *product] * REPEATS if quantize else product * REPEATS)
        args = [self._behind, 0, 0, 0, 0, 0]
        return Job("program_run", args, words, self.operations * REPEATS, tuple(_program(rows_from_floats)))

    def peak(self) -> Job:
        """The dot instruction in registers alone: the most that a tile could reach."""
        return Job("peak_dot", [self.y_at, PEAK_ROUNDS], [], PEAK_OPERATIONS, computes_y=False)

    def _place(self, array: Any) -> At:
        at = At(len(self.memory))
        data = np.ascontiguousarray(array).tobytes()
        self.memory += data + bytes(-len(data) % _ALIGN)
        return at


def resolve(words: Sequence[int], base: int) -> list[int]:
    """Put addresses in the place of places."""
    return [base + word if isinstance(word, At) else word for word in words]


def _powers_of_two(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.ldexp(np.float32(1), rng.integers(-10, -6, count)).astype(np.float32)


def _instruction(name: str, *operands: int) -> list[int]:
    return [OPCODES.index(name), len(operands), *operands]


def _program(instructions: list[int]) -> list[int]:
    """Words as wasm-kernels/engine.c walks them; the first says that helper threads take part."""
    return [1, *instructions, 0, 0]
