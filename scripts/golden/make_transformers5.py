"""Writes tests/golden/transformers5/: folders as transformers 5 saves them, each with the logits that it computes.

    python scripts/golden/make_transformers5.py

Run by hand; needs torch, torchvision, num2words, Pillow and transformers 5. Everything in a folder is what
`save_pretrained` wrote, but for golden.npz: a prompt's ids, the image in it, and the last tokens' logits. The image has
the size of the view that it becomes, as torchvision resizes otherwise than Pillow.
"""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from typing import Any

if not __package__:
    # Started by its path, Python sees this folder alone.
    environment = Path(__file__).resolve().parents[1] / "support" / "environment.py"
    runpy.run_path(str(environment))["start_module"]("golden.make_transformers5")

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GenerationConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlamaConfig,
    LlamaForCausalLM,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
    TokenizersBackend,
)

from .make_transformers import FOLDER as GOLDEN
from .make_transformers import randomize

FOLDER = GOLDEN / "transformers5"
VIEW = 32
KEPT_LOGITS = 8
SPECIAL = ["<|im_start|>", "<|im_end|>", "<global-img>", "<row_1_col_1>", "<row_1_col_2>", "<row_2_col_1>",
           "<row_2_col_2>", "<fake_token_around_image>", "<image>", "<end_of_utterance>"]  # fmt: skip
LISTED = ["<fake_token_around_image>", "<image>", "<end_of_utterance>"]
NAMED = {
    "image_token": "<picture>", "fake_image_token": "<fake_token_around_image>",
    "global_image_token": "<whole>", "end_of_utterance_token": "<end_of_utterance>",
}  # fmt: skip
"""Two ways to say which tokens are special: a list, and names, here with others than the usual tokens."""
VOCABULARY = 256 + len(SPECIAL)
VISION = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
    "image_size": VIEW, "patch_size": 8,
}  # fmt: skip
TEXT = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 512, "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_type": "default", "rope_theta": 5000.0}, "pad_token_id": 257,
    "bos_token_id": 256, "eos_token_id": VOCABULARY - 1,
}  # fmt: skip
TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)
QUESTION = "<|im_start|>User:<image>Why?<end_of_utterance>\nAssistant:"
GREETING = "<|im_start|>User:Hello there<end_of_utterance>\nAssistant:"


def make_tokenizer(extra: Any, image: str = "<image>", whole: str = "<global-img>") -> Any:
    """Bytes and special tokens: ids that anyone can check."""
    names = {"<image>": image, "<global-img>": whole}
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    added = [AddedToken(names.get(token, token), special=True, normalized=False) for token in SPECIAL]
    tokenizer.add_special_tokens(added)
    return TokenizersBackend(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<end_of_utterance>", pad_token="<|im_end|>",
        extra_special_tokens=extra, chat_template=TEMPLATE.replace("<image>", image),
    )  # fmt: skip


def make_image(side: int) -> np.ndarray:
    """A smooth drawing with an edge, uint8 (side, side, 3)."""
    y, x = np.mgrid[0:side, 0:side]
    waves = np.stack([np.sin((c + 1) * (x + c * y) / side * 3) for c in range(3)], -1)
    waves[y > x] *= 0.6
    return (128 + 120 * waves).astype(np.uint8)


def prepare(model: Any) -> Any:
    """Random weights that float16 holds."""
    model.eval()
    randomize(model)
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())
    model.tie_weights()
    return model


def check_positions(model: Any) -> None:
    """Every patch of a full view reads its own position embedding (huggingface/transformers issue 41190)."""
    embeddings = model.model.vision_model.embeddings
    seen = []
    hook = embeddings.position_embedding.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    side = VIEW // 8
    embeddings(torch.zeros(1, 3, VIEW, VIEW), torch.ones(1, side, side, dtype=torch.bool))
    hook.remove()
    assert seen[0].flatten().tolist() == list(range(side * side)), "this release of transformers misplaces patches"


def save(name: str, model: Any, processor: Any, inputs: Any, images: dict[str, Any]) -> None:
    """Write one folder: the logits are those of float32, before the model is saved in float16."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    logits = model(**inputs).logits[0][-KEPT_LOGITS:].numpy().copy()
    model.generation_config = GenerationConfig(bos_token_id=256, eos_token_id=VOCABULARY - 1, pad_token_id=257)
    model.half().save_pretrained(folder)
    processor.save_pretrained(folder)
    np.savez_compressed(folder / "golden.npz", ids=inputs["input_ids"][0].numpy(), logits=logits, **images)


def make_seeing(name: str, model: Any, processor: Any) -> None:
    """A model that is shown one image, exactly a view."""
    image = make_image(VIEW)
    question = QUESTION.replace("<image>", processor.image_token)
    inputs = processor(text=[question], images=[[image]], return_tensors="pt")
    check_positions(model)
    save(name, model, processor, inputs, {"image": image})


def main() -> None:
    """Write all folders."""
    torch.manual_seed(0)
    sizes = {"size": {"longest_edge": VIEW}, "max_image_size": {"longest_edge": VIEW}}
    named = make_tokenizer(NAMED, "<picture>", "<whole>")
    listed = make_tokenizer(LISTED)
    with torch.no_grad():
        shared = {
            "image_token_id": named.convert_tokens_to_ids("<picture>"),
            "scale_factor": 2,
            "vision_config": VISION,
        }
        smolvlm = SmolVLMConfig(**shared, text_config={"model_type": "llama", **TEXT}, tie_word_embeddings=False)
        video = SmolVLMVideoProcessor(
            max_image_size={"longest_edge": VIEW},
            video_sampling={"fps": 1, "max_frames": 8, "video_size": {"longest_edge": VIEW}},
        )
        template = named.chat_template
        processor = SmolVLMProcessor(
            SmolVLMImageProcessor(**sizes), named, video, image_seq_len=4, chat_template=template
        )
        make_seeing("smolvlm", prepare(SmolVLMForConditionalGeneration(smolvlm)), processor)
        idefics3 = Idefics3Config(**shared, text_config={"model_type": "llama", **TEXT}, tie_word_embeddings=True)
        images = Idefics3ImageProcessor(**sizes)
        processor = Idefics3Processor(images, listed, image_seq_len=4, chat_template=TEMPLATE)
        make_seeing("idefics3", prepare(Idefics3ForConditionalGeneration(idefics3)), processor)
        llama = prepare(LlamaForCausalLM(LlamaConfig(**TEXT, tie_word_embeddings=True)))
        save("llama", llama, listed, listed([GREETING], return_tensors="pt"), {})


if __name__ == "__main__":
    main()
