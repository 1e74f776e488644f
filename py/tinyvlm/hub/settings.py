"""What users of huggingface_hub have set and already fetched: its environment variables, token and cache.

Sources: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables,
https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

from __future__ import annotations

import os
import re
from pathlib import Path

HUB = "https://huggingface.co"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def hub_endpoint() -> str:
    """Return the hub's address, without a slash at the end: HF_ENDPOINT where that is set."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE, or TRANSFORMERS_OFFLINE, forbids asking the hub."""
    return _is_true("HF_HUB_OFFLINE") or _is_true("TRANSFORMERS_OFFLINE")


def hub_token() -> str | None:
    """Return the token: HF_TOKEN, or what `hf auth login` left in a file."""
    token = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN") or ""
    if not token.strip() and not _is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        try:
            token = _path(os.environ.get("HF_TOKEN_PATH") or os.path.join(_home(), "token")).read_text("utf-8")
        except (OSError, ValueError):
            return None
    return token.strip() or None


def fetched_snapshot(repository: str, revision: str) -> Path | None:
    """Return where huggingface_hub keeps the files of a branch, a tag or a commit, if it has fetched any."""
    folder = _hub_cache() / f"models--{repository.replace('/', '--')}"
    try:
        commit = revision
        if not _COMMIT.fullmatch(revision):
            commit = (folder / "refs" / revision).read_text("ascii").strip()
        snapshot = folder / "snapshots" / commit
        return snapshot if _COMMIT.fullmatch(commit) and snapshot.is_dir() else None
    except (OSError, ValueError):
        return None


def blob_digest(file: Path) -> str | None:
    """Return the hash that a file of a snapshot is kept under: sha256, or git's; None where it is no link to a blob."""
    name = Path(os.path.realpath(file)).name
    return name if _DIGEST.fullmatch(name) else None


def _hub_cache() -> Path:
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return _path(named or os.path.join(_home(), "hub"))


def _home() -> str:
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    return os.environ.get("HF_HOME") or os.path.join(caches, "huggingface")


def _path(text: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(text)))


def _is_true(name: str) -> bool:
    return os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE")
