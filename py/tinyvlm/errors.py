"""What can go wrong.

    TinyVLMError
      InputError       the image, the question or an argument: the user can mend it
      ModelError       the model folder: missing, malformed or unsupported
      LoadError        the way to the model: network, disk, checksums
      KernelError      this machine: memory, engine
      CancelledError   somebody asked to stop

`str(error)` is a sentence that a user can act on; `code` is a stable kebab-case name that a translation can key on.
"""

from __future__ import annotations


class TinyVLMError(Exception):
    """Base of all errors; raised as one of its subclasses."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        """Keep `code`, the sentence, and facts for whoever reports the error."""
        super().__init__(message)
        self.code = code
        self.details = details


class InputError(TinyVLMError):
    """The image, the question or an argument."""


class ModelError(TinyVLMError):
    """The model folder."""


class LoadError(TinyVLMError):
    """The way to the model."""


class KernelError(TinyVLMError):
    """This machine."""


class CancelledError(TinyVLMError):
    """Somebody asked to stop."""
