"""Tiny-VLM: ask questions about images, in a web page or natively, with one Python package.

from tinyvlm import VLM
vlm = VLM.from_pretrained()
print(vlm.ask("photo.jpg", "What is this?"))
"""

from .errors import CancelledError, InputError, KernelError, LoadError, ModelError, TinyVLMError
from .vlm import VLM, EncodedImage

__version__ = "0.1.0"

__all__ = [
    "VLM",
    "CancelledError",
    "EncodedImage",
    "InputError",
    "KernelError",
    "LoadError",
    "ModelError",
    "TinyVLMError",
    "__version__",
]
