"""Compares image towers, input sizes and token layouts by what linear probes read from frozen ImageNet features.

The same seeded pictures for every tower, resized to its input: emoji scenes, whose things are to be named, and text
cards, whose characters are. A probe sees one cell and names what lies there; it is asked at the centres of other
pictures' things and characters. Features and results are kept in build/train/compare, so that it goes on where it
stopped; whoever changes what is asked deletes `results.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from support.environment import note, write_atomically

from ..dataset.targets import GLYPHS, Targets
from ..drawn import cards, scenes
from ..drawn.art import emojis
from ..model.features import normalized
from ..model.network import Tower as Network
from ..model.starting_weights import load_imagenet
from ..model.towers import LAYOUTS, TOWERS, Tower
from ..rows import Row, read_rows, write_rows
from ..sources import imagenet_weights
from .cells import Lesson
from .compare_table import RESULTS, key, read_results
from .probes import Maps, ask

CHUNK, BATCH = 100, 20
"""Pictures whose features share a file, and that run through a tower together."""


@dataclass(frozen=True)
class Pictures:
    """Generated pictures with seeds from `seed` on: the first `train` to learn from, then `test` to be asked about."""

    name: str
    make: Callable[[int], tuple[Image.Image, Row]]
    seed: int
    train: int
    test: int

    @property
    def chunks(self) -> list[range]:
        """The seeds of all of them, CHUNK at a time."""
        seeds = range(self.seed, self.seed + self.train + self.test)
        return [seeds[i : i + CHUNK] for i in range(0, len(seeds), CHUNK)]


def things() -> Pictures:
    """Scenes of every seventh emoji: 96 names, of which 200 scenes show each three or four times."""
    return Pictures("things", partial(scenes.scene, of=emojis()[::7]), 11_000_000, 200, 700)


def characters() -> Pictures:
    """Cards with the generator's own words, numbers and random letters."""
    return Pictures("characters", partial(cards.card, vocabulary=tuple(cards.COMMON)), 12_000_000, 1400, 200)


def compare(folder: Path, device: str) -> None:
    """Write what is missing of the features and of the results into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for pictures in (characters(), things()):
        _compute_features(folder, pictures, device)
    results = read_results(folder)
    for tower in TOWERS:
        for pictures in (characters(), things()):
            missing = [layout for layout in LAYOUTS if pictures.name not in results.get(key(tower, layout), {})]
            if not missing:
                continue
            lesson, maps = _lesson(folder, pictures), _read_maps(folder, tower, pictures)
            for layout in missing:
                found = results.setdefault(key(tower, layout), {})
                if pictures.name == "characters" and layout.fine:
                    found["quarters"] = ask(maps, layout, lesson, pictures.train, device, quarters=True)
                found[pictures.name] = ask(maps, layout, lesson, pictures.train, device)
                write_atomically(folder / RESULTS, json.dumps(results).encode())
                note(f"  {key(tower, layout)}: {pictures.name}")


def _compute_features(folder: Path, pictures: Pictures, device: str) -> None:
    """Write what is missing of the pictures' rows and of all towers' maps, float16 (N, side, side, C)."""
    networks: dict[Tower, Network] = {}
    for seeds in pictures.chunks:
        missing = [tower for tower in TOWERS if not _maps_file(folder, tower, pictures, seeds).exists()]
        if not missing and _rows_file(folder, pictures, seeds).exists():
            continue
        images, rows = zip(*(pictures.make(seed) for seed in seeds), strict=True)
        for tower in missing:
            if tower not in networks:
                networks[tower] = _network(tower, device)
            batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
            maps = [_maps(networks[tower], batch, tower.size, device) for batch in batches]
            path = _maps_file(folder, tower, pictures, seeds)
            scratch = path.with_suffix(".part.npz")
            np.savez(scratch, *(torch.cat(parts).numpy() for parts in zip(*maps, strict=True)))
            scratch.replace(path)
        write_rows(_rows_file(folder, pictures, seeds), rows)
        note(f"  {pictures.name} {seeds}")


def _network(tower: Tower, device: str) -> Network:
    network = Network(tower.stages)
    network.eval()
    load_imagenet(network, imagenet_weights(tower.variant))
    network.to(device, memory_format=torch.channels_last)
    return network


@torch.no_grad()
def _maps(network: Network, images: Sequence[Image.Image], size: int, device: str) -> Maps:
    """Of up to BATCH images of any size."""
    resized = [np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)) for image in images]
    with torch.autocast(device, torch.bfloat16):
        detail = network.detail(normalized(torch.from_numpy(np.stack(resized)).to(device)))
        fine, coarse, *_ = network.upper(detail)
    detail, fine, coarse = (x.permute(0, 2, 3, 1).half().cpu() for x in (detail, fine, coarse))
    return detail, fine, coarse


def _read_maps(folder: Path, tower: Tower, pictures: Pictures) -> Maps:
    """Maps of all pictures."""
    files = [np.load(_maps_file(folder, tower, pictures, seeds)) for seeds in pictures.chunks]
    detail, fine, coarse = (torch.from_numpy(np.concatenate([file[f"arr_{i}"] for file in files])) for i in range(3))
    return detail, fine, coarse


def _lesson(folder: Path, pictures: Pictures) -> Lesson:
    """Regions of all pictures and their numbers."""
    rows = [row for seeds in pictures.chunks for row in read_rows(_rows_file(folder, pictures, seeds))]
    targets = Targets(rows)
    numbers: Sequence[str]
    if pictures.name == "things":
        numbers, label_map, regions = targets.things, targets.thing_map, [row.things for row in rows]
    else:
        numbers, label_map, regions = GLYPHS, targets.glyph_map, [row.glyphs for row in rows]
    return Lesson(regions, {label: i for i, label in enumerate(numbers, 1)}, [partial(label_map, row) for row in rows])


def _maps_file(folder: Path, tower: Tower, pictures: Pictures, seeds: range) -> Path:
    return folder / f"{pictures.name}-{seeds[0]}-lite{tower.variant}-{tower.size}.npz"


def _rows_file(folder: Path, pictures: Pictures, seeds: range) -> Path:
    return folder / f"{pictures.name}-{seeds[0]}.jsonl"
