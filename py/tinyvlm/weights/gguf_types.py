"""How GGUF stores values: plain floats, or blocks of neighbours in a row that share scales.

Layouts: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h. wasm-kernels/load_rows.c does the
same, in the same order of roundings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class StoredType:
    """ggml's number of a type, and how many neighbours in a row take how many bytes."""

    code: int
    values: int
    nbytes: int


STORED_TYPES = {
    "F32": StoredType(0, 1, 4),
    "F16": StoredType(1, 1, 2),
    "BF16": StoredType(30, 1, 2),
    "Q8_0": StoredType(8, 32, 34),
    "Q4_0": StoredType(2, 32, 18),
    "Q4_1": StoredType(3, 32, 20),
    "Q4_K": StoredType(12, 256, 144),
    "Q5_K": StoredType(13, 256, 176),
    "Q6_K": StoredType(14, 256, 210),
}
"""The types that are read, by their names in `TensorInfo.dtype`."""

OTHER_TYPES = {
    6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS",
    19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
    28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip
"""ggml's names of types that are not read, so that a refusal can name them."""

_FIELDS: dict[str, list[tuple[Any, ...]]] = {
    "F32": [("value", "<f4")],
    "F16": [("value", "<f2")],
    "BF16": [("value", "<u2")],
    "Q8_0": [("scale", "<f2"), ("codes", "i1", 32)],
    "Q4_0": [("scale", "<f2"), ("codes", "u1", 16)],
    "Q4_1": [("scale", "<f2"), ("least", "<f2"), ("codes", "u1", 16)],
    "Q4_K": [("scale", "<f2"), ("least", "<f2"), ("parts", "u1", (3, 4)), ("codes", "u1", (4, 32))],
    "Q5_K": [("scale", "<f2"), ("least", "<f2"), ("parts", "u1", (3, 4)), ("high", "u1", 32), ("codes", "u1", (4, 32))],
    "Q6_K": [("codes", "u1", (2, 64)), ("high", "u1", (2, 32)), ("parts", "i1", 16), ("scale", "<f2")],
}


def dequantize(data: Any, dtype: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Stored bytes of a type in STORED_TYPES -> float32 of `shape`; scales that are not finite give such values."""
    import numpy as np

    blocks = np.frombuffer(data, np.dtype(_FIELDS[dtype]))
    with np.errstate(invalid="ignore", over="ignore"):
        values: NDArray[np.float32] = _values(dtype, blocks).reshape(shape)
    return values


def _values(dtype: str, blocks: Any) -> Any:
    """Structured (B,) -> float32 (B, ...), each block's values in the order of the row."""
    import numpy as np

    def single(field: str) -> Any:
        return blocks[field].astype(np.float32)[:, None]

    match dtype:
        case "F32" | "F16":
            return blocks["value"].astype(np.float32)
        case "BF16":
            return (blocks["value"].astype(np.uint32) << 16).view(np.float32)
        case "Q8_0":
            return single("scale") * blocks["codes"]
        case "Q4_0":
            return single("scale") * (_nibbles(blocks["codes"]).reshape(-1, 32) - np.float32(8))
        case "Q4_1":
            return single("scale") * _nibbles(blocks["codes"]).reshape(-1, 32) + single("least")
        case "Q6_K":
            high = blocks["high"][:, :, None] >> np.arange(0, 8, 2, dtype=np.uint8)[:, None] & 3
            codes = _nibbles(blocks["codes"]).reshape(-1, 16, 16) + 16 * high.reshape(-1, 16, 16).astype(np.float32)
            return (single("scale") * blocks["parts"])[:, :, None] * (codes - np.float32(32))
    scales, leasts = _scale_parts(blocks["parts"])
    codes = _nibbles(blocks["codes"]).reshape(-1, 8, 32)
    if dtype == "Q5_K":
        high = blocks["high"][:, None] >> np.arange(8, dtype=np.uint8)[:, None] & 1
        codes = codes + 16 * high.astype(np.float32)
    return (single("scale") * scales)[:, :, None] * codes - (single("least") * leasts)[:, :, None]


def _nibbles(codes: Any) -> Any:
    """uint8 (..., n) -> float32 (..., 2, n): low halves, then high halves."""
    import numpy as np

    return np.stack([codes & 15, codes >> 4], axis=-2).astype(np.float32)


def _scale_parts(parts: Any) -> tuple[Any, Any]:
    """uint8 (B, 3, 4) -> eight scales and eight minima of 6 bits, float32 (B, 8) each.

    The first four of each lie in the low bits of their four bytes, whose high bits belong to the last four.
    """
    import numpy as np

    low = parts[:, 0]
    high = parts[:, 1]
    mixed = parts[:, 2]
    scales = np.concatenate([low & 63, mixed & 15 | low >> 6 << 4], axis=1)
    leasts = np.concatenate([high & 63, mixed >> 4 | high >> 6 << 4], axis=1)
    return scales.astype(np.float32), leasts.astype(np.float32)
