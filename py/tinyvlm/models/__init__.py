"""Architectures: one file a `model_type` of config.json, and the parts that they are built with."""

from .architecture import (
    PROFILES,
    Architecture,
    Loader,
    Message,
    ModelFiles,
    Profile,
    load_architecture,
    register_architecture,
    token_ids_of,
)

__all__ = [
    "PROFILES",
    "Architecture",
    "Loader",
    "Message",
    "ModelFiles",
    "Profile",
    "load_architecture",
    "register_architecture",
    "token_ids_of",
]
