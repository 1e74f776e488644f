"""Checkpoints that others have quantized: refused by name, as half of one opens and answers nonsense.

What is read is our own (weights/quantize.py), GGUF's blocks, and of compressed-tensors int8 with a scale a row, which
is q8 (https://github.com/vllm-project/compressed-tensors).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import ModelError
from .gguf_types import STORED_TYPES
from .quantize import find_scale
from .safetensors import PADDING
from .tensor_info import TensorInfo

_OURS = ("q8", "q4", "q2")
_INT8_BY_ROW = {"num_bits": 8, "type": "int", "strategy": "channel", "symmetric": True}
_BESIDE = ("_scale", "_columns", "_zero_point")
"""Endings of what belongs to a quantized matrix."""


def check_quantization(config: Mapping[str, Any], tensors: Mapping[str, TensorInfo]) -> None:
    """Raise ModelError unless weights are floats or held in a way that is read here.

    "quantized-otherwise" where config.json says how, "weights-unsupported" where only a tensor's type tells.
    """
    text = config.get("text_config")
    for part in (config, text if isinstance(text, dict) else {}):
        for key in ("quantization", "quantization_config", "compression_config"):
            if part.get(key) and not _is_read(part[key]):
                raise ModelError("quantized-otherwise", method=_method(key, part[key]))
    for name, info in tensors.items():
        if not _is_sound(name, tensors):
            supported = ", ".join(STORED_TYPES)
            raise ModelError("weights-unsupported", tensor=repr(name), dtype=info.dtype, supported=supported)


def _is_read(quantization: Any) -> bool:
    if not isinstance(quantization, dict):
        return False
    method = quantization.get("quant_method")
    return method in _OURS or (method == "compressed-tensors" and _is_int8_by_row(quantization))


def _is_int8_by_row(quantization: Mapping[str, Any]) -> bool:
    groups = quantization.get("config_groups")
    if not isinstance(groups, dict) or not groups:
        return False
    for group in groups.values():
        weights = group.get("weights") if isinstance(group, dict) else None
        if not isinstance(weights, dict) or any(weights.get(key) != value for key, value in _INT8_BY_ROW.items()):
            return False
    return True


def _method(key: str, quantization: Any) -> str:
    """What people call it. MLX writes a field of its own, without a name."""
    if key == "quantization":
        return "MLX"
    method = quantization.get("quant_method") if isinstance(quantization, dict) else None
    return f"{method:.40}" if isinstance(method, str) else "an unknown method"


def _is_sound(name: str, tensors: Mapping[str, TensorInfo]) -> bool:
    """Whether a tensor is of a type that is read, or of no consequence: padding, or a list on the side."""
    info = tensors[name]
    if len(info.shape) < 2 or name.startswith(PADDING) or name.endswith(_BESIDE):
        return True
    scale = f"{name}_scale" if info.dtype not in ("I8", "U8") else find_scale(tensors, name)[0]
    if info.dtype == "I8":
        return scale in tensors and math.prod(tensors[scale].shape) == info.shape[0]
    if info.dtype == "U8":
        return scale in tensors
    return info.dtype in (*STORED_TYPES, "I64", "BOOL", "F64") and scale not in tensors
