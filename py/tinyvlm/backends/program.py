"""A program: a flat array of instructions that the kernels walk in one call.

While it grows, every instruction notes which tensors it reads and writes, and addresses stay open. The arena then
places activations by lifetime, and `encode` writes the words.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from .opcodes import OPCODES, SERIAL
from .values import Operand, Register, Storage, Value

SERIAL_COST = 30_000
"""Multiply-adds below which sharing an instruction costs more than it saves,"""

SERIAL_PROGRAM_COST = 10_000_000
"""and those below which waking helpers for a program does."""


class Instruction(NamedTuple):
    """One call of a kernel."""

    opcode: int
    cost: int
    """About its multiply-adds."""
    operands: list[Operand]


class Program:
    """Instructions, and the activations that they share."""

    def __init__(self) -> None:
        """Start an empty program."""
        self.instructions: list[Instruction] = []
        self.storages: list[Storage] = []

    def new(self, *shape: int, itemsize: int = 4) -> Value:
        """Return an activation in the arena, padded so that the last vector may run over."""
        storage = Storage(math.prod(shape) * itemsize + 16)
        self.storages.append(storage)
        return Value(shape, storage, itemsize=itemsize)

    def keep(self, value: Value) -> Value:
        """Keep `value` readable after the program has run."""
        value.storage.last = 1 << 30
        return value

    def emit(self, name: str, *operands: Operand, cost: int) -> None:
        """Append an instruction and stretch the lifetimes of what it touches. `cost` is about its multiply-adds."""
        index = len(self.instructions)
        for operand in operands:
            if isinstance(operand, Value):
                storage = operand.storage
                storage.first = index if storage.first < 0 else storage.first
                storage.last = max(storage.last, index)
        self.instructions.append(Instruction(OPCODES.index(name), cost, list(operands)))

    def encode(self, arena: int, offsets: Mapping[Storage, int]) -> array[int]:
        """Return the program's words, given the arena's address and each activation's offset in it."""
        shared = sum(instruction.cost for instruction in self.instructions) >= SERIAL_PROGRAM_COST
        words = array("i", [shared])
        for opcode, cost, operands in self.instructions:
            words.append(opcode if cost >= SERIAL_COST else opcode | SERIAL)
            words.append(len(operands))
            words.extend(_word(operand, arena, offsets) for operand in operands)
        words.extend((OPCODES.index("end"), 0))
        return words

    def address(self, value: Value, arena: int, offsets: Mapping[Storage, int]) -> int:
        """Return where a value lies, given the arena's address and each activation's offset in it."""
        return _word(value, arena, offsets)


def _word(operand: Operand, arena: int, offsets: Mapping[Storage, int]) -> int:
    if operand is None:
        return 0
    if isinstance(operand, Value):
        storage = operand.storage
        base = arena + offsets[storage] if storage.address is None else storage.address
        return base + operand.offset
    if isinstance(operand, Register):
        return ~operand.index
    if isinstance(operand, float):
        (bits,) = struct.unpack("<i", struct.pack("<f", operand))
        assert bits >= 0, "a negative word would name a register"
        return int(bits)
    assert operand >= 0, "a negative word would name a register"
    return operand
