"""Tiny-VLM: ask questions about images, in a web page or natively, with one Python package.

from tinyvlm import VLM
vlm = VLM.from_pretrained()
print(vlm.ask("photo.jpg", "What is this?"))
"""

from .conversation import Conversation
from .errors import CancelledError, InputError, KernelError, LoadError, ModelError, TinyVLMError
from .text.prompts import EncodedImage
from .vlm import VLM

__version__ = "0.1.0"

__all__ = [
    "VLM",
    "CancelledError",
    "Conversation",
    "EncodedImage",
    "InputError",
    "KernelError",
    "LoadError",
    "ModelError",
    "TinyVLMError",
    "__version__",
]
