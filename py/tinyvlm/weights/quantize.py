"""Our quantization schemes, defined in numpy.

q8: int8, one float32 scale a row. q4, q2: 4 or 2 bits, one bfloat16 scale for 32 neighbours in a row. In files:

    name         I8 (N, K)          U8 (N, 16 G) for q4, (N, 8 G) for q2, with G = ceil(K / 32) groups
    name_scale   F32 (N,)           BF16 (N, G)
    name_columns                    U8 (0, K): no data, its shape tells K. Only where K is not 32 G

The scale is called name_rotated_scale where rows were rotated before (rotation.py).

A byte of q4 or q2 holds neighbours in a row, the first in its lowest bits, as two's complement codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..errors import ModelError
from .rotation import rotate, rotation_block
from .tensor_info import TensorInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Scheme = Literal["float32", "q8", "q4", "q2"]
"""How matrices are held that a file has as floats, or in GGUF's blocks."""

PRECISE = ("embed_tokens", "lm_head", "patch_embedding", "modality_projection", "vision.stages.")
"""Parts of names of matrices that are held in q8 even where others have fewer bits: tables of tokens, first layers, and
the bundled model's tower, which 4 bits cost a third of the colors it names right."""

WHOLE = ("position_embedding", "embed_positions", "vision.stem")
"""Parts of names of matrices that no scheme touches: tables that are added, and a first layer over three colors."""

GROUP = 32
"""Neighbours in a row that share a q4 or q2 scale."""

BLOCK = (8, 32)
"""Rows and columns of the blocks that the sparse kernel can leave out."""


def quantize_q8(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """float32 (N, K) -> int8 (N, K) in -127..127 and float32 scale (N,): weight ~ int8 * scale of its row.

    Symmetric, one scale an output channel, rounding half to even. A row of zeros, or of values too small for a
    float32 scale, gets scale 1. Raises ModelError("weights-not-finite") for values that are not finite.
    """
    import numpy as np

    _check_finite(weight)
    scale = (np.abs(weight).max(axis=1, initial=0) / 127).astype(np.float32)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    values = np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8)
    return values, scale


def quantized_tensors(name: str, weight: NDArray[np.float32], scheme: str = "q8") -> dict[str, Any]:
    """Return a float32 matrix (N, K) as the tensors that files hold, its rows rotated where K allows it."""
    import numpy as np

    columns = weight.shape[1]
    rotation = rotation_block(columns)
    values, scale = QUANTIZERS[scheme](rotate(weight, rotation))
    tensors = {name: values, f"{name}_rotated_scale" if rotation > 1 else f"{name}_scale": scale}
    if scheme != "q8" and columns % GROUP:
        tensors[f"{name}_columns"] = np.zeros((0, columns), np.uint8)
    return tensors


def scheme_of(name: str, scheme: Scheme) -> Scheme:
    """Return how the matrix `name` is held where a model is asked for in `scheme`."""
    if any(part in name for part in WHOLE):
        return "float32"
    return "q8" if scheme in ("q4", "q2") and any(part in name for part in PRECISE) else scheme


def find_scale(tensors: Mapping[str, TensorInfo], name: str) -> tuple[str, int]:
    """Return the name of a quantized matrix's scale and the block in which its rows are rotated; ("", 1) for others."""
    rotated = f"{name}_rotated_scale"
    if rotated in tensors:
        info = tensors[name]
        columns = group_layout(tensors, name).k if info.dtype == "U8" else info.shape[1]
        return rotated, rotation_block(columns)
    return (f"{name}_scale" if f"{name}_scale" in tensors else ""), 1


def dequantize_q8(values: Any, scale: Any) -> NDArray[np.float32]:
    """int8 (N, K), float32 (N,) -> float32 (N, K)."""
    import numpy as np

    return np.asarray(values, np.float32) * np.asarray(scale, np.float32)[:, None]


