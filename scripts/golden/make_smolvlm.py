"""Writes tests/golden/{smolvlm,idefics3,smolvlm_inputs}.npz with transformers: tiny models with random weights.

    python scripts/golden/make_smolvlm.py

Run by hand; needs torch, torchvision, num2words, Pillow up to 12 and transformers 4.54. From 4.55 on, float32 models
read the position embeddings of neighbouring patches, unlike in training (huggingface/transformers issue 41190);
`check_positions` stops there.

Weights have the names of published checkpoints, and values that float16 holds exactly. To keep files small, pixels are
bytes again but for some of the first view, hidden states are those of the first view, logits those of the last tokens.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

if not __package__:
    # Started by its path, Python sees this folder alone.
    environment = Path(__file__).resolve().parents[1] / "support" / "environment.py"
    runpy.run_path(str(environment))["start_module"]("golden.make_smolvlm")

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    PreTrainedTokenizerFast,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)

from .make_transformers import FOLDER, randomize

TILES = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
KEPT_PIXEL_ROWS, KEPT_HIDDEN, KEPT_LOGITS = 8, 1, 8
SPECIAL = [
    "<|im_start|>",
    "<|im_end|>",
    "<global-img>",
    *TILES,
    "<fake_token_around_image>",
    "<image>",
    "<end_of_utterance>",
]
VOCABULARY = 256 + len(SPECIAL)
VISION = {
    "hidden_size": 16, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 2,
}  # fmt: skip
TEXT = {
    "model_type": "llama", "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rope_theta": 100000.0,
    "rms_norm_eps": 1e-5, "pad_token_id": 257,
}  # fmt: skip

Batches = list[tuple[bool, list[tuple[str, list[np.ndarray]]]]]
"""Whether the images of a batch are split, and its prompts with their images."""


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Bytes and special tokens: ids that anyone can check."""
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<|im_end|>", padding_side="right")


def make_image(height: int, width: int, seed: int) -> np.ndarray:
    """A smooth drawing with an edge, uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin((seed + c + 1) * (x / width + c * y / height) * 3) for c in range(3)], -1)
    waves[y > x * height / width] *= 0.6
    return (128 + 120 * waves).astype(np.uint8)


def check_positions(embeddings: torch.nn.Module, image_size: int) -> None:
    """Every patch of a full view reads its own position embedding."""
    seen = []
    hook = embeddings.position_embedding.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    side = embeddings.num_patches_per_side
    embeddings(torch.zeros(1, 3, image_size, image_size), torch.ones(1, side, side, dtype=torch.bool))
    hook.remove()
    assert seen[0][0].tolist() == list(range(side * side)), "this release of transformers misplaces patches"


def to_bytes(pixels: torch.Tensor) -> torch.Tensor:
    """Normalised pixels as the bytes that they were."""
    values = (pixels * 0.5 + 0.5) * 255
    assert (values - values.round()).abs().max() < 1e-3
    return values.round().to(torch.uint8)


def run_batch(model: Any, processor: Any, prompts: list[tuple[str, list[np.ndarray]]]) -> list[dict[str, Any]]:
    """One padded batch: each prompt's ids, its views, vision hidden states, features and logits."""
    texts, images = [text for text, _ in prompts], [pictures for _, pictures in prompts]
    if not any(images):
        inputs = processor(text=texts, return_tensors="pt")
        return [{"ids": inputs.input_ids[0], "logits": model(**inputs).logits[0][-KEPT_LOGITS:]}]
    inputs = processor(text=texts, images=images, return_tensors="pt", padding=True)
    logits = model(**inputs).logits
    results = []
    for i in range(len(prompts)):
        ids = inputs.input_ids[i][inputs.attention_mask[i].bool()]
        views = inputs.pixel_values[i]
        views = views[views.flatten(1).any(1)]  # without those that pad the batch
        hidden = model.model.vision_model(views).last_hidden_state
        pixels = views.permute(0, 2, 3, 1)
        results.append({
            "ids": ids, "views": to_bytes(pixels), "pixels": pixels[0, :KEPT_PIXEL_ROWS],
            "hidden": hidden[:KEPT_HIDDEN], "features": model.model.connector(hidden),
            "logits": logits[i][len(ids) - KEPT_LOGITS : len(ids)],
        })  # fmt: skip
    return results


def save(name: str, model: Any, processor: Any, batches: Batches) -> None:
    """Write one file."""
    weights = {f"w:{key}": value.numpy().astype(np.float16) for key, value in model.state_dict().items()}
    if model.config.text_config.tie_word_embeddings:
        weights.pop("w:lm_head.weight")
    arrays: dict[str, Any] = {}
    prompts: list[dict[str, Any]] = []
    for splitting, batch in batches:
        processor.image_processor.do_image_splitting = splitting
        for (text, images), result in zip(batch, run_batch(model, processor, batch), strict=True):
            at = len(prompts)
            prompts.append({"text": text, "images": len(images), "splitting": splitting})
            prompts[-1]["expanded"] = processor.tokenizer.decode(result["ids"], clean_up_tokenization_spaces=False)
            arrays |= {f"image{at}.{i}": image for i, image in enumerate(images)}
            arrays |= {f"{key}{at}": value.contiguous().numpy() for key, value in result.items()}
    np.savez_compressed(
        FOLDER / f"{name}.npz",
        config=json.dumps(model.config.to_dict(), default=str),
        preprocessor=processor.image_processor.to_json_string(),
        tokenizer=processor.tokenizer.backend_tokenizer.to_str(),
        prompts=json.dumps(prompts),
        **weights,
        **arrays,
    )


def prepare(model: Any) -> Any:
    """Random weights that float16 holds."""
    model.eval()
    randomize(model)
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())
    model.tie_weights()
    check_positions(model.model.vision_model.embeddings, model.config.vision_config.image_size)
    return model


