"""A file that is mapped into memory: tensors are paged in as they are read."""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from ..errors import LoadError
from ..git_lfs import is_pointer
from .tensor_info import TensorInfo


class MappedFile:
    """A `WeightSource` over a mapped file; a format's class sets `tensors`. A context manager."""

    tensors: Mapping[str, TensorInfo]

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Map `path`; raises LoadError: "file-unreadable", or "lfs-pointer" where Git LFS has not brought it yet."""
        try:
            with open(path, "rb") as file:
                self._size = file.seek(0, 2)
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self._size else None
        except OSError as error:
            raise LoadError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error
        self._view = memoryview(self._map or b"")
        if is_pointer(self._view[:100]):
            raise LoadError("lfs-pointer", file=str(path))

    def read(self, name: str) -> memoryview:
        """Return the tensor's bytes, without a copy."""
        info = self.tensors[name]
        return self._view[info.offset : info.offset + info.nbytes]

    def close(self) -> None:
        """Unmap the file; views handed out must be gone."""
        self._view.release()
        if self._map:
            self._map.close()

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()