def quantize_q4(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """float32 (N, K) -> codes uint8 (N, 16 G) and scales (N, G), bfloat16 as uint16: weight ~ scale * code, -8..7.

    A scale may be negative: its sign puts a group's extreme on the side that has one step more. Of eight scales around
    the one that reaches the extreme exactly, the one of least squared error is taken; 8.1 % of a Gaussian's spread is
    lost (with the extreme at 7 and no search 9.8 %; with a stored minimum 7.8 %).
    """
    import numpy as np

    def codes(groups: Any, scale: Any) -> Any:
        return np.clip(np.rint(groups / scale), -8, 7)

    return _quantize_groups(weight, 4, codes, [-1 / steps for steps in np.linspace(7.2, 9, 8)])


def quantize_q2(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """float32 (N, K) -> codes uint8 (N, 8 G) and scales (N, G) as in q4: weight ~ scale * (code + 1/2), code -2..1.

    Four levels, even on both sides of zero, lose less of a Gaussian (33 % of its spread) than four of which one is
    zero.
    """
    import numpy as np

    def codes(groups: Any, scale: Any) -> Any:
        return np.clip(np.floor(groups / scale), -2, 1)

    return _quantize_groups(weight, 2, codes, list(np.linspace(0.35, 0.6, 8)))


def dequantize_q4(codes: Any, scale: Any, columns: int) -> NDArray[np.float32]:
    """Codes uint8 (N, 16 G) and scales uint16 (N, G) -> float32 (N, columns)."""
    return _dequantize(codes, scale, columns)


def dequantize_q2(codes: Any, scale: Any, columns: int) -> NDArray[np.float32]:
    """Codes uint8 (N, 8 G) and scales uint16 (N, G) -> float32 (N, columns)."""
    return _dequantize(codes, scale, columns)


def unpack_groups(codes: NDArray[np.uint8], groups: int) -> NDArray[np.float32]:
    """Codes uint8 (N, 16 G or 8 G) -> float32 (N, G, 32): multiples of the scale, whole (q4) or in halves (q2)."""
    import numpy as np

    bits = codes.shape[1] // groups // 4
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    fields = (codes[:, :, None] >> shifts) & np.uint8((1 << bits) - 1)
    high = 1 << (bits - 1)
    values: NDArray[np.float32] = ((fields.reshape(-1, groups, GROUP).astype(np.int8) ^ high) - high).astype(np.float32)
    return values + np.float32(0.5 if bits == 2 else 0)


def to_bfloat16(values: Any) -> NDArray[np.uint16]:
    """float32 -> the bits of the nearest bfloat16, half to even."""
    import numpy as np

    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bfloat16(bits: Any) -> NDArray[np.float32]:
    """The bits of bfloat16 values -> float32."""
    import numpy as np

    return np.left_shift(np.asarray(bits, np.uint32), np.uint32(16), dtype=np.uint32).view(np.float32)


def prune_blocks(weight: NDArray[np.float32], share: float, block: tuple[int, int] = BLOCK) -> NDArray[np.float32]:
    """float32 (N, K) -> the same with `share` of its blocks set to zero, those of the smallest norm."""
    import numpy as np

    rows = -(-weight.shape[0] // block[0])
    columns = -(-weight.shape[1] // block[1])
    padded = np.zeros((rows * block[0], columns * block[1]), np.float32)
    padded[: weight.shape[0], : weight.shape[1]] = weight
    blocks = padded.reshape(rows, block[0], columns, block[1])
    order = (blocks.astype(np.float64) ** 2).sum(axis=(1, 3)).ravel().argsort(kind="stable")
    kept = np.ones(rows * columns, bool)
    kept[order[: round(share * rows * columns)]] = False
    blocks *= kept.reshape(rows, 1, columns, 1)
    return padded[: weight.shape[0], : weight.shape[1]]


@dataclass(frozen=True)
class GroupLayout:
    """What the shapes of a q4 or q2 matrix's tensors say: bits a weight, and N, K and G."""

    bits: int
    n: int
    k: int
    groups: int


def group_layout(tensors: Mapping[str, TensorInfo], name: str) -> GroupLayout:
    """Return the layout of the U8 matrix `name`; ModelError("tensor-groups-wrong") where sizes do not fit."""
    codes = tensors[name]
    columns = tensors.get(f"{name}_columns")
    scale = tensors.get(f"{name}_rotated_scale", tensors.get(f"{name}_scale"))
    if scale is not None and scale.dtype == "BF16" and len(scale.shape) == len(codes.shape) == 2:
        n, groups = scale.shape
        k = columns.shape[-1] if columns and columns.shape else GROUP * groups
        for bits in (2, 4):
            if codes.shape == (n, groups * GROUP * bits // 8) and GROUP * (groups - 1) < k <= GROUP * groups:
                return GroupLayout(bits, n, k, groups)
    raise ModelError("tensor-groups-wrong", tensor=repr(name))


QUANTIZERS: dict[str, Callable[[NDArray[np.float32]], tuple[Any, Any]]] = {
    "q8": quantize_q8,
    "q4": quantize_q4,
    "q2": quantize_q2,
}
"""Schemes by name."""


def _quantize_groups(
    weight: NDArray[np.float32], bits: int, codes_of: Callable[[Any, Any], Any], candidates: list[float]
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Try each candidate times a group's extreme as its scale and keep what errs least. Padding gets code 0."""
    import numpy as np

    _check_finite(weight)
    n, k = weight.shape
    groups = -(-k // GROUP)
    values = np.zeros((n, groups * GROUP), np.float32)
    values[:, :k] = weight
    values = values.reshape(n, groups, GROUP)
    real = (np.arange(groups * GROUP) < k).reshape(groups, GROUP)
    at = np.abs(values).argmax(axis=2, keepdims=True)
    extreme = np.take_along_axis(values, at, axis=2)
    best = np.zeros(values.shape, np.int8)
    best_scale = np.zeros(extreme.shape, np.uint16)
    least = np.full(extreme.shape, np.inf)
    for candidate in candidates:
        stored = to_bfloat16(extreme * np.float32(candidate))
        scale = from_bfloat16(stored)
        usable = np.where(scale == 0, np.float32(1), scale)
        codes = codes_of(values, usable) * real
        levels = codes + 0.5 if bits == 2 else codes
        error = (((levels * scale - values) * real).astype(np.float64) ** 2).sum(axis=2, keepdims=True)
        better = error < least
        best = np.where(better, codes, best).astype(np.int8)
        best_scale = np.where(better, stored, best_scale)
        least = np.where(better, error, least)
    fields = (best.reshape(n, -1, 8 // bits) & ((1 << bits) - 1)).astype(np.uint8)
    packed = np.bitwise_or.reduce(fields << np.arange(0, 8, bits, dtype=np.uint8), axis=2)
    return packed, best_scale[:, :, 0]


def _dequantize(codes: Any, scale: Any, columns: int) -> NDArray[np.float32]:
    values = unpack_groups(codes, scale.shape[1]) * from_bfloat16(scale)[:, :, None]
    return values.reshape(len(codes), -1)[:, :columns]


def _check_finite(weight: NDArray[np.float32]) -> None:
    import numpy as np

    if not np.isfinite(weight).all():
        raise ModelError("weights-not-finite")
