"""How many cores this process may use: a thread more than that makes every program wait for one that does not run."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cores(root: Path = Path("/")) -> int:
    """Return the cores of the process's affinity, or of its cgroups' quota where that is less; 1 at least.

    `root` is where proc and sys lie. What a quota has beyond whole cores is left unused.
    """
    quota = min(_quotas(root), default=math.inf)
    cores = _schedulable()
    return cores if quota >= cores else max(int(quota), 1)


def _schedulable() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Yield, in cores, the quotas of the process's cgroups and of all around them.

    In a container the files of its own group lie at the top, whatever path the group has outside of it.
    """
    mounts = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        group = PurePosixPath(path.lstrip("/"))
        for folder in (group, *group.parents):
            if not controllers:
                yield from _quota(_read(mounts / folder / "cpu.max").split())
            elif "cpu" in controllers.split(","):
                names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                yield from _quota([_read(mounts / "cpu" / folder / name).strip() for name in names])


def _quota(words: list[str]) -> Iterator[float]:
    """Yield a quota and its period, both in microseconds, as cores; nothing for "max", -1, or where there is none."""
    if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[1]):
        yield int(words[0]) / int(words[1])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
