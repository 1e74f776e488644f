"""Places a program's activations in one arena so that those alive at the same time never overlap."""

from __future__ import annotations

from collections.abc import Iterable

from .values import Storage

ALIGN = 64


def assign_offsets(storages: Iterable[Storage]) -> tuple[dict[Storage, int], int]:
    """Return each storage's offset and the arena's size in bytes.

    Largest first, each at the lowest gap among those already placed whose lifetimes (instruction indexes, both ends
    included) meet its own: "greedy by size" of Pisarchyk & Lee 2020, within a few percent of the lower bound on
    convolutional nets.
    """
    offsets: dict[Storage, int] = {}
    placed: list[Storage] = []
    end = 0
    for storage in sorted((s for s in storages if s.first >= 0), key=lambda s: -s.nbytes):
        at = 0
        rivals = (s for s in placed if s.first <= storage.last and storage.first <= s.last)
        for rival in sorted(rivals, key=offsets.__getitem__):
            if at + storage.nbytes <= offsets[rival]:
                break
            at = max(at, _aligned(offsets[rival] + rival.nbytes))
        offsets[storage] = at
        placed.append(storage)
        end = max(end, at + storage.nbytes)
    return offsets, _aligned(end)


def _aligned(n: int) -> int:
    return -(-n // ALIGN) * ALIGN
