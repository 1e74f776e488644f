"""A pytest plugin: coverage.py notes which test ran a line, and each test's time is kept.

Fixtures that outlive a test are made in the first that asks for them, so what is run while a test is set up is noted
for its whole file: `tests/unit/test_x.py` beside `tests/unit/test_x.py::test_y`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import coverage
import pytest

from .recorded import write_json

_seconds: dict[str, float] = {}
_failed: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """What fixtures run is the file's."""
    _switch(item.nodeid.partition("::")[0])
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What the test runs is its own."""
    _switch(item.nodeid)
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """What fixtures run is the file's."""
    _switch(item.nodeid.partition("::")[0])
    yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Set-up counts too: whoever runs the test alone waits for it."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration
    if not report.passed:
        _failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Keep the times of what passed: nothing else can show that a fault is noticed."""
    if "PYTEST_XDIST_WORKER" not in os.environ:  # whoever hands the tests out is told of all of them
        write_json("seconds", {test: seconds for test, seconds in _seconds.items() if test not in _failed})


def _switch(context: str) -> None:
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.switch_context(context)
