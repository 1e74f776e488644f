"""WebKitGTK's MiniBrowser through WebKitWebDriver: JSON over HTTP, as https://www.w3.org/TR/webdriver2/ has it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .session import ELEMENT, SCRIPT_S, TIMEOUTS, Session, running, wait_for

DRIVER, DISPLAY = "WebKitWebDriver", "xvfb-run"
WEBKIT_PACKAGES = ("webkit2gtk-driver", "xvfb", "xauth")
"""Without the last one, which the display only recommends, xvfb-run does not start it."""
MINI_BROWSERS = "webkit2gtk-4.*/MiniBrowser"
LIBRARIES = ("/usr/lib", "/usr/libexec")


def find_webkit() -> str | None:
    """Return the path of the MiniBrowser, where the driver and a display to draw on are there, too."""
    if not (shutil.which(DRIVER) and shutil.which(DISPLAY)):
        return None
    found = [path for folder in LIBRARIES for path in sorted(Path(folder).glob(f"**/{MINI_BROWSERS}"))]
    return str(found[-1]) if found else None


@contextlib.contextmanager
def open_webkit(preferences: Mapping[str, bool]) -> Iterator[Session]:
    """A MiniBrowser that keeps nothing, until the end of the block; it has no preferences."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, contextlib.ExitStack() as stack:
        port = _free_port()
        command = [DISPLAY, "-a", DRIVER, f"--port={port}"]
        # Its sandbox needs namespaces, which containers and root may lack; it visits this machine alone.
        environment = {**os.environ, "HOME": home, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        stack.enter_context(running(command, environment))
        wait_for(lambda: _is_listening(port), DRIVER)
        session = HTTPSession(f"http://127.0.0.1:{port}")
        stack.callback(session.close)
        yield session


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _is_listening(port: int) -> bool | None:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return None
    return True


class HTTPSession(Session):
    """One session of a driver."""

    def __init__(self, driver: str) -> None:
        """Begin it at a driver's address, without a slash at the end."""
        self._address = f"{driver}/session"
        options = {"binary": find_webkit(), "args": ["--automation"]}
        wanted = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        begun = self._send("POST", "", capabilities={"alwaysMatch": wanted})
        self._address += f"/{begun['sessionId']}"
        self.version = f"WebKitGTK {begun['capabilities']['browserVersion']}"
        self._send("POST", "/timeouts", **TIMEOUTS)

    def navigate(self, url: str) -> None:
        """As Session has it."""
        self._send("POST", "/url", url=url)

    def reload(self) -> None:
        """As Session has it."""
        self._send("POST", "/refresh")

    def execute_async(self, script: str, args: list[Any]) -> Any:
        """As Session has it."""
        return self._send("POST", "/execute/async", script=script, args=args)

    def send_keys(self, selector: str, text: str) -> None:
        """As Session has it."""
        found = self._send("POST", "/element", using="css selector", value=selector)
        self._send("POST", f"/element/{found[ELEMENT]}/value", text=text)

    def close(self) -> None:
        """Close the window."""
        self._send("DELETE", "")

    def _send(self, method: str, path: str, **parameters: Any) -> Any:
        data = json.dumps(parameters).encode() if method == "POST" else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SCRIPT_S + 30) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:500]}") from error