def make_smolvlm(tokenizer: PreTrainedTokenizerFast) -> None:
    """Untied, views of 32 pixels in 2 x 2 rows; several images in one prompt, beside one with fewer in the batch."""
    config = SmolVLMConfig(
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), scale_factor=2, tie_word_embeddings=False,
        vision_config={**VISION, "image_size": 32, "patch_size": 8}, text_config=dict(TEXT),
    )  # fmt: skip
    sizes = {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 32}}
    processor = SmolVLMProcessor(SmolVLMImageProcessor(**sizes), tokenizer, SmolVLMVideoProcessor(), image_seq_len=4)
    batches: Batches = [
        (True, [
            ("<|im_start|>User:<image>and<image>Same?<end_of_utterance>\nAssistant:",
             [make_image(50, 90, 0), make_image(41, 23, 1)]),
            ("<|im_start|>User:<image>What?<end_of_utterance>\nAssistant:", [make_image(20, 200, 2)]),
        ]),
        (True, [("<|im_start|>User: Hello there<end_of_utterance>\nAssistant:", [])]),
    ]  # fmt: skip
    save("smolvlm", prepare(SmolVLMForConditionalGeneration(config)), processor, batches)


def make_idefics3(tokenizer: PreTrainedTokenizerFast) -> None:
    """Tied, views of 64 pixels in 4 x 4 patches a row, as published; two tiles, and the whole image alone."""
    config = Idefics3Config(
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), scale_factor=4, tie_word_embeddings=True,
        vision_config={**VISION, "image_size": 64, "patch_size": 8},
        text_config={**TEXT, "tie_word_embeddings": True},
    )  # fmt: skip
    sizes = {"size": {"longest_edge": 128}, "max_image_size": {"longest_edge": 64}}
    processor = Idefics3Processor(Idefics3ImageProcessor(**sizes), tokenizer, image_seq_len=4)
    text = "<|im_start|>User:<image>Why?<end_of_utterance>\nAssistant:"
    batches = [(splitting, [(text, [make_image(90, 40, 3)])]) for splitting in (True, False)]
    save("idefics3", prepare(Idefics3ForConditionalGeneration(config)), processor, batches)


class WatchedProcessor(SmolVLMImageProcessor):
    """Remembers what images were resized to."""

    def resize(self, *args: Any, **kwargs: Any) -> np.ndarray:
        """Resize, and take note."""
        image: np.ndarray = super().resize(*args, **kwargs)
        self.seen = [*getattr(self, "seen", []), image.shape[:2]]
        return image


def make_plans() -> list[dict[str, Any]]:
    """Rows, columns and the sizes on the way, of images of many sizes."""
    rng, plans = np.random.default_rng(0), []
    sizes = [(1, 1), (1, 300), (300, 1), (7, 7), (31, 31), (32, 8), (33, 31), *rng.integers(1, 200, (40, 2)).tolist()]
    for longest, view, splitting in ((31, 8, True), (32, 8, True), (77, 20, True), (5, 8, True), (32, 8, False)):
        config: dict[str, Any] = {"size": {"longest_edge": longest}, "max_image_size": {"longest_edge": view}}
        config["do_image_splitting"] = splitting
        for height, width in sizes:
            processor = WatchedProcessor(**config)
            black = np.zeros((height, width, 3), np.uint8)
            info = processor(black, return_row_col_info=True, input_data_format="channels_last")
            plans.append({
                "config": config, "height": height, "width": width, "rows": info["rows"][0][0],
                "columns": info["cols"][0][0], "sizes": processor.seen,
            })  # fmt: skip
    return plans


def make_inputs(tokenizer: PreTrainedTokenizerFast) -> None:
    """Images' plans; which frames of a video are read, what they become, and the text around them."""
    sampling = {"fps": 1, "max_frames": 64, "video_size": {"longest_edge": 48}}
    video_processor = SmolVLMVideoProcessor(max_image_size={"longest_edge": 32}, video_sampling=sampling)
    # Not given to transformers, whose `size` for images would replace that for frames.
    config = {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 32}, "video_sampling": sampling}
    processor = SmolVLMProcessor(SmolVLMImageProcessor(), tokenizer, video_processor, image_seq_len=4)
    cases = []
    for frames, fps in ((1, 30.0), (7, 2.0), (100, 29.97), (1500, 24.0), (3000, 25.0), (9001, 59.94), (200_000, 30.0)):
        metadata = {"total_num_frames": frames, "fps": fps, "duration": frames / fps}
        indices, timestamps, duration = video_processor.sample_frames(torch.arange(frames), metadata)
        inputs = {
            "pixel_values": indices[None], "timestamps": [timestamps], "durations": [duration],
        }  # fmt: skip
        processor.video_processor = lambda *_, answer=inputs, **__: dict(answer)
        (text,), _ = processor.process_video(["<video>"], [[None]], {"videos_kwargs": {}})
        cases.append({"frames": frames, "fps": fps, "indices": indices.tolist(), "text": text})
    frame = make_image(45, 80, 4)
    pixels = video_processor(torch.from_numpy(frame).permute(2, 0, 1)[None], return_tensors="pt").pixel_values[0, 0]
    np.savez_compressed(
        FOLDER / "smolvlm_inputs.npz", plans=json.dumps(make_plans()), preprocessor=json.dumps(config),
        videos=json.dumps(cases), frame=frame, pixels=pixels.permute(1, 2, 0).contiguous().numpy(),
    )  # fmt: skip


def main() -> None:
    """Write all files."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    with torch.no_grad():
        make_smolvlm(tokenizer)
        make_idefics3(tokenizer)
        make_inputs(tokenizer)


if __name__ == "__main__":
    main()
