"""The few commands of WebDriver that the checks need; a browser's driver carries them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
START_S = 30
SCRIPT_S = 120
"""A model's start included, on a slow machine."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which an element travels: https://www.w3.org/TR/webdriver2/#elements"""
TIMEOUTS = {"pageLoad": 60_000, "script": SCRIPT_S * 1000}

_CALL = """const done = arguments[2];
Promise.resolve().then(() => window.browserChecks[arguments[0]](...arguments[1])).then(
  (value) => done({ value }),
  (error) => done({ error: String(error?.code ?? error) }),
);"""
_LOAD = """const done = arguments[1];
const script = document.createElement("script");
script.type = "module";
script.src = arguments[0];
script.onload = () => done(true);
script.onerror = () => done(false);
document.head.append(script);"""


class PageError(Exception):
    """What a script in the page threw: the code of one of our errors, or the browser's sentence."""


class Session(ABC):
    """A browser with one tab."""

    version = ""

    @abstractmethod
    def navigate(self, url: str) -> None:
        """Open a page, and wait until it has loaded."""

    @abstractmethod
    def reload(self) -> None:
        """Open the page once more."""

    @abstractmethod
    def execute_async(self, script: str, args: list[Any]) -> Any:
        """Run a function's body; its last argument is called with the result."""

    @abstractmethod
    def send_keys(self, selector: str, text: str) -> None:
        """Type into the element that a CSS selector finds; keys without a character are WebDriver's code points."""

    def load(self, module: str) -> None:
        """Load a module of the site, which sets `window.browserChecks`. Raises PageError."""
        if not self.execute_async(_LOAD, [module]):
            raise PageError(f"{module} could not be loaded.")

    def call(self, function: str, *args: Any) -> Any:
        """Call one of `window.browserChecks`, and return what it resolves to, as JSON. Raises PageError."""
        outcome = self.execute_async(_CALL, [function, list(args)])
        if "error" in outcome:
            raise PageError(outcome["error"])
        return outcome.get("value")


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program and all that it starts, until the end of the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """Return what `look` finds, within START_S. Raises TimeoutError."""
    deadline = time.monotonic() + START_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not start within {START_S} s.")
        time.sleep(0.05)
    return found
