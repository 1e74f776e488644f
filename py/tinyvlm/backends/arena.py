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
    used = (storage for storage in storages if storage.first >= 0)
    for storage in sorted(used, key=lambda storage: -storage.nbytes):
        rivals = [other for other in placed if other.first <= storage.last and storage.first <= other.last]
        rivals.sort(key=offsets.__getitem__)
        at = 0
        for rival in rivals:
            if at + storage.nbytes <= offsets[rival]:
                break  # it fits into the gap before this one
            at = max(at, _aligned(offsets[rival] + rival.nbytes))
        offsets[storage] = at
        placed.append(storage)
        end = max(end, at + storage.nbytes)
    return offsets, _aligned(end)


def _aligned(n: int) -> int:
    return -(-n // ALIGN) * ALIGN
