"""What is evaluated: the tasks, and the images with what is known of them."""

from __future__ import annotations

from pathlib import Path

import easy_vqa

from support.environment import ScriptError

from .tasks import EASY_VQA, TASKS, Picture, Task, read_data, read_easy_vqa


def chosen_tasks(names: str, data: Path | None) -> list[Task]:
    """Return the tasks that were asked for, by their keys with commas between, or all that `data` is enough for.

    Raises ScriptError for one that is not there.
    """
    keys = [key.strip() for key in names.split(",") if key.strip()]
    unknown = set(keys) - {task.key for task in TASKS}
    if unknown:
        known = ", ".join(task.key for task in TASKS)
        raise ScriptError(f"There is no task {', '.join(sorted(unknown))}; there are {known}.")
    tasks = [task for task in TASKS if (task.key in keys if keys else data or EASY_VQA in task.sources)]
    if not data and any(EASY_VQA not in task.sources for task in tasks):
        raise ScriptError("Only easy-vqa can be asked without --data FOLDER.")
    return tasks


def read_pictures(data: Path | None) -> list[Picture]:
    """Return easy-VQA's images and those of a data folder."""
    shown = read_easy_vqa(Path(easy_vqa.__file__).parent / "data")
    try:
        return shown + (read_data(data) if data else [])
    except FileNotFoundError as error:
        raise ScriptError(str(error)) from error
