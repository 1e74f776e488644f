"""GGUF files seen as a Hugging Face folder: config, names, order of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyvlm.errors import ModelError
from tinyvlm.models.architecture import ModelFiles, load_architecture
from tinyvlm.models.parts.llama import LlamaConfig
from tinyvlm.models.parts.siglip import SiglipConfig
from tinyvlm.weights.gguf import GGUFFile
from tinyvlm.weights.gguf_model import GGUFSource
from tinyvlm.weights.source import Float32Weights, read_array

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TEXT_CONFIG = {
    "model_type": "llama", "vocab_size": 40, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
    "rms_norm_eps": float(np.float32(1e-5)), "rope_theta": 5000.0, "hidden_act": "silu", "tie_word_embeddings": False,
    "bos_token_id": 1, "eos_token_id": [0, 2], "pad_token_id": 2,
}  # fmt: skip


class Edited:
    """A file with some metadata and tensors changed; None takes them out."""

    def __init__(self, file: GGUFFile, metadata: Mapping[str, Any] = {}, tensors: Mapping[str, Any] = {}) -> None:
        self.metadata = {key: value for key, value in {**file.metadata, **metadata}.items() if value is not None}
        self.tensors = {name: info for name, info in {**file.tensors, **tensors}.items() if info is not None}
        self.read = file.read


@pytest.fixture(scope="module")
def files() -> Iterator[list[GGUFFile]]:
    with GGUFFile(GOLDEN / "tiny_text.gguf") as text, GGUFFile(GOLDEN / "tiny_mmproj.gguf") as vision:
        yield [text, vision]


def test_text_alone(files: list[GGUFFile]) -> None:
    source = GGUFSource(files[:1])
    assert source.config == TEXT_CONFIG
    assert source.preprocessor == {}
    assert LlamaConfig.from_dict(source.config).rope_theta == 5000
    golden = np.load(GOLDEN / "tiny_gguf.npz")
    names = {name.replace(".text_model.", ".") for name in golden if ".vision_model." not in name}
    assert set(source.tensors) == names - {"model.connector.modality_projection.proj.weight"}
    for name, info in source.tensors.items():
        assert info.name == name
        expected = 4 if "q_proj" in name else 2 if "k_proj" in name else 0
        assert info.rope_heads == expected


@pytest.mark.parametrize("order", [1, -1])
def test_text_and_vision(files: list[GGUFFile], order: int) -> None:
    source = GGUFSource(files[::order])
    assert source.config == {
        "model_type": "smolvlm", "image_token_id": 3, "scale_factor": 2, "tie_word_embeddings": False,
        "bos_token_id": 1, "eos_token_id": [0, 2], "pad_token_id": 2, "text_config": TEXT_CONFIG,
        "vision_config": {
            "model_type": "smolvlm_vision", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
            "num_attention_heads": 2, "num_channels": 3, "image_size": 16, "patch_size": 4,
            "layer_norm_eps": float(np.float32(1e-6)), "hidden_act": "gelu_pytorch_tanh",
        },
    }  # fmt: skip
    assert SiglipConfig.from_dict(source.config["vision_config"]).patch_size == 4
    assert source.preprocessor["size"] == {"longest_edge": 64}
    assert source.preprocessor["image_mean"] == [0.5, 0.5, 0.5]
    golden = np.load(GOLDEN / "tiny_gguf.npz")
    assert set(source.tensors) == set(golden)
    plain = Float32Weights(source)
    for name in golden:
        assert source.tensors[name].shape == golden[name].shape
        np.testing.assert_array_equal(read_array(source, name), golden[name])
        assert plain.read(name) == golden[name].astype(np.float32).tobytes()
        file = source.files[source.file_of(name)]
        assert source.tensors[name].offset in {info.offset for info in file.tensors.values()}
    assert source.file_of("lm_head.weight") != source.file_of("model.vision_model.post_layernorm.bias")


def test_tied_embeddings(files: list[GGUFFile]) -> None:
    source = GGUFSource([Edited(files[0], tensors={"output.weight": None})])
    assert source.config["tie_word_embeddings"] is True
    assert "lm_head.weight" not in source.tensors


def test_feed_forwards_with_their_names_swapped(files: list[GGUFFile]) -> None:
    """Early converters called the first matrix of a vision layer `ffn_down`."""
    text, vision = files
    swapped = {}
    for kind in ("weight", "bias"):
        up, down = (vision.tensors[f"v.blk.0.ffn_{which}.{kind}"] for which in ("up", "down"))
        swapped |= {up.name: replace(down, name=up.name), down.name: replace(up, name=down.name)}
    source = GGUFSource([text, Edited(vision, tensors=swapped)])
    layer = "model.vision_model.encoder.layers.0.mlp"
    assert source.tensors[f"{layer}.fc1.weight"].shape == (64, 32)
    assert source.tensors[f"{layer}.fc1.bias"].shape == (64,)
    assert source.tensors[f"{layer}.fc2.weight"].shape == (32, 64)


@pytest.mark.parametrize(
    ("metadata", "factor"),
    [
        ({"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 4.0}, 4),
        ({"llama.rope.scaling.factor": 2.0}, 2),
        ({"llama.rope.scale_linear": 8.0}, 8),
        ({"llama.rope.scaling.type": "none", "llama.rope.scaling.factor": 4.0}, 1),
        ({"llama.rope.scaling.type": "linear"}, 1),
        ({"llama.rope.scaling.factor": 0.0}, 1),
    ],
)
def test_positions_may_be_stretched(files: list[GGUFFile], metadata: dict[str, Any], factor: float) -> None:
    source = GGUFSource([Edited(files[0], metadata)])
    assert LlamaConfig.from_dict(source.config).rope_factor == factor


def test_sizes_may_be_given_for_every_layer(files: list[GGUFFile]) -> None:
    metadata = {"llama.attention.head_count_kv": [2, 2], "llama.feed_forward_length": [64, 64]}
    assert GGUFSource([Edited(files[0], metadata)]).config == TEXT_CONFIG


def test_a_file_may_name_no_end(files: list[GGUFFile]) -> None:
    tokens = [f"t{index}" for index in range(40)]
    metadata = {"tokenizer.ggml.eos_token_id": None, "tokenizer.ggml.tokens": tokens}
    config = GGUFSource([Edited(files[0], metadata)]).config
    assert load_architecture(ModelFiles(config)).eos_token_ids == frozenset()


BAD_TEXT = {
    "layers that differ": ({"llama.attention.head_count_kv": [2, 1]}, "gguf-metadata-unsupported"),
    "sizes of more layers": ({"llama.feed_forward_length": [64] * 3}, "gguf-metadata-invalid"),
    "sizes of no layer": ({"llama.feed_forward_length": []}, "gguf-metadata-invalid"),
    "endless stretch": ({"llama.rope.scaling.factor": float("inf")}, "gguf-metadata-invalid"),
    "another architecture": ({"general.architecture": "qwen2"}, "gguf-architecture-unknown"),
    "no architecture": ({"general.architecture": None}, "gguf-architecture-unknown"),
    "a piece of it": ({"split.count": 3}, "gguf-split"),
    "no heads": ({"llama.attention.head_count": 0}, "gguf-metadata-invalid"),
    "heads of each layer": ({"llama.attention.head_count": [4, 4]}, "gguf-metadata-invalid"),
    "odd heads": ({"llama.attention.head_count": 5, "llama.rope.dimension_count": None}, "tensor-shape-wrong"),
    "huge": ({"llama.block_count": 1 << 31}, "gguf-metadata-invalid"),
    "true": ({"llama.block_count": True}, "gguf-metadata-invalid"),
    "missing width": ({"llama.embedding_length": None}, "gguf-metadata-invalid"),
    "NaN": ({"llama.attention.layer_norm_rms_epsilon": float("nan")}, "gguf-metadata-invalid"),
    "infinite theta": ({"llama.rope.freq_base": float("inf")}, "gguf-metadata-invalid"),
    "partial rope": ({"llama.rope.dimension_count": 4}, "gguf-metadata-unsupported"),
    "scaled rope": ({"llama.rope.scaling.type": "yarn"}, "gguf-metadata-unsupported"),
}


@pytest.mark.parametrize("name", BAD_TEXT)
def test_text_metadata_that_do_not_fit(files: list[GGUFFile], name: str) -> None:
    metadata, code = BAD_TEXT[name]
    with pytest.raises(ModelError) as caught:
        GGUFSource([Edited(files[0], metadata)])
    assert caught.value.code == code


BAD_VISION = {
    "another projector": ({"clip.projector_type": "mlp"}, "gguf-architecture-unknown"),
    "no scale": ({"clip.vision.projector.scale_factor": None}, "gguf-metadata-invalid"),
    "mean of one": ({"clip.vision.image_mean": [0.5]}, "gguf-metadata-invalid"),
    "another model's": ({"clip.vision.projection_dim": 48}, "gguf-widths-differ"),
}


@pytest.mark.parametrize("name", BAD_VISION)
def test_vision_metadata_that_do_not_fit(files: list[GGUFFile], name: str) -> None:
    metadata, code = BAD_VISION[name]
    with pytest.raises(ModelError) as caught:
        GGUFSource([files[0], Edited(files[1], metadata)])
    assert caught.value.code == code


def test_text_without_an_image_token(files: list[GGUFFile]) -> None:
    with pytest.raises(ModelError, match="<image>") as caught:
        GGUFSource([Edited(files[0], {"tokenizer.ggml.tokens": ["a"]}), files[1]])
    assert caught.value.code == "gguf-not-for-images"


@pytest.mark.parametrize(
    "stored", ["rope_freqs.weight", "blk.0.attn_q.bias", "blk.x.attn_q.weight", "v.post_ln.weight"]
)
def test_tensors_of_other_models(files: list[GGUFFile], stored: str) -> None:
    info = replace(files[0].tensors["output_norm.weight"], name=stored)
    with pytest.raises(ModelError, match=stored.split(".")[0]) as caught:
        GGUFSource([Edited(files[0], tensors={stored: info})])
    assert caught.value.code == "gguf-tensor-unknown"


@pytest.mark.parametrize("which", [[], [1], [0, 0], [0, 1, 1]])
def test_files_that_are_no_model_together(files: list[GGUFFile], which: list[int]) -> None:
    with pytest.raises(ModelError) as caught:
        GGUFSource([files[index] for index in which])
    assert caught.value.code == "gguf-files-wrong"


def test_no_embedding(files: list[GGUFFile]) -> None:
    with pytest.raises(ModelError) as caught:
        GGUFSource([Edited(files[0], tensors={"token_embd.weight": None})])
    assert caught.value.code == "weights-missing"
