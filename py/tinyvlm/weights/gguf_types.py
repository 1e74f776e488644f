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
    "Q5_0": StoredType(6, 32, 22),
    "Q5_1": StoredType(7, 32, 24),
    "Q2_K": StoredType(10, 256, 84),
    "Q3_K": StoredType(11, 256, 110),
    "Q4_K": StoredType(12, 256, 144),
    "Q5_K": StoredType(13, 256, 176),
    "Q6_K": StoredType(14, 256, 210),
    "IQ4_NL": StoredType(20, 32, 18),
    "IQ4_XS": StoredType(23, 256, 136),
}
"""The types that are read, by their names in `TensorInfo.dtype`."""

OTHER_TYPES = {
    9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S",
    24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    40: "NVFP4",
}  # fmt: skip
"""ggml's names of types that are not read, so that a refusal can name them."""

_FIELDS: dict[str, list[tuple[Any, ...]]] = {
    "F32": [("value", "<f4")],
    "F16": [("value", "<f2")],
    "BF16": [("value", "<u2")],
    "Q8_0": [("scale", "<f2"), ("codes", "i1", 32)],
    "Q4_0": [("scale", "<f2"), ("codes", "u1", 16)],
    "Q4_1": [("scale", "<f2"), ("least", "<f2"), ("codes", "u1", 16)],
    "Q5_0": [("scale", "<f2"), ("high", "u1", 4), ("codes", "u1", 16)],
    "Q5_1": [("scale", "<f2"), ("least", "<f2"), ("high", "u1", 4), ("codes", "u1", 16)],
    "Q2_K": [("parts", "u1", 16), ("codes", "u1", (2, 32)), ("scale", "<f2"), ("least", "<f2")],
    "Q3_K": [("high", "u1", 32), ("codes", "u1", (2, 32)), ("parts", "u1", (3, 4)), ("scale", "<f2")],
    "Q4_K": [("scale", "<f2"), ("least", "<f2"), ("parts", "u1", (3, 4)), ("codes", "u1", (4, 32))],
    "Q5_K": [("scale", "<f2"), ("least", "<f2"), ("parts", "u1", (3, 4)), ("high", "u1", 32), ("codes", "u1", (4, 32))],
    "Q6_K": [("codes", "u1", (2, 64)), ("high", "u1", (2, 32)), ("parts", "i1", 16), ("scale", "<f2")],
    "IQ4_NL": [("scale", "<f2"), ("codes", "u1", 16)],
    "IQ4_XS": [("scale", "<f2"), ("high", "<u2"), ("parts", "u1", 4), ("codes", "u1", (8, 16))],
}

_LEVELS = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
"""What the codes of the IQ4 types stand for: they lie closer together around zero."""


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

    match dtype:
        case "F32" | "F16":
            return blocks["value"].astype(np.float32)
        case "BF16":
            return (blocks["value"].astype(np.uint32) << 16).view(np.float32)
        case "Q8_0":
            return _single(blocks, "scale") * blocks["codes"]
        case "Q4_0" | "Q4_1" | "Q5_0" | "Q5_1":
            return _small_blocks(dtype, blocks)
        case "IQ4_NL" | "IQ4_XS":
            return _levels(dtype, blocks)
        case "Q2_K" | "Q3_K" | "Q6_K":
            return _parts_of_16(dtype, blocks)
    scales, leasts = _scale_parts(blocks["parts"])
    codes = _nibbles(blocks["codes"]).reshape(-1, 8, 32)
    if dtype == "Q5_K":
        codes = codes + 16 * _shifted(blocks["high"][:, None], range(8), 1)[:, 0].astype(np.float32)
    least = _single(blocks, "least") * leasts
    return (_single(blocks, "scale") * scales)[:, :, None] * codes - least[:, :, None]


def _small_blocks(dtype: str, blocks: Any) -> Any:
    """32 codes of 4 or 5 bits with a scale, and a minimum or the middle of the codes."""
    import numpy as np

    codes = _nibbles(blocks["codes"]).reshape(-1, 32)
    middle = np.float32(8)
    if dtype in ("Q5_0", "Q5_1"):
        codes = codes + 16 * np.unpackbits(blocks["high"], axis=1, bitorder="little").astype(np.float32)
        middle = np.float32(16)
    if dtype in ("Q4_1", "Q5_1"):
        return _single(blocks, "scale") * codes + _single(blocks, "least")
    return _single(blocks, "scale") * (codes - middle)


def _levels(dtype: str, blocks: Any) -> Any:
    """32 codes a scale, each of which stands for one of 16 levels."""
    import numpy as np

    levels = np.array(_LEVELS, np.float32)[_nibbles(blocks["codes"]).astype(np.uint8)]
    scale = _single(blocks, "scale")
    if dtype == "IQ4_NL":
        return scale * levels.reshape(-1, 32)
    low = _nibbles(blocks["parts"][:, :, None]).reshape(-1, 8)
    high = blocks["high"][:, None] >> np.arange(0, 16, 2, dtype=np.uint16) & 3
    parts = low + 16 * high.astype(np.float32) - np.float32(32)
    return (scale * parts)[:, :, None] * levels.reshape(-1, 8, 32)


def _parts_of_16(dtype: str, blocks: Any) -> Any:
    """16 parts of 16 codes, each with a scale that is a multiple of the block's."""
    import numpy as np

    scale = _single(blocks, "scale")
    pairs = range(0, 8, 2)
    if dtype == "Q6_K":
        high = _shifted(blocks["high"], pairs, 3).reshape(-1, 16, 16).astype(np.float32)
        codes = _nibbles(blocks["codes"]).reshape(-1, 16, 16) + 16 * high
        return (scale * blocks["parts"])[:, :, None] * (codes - np.float32(32))
    codes = _shifted(blocks["codes"], pairs, 3).reshape(-1, 16, 16).astype(np.float32)
    if dtype == "Q2_K":
        parts = _nibbles(blocks["parts"][:, None])
        least = _single(blocks, "least") * parts[:, 0, 1]
        return (scale * parts[:, 0, 0])[:, :, None] * codes - least[:, :, None]
    third = _shifted(blocks["high"][:, None], range(8), 1).reshape(-1, 16, 16).astype(np.float32)
    low = _nibbles(blocks["parts"][:, :2].reshape(-1, 1, 8)).reshape(-1, 16)
    high = _shifted(blocks["parts"][:, 2:], pairs, 3).reshape(-1, 16).astype(np.float32)
    parts = low + 16 * high - np.float32(32)
    return (scale * parts)[:, :, None] * (codes + 4 * third - np.float32(4))


def _single(blocks: Any, field: str) -> Any:
    """A field of one number a block -> float32 (B, 1)."""
    import numpy as np

    return blocks[field].astype(np.float32)[:, None]


def _shifted(codes: Any, shifts: range, mask: int) -> Any:
    """uint8 (..., n) -> (..., shifts, n): what lies in the bits from each shift on."""
    import numpy as np

    return codes[..., None, :] >> np.array(shifts, np.uint8)[:, None] & mask


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
