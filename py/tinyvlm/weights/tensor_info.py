"""What is known of a tensor in a file before its bytes are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TensorInfo:
    """One tensor; `offset` counts from the start of the file.

    `rope_heads` is the number of heads in each of which the rows that rope turns together are neighbours, as llama.cpp
    keeps them, instead of half a head apart; 0 for all other tensors.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int
    rope_heads: int = 0
