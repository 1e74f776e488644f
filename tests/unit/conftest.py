"""A hub on this machine for the tests that download."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_server import HubServer
from tinyvlm.errors import TinyVLMError
from tinyvlm.folder.model_folder import LocalFolder
from tinyvlm.hub import open_model


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """An empty hub, empty caches, no token."""
    with HubServer() as server:
        monkeypatch.setenv("TINYVLM_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        for name in ("HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            monkeypatch.delenv(name, raising=False)
        yield server


class Opener:
    """`open_model` that waits for nothing; remembers how long it would have waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, source: Any, **options: Any) -> LocalFolder:
        """See open_model."""
        return open_model(source, sleep=self.waits.append, **options)

    def error(self, source: Any, **options: Any) -> TinyVLMError:
        """Return the error that opening ends with; it has to be a sentence."""
        with pytest.raises(TinyVLMError) as caught:
            self(source, **options)
        assert str(caught.value).endswith(".")
        return caught.value

    def code(self, source: Any, **options: Any) -> str:
        """Return that error's code."""
        return self.error(source, **options).code


@pytest.fixture
def opener() -> Callable[..., Any]:
    """Opens models."""
    return Opener()
