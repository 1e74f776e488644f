"""What scripts/long_tasks.py reads in a trace, and what it takes for too long."""

from __future__ import annotations

from typing import Any

from endurance.main_thread import Event, Task, Watched, tasks_of, wrong

MAIN, WORKER = (7, 1), (7, 2)


def event(name: str, at: float, ms: float, processor: float, thread: tuple[int, int] = MAIN, **data: Any) -> Event:
    pid, tid = thread
    args = {"data": data} if data else {}
    return {
        "name": name,
        "ph": "X",
        "pid": pid,
        "tid": tid,
        "ts": at,
        "dur": 1e3 * ms,
        "tdur": 1e3 * processor,
        "args": args,
    }


def named(thread: tuple[int, int], name: str) -> Event:
    return {"name": "thread_name", "ph": "M", "pid": thread[0], "tid": thread[1], "ts": 0, "args": {"name": name}}


NAMES = [named(MAIN, "CrRendererMain"), named(WORKER, "DedicatedWorker thread")]


def test_tasks_are_those_of_the_main_thread() -> None:
    other = event("RunTask", 0, 900, 900, WORKER)
    first, second = event("RunTask", 1000, 30, 10), event("RunTask", 90_000, 8, 8)
    tasks = tasks_of([second, other, *NAMES, first])
    assert [(task.wall, task.processor) for task in tasks] == [(30, 10), (8, 8)]


def test_a_cause_is_told_without_what_it_called() -> None:
    url = "http://127.0.0.1:8000/ui/table/pace.js"
    called = event("FunctionCall", 2000, 20, 15, url=url, functionName="add", lineNumber=12)
    inside = event("Layout", 3000, 10, 9)
    after = event("Paint", 24_000, 2, 1)
    (task,) = tasks_of([*NAMES, inside, after, event("RunTask", 1000, 40, 18), called])
    assert task.causes == [("Layout", 9), ("FunctionCall add (ui/table/pace.js:12)", 6), ("RunTask", 2), ("Paint", 1)]
    assert str(task).endswith("Layout 9, FunctionCall add (ui/table/pace.js:12) 6, RunTask 2")


def test_what_begins_where_a_task_ended_is_not_in_it() -> None:
    later = event("Layout", 11_000, 5, 5)
    (task,) = tasks_of([*NAMES, event("RunTask", 1000, 10, 10), later])
    assert task.causes == [("RunTask", 10)]


def test_the_processor_is_judged_unless_the_wall_is() -> None:
    waited = Watched([Task(140, 20, []), Task(60, 24, [])], [140, 60], [])
    assert wrong(waited, 25, by_wall=False) == ""
    assert wrong(waited, 100, by_wall=True) == "Tasks over 100 ms: 1; the longest took 140 ms."
    busy = Watched([Task(60, 50, []), Task(41, 40, [])], [60], [(33, "onclick")])
    assert wrong(busy, 25, by_wall=False) == "Tasks over 25 ms: 2; the longest took 50 ms."
    assert str(busy).splitlines()[-1].split() == ["33", "ms", "in", "all,", "script:", "onclick"]
