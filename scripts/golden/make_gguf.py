"""Writes tests/golden/{gguf_blocks.npz,tiny_text.gguf,tiny_mmproj.gguf,tiny_gguf.npz} with llama.cpp's `gguf` package.

    python scripts/golden/make_gguf.py

Run by hand; needs gguf and numpy. The first file holds random blocks of every type that we read, and the package's
float32 of them. The others are a tiny SmolVLM with random weights, as llama.cpp's converter would write it: names from
the package's own tables, query and key rows in llama.cpp's order; and the same weights under Hugging Face's names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden"

SCALE_BYTES = {
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108], "IQ4_NL": [0], "IQ4_XS": [0],
}  # fmt: skip
"""Where float16 scales lie in a block."""

HIDDEN, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY, LAYERS = 32, 4, 2, 64, 40, 2
VISION, VISION_FEED_FORWARD, PATCH, IMAGE, SCALE = 32, 64, 4, 16, 2

TOKENS = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<image>",
    *map(chr, range(97, 97 + VOCABULARY - 6)),
    "ab",
    "cd",
]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{% for part in message['content'] %}"
    "{{ part['text'] if part['type'] == 'text' else '<image>' }}{% endfor %}<|im_end|>{% endfor %}"
)


def write_blocks(rng: np.random.Generator) -> None:
    """Three rows of two blocks of every type: bytes in, float32 out."""
    arrays: dict[str, Any] = {}
    for name, scales in SCALE_BYTES.items():
        kind = gguf.GGMLQuantizationType[name]
        data = rng.integers(0, 256, (3, 2, gguf.GGML_QUANT_SIZES[kind][1]), np.uint8)
        for at in scales:
            data[:, :, at : at + 2] = rng.standard_normal((3, 2, 1)).astype(np.float16).view(np.uint8)
        data = data.reshape(3, -1)
        arrays[f"{name}_bytes"], arrays[f"{name}_values"] = data, gguf.dequantize(data, kind)
    np.savez_compressed(FOLDER / "gguf_blocks.npz", **arrays)


def text_weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A Llama's float32 weights under Hugging Face's names."""
    width = HIDDEN // HEADS * KV_HEADS
    shapes = {"model.embed_tokens": (VOCABULARY, HIDDEN), "model.norm": (HIDDEN,), "lm_head": (VOCABULARY, HIDDEN)}
    for i in range(LAYERS):
        parts = {
            "input_layernorm": (HIDDEN,), "post_attention_layernorm": (HIDDEN,),
            "self_attn.q_proj": (HIDDEN, HIDDEN), "self_attn.k_proj": (width, HIDDEN),
            "self_attn.v_proj": (width, HIDDEN), "self_attn.o_proj": (HIDDEN, HIDDEN),
            "mlp.gate_proj": (FEED_FORWARD, HIDDEN), "mlp.up_proj": (FEED_FORWARD, HIDDEN),
            "mlp.down_proj": (HIDDEN, FEED_FORWARD),
        }  # fmt: skip
        shapes |= {f"model.layers.{i}.{part}": shape for part, shape in parts.items()}
    return {f"{name}.weight": rng.standard_normal(shape, np.float32) for name, shape in shapes.items()}


def vision_weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A SigLIP tower's and the connector's."""
    prefix = "model.vision_model"
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}.embeddings.patch_embedding.weight": (VISION, 3, PATCH, PATCH),
        f"{prefix}.embeddings.patch_embedding.bias": (VISION,),
        f"{prefix}.embeddings.position_embedding.weight": ((IMAGE // PATCH) ** 2, VISION),
        f"{prefix}.post_layernorm.weight": (VISION,),
        f"{prefix}.post_layernorm.bias": (VISION,),
        "model.connector.modality_projection.proj.weight": (HIDDEN, VISION * SCALE**2),
    }
    parts = {f"self_attn.{name}_proj": (VISION, VISION) for name in ("q", "k", "v", "out")}
    parts |= {"mlp.fc1": (VISION_FEED_FORWARD, VISION), "mlp.fc2": (VISION, VISION_FEED_FORWARD)}
    for part, shape in parts.items():
        shapes[f"{prefix}.encoder.layers.0.{part}.weight"] = shape
        shapes[f"{prefix}.encoder.layers.0.{part}.bias"] = shape[:1]
    for part in ("layer_norm1", "layer_norm2"):
        for kind in ("weight", "bias"):
            shapes[f"{prefix}.encoder.layers.0.{part}.{kind}"] = (VISION,)
    return {name: rng.standard_normal(shape, np.float32) for name, shape in shapes.items()}


def permute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Put the rows that rope turns together next to each other, as llama.cpp's converter does."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def add(
    writer: gguf.GGUFWriter, names: gguf.TensorNameMap, name: str, stored: np.ndarray, kind: str
) -> tuple[str, np.ndarray]:
    """Write one tensor; return what its stored form is worth, in the file's order."""
    quantization = gguf.GGMLQuantizationType[kind]
    data = gguf.quantize(stored, quantization)
    ours = names.get_name(name, try_suffixes=(".weight", ".bias"))
    assert ours, name
    writer.add_tensor(ours, data, raw_dtype=quantization)
    return name, gguf.dequantize(data, quantization).reshape(stored.shape)


def write_model(rng: np.random.Generator) -> None:
    """Both GGUF files, and the values that they hold."""
    expected: dict[str, Any] = {}
    writer = gguf.GGUFWriter(FOLDER / "tiny_text.gguf", "llama")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, LAYERS)
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(5000.0)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3] * 4 + [1] * (VOCABULARY - 4))
    writer.add_token_merges(["a b", "c d"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    kinds = ["Q8_0", "Q4_0", "Q4_1", "F16", "BF16", "Q5_0", "Q5_1"]
    for i, (name, weight) in enumerate(text_weights(rng).items()):
        heads = HEADS if "q_proj" in name else KV_HEADS if "k_proj" in name else 0
        stored = permute(weight, heads) if heads else weight
        name, values = add(writer, names, name, stored, "F32" if weight.ndim == 1 else kinds[i % len(kinds)])
        if heads:
            pairs = values.reshape(heads, -1, 2, HIDDEN)
            values = np.concatenate([pairs[:, :, 0], pairs[:, :, 1]], axis=1).reshape(values.shape)
            assert np.abs(values - weight).max() < 0.5  # quantized, but in their places
        expected[name.replace("model.", "model.text_model.")] = values
    finish(writer)

    writer = gguf.GGUFWriter(FOLDER / "tiny_mmproj.gguf", "clip")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, 1)
    writer.add_type(gguf.GGUFType.MMPROJ)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.IDEFICS3)
    writer.add_vision_projection_dim(HIDDEN)
    writer.add_vision_image_size(IMAGE)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(VISION)
    writer.add_vision_feed_forward_length(VISION_FEED_FORWARD)
    writer.add_vision_block_count(1)
    writer.add_vision_head_count(2)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_projector_scale_factor(SCALE)
    writer.add_vision_use_gelu(True)
    for name, weight in vision_weights(rng).items():
        kind = "F16" if weight.ndim == 2 and "embedding" not in name else "F32"
        name, expected[name] = add(writer, names, name, weight, kind)
    finish(writer)
    np.savez_compressed(FOLDER / "tiny_gguf.npz", **expected)


def finish(writer: gguf.GGUFWriter) -> None:
    """Write the file."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write_blocks(np.random.default_rng(0))
    write_model(np.random.default_rng(1))
