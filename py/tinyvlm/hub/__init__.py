"""From a name, a path, a URL or a repository to a model folder on this machine."""

from .open import open_model

__all__ = ["open_model"]
