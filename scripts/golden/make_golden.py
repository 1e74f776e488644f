"""Writes tests/golden/*.npz with the PyTorch reference. Run by hand when the architecture or the weights change.

    python scripts/golden/make_golden.py [WEIGHTS.safetensors]

Needs torch, numpy and Pillow. tinyvlm_random.npz: a small model with random weights. With the trainer's float32 or
float16 weights of the bundled model, also tinyvlm_13m.npz: what they say about four drawings, before quantization.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

if not __package__:
    # Started by its path, Python sees this folder alone.
    environment = Path(__file__).resolve().parents[1] / "support" / "environment.py"
    runpy.run_path(str(environment))["start_module"]("golden.make_golden")

import numpy as np
import torch
from PIL import Image

from bundled_model.configs import CONFIG, PREPROCESSOR
from bundled_model.folder_writer import convert, read_float32
from fixtures import random_model
from fixtures.shapes import shape_image
from support.environment import ROOT
from tinyvlm.hub import open_model
from tinyvlm.models.architecture import ModelFiles, load_architecture
from tinyvlm.models.tinyvlm import TinyVLM
from tinyvlm.text.prompts import user_message
from tinyvlm.text.tokenizer import Tokenizer

from .tinyvlm_torch import image_tokens, logits, run

DRAWINGS = [("circle", "red"), ("triangle", "blue"), ("rectangle", "yellow"), ("circle", "green")]
QUESTIONS = ["What color is the shape?", "What shape is in the image?", "Describe the image."]


def tensors(arrays: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Copy numpy arrays into torch."""
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}


def random_golden() -> dict[str, Any]:
    """Outputs of the small random model."""
    pixels, ids = random_model.inputs()
    out = run(tensors(random_model.weights()), random_model.CONFIG, torch.from_numpy(pixels), torch.from_numpy(ids))
    return {name: value.numpy() for name, value in out.items()}


def trained_golden(path: Path) -> dict[str, Any]:
    """Images, prompts, logits and greedy answers of the trained weights in float32."""
    weights = tensors({name: value for name, value, _ in convert(read_float32(path))})
    folder = open_model()
    tokenizer = Tokenizer.from_json(folder.read_text("tokenizer.json"))
    model = load_architecture(ModelFiles(CONFIG, PREPROCESSOR))
    assert isinstance(model, TinyVLM)
    prompts = [[1, *tokenizer.encode(model.prompt([user_message(question, [])]))] for question in QUESTIONS]
    images, all_logits, answers = [], [], []
    for shape, color in DRAWINGS:
        image = shape_image(shape, color)
        images.append(np.asarray(image))
        pixels = torch.from_numpy(np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR)).copy())
        _, tokens = image_tokens(weights, CONFIG, pixels)
        for prompt in prompts:
            ids, steps = list(prompt), list[torch.Tensor]()
            while len(steps) < 16 and ids[-1] not in model.eos_token_ids:
                steps.append(logits(weights, CONFIG["text_config"], tokens, torch.tensor(ids))[-1])
                ids.append(int(steps[-1].argmax()))
            all_logits.append(steps[0].numpy().astype(np.float16))
            answers.append(tokenizer.decode(ids[len(prompt) :]).strip())
    return {"images": np.stack(images), "logits": np.stack(all_logits), "answers": np.array(answers)}


def main() -> None:
    """Write the files."""
    folder = ROOT / "tests" / "golden"
    with torch.no_grad():
        np.savez_compressed(folder / "tinyvlm_random.npz", **random_golden())
        if len(sys.argv) > 1:
            np.savez_compressed(folder / "tinyvlm_13m.npz", **trained_golden(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
