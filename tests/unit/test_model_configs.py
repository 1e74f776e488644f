"""What model parts read of a config, what they take for granted, and which variants they refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tinyvlm.errors import InputError
from tinyvlm.models.architecture import Architecture
from tinyvlm.models.parts.cross_decoder import CrossDecoderConfig
from tinyvlm.models.parts.llama import LlamaConfig
from tinyvlm.models.parts.siglip import SiglipConfig
from tinyvlm.models.parts.smolvlm_inputs import ImageProcessor
from tinyvlm.ops import LANCZOS

CROSS = {
    "vocab_size": 100, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16,
    "max_position_embeddings": 32, "layer_norm_eps": 1e-6, "hidden_act": "gelu_pytorch_tanh",
    "tie_word_embeddings": True,
}  # fmt: skip
SIGLIP = {
    "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32,
    "patch_size": 16, "layer_norm_eps": 1e-6, "hidden_act": "gelu_pytorch_tanh",
}  # fmt: skip
LLAMA = {
    "vocab_size": 100, "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "rope_theta": 500.0, "tie_word_embeddings": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "config", "change"),
    [
        (CrossDecoderConfig.from_dict, CROSS, {"hidden_act": "gelu"}),
        (CrossDecoderConfig.from_dict, CROSS, {"tie_word_embeddings": False}),
        (SiglipConfig.from_dict, SIGLIP, {"image_size": 33}),
        (SiglipConfig.from_dict, SIGLIP, {"hidden_act": "gelu"}),
        (LlamaConfig.from_dict, LLAMA, {"attention_bias": True}),
        (LlamaConfig.from_dict, LLAMA, {"mlp_bias": True}),
        (LlamaConfig.from_dict, LLAMA, {"hidden_act": "gelu"}),
        (LlamaConfig.from_dict, LLAMA, {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}),
        (LlamaConfig.from_dict, LLAMA, {"rope_parameters": {"rope_type": "yarn", "rope_theta": 500.0}}),
    ],
)
def test_a_variant_that_would_answer_nonsense_is_refused(
    read: Callable[[Mapping[str, Any]], object], config: dict[str, Any], change: dict[str, Any]
) -> None:
    read(config)
    with pytest.raises(ValueError, match=r"."):
        read({**config, **change})


def test_llama_takes_for_granted_what_published_configs_leave_out() -> None:
    bare = {key: value for key, value in LLAMA.items() if key != "num_key_value_heads"}
    del bare["rope_theta"], bare["tie_word_embeddings"]
    config = LlamaConfig.from_dict(bare)
    assert (config.num_key_value_heads, config.rope_theta, config.tie_word_embeddings) == (4, 10_000.0, False)
    newer = LlamaConfig.from_dict({**bare, "rope_parameters": {"rope_type": "default", "rope_theta": 7.0}})
    assert newer.rope_theta == 7.0


def test_llama_keeps_keys_and_values_of_each_layer() -> None:
    shapes = LlamaConfig.from_dict(LLAMA).cache_shapes(9)
    assert [(shape.positions, shape.kv_heads, shape.head_dim) for shape in shapes] == [(9, 2, 2)] * 3


def test_an_image_processor_without_figures_has_those_of_transformers() -> None:
    """Idefics3ImageProcessor's defaults."""
    read = ImageProcessor.from_dict({})
    assert (read.longest_edge, read.view_size, read.splitting, read.resample) == (1456, 364, True, LANCZOS)
    assert (read.rescale_factor, read.mean, read.std) == (1 / 255, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def edge(longest: int, view: int) -> dict[str, Any]:
    return {"size": {"longest_edge": longest}, "max_image_size": {"longest_edge": view}}


@pytest.mark.parametrize("config", [edge(1, 1), edge(364, 364), edge(1, 364)])
def test_the_smallest_images_are_read(config: dict[str, Any]) -> None:
    assert ImageProcessor.from_dict(config).longest_edge == config["size"]["longest_edge"]


@pytest.mark.parametrize(
    "config",
    [
        *[{f"do_{step}": False} for step in ("resize", "rescale", "normalize")],
        edge(0, 364),
        edge(364, 0),
        {"image_mean": [0.5, 0.5]},
        {"image_std": [0.5, 0.5]},
        {"image_std": [0.5, 0.0, 0.5]},
    ],
)
def test_an_image_processor_that_cannot_be_followed_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ImageProcessor.from_dict(config)


class Text(Architecture):
    """One that reads text alone, and says no more than it has to."""


def test_an_architecture_that_reads_text_alone_sees_nothing() -> None:
    text = Text()
    assert text.plan(3, 4, "fast") is None
    assert text.views(None, None, None) == text.encode(None, {}, None) == []  # type: ignore[arg-type]
    assert (text.prompt([]), text.image_text(None)) == (None, "")
    with pytest.raises(InputError) as caught:
        text.plan_video(3, 1.0)
    assert caught.value.code == "video-unsupported"


def test_a_question_is_the_last_messages_text() -> None:
    part = [{"type": "text", "text": "What"}, {"type": "image"}, {"type": "text", "text": "is it? "}]
    messages = [{"role": "user", "content": [{"type": "text", "text": "Before."}]}, {"role": "user", "content": part}]
    assert Text().question(messages) == "What is it?"
