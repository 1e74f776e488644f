"""A typeface with Japanese in it, for a browser on a machine that has none: IPAex Gothic, pinned."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from support.environment import BUILD, write_atomically
from support.packages import Package, ensure_package

FONT = Package(
    "matplotlib-fontja",
    "1.1.0",
    {"fonts/ipaexg.ttf": "3b9955a5e437ffb24c41548e79296fa724822da21ee75dc1b94f6ccdb8f400dd"},
    "930603aaffd420ad89a6cf3399f074b14e939e8e349843ed1cb558ac97c8c94a",
)
_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
</fontconfig>
"""


def font_environment() -> dict[str, str]:
    """Return what a browser's environment needs besides, to write Japanese: nothing, if the machine can.

    Raises ScriptError.
    """
    if not shutil.which("fc-list") or _has_japanese():
        return {}
    (path,) = ensure_package(FONT, Path(sys.executable)).values()
    configuration = BUILD / "screenshots" / "fonts.conf"
    write_atomically(configuration, _CONFIGURATION.format(folder=escape(str(path.parent))).encode())
    return {"FONTCONFIG_FILE": str(configuration)}


def _has_japanese() -> bool:
    return bool(subprocess.run(["fc-list", ":lang=ja", "file"], capture_output=True, text=True).stdout.strip())
