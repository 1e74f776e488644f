"""The op contract: what model code may call, and what each call means.

Model code is pure functions over an `Ops`, a `Weights` and a config. `backends/reference_ops.py` runs every op at
once in numpy float32 and is its definition; `backends/recorder.py` records the same calls as instructions for the
kernels.

Images are (height, width, channels), everything else is (rows, columns). A dimension may be a `Register`: it stands for
a number that is only known when a program runs, and counts as its largest value until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Tensor = Any
"""A float32 numpy array (reference backend) or a `values.Value` (kernel backend)."""

KeysValues = Any
"""Keys and values as a backend holds them for attention: of one pass (`Ops.keys_values`), or a KV cache (`append`)."""

Precision = Literal["float32", "q8"]
"""How keys and values are held: as they are, or in 8 bits with a scale for each row of each head. q8 needs a head size
that is a multiple of 8 and at most 128; others are held in float32."""

Activation = Literal["none", "relu6", "gelu_tanh", "silu", "relu", "gelu", "hard_sigmoid", "sigmoid"]
ACTIVATIONS: tuple[Activation, ...] = (
    "none", "relu6", "gelu_tanh", "silu", "relu", "gelu", "hard_sigmoid", "sigmoid",
)  # fmt: skip
"""By the number that kernels know them by (wasm-kernels/simd.h). hard_sigmoid is x / 6 + 1/2, between 0 and 1."""

Padding = Literal["same", "centred"]
"""Where a convolution's first window begins: as TensorFlow's "same", which puts the odd row of zeros behind the image,
or (kernel - 1) // 2 before it, as PyTorch's padding of odd kernels. Both give ceil(size / stride) windows."""

Pool = Literal["mean", "max"]
POOLS: tuple[Pool, ...] = ("mean", "max")

PADDING_BYTE = 127
"""What `rectify` writes beside a line: grey."""

BILINEAR, BICUBIC, LANCZOS, BOX = 2, 3, 1, 4
"""Resampling filters by Pillow's numbers, as `preprocessor_config.json` holds them."""

FILTER_SUPPORT = {BOX: 0.5, BILINEAR: 1.0, BICUBIC: 2.0, LANCZOS: 3.0}
"""How far each filter reaches to either side, in pixels of the coarser image."""

KEY_BLOCK = 128
"""Keys whose softmax weights share a scale in q8 attention (wasm-kernels/attention_q8.c)."""


@dataclass(frozen=True)
class CacheShape:
    """A layer's KV cache: keys and values of up to `positions` tokens."""

    positions: int
    kv_heads: int
    head_dim: int

    @property
    def columns(self) -> int:
        """Elements of all heads' keys of one token."""
        return self.kv_heads * self.head_dim


def held_precision(wanted: Precision, head_dim: int) -> Precision:
    """Return how heads of this size are held when `wanted` is asked for."""
    return wanted if head_dim % 8 == 0 and head_dim <= 128 else "float32"


class Weights(Protocol):
    """A model's weights, bound to a backend. Unknown names raise ModelError("weights-missing")."""

    def linear(self, name: str) -> Any:
        """Return `name.weight` (out, in), float32, q8, q4 or q2, with `name.bias` (out,) where there is one."""

    def tensor(self, name: str) -> Tensor:
        """Return a float32 tensor as stored."""


