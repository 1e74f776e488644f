"""The instructions that kernels know, by number."""

from __future__ import annotations

OPCODES = (
    "end",
    "linear_q8",
    "linear_q4",
    "linear_q2",
    "linear_sparse",
    "linear_f32",
    "quantize_rows",
    "patches",
    "depthwise_conv2d",
    "attention",
    "append_keys_values",
    "attention_q8",
    "layer_norm",
    "rms_norm",
    "activate",
    "add",
    "multiply",
    "add_positions",
    "rope",
    "softmax",
    "mean_rows",
    "embedding_q8",
    "embedding_q4",
    "embedding_q2",
    "embedding_sparse",
    "embedding_f32",
    "copy_rows",
    "place_rows",
    "top_k",
    "resize_coefficients",
    "resize_horizontal",
    "resize_vertical",
    "crop",
    "normalize",
    "quantize_patches",
    "pool",
    "upsample",
    "depth_to_space",
    "scale_columns",
    "best_columns",
    "rectify",
    "to_bytes",
    "attention_weights",
    "attention_weights_q8",
)
"""Instruction names by opcode: the order of `kernels` in wasm-kernels/engine.c."""

SERIAL = 256
"""Added to an opcode: the lead thread does it alone."""
