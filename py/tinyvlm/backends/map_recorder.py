"""Records ops on images and maps (h, w, C): resampling, perspective, convolutions, pooling."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from ..errors import KernelError
from ..ops import ACTIVATIONS, FILTER_SUPPORT, POOLS, Activation, Padding, Pool, Tensor, window_places
from .linear_recorder import LinearRecorder, check_fits, packed_columns
from .program import SERIAL_COST
from .values import LinearWeight, Value

MAX_QUANTIZED_WINDOW = 4096
"""Columns of a convolution's window that is quantized where it is cut out (wasm-kernels/quantize_rows.c)."""


class MapRecorder(LinearRecorder):
    """Images and maps, and the linear layers that convolutions end in."""

    def resize(self, image: Value, height: int, width: int, resample: int) -> Tensor:
        """See Ops. There must be a byte behind the image."""
        in_height, in_width, _ = image.shape
        y = self.new(height, width, 3, itemsize=1)
        scratch = self.new(resize_scratch_bytes(in_height, in_width, height, width, resample), itemsize=1)
        cost = max(SERIAL_COST, 6 * max(in_height, height) * max(in_width, width))
        for kernel in ("resize_coefficients", "resize_horizontal", "resize_vertical"):
            self.emit(kernel, image, in_height, in_width, scratch, y, height, width, resample, cost=cost)
        return y

    def crop(self, image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
        """See Ops. Whole rows are a view."""
        x_stride = 3 * image.shape[1]
        x = Value((height, width, 3), image.storage, image.offset + top * x_stride + 3 * left, itemsize=1)
        if 3 * width == x_stride:
            return x
        y = self.new(height, width, 3, itemsize=1)
        self.emit("crop", x, y, height, 3 * width, x_stride, cost=height * width)
        return y

    def normalize(self, image: Tensor, scale: float, mean: Sequence[float], std: Sequence[float]) -> Tensor:
        """See Ops. A byte has 256 values: the kernel reads a table."""
        table = array("f", [(i * scale - m) / s for m, s in zip(mean, std, strict=True) for i in range(256)])
        y = self.new(*image.shape)
        self.emit("normalize", image, self._constants.store(table.tobytes()), y, image.rows, cost=3 * image.rows)
        return y

    def rectify(
        self, image: Value, matrix: Sequence[float], height: int, width: int, *, columns: int | None = None
    ) -> Tensor:
        """See Ops. There must be a byte behind the image."""
        in_height, in_width, _ = image.shape
        y = self.new(height, width, 3, itemsize=1)
        check_fits(len(matrix) == 8, "rectify", len(matrix))
        map_at = self._constants.store(array("f", matrix).tobytes())
        sizes = (in_height, in_width, height, width, width if columns is None else columns)
        self.emit("rectify", image, map_at, y, *sizes, cost=20 * height * width)
        return y

    def to_bytes(self, x: Tensor) -> Tensor:
        """See Ops."""
        y = self.new(*x.shape, itemsize=1)
        self.emit("to_bytes", x, y, x.rows, x.columns, cost=x.rows * x.columns)
        return y

    def conv2d(
        self,
        x: Tensor,
        layer: LinearWeight,
        *,
        kernel: int,
        stride: int,
        padding: Padding = "same",
        activation: Activation = "none",
    ) -> Tensor:
        """See Ops."""
        height, width, channels = x.shape
        out_h, top = window_places(height, kernel, stride, padding)
        out_w, left = window_places(width, kernel, stride, padding)
        sizes = (height, width, channels, kernel, stride, top, left, out_h, out_w)
        k = kernel * kernel * channels
        cost = 2 * out_h * out_w * k
        if layer.format != "f32" and k <= MAX_QUANTIZED_WINDOW:
            check_fits(k == layer.shape[1], "conv2d", x.shape, layer.shape)
            xq, rows_q = self._new_quantized(out_h * out_w, packed_columns(layer))
            self.emit("quantize_patches", x, xq, rows_q, *sizes, xq.columns, layer.rotation, cost=cost)
            y = self.new(out_h, out_w, layer.shape[0])
            return self._linear_quantized((xq, rows_q), layer, y, activation, None)
        windows = self.new(out_h, out_w, k)
        self.emit("patches", x, windows, *sizes, cost=cost)
        return self.linear(windows, layer, activation=activation)

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
        """See Ops."""
        height, width, channels = x.shape
        kernel_h, kernel_w, _ = weight.shape
        check_fits(weight.columns == bias.columns == channels, "depthwise_conv2d", x.shape, weight.shape)
        down, across = (stride, stride) if isinstance(stride, int) else stride
        out_h, top = window_places(height, kernel_h, down, padding)
        out_w, left = window_places(width, kernel_w, across, padding)
        y = self.new(out_h, out_w, channels)
        windows = (kernel_h, kernel_w, down, across, top, left, out_h, out_w)
        sizes = (height, width, channels, *windows, ACTIVATIONS.index(activation))
        self.emit("depthwise_conv2d", x, weight, bias, y, *sizes, cost=y.rows * channels * kernel_h * kernel_w)
        return y

    def pool(self, x: Tensor, kind: Pool, *, window: tuple[int, int], stride: tuple[int, int]) -> Tensor:
        """See Ops."""
        height, width, channels = x.shape
        y = self.new(-(-height // stride[0]), -(-width // stride[1]), channels)
        sizes = (height, width, channels, *window, *stride, *y.shape[:2], POOLS.index(kind))
        self.emit("pool", x, y, *sizes, cost=y.rows * channels * window[0] * window[1])
        return y

    def upsample(self, x: Tensor, factor: int, *, residual: Tensor | None = None) -> Tensor:
        """See Ops."""
        height, width, channels = x.shape
        y = self.new(height * factor, width * factor, channels)
        check_fits(residual is None or residual.shape == y.shape, "upsample", x.shape, y.shape)
        self.emit("upsample", x, residual, y, height, width, channels, factor, cost=y.rows * channels)
        return y

    def depth_to_space(self, x: Tensor, factor: int) -> Tensor:
        """See Ops."""
        height, width, channels = x.shape
        check_fits(channels % factor**2 == 0, "depth_to_space", x.shape, factor)
        y = self.new(height * factor, width * factor, channels // factor**2)
        self.emit("depth_to_space", x, y, height, width, y.columns, factor, cost=x.rows * channels)
        return y


def resize_scratch_bytes(height: int, width: int, out_height: int, out_width: int, resample: int) -> int:
    """Scratch of a resize: what the kernels' export of this name says."""
    if resample not in FILTER_SUPPORT:
        raise KernelError("resample-unsupported", filter=resample)
    total = height * out_width * 3 + 16
    for size, out in ((width, out_width), (height, out_height)):
        taps = math.ceil(FILTER_SUPPORT[resample] * max(size / out, 1)) * 2 + 1
        total += -(-4 * (2 + taps) * out // 64) * 64
    return total
