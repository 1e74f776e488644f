"""Tasks of a page's main thread: how long each kept it, by the wall and by the processor, and what did it.

A task is a RunTask of Chromium's own trace. The Long Tasks API tells the page of the same ones, but by the wall alone,
which counts what other programs do meanwhile; a trace has the processor's time beside it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8.execute"]
TASK = "RunTask"
MAIN = "CrRendererMain"
LONGEST, CAUSES = 5, 3
"""Tasks and scripts, and causes of each task, that are told."""
_OBSERVE = """() => {
  window.longTasks = [];
  window.longFrames = [];
  const watch = (type, take) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
    observer.observe({ type });
    return observer;
  };
  window.taskObservers = [
    watch("longtask", ({ duration }) => window.longTasks.push(duration)),
    watch("long-animation-frame", ({ scripts }) => window.longFrames.push(...scripts.map((script) =>
      [script.duration, `${script.invoker} ${script.sourceFunctionName} ${script.sourceURL}`]))),
  ];
}"""
_OBSERVED = """() => {
  for (const observer of window.taskObservers) observer.disconnect();
  return [window.longTasks, window.longFrames];
}"""

Event = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One of the main thread; times in milliseconds."""

    wall: float
    processor: float
    causes: list[tuple[str, float]]
    """What took the processor's time inside it, without what that called in its turn; the longest first."""

    def __str__(self) -> str:
        """As a line."""
        causes = ", ".join(f"{cause} {ms:.0f}" for cause, ms in self.causes[:CAUSES])
        return f"{self.processor:6.0f} ms of the processor, {self.wall:5.0f} ms in all: {causes}"


@dataclass(frozen=True)
class Watched:
    """What the main thread did meanwhile."""

    tasks: list[Task]
    long: list[float]
    """Of the Long Tasks API: over 50 ms by the wall."""
    scripts: list[tuple[float, str]]
    """Of long animation frames: milliseconds by the wall, and who called what."""

    def __str__(self) -> str:
        """As lines."""
        tasks = sorted(self.tasks, key=lambda task: -task.processor)[:LONGEST]
        scripts = [f"{ms:6.0f} ms in all, script: {who}" for ms, who in sorted(self.scripts, reverse=True)[:LONGEST]]
        lines = [f"{len(self.tasks)} tasks, {len(self.long)} long ones by the wall", *map(str, tasks), *scripts]
        return "\n".join(f"    {line}" for line in lines)


def watch(chromium: Browser, page: Page, act: Callable[[], None]) -> Watched:
    """Return all tasks of the page's main thread while something is done; the page has to be the browser's only one."""
    page.evaluate(_OBSERVE)
    chromium.start_tracing(page=page, categories=CATEGORIES)
    try:
        act()
    finally:
        trace = chromium.stop_tracing()
    long, scripts = page.evaluate(_OBSERVED)
    return Watched(tasks_of(json.loads(trace)["traceEvents"]), long, [(ms, who) for ms, who in scripts])


def wrong(seen: Watched, limit_ms: float, *, by_wall: bool) -> str:
    """Return what must not be so as a sentence, or nothing."""
    times = seen.long if by_wall else [task.processor for task in seen.tasks]
    over = [ms for ms in times if ms > limit_ms]
    return f"Tasks over {limit_ms:.0f} ms: {len(over)}; the longest took {max(over):.0f} ms." if over else ""


def tasks_of(events: Iterable[Event]) -> list[Task]:
    """Return the tasks of a trace's main thread."""
    main: set[tuple[int, int]] = set()
    threads: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        thread = event["pid"], event["tid"]
        if event["name"] == "thread_name" and event["args"]["name"] == MAIN:
            main.add(thread)
        elif event["ph"] == "X" and "tdur" in event:
            threads[thread].append(event)
    return [task for thread in sorted(main) for task in _tasks(threads[thread])]


def _tasks(events: list[Event]) -> Iterable[Task]:
    """Tasks of one thread. Events lie in each other, and none across another's end."""
    task: Event | None = None
    inside: list[Event] = []
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        if event["name"] == TASK and (task is None or event["ts"] >= task["ts"] + task["dur"]):
            if task:
                yield _task(task, inside)
            task, inside = event, []
        elif task and event["ts"] < task["ts"] + task["dur"]:
            inside.append(event)
    if task:
        yield _task(task, inside)


def _task(task: Event, inside: list[Event]) -> Task:
    own: dict[str, float] = defaultdict(float)
    open_events = [task]
    own[TASK] = task["tdur"]
    for event in inside:
        while len(open_events) > 1 and event["ts"] >= open_events[-1]["ts"] + open_events[-1]["dur"]:
            open_events.pop()
        own[_cause(open_events[-1])] -= event["tdur"]
        own[_cause(event)] += event["tdur"]
        open_events.append(event)
    causes = sorted(((cause, time / 1000) for cause, time in own.items()), key=lambda cause: -cause[1])
    return Task(task["dur"] / 1000, task["tdur"] / 1000, causes)


def _cause(event: Event) -> str:
    """Name an event, a function of a script by its place."""
    data = event.get("args", {}).get("data") or {}
    url = data.get("url") if isinstance(data, dict) else None
    if not url:
        return str(event["name"])
    path = "/".join(str(url).split("/")[3:])
    name = data.get("functionName")
    return f"{event['name']} {name or 'anonymous'} ({path}:{data.get('lineNumber', '?')})"