class Ops(Protocol):
    """The operations. Shapes: T rows, C or K columns, N outputs, H heads, D head size."""

    def resize(self, image: Any, height: int, width: int, resample: int) -> Tensor:
        """uint8 RGB image of any size -> uint8 (height, width, 3), byte for byte as Pillow 10 to 12 resample.

        Unknown filters raise KernelError("resample-unsupported").
        """

    def crop(self, image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
        """uint8 (H, W, 3) -> uint8 (height, width, 3), the rectangle whose first pixel is (top, left)."""

    def normalize(self, image: Tensor, scale: float, mean: Sequence[float], std: Sequence[float]) -> Tensor:
        """uint8 (h, w, 3) -> float32 (h, w, 3): (x * scale - mean[c]) / std[c]."""

    def rectify(
        self, image: Any, matrix: Sequence[float], height: int, width: int, *, columns: int | None = None
    ) -> Tensor:
        """uint8 RGB image of any size -> uint8 (height, width, 3): what a perspective map shows of it.

        Pixel (x, y) of the result is read at ((a x + b y + c) / d, (e x + f y + g) / d) with d = i x + j y + 1, where
        the matrix is (a, b, c, e, f, g, i, j) and whole numbers are the centres of pixels: bilinear, and beyond the
        image's edge as at its edge. From column `columns` on the result is PADDING_BYTE.
        """

    def to_bytes(self, x: Tensor) -> Tensor:
        """float32 -> uint8 of the same shape: round(255 x), cut off at 0 and 255."""

    def conv2d(
        self,
        x: Tensor,
        layer: Any,
        *,
        kernel: int,
        stride: int,
        padding: Padding = "same",
        activation: Activation = "none",
    ) -> Tensor:
        """(h, w, C) -> (ceil(h/s), ceil(w/s), N), zeros outside the image; weight (N, k*k*C).

        With quantized weights, each window is quantized as a row of `linear`.
        """

    def depthwise_conv2d(
        self,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        *,
        stride: int | tuple[int, int],
        padding: Padding = "same",
        activation: Activation = "none",
    ) -> Tensor:
        """(h, w, C) -> (ceil(h/s), ceil(w/s), C), each channel by its own (kh, kw) filter; weight (kh, kw, C).

        Two strides are down and across.
        """

    def pool(self, x: Tensor, kind: Pool, *, window: tuple[int, int], stride: tuple[int, int]) -> Tensor:
        """(h, w, C) -> (ceil(h/s), ceil(w/s), C): the mean or the largest of each window, down and across.

        Windows begin at multiples of the stride; what of them lies outside the image does not count.
        """

    def upsample(self, x: Tensor, factor: int, *, residual: Tensor | None = None) -> Tensor:
        """(h, w, C) -> (h * factor, w * factor, C), every pixel repeated; plus residual of that shape."""

    def depth_to_space(self, x: Tensor, factor: int) -> Tensor:
        """(h, w, f*f*C) -> (h*f, w*f, C): channels (row, column, C) become f x f pixels.

        A transposed convolution whose kernel is its stride is `linear`, then this.
        """

    def linear(
        self, x: Tensor, layer: Any, *, activation: Activation = "none", residual: Tensor | None = None
    ) -> Tensor:
        """activation(x W^T + b) + residual over the last axis: (..., K) -> (..., N).

        With q8 weights, each row of x is quantized to 8 (or 7) bits with its own scale and zero point, products are
        summed exactly in int32, and float32 begins at the store. With q4 and q2 it begins where 32 products have been
        summed, which share a scale.
        """

    def keys_values(self, k: Tensor, v: Tensor, *, kv_heads: int) -> KeysValues:
        """Keys and values (S, kv_heads*D) of one pass."""

    def append(self, cache: KeysValues, k: Tensor, v: Tensor, position: int) -> KeysValues:
        """Put k and v (T, kv_heads*D) in the KV cache, rows position..position+T; returns the cache."""

    def attention(self, q: Tensor, keys_values: KeysValues, *, heads: int, causal: bool, position: int = 0) -> Tensor:
        """softmax(q k^T / sqrt(D)) v: q (T, heads*D), S keys and values -> (T, heads*D).

        Query head h reads key/value head h * kv_heads / heads. Causal: row t sees keys 0..position+t, whatever lies
        behind them. With q8 keys and values, queries and keys are rotated (weights/quantize.py), each head's part of a
        row is rounded to 8 bits of its largest, and softmax weights, times the values' scales, to 8 bits of the largest
        in every block of 128 keys; all but the first key's, which may be far larger than the others.
        """

    def attention_weights(
        self, q: Tensor, keys_values: KeysValues, *, heads: int, of: range, causal: bool, position: int = 0
    ) -> Tensor:
        """softmax(q k^T / sqrt(D)) of `attention`, as the mean over the query heads `of`: (T, S); a row's sum is 1.

        Causal: S is position + T, and what a row does not see weighs 0. With q8 keys, weights before they are rounded.
        Only explanations of an answer ask for them (looking.py).
        """

    def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
        """(x - mean) / sqrt(var + epsilon) * weight + bias over the columns."""

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """x / sqrt(mean(x^2) + epsilon) * weight over the columns."""

    def activate(self, x: Tensor, activation: Activation) -> Tensor:
        """Apply an activation to every element; "gelu" is the exact one, by the error function."""

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """a + b, same shape."""

    def add_positions(self, x: Tensor, table: Tensor, position: int) -> Tensor:
        """x[t] + table[position + t]: learned position embeddings."""

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """a * b, same shape."""

    def scale_columns(self, x: Tensor, factors: Tensor, *, residual: bool = False) -> Tensor:
        """x (..., C) times factors (1, C), which are each column's; plus x with `residual`."""

    def rope(self, x: Tensor, *, heads: int, position: int, theta: float, factor: float = 1.0) -> Tensor:
        """Turn each head of x (T, heads * D) by its position (rotary embedding, Llama's half-split layout).

        Elements i and i + D/2 of a head turn by the angle (position + t) / factor * theta^(-2i/D).
        """

    def softmax(self, x: Tensor) -> Tensor:
        """Softmax over the columns."""

    def mean_rows(self, x: Tensor) -> Tensor:
        """(T, C) -> (1, C)."""

    def best_columns(self, x: Tensor) -> Tensor:
        """(T, C) -> (T, 2): the index of each row's largest element, the first of equal ones, and the element."""

    def embedding(self, token_ids: Tensor, layer: Any) -> Tensor:
        """int32 (T,) -> rows of the (vocabulary, C) weight, dequantized; zeros for ids outside the vocabulary."""

    def place_rows(self, x: Tensor, token_ids: Tensor, features: Tensor, first_id: int) -> Tensor:
        """x (T, C) with row t replaced by features[token_ids[t] - first_id] where token_ids[t] >= first_id.

        Zeros where features (S, C) end before that.
        """

    def split(self, x: Tensor, columns: Sequence[int]) -> list[Tensor]:
        """Views of x by columns; only attention, its keys and values, and join_columns read through such views."""

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """Stack (T_i, C) tensors into (sum T_i, C)."""

    def join_columns(self, parts: Sequence[Tensor]) -> Tensor:
        """Put (..., C_i) tensors side by side: (..., sum C_i)."""

    def row(self, x: Tensor, index: int) -> Tensor:
        """x[index : index + 1]."""

    def reshape(self, x: Tensor, *shape: int) -> Tensor:
        """The same elements in order, another shape."""


def window_places(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """How many windows lie along an axis of `size`, and how many zeros before it the first one reads."""
    out, before = same_padding(size, kernel, stride)
    return out, before if padding == "same" else (kernel - 1) // 2


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Output size and padding before the first element, TensorFlow's "same" rule."""
    out = -(-size // stride)
    return out, max((out - 1) * stride + kernel - size, 0) // 2
