"""Trains the byte-level BPE vocabulary on all questions, answers and captions of the training split."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from ..rows import read_rows
from .texts import CAPTION_PROMPTS, LONGEST, SHORTEST

SIZE = 4096


def train_tokenizer(folder: Path, out: Path) -> None:
    """Write a tokenizer.json of SIZE entries: `<pad>` 0, `<bos>` 1, `<eos>` 2; digits stay apart."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(folder), trainer)
    tokenizer.save(str(out))


def _texts(folder: Path) -> Iterator[str]:
    for prompt in (*CAPTION_PROMPTS, SHORTEST, LONGEST):
        yield f" Q: {prompt} A:"
    for row in read_rows(folder / "rows.jsonl"):
        if row.split == "train":
            yield from (f" {caption}" for caption in row.captions)
            yield from (f" Q: {question.q} A: {question.a}" for question in row.questions)
