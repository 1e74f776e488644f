"""How many threads: what the scheduler and the control groups leave this process, whatever the machine has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tinyvlm.backends.cores import usable_cores

V2 = {"proc/self/cgroup": "0::/\n"}
V1 = {"proc/self/cgroup": "12:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/docker/1f\n"}
TOP = "sys/fs/cgroup"


def cores_in(root: Path, files: Mapping[str, str]) -> int:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return usable_cores(root)


@pytest.fixture(autouse=True)
def _sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 16),
        (V2, 16),
        ({**V2, f"{TOP}/cpu.max": "max 100000\n"}, 16),
        ({**V2, f"{TOP}/cpu.max": "200000 100000\n"}, 2),
        ({**V2, f"{TOP}/cpu.max": "350000 100000\n"}, 3),
        ({**V2, f"{TOP}/cpu.max": "50000 100000\n"}, 1),
        ({**V2, f"{TOP}/cpu.max": "150000 50000\n"}, 3),
        ({**V2, f"{TOP}/cpu.max": "6400000 100000\n"}, 16),
        ({**V2, f"{TOP}/cpu.max": "200000 0\n"}, 16),
        ({**V2, f"{TOP}/cpu.max": ""}, 16),
        ({**V1, f"{TOP}/cpu/cpu.cfs_quota_us": "200000\n", f"{TOP}/cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({**V1, f"{TOP}/cpu/cpu.cfs_quota_us": "-1\n", f"{TOP}/cpu/cpu.cfs_period_us": "100000\n"}, 16),
        ({**V1, f"{TOP}/cpu/cpu.cfs_quota_us": "200000\n"}, 16),
        ({**V1, f"{TOP}/memory/cpu.cfs_quota_us": "1\n", f"{TOP}/memory/cpu.cfs_period_us": "100000\n"}, 16),
    ],
)
def test_a_quota_is_kept(tmp_path: Path, files: dict[str, str], cores: int) -> None:
    assert cores_in(tmp_path, files) == cores


@pytest.mark.parametrize(
    ("inner", "outer", "cores"), [("300000", "max", 3), ("max", "500000", 5), ("400000", "200000", 2)]
)
def test_the_least_of_a_group_and_those_around_it_counts(tmp_path: Path, inner: str, outer: str, cores: int) -> None:
    files = {
        "proc/self/cgroup": "0::/system.slice/web.service\n",
        f"{TOP}/system.slice/web.service/cpu.max": f"{inner} 100000\n",
        f"{TOP}/system.slice/cpu.max": f"{outer} 100000\n",
    }
    assert cores_in(tmp_path, files) == cores


def test_a_group_of_version_1_is_found_by_its_path(tmp_path: Path) -> None:
    folder = f"{TOP}/cpu/docker/1f"
    files = {**V1, f"{folder}/cpu.cfs_quota_us": "400000\n", f"{folder}/cpu.cfs_period_us": "100000\n"}
    assert cores_in(tmp_path, files) == 4


def test_affinity_counts_before_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 7}, raising=False)
    assert cores_in(tmp_path, {**V2, f"{TOP}/cpu.max": "800000 100000\n"}) == 2


def test_a_system_without_affinity_counts_its_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores(tmp_path) == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores(tmp_path) == 1
