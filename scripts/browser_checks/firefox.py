"""Firefox over Marionette, the protocol that geckodriver speaks to it: JSON over a socket, its length before it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .session import ELEMENT, SCRIPT_S, TIMEOUTS, Session, running, wait_for

NAMES = ("firefox-esr", "firefox")
FIREFOX_PACKAGES = ("firefox-esr",)
PORT_FILE = "MarionetteActivePort"
QUIET: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "startup.homepage_welcome_url": "about:blank",
    "toolkit.telemetry.enabled": False,
}
"""Nobody is asked, and nothing fetched, but what the page fetches."""


def find_firefox() -> str | None:
    """Return its path."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def open_firefox(preferences: Mapping[str, bool]) -> Iterator[Session]:
    """A Firefox of its own profile until the end of the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in {**QUIET, **preferences}.items()
        ]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [str(find_firefox()), "--marionette", "--headless", "--no-remote", "--profile", folder]
        with running(command, {**os.environ, "HOME": folder, "MOZ_HEADLESS": "1"}):
            port = wait_for(lambda: _port(profile), "Firefox")
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.settimeout(SCRIPT_S + 30)
                yield MarionetteSession(connection)


def _port(profile: Path) -> int | None:
    try:
        return int((profile / PORT_FILE).read_text())
    except (OSError, ValueError):
        return None


class MarionetteSession(Session):
    """Commands are `[0, id, name, parameters]`, replies `[1, id, error, result]`."""

    def __init__(self, connection: socket.socket) -> None:
        """Begin a session on a connection that has just been made."""
        self._connection = connection
        self._unread = b""
        self._last_id = 0
        self._receive()  # what Firefox says of itself
        capabilities = self._send("WebDriver:NewSession")["capabilities"]
        self.version = f"Firefox {capabilities['browserVersion']}"
        self._send("WebDriver:SetTimeouts", **TIMEOUTS)

    def navigate(self, url: str) -> None:
        """As Session has it."""
        self._send("WebDriver:Navigate", url=url)

    def reload(self) -> None:
        """As Session has it."""
        self._send("WebDriver:Refresh")

    def execute_async(self, script: str, args: list[Any]) -> Any:
        """As Session has it."""
        return self._send("WebDriver:ExecuteAsyncScript", script=script, args=args)["value"]

    def send_keys(self, selector: str, text: str) -> None:
        """As Session has it."""
        found = self._send("WebDriver:FindElement", using="css selector", value=selector)["value"]
        self._send("WebDriver:ElementSendKeys", id=found[ELEMENT], text=text)

    def _send(self, name: str, **parameters: Any) -> Any:
        self._last_id += 1
        message = json.dumps([0, self._last_id, name, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return result

    def _receive(self) -> Any:
        while b":" not in self._unread:
            self._read()
        length, self._unread = self._unread.split(b":", 1)
        size = int(length)
        while len(self._unread) < size:
            self._read()
        message, self._unread = self._unread[:size], self._unread[size:]
        return json.loads(message)

    def _read(self) -> None:
        data = self._connection.recv(1 << 16)
        if not data:
            raise ConnectionError("Firefox has closed the connection.")
        self._unread += data
