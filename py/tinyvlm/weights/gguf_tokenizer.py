"""The tokenizer in a GGUF file's metadata, in the shape of a tokenizer.json and its tokenizer_config.json.

Keys and token types: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; what the names of pre-tokenizers stand
for: llama.cpp's llama-vocab.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from ..errors import ModelError

_PREFIX = "tokenizer.ggml."
# Does it cut digits apart before GPT-2's pattern? "default" and a missing name stand for a pattern of their own.
_SPLITS_DIGITS = {"smollm": True, "starcoder": True, "refact": True, "gpt-2": False, "granite-docling": False}
_ROLES = {"bos": "bos_token", "eos": "eos_token", "unknown": "unk_token", "padding": "pad_token"}
_ENDS = frozenset(
    {"<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<end_of_turn>"}
    | {"<end_of_utterance>", "<|end_of_turn|>", "<|return|>", "<|call|>", "<turn|>", "< EOT >", "_<EOT>"}
)
"""Tokens that end a turn wherever they are, as llama.cpp has it: many files name only one of several, or none."""
_END_ROLES = ("eos", "eot", "eom")
_AS_WRITTEN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


class _TokenType(IntEnum):
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


def tokenizer_definition(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a tokenizer.json would hold, for `Tokenizer`.

    Raises ModelError: "gguf-tokenizer-unsupported" for kinds that are not byte-level BPE with GPT-2's pattern,
    "gguf-metadata-invalid" for metadata that is malformed.
    """
    kind = metadata.get(_PREFIX + "model")
    pre = metadata.get(_PREFIX + "pre")
    if kind != "gpt2" or not isinstance(pre, str) or pre not in _SPLITS_DIGITS:
        raise ModelError("gguf-tokenizer-unsupported", model=f"{kind!r:.60}", pre=f"{pre!r:.60}")
    tokens = _sequence(metadata, "tokens", str)
    merges = _sequence(metadata, "merges", str)
    types = (
        _sequence(metadata, "token_type", int)
        if _PREFIX + "token_type" in metadata
        else [_TokenType.NORMAL] * len(tokens)
    )
    types = [_TokenType.CONTROL if token in _ENDS else kind for token, kind in zip(tokens, types, strict=False)]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    if len(types) != len(tokens) or len(vocabulary) != len(tokens) or not set(types) <= set(_TokenType):
        raise _invalid("token_type")
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    steps = [{"type": "Digits", "individual_digits": True}, byte_level] if _SPLITS_DIGITS[pre] else [byte_level]
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": index, "content": token, **_AS_WRITTEN, "special": token_type != _TokenType.USER_DEFINED}
            for index, (token, token_type) in enumerate(zip(tokens, types, strict=True))
            if token_type in (_TokenType.UNKNOWN, _TokenType.CONTROL, _TokenType.USER_DEFINED)
        ],
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
    }


def end_ids(metadata: Mapping[str, Any]) -> list[int]:
    """Return the ids of the tokens that end an answer, rising: those that the file names, and those known by name."""
    tokens = metadata.get(_PREFIX + "tokens")
    named = {metadata.get(f"{_PREFIX}{role}_token_id") for role in _END_ROLES}
    known = {index for index, token in enumerate(tokens if isinstance(tokens, list) else ()) if token in _ENDS}
    return sorted(known | {index for index in named if type(index) is int})


def tokenizer_config(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a tokenizer_config.json would hold of it: bos_token and others, add_bos_token, chat_template.

    Only what the file says; raises ModelError("gguf-metadata-invalid") where it is malformed.
    """
    tokens = _sequence(metadata, "tokens", str)
    config: dict[str, Any] = {}
    for role, name in _ROLES.items():
        index = metadata.get(f"{_PREFIX}{role}_token_id")
        if index is not None:
            if type(index) is not int or not 0 <= index < len(tokens):
                raise _invalid(f"{role}_token_id")
            config[name] = tokens[index]
    for name in ("add_bos_token", "add_eos_token"):
        if _PREFIX + name in metadata:
            config[name] = _checked(metadata[_PREFIX + name], name, bool)
    template = metadata.get("tokenizer.chat_template")
    if template is not None:
        config["chat_template"] = _checked(template, "chat_template", str)
    return config


def _sequence(metadata: Mapping[str, Any], name: str, kind: type) -> Sequence[Any]:
    values = metadata.get(_PREFIX + name)
    if not isinstance(values, Sequence) or isinstance(values, (str, bytes)):
        raise _invalid(name)
    if not all(type(value) is kind for value in values):
        raise _invalid(name)
    return values


def _checked(value: Any, name: str, kind: type) -> Any:
    if type(value) is not kind:
        raise _invalid(name)
    return value


def _invalid(name: str) -> ModelError:
    return ModelError("gguf-metadata-invalid", key=_PREFIX + name)
