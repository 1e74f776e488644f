"""Published configs, profiles, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.errors import InputError
from tinyvlm.models.parts.smolvlm import SmolVLMConfig
from tinyvlm.models.parts.smolvlm_inputs import ImageProcessor, ImageTokens, image_text, number_rows
from tinyvlm.models.parts.smolvlm_video import VideoProcessor, video_plan, video_text
from tinyvlm.ops import LANCZOS

TEXT_256M = {
    "architectures": ["VLlama3ForCausalLM"], "head_dim": 64, "hidden_size": 576, "intermediate_size": 1536,
    "is_llama_config": True, "max_position_embeddings": 8192, "model_type": "llama", "num_attention_heads": 9,
    "num_hidden_layers": 30, "num_key_value_heads": 3, "pad_token_id": 2, "pixel_shuffle_factor": 4,
    "qk_layer_norms": False, "rms_norm_eps": 1e-05, "rope_interleaved": False, "rope_theta": 100000,
    "torch_dtype": "bfloat16", "use_resampler": False, "vocab_size": 49280,
}  # fmt: skip
TEXT_500M = {
    **TEXT_256M, "hidden_size": 960, "intermediate_size": 2560, "num_attention_heads": 15, "num_hidden_layers": 32,
    "num_key_value_heads": 5,
}  # fmt: skip
CONFIG = {
    "image_token_id": 49190, "model_type": "smolvlm", "pad_token_id": 128002, "scale_factor": 4,
    "text_config": TEXT_256M, "tie_word_embeddings": False,
    "vision_config": {
        "hidden_size": 768, "image_size": 512, "max_image_size": {"longest_edge": 512}, "model_type": "smolvlm_vision",
        "num_attention_heads": 12, "patch_size": 16, "size": {"longest_edge": 2048}, "tie_word_embeddings": False,
        "use_base_siglip": False,
    },
    "vocab_size": 49280,
}  # fmt: skip
PREPROCESSOR = {
    "do_convert_rgb": True, "do_image_splitting": True, "do_normalize": True, "do_pad": True, "do_rescale": True,
    "do_resize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    "max_image_size": {"longest_edge": 512}, "resample": 1, "rescale_factor": 0.00392156862745098,
    "size": {"longest_edge": 2048}, "video_sampling": {"fps": 1, "max_frames": 64, "video_size": {"longest_edge": 512}},
}  # fmt: skip
processor = ImageProcessor.from_dict(PREPROCESSOR)
edges = st.integers(1, 5000)


@pytest.mark.parametrize(("text", "layers", "kv_heads"), [(TEXT_256M, 30, 3), (TEXT_500M, 32, 5)])
def test_published_configs(text: dict[str, Any], layers: int, kv_heads: int) -> None:
    config = SmolVLMConfig.from_dict({**CONFIG, "text_config": text})
    assert (config.view_rows, config.max_positions, config.image_token_id) == (64, 8192, 49190)
    vision = config.vision
    assert (vision.num_hidden_layers, vision.intermediate_size, vision.layer_norm_eps) == (12, 3072, 1e-6)
    shapes = config.text.cache_shapes(config.max_positions)
    assert [(shape.positions, shape.kv_heads, shape.head_dim) for shape in shapes] == [(8192, kv_heads, 64)] * layers
    assert not config.text.tie_word_embeddings
    assert config.text.rope_theta == 100_000


@pytest.mark.parametrize(
    ("whole", "text", "tied"),
    [({"tie_word_embeddings": True}, {}, True), ({"tie_word_embeddings": True}, {"tie_word_embeddings": False}, False)],
)
def test_tied_embeddings(whole: dict[str, Any], text: dict[str, Any], tied: bool) -> None:
    config = SmolVLMConfig.from_dict({**CONFIG, **whole, "text_config": {**TEXT_256M, **text}})
    assert config.text.tie_word_embeddings is tied


@pytest.mark.parametrize(
    "change",
    [
        {"scale_factor": 3},
        {"scale_factor": 0},
        {"scale_factor": "4"},
        {"text_config": {**TEXT_256M, "model_type": "mistral"}},
        {"vision_config": {**CONFIG["vision_config"], "patch_size": 0}},
        {"vision_config": {**CONFIG["vision_config"], "image_size": 500}},
    ],
)
def test_unusable_configs_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not supported|whole squares"):
        SmolVLMConfig.from_dict({**CONFIG, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"do_resize": False},
        {"do_normalize": False},
        {"max_image_size": {"longest_edge": 0}},
        {"size": {"longest_edge": 10**9}},
        {"size": {"longest_edge": 0}},
        {"max_image_size": {"longest_edge": 1}},
        {"image_mean": [0.5]},
        {"image_std": [0.5, 0, 0.5]},
    ],
)
def test_unusable_processors_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"image|in views of"):
        ImageProcessor.from_dict({**PREPROCESSOR, **change})


def test_a_photo_as_published() -> None:
    """4 x 3 tiles and the whole image: 832 tokens."""
    plan = processor.plan(480, 640)
    assert (plan.rows, plan.columns, len(plan.views)) == (3, 4, 13)
    assert plan.views[5].sizes == ((1536, 2048),)
    assert (plan.views[5].top, plan.views[5].left) == (512, 512)
    assert plan.views[-1].sizes == ((1536, 2048), (512, 512))
    assert image_text(plan, ImageTokens(), 64).count("<image>") == 832
    assert processor.resample == LANCZOS


@given(edges, edges)
def test_tiles_cover_the_image(height: int, width: int) -> None:
    plan = processor.plan(height, width)
    assert len(plan.views) == plan.rows * plan.columns + 1
    sizes = [size for view in plan.views for size in view.sizes]
    assert all(1 <= edge <= 2048 + 512 for size in sizes for edge in size)
    corners = {(view.top, view.left) for view in plan.views[:-1]}
    assert corners == {(512 * row, 512 * column) for row in range(plan.rows) for column in range(plan.columns)}
    whole = plan.views[0].sizes[-1] if plan.views[0].sizes else (height, width)
    assert whole == (512 * max(plan.rows, 1), 512 * max(plan.columns, 1))


@given(edges, edges)
def test_profiles(height: int, width: int) -> None:
    fast, balanced = (processor.with_profile(name).plan(height, width) for name in ("fast", "balanced"))
    assert (fast.rows, fast.columns, len(fast.views)) == (0, 0, 1)
    assert max(balanced.rows, balanced.columns) == 2
    assert len(balanced.views) <= 5
    assert processor.with_profile("accuracy") == processor


def test_images_that_need_no_resizing_are_not_resized() -> None:
    assert processor.with_profile("fast").plan(512, 512).views[0].sizes == ()
    assert processor.with_profile("balanced").plan(1024, 512).views[0].sizes == ()


def test_image_tokens() -> None:
    assert ImageTokens.from_dict({}) == ImageTokens("<image>", "<fake_token_around_image>", "<global-img>")
    named = {"image_token": {"content": "<i>"}, "extra_special_tokens": {"fake_image_token": "<f>"}}
    tokens = ImageTokens.from_dict(named)
    assert image_text(processor.with_profile("fast").plan(9, 9), tokens, 2) == "<f><global-img><i><i><f>"


def test_image_tokens_become_rows() -> None:
    assert number_rows([1, 7, 7, 2, 7], image_token_id=7, first_id=100) == [1, 100, 101, 2, 102]


video = VideoProcessor.from_dict(PREPROCESSOR)


@given(st.integers(1, 10**7), st.floats(0.1, 1000))
def test_frames_are_few_and_in_order(frames: int, fps: float) -> None:
    plan = video_plan(video, frames, fps)
    assert 1 <= len(plan.frames) <= 64
    assert list(plan.frames) == sorted(set(plan.frames))
    assert 0 <= plan.frames[0] <= plan.frames[-1] < frames
    assert video_text(plan, ImageTokens(), 64).count("<image>") == 64 * len(plan.frames)


def test_frames_are_one_view() -> None:
    plan = video.frames.plan(720, 1280)
    assert plan.views[0].sizes == ((288, 512), (512, 512))


@pytest.mark.parametrize(("frames", "fps"), [(0, 30.0), (10, 0.0), (10, float("nan"))])
def test_empty_videos_are_refused(frames: int, fps: float) -> None:
    with pytest.raises(InputError, match="no frames"):
        video_plan(video, frames, fps)


@pytest.mark.parametrize(
    "change", [{"max_frames": 0}, {"max_frames": 1000}, {"fps": 0}, {"video_size": {"longest_edge": 0}}]
)
def test_unusable_sampling_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sampling"):
        VideoProcessor.from_dict({**PREPROCESSOR, "video_sampling": {**PREPROCESSOR["video_sampling"], **change}})


@pytest.mark.parametrize(
    ("count", "words"), [(64, "sixty-four"), (200, "two hundred"), (115, "one hundred and fifteen"), (20, "twenty")]
)
def test_counts_are_written_in_words(count: int, words: str) -> None:
    sampling = {**PREPROCESSOR["video_sampling"], "max_frames": 999}
    plan = video_plan(VideoProcessor.from_dict({**PREPROCESSOR, "video_sampling": sampling}), count, 1.0)
    assert f"series of {words} frames" in video_text(plan, ImageTokens(), 1)


def test_two_frames_are_the_first_and_the_last_and_are_written_down_in_turn() -> None:
    plan = video_plan(video, 20, 10.0)
    assert (plan.frames, plan.seconds, plan.duration) == ((0, 19), (0.0, 1.9), 2.0)
    frame = "<fake_token_around_image><global-img><image><fake_token_around_image>"
    assert video_text(plan, ImageTokens(), 1) == (
        "You are provided the following series of two frames from a 0:00:02 [H:MM:SS] video.\n"
        f"\nFrame from 00:00:{frame}\nFrame from 00:01:{frame}\n\n"
    )


def test_one_frame_is_the_first() -> None:
    assert video_plan(video, 10, 10.0).frames == (0,)


@pytest.mark.parametrize(("height", "width", "scaled"), [(1, 5000, (1, 512)), (5000, 1, (512, 1)), (2, 500, (2, 512))])
def test_a_thin_image_keeps_a_row(height: int, width: int, scaled: tuple[int, int]) -> None:
    (view,) = processor.with_profile("fast").plan(height, width).views
    assert view.sizes[0] == scaled
