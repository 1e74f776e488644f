"""Lists a model folder's files anew, its weights cut where they were."""

from __future__ import annotations

import json
from pathlib import Path

from tinyvlm.folder.model_folder import TEXT_FILES, WEIGHTS
from tinyvlm.folder.part_list import PART_LIST, write_part_list


def list_again(folder: Path) -> None:
    """Write parts.json after a small file was changed or added; weights keep their parts and stages."""
    listed = json.loads((folder / PART_LIST).read_text(encoding="utf-8"))["files"]
    (weights,) = (file for file in listed if file["name"] == WEIGHTS)
    ends = {part["stage"]: part["offset"] + part["length"] for part in weights["parts"]}
    texts = [name for name in dict.fromkeys([*(file["name"] for file in listed), *TEXT_FILES]) if name != WEIGHTS]
    write_part_list(
        folder, [*(name for name in texts if (folder / name).exists()), WEIGHTS], {WEIGHTS: [*ends.values()]}
    )
