"""What can go wrong.

    TinyVLMError
      InputError       the image, the question or an argument: the user can mend it
      ModelError       the model's files: malformed or unsupported
      LoadError        the way to the model: missing files, network, disk, checksums
      KernelError      this machine: memory, engine
      CancelledError   somebody asked to stop

`str(error)` is a sentence that a user can act on; `code` is a stable kebab-case name that, with `details`, says as much
to a program or a translation (error_table.py).
"""

from __future__ import annotations

from .error_table import SENTENCES


class TinyVLMError(Exception):
    """Base of all errors; raised as one of its subclasses."""

    def __init__(self, code: str, /, **details: object) -> None:
        """Say the sentence of `code` (error_table.py); `details` are those that it names, as JSON can hold them."""
        super().__init__(SENTENCES[code].format(**details))
        self.code = code
        self.details = details


class TinyVLMWarning(UserWarning):
    """Nothing has failed, but a person should know."""


class InputError(TinyVLMError):
    """The image, the question or an argument."""


class ModelError(TinyVLMError):
    """The model's files."""


class LoadError(TinyVLMError):
    """The way to the model."""


class KernelError(TinyVLMError):
    """This machine."""


class CancelledError(TinyVLMError):
    """Somebody asked to stop."""
