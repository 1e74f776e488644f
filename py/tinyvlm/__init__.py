"""Tiny-VLM: ask questions about images, in a web page or natively, with one Python package.

from tinyvlm import VLM
vlm = VLM.from_pretrained()
print(vlm.ask("photo.jpg", "What is this?"))
"""

from .answers.explanation import ExplainedWord, Explanation
from .conversation import Conversation
from .errors import CancelledError, InputError, KernelError, LoadError, ModelError, TinyVLMError, TinyVLMWarning
from .media.encoded_image import EncodedImage
from .reader import Reader
from .reading.reading import Line, Reading, Word
from .version import __version__
from .vlm import VLM

__all__ = [
    "VLM",
    "CancelledError",
    "Conversation",
    "EncodedImage",
    "ExplainedWord",
    "Explanation",
    "InputError",
    "KernelError",
    "Line",
    "LoadError",
    "ModelError",
    "Reader",
    "Reading",
    "TinyVLMError",
    "TinyVLMWarning",
    "Word",
    "__version__",
]
