"""Keys and values in kernel memory: those of one pass, or a KV cache that grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..ops import KEY_BLOCK, CacheShape, Precision, held_precision
from .values import Storage, Value


@dataclass(frozen=True, eq=False)
class KeysValues:
    """Keys and values of up to `rows` tokens: two float32 tensors, or one block packed as attention_q8.c says."""

    rows: int
    kv_heads: int
    head_dim: int
    parts: tuple[Value, ...]

    @property
    def quantized(self) -> bool:
        """Whether they are q8."""
        return len(self.parts) == 1


def packed_bytes(rows: int, kv_heads: int, head_dim: int) -> int:
    """Size of q8 keys and values: whole blocks of keys, two scales and a sum a row of each head."""
    padded_rows = -(-rows // KEY_BLOCK) * KEY_BLOCK
    return padded_rows * kv_heads * (2 * head_dim + 12)


def new_cache(shape: CacheShape, precision: Precision, allocate: Callable[[int], int]) -> KeysValues:
    """Return an empty KV cache in memory from `allocate`."""
    rows = shape.positions
    if held_precision(precision, shape.head_dim) == "q8":
        nbytes = packed_bytes(rows, shape.kv_heads, shape.head_dim)
        packed = Value((nbytes,), Storage(nbytes, allocate(nbytes)), itemsize=1)
        return KeysValues(rows, shape.kv_heads, shape.head_dim, (packed,))

    nbytes = 4 * rows * shape.columns
    keys = Value((rows, shape.columns), Storage(nbytes, allocate(nbytes)))
    values = Value((rows, shape.columns), Storage(nbytes, allocate(nbytes)))
    return KeysValues(rows, shape.kv_heads, shape.head_dim, (keys, values))
