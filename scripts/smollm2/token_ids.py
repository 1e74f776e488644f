"""Compares the package's tokenizer with the `tokenizers` package on the real vocabulary."""

from __future__ import annotations

import json
from pathlib import Path

import tokenizers

from fixtures.varied_text import varied_strings
from support.environment import ScriptError
from tinyvlm.text.tokenizer import StreamDecoder, Tokenizer, clean
from tinyvlm.weights.gguf import GGUFFile
from tinyvlm.weights.gguf_tokenizer import tokenizer_definition


def compare(path: Path, strings: int) -> int:
    """Compare ids, decoded text and streamed text of so many strings; return how many tokens they had.

    Raises ScriptError at the first that differs.
    """
    with GGUFFile(path) as file:
        definition = tokenizer_definition(file.metadata)
    ours = Tokenizer(definition)
    theirs = tokenizers.Tokenizer.from_str(json.dumps(definition))
    count = 0
    for text in varied_strings(strings, seed=0, tokens=sorted(ours.special_tokens)):
        ids, decoder = ours.encode(text), StreamDecoder(ours)
        count += len(ids)
        decoded, streamed = ours.decode(ids), "".join(decoder.push(token) for token in ids) + decoder.flush()
        expected = theirs.encode(clean(text)).ids
        if ids != expected or not decoded == streamed == theirs.decode(ids):
            raise ScriptError(f"{text!r}: {ids} -> {streamed!r}; tokenizers: {expected}")
    return count
