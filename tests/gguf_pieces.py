"""Splits a GGUF file as llama.cpp's gguf-split does: all metadata in the first piece, the tensors shared out."""

from __future__ import annotations

from pathlib import Path

from gguf_bytes import ARRAY, BOOL, F32, I32, STRING, U32, GGUFBytes
from tinyvlm.weights.gguf import GGUFFile
from tinyvlm.weights.gguf_types import STORED_TYPES


def _entry(built: GGUFBytes, key: str, value: object) -> None:
    if isinstance(value, list):
        built.entry(key, ARRAY, (STRING if isinstance(value[0], str) else I32, value))
        return
    kinds = {bool: BOOL, int: U32, float: F32, str: STRING}
    built.entry(key, kinds[type(value)], value)


def write_pieces(source: Path, folder: Path, count: int) -> list[Path]:
    """Write `source` as NAME-00001-of-0000N.gguf and so on; return their paths."""
    paths = [folder / f"{source.stem}-{piece + 1:05}-of-{count:05}.gguf" for piece in range(count)]
    with GGUFFile(source) as file:
        names = list(file.tensors)
        for piece, path in enumerate(paths):
            own = names[piece::count]
            metadata = {**(file.metadata if piece == 0 else {}), "split.no": piece, "split.count": count}
            built = GGUFBytes(len(own), len(metadata))
            for key, value in metadata.items():
                _entry(built, key, value)
            data = b""
            for name in own:
                info = file.tensors[name]
                built.tensor(name, info.shape[::-1], STORED_TYPES[info.dtype].code, len(data))
                data += bytes(file.read(name))
                data += bytes(-len(data) % 32)
            path.write_bytes(built.finish() + data)
    return paths
