"""Packages of Debian, where this is one and the person is root."""

from __future__ import annotations

import os
import platform
import subprocess
import sys


def is_debian_root() -> bool:
    """Whether packages can be installed here."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return release.get("ID") == "debian" and os.geteuid() == 0


def install(*packages: str) -> None:
    """Install packages without what they only recommend; apt says what went wrong, and the caller looks again."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], stdout=sys.stderr)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, stdout=sys.stderr)
