"""Declarations of types (.d.ts) for TypeScript, made of the modules' JSDoc by the compiler that checks them."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from support.environment import ROOT, ScriptError
from support.node_tools import JavaScriptTools

from .package_files import GLOBALS, HERE

ENTRIES = ("tinyvlm.js", "element.js")
OPTIONS = (
    "--allowJs",
    "--declaration",
    "--emitDeclarationOnly",
    "--strict",
    "--skipLibCheck",
    "--target", "esnext",
    "--module", "esnext",
    "--moduleResolution", "bundler",
    "--moduleDetection", "force",
    "--lib", "esnext,dom,dom.iterable,dom.asynciterable",
)  # fmt: skip


def declarations(tools: JavaScriptTools, root: Path = ROOT) -> dict[str, bytes]:
    """Return the declarations of the entries, and of all that they import, by path; beside each module lies its own.

    What JSDoc cannot say (which events the element has, what document.querySelector makes of its name) is added from a
    file by hand. Raises ScriptError.
    """
    web = root / "web"
    with tempfile.TemporaryDirectory() as scratch:
        entries = [str(web / entry) for entry in ENTRIES]
        command = [*tools.tsc, *entries, *OPTIONS, "--rootDir", str(web), "--outDir", scratch]
        done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise ScriptError(f"TypeScript made no declarations:\n{done.stdout}")
        made = {
            path.relative_to(scratch).as_posix(): path.read_bytes() for path in sorted(Path(scratch).rglob("*.d.ts"))
        }
    made[GLOBALS] = (HERE / GLOBALS).read_bytes()
    for entry in ENTRIES:
        name = entry.replace(".js", ".d.ts")
        made[name] = f'/// <reference path="./{GLOBALS}" />\n'.encode() + made[name]
    return made
