"""Chats as text: a model folder's chat template (Jinja) writes messages the way the model was trained to read them.

A message is {"role": "user", "content": text or parts}; parts are {"type": "text", "text": ...}, {"type": "image"} and
{"type": "video"}. What stands for an image in the text is the template's business, mostly "<image>"; for a video, which
published templates leave out, it is "<video>".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..errors import InputError, ModelError

Message = Mapping[str, Any]

VIDEO = "<video>"
_PROBE = "a text that no template has"
_SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_GGUF_KEY = "tokenizer.chat_template"


class TextFiles(Protocol):
    """The files of a model folder."""

    def has(self, name: str) -> bool:
        """Whether the folder has this file."""

    def read_text(self, name: str) -> str:
        """Return its content."""


class ChatTemplate:
    """A compiled template. Some want a message's content as a string, some as parts; this one is tried when made."""

    def __init__(self, source: str, special_tokens: Mapping[str, str]) -> None:
        """Compile `source`, which may name `special_tokens`, "bos_token" for one.

        Raises ModelError: "jinja2-missing", or what `compile_template` does.
        """
        try:
            from .chat_template import compile_template
        except ImportError as error:
            raise ModelError("jinja2-missing") from error
        self._render = compile_template(source)
        self._special_tokens = dict(special_tokens)
        self._wants_parts = self._shows_parts()

    def render(self, messages: Sequence[Message], add_generation_prompt: bool = True) -> str:
        """Return the chat as text, with what the model's next answer begins with if `add_generation_prompt`.

        Raises InputError "chat-message-invalid" for messages that are none, "chat-text-only" for images where the
        template takes only text, or "chat-refused" where the template refuses the chat; ModelError
        "chat-template-invalid" where the template itself fails, "chat-template-endless" where it runs away.
        """
        return self._run([self._prepared(message) for message in messages], add_generation_prompt)

    def _run(self, messages: Sequence[Message], add_generation_prompt: bool) -> str:
        chat = {"messages": messages, "add_generation_prompt": add_generation_prompt}
        return self._render(**{**self._special_tokens, "tools": None, "documents": None, **chat})

    def _shows_parts(self) -> bool:
        """Whether a text part comes out as its text, and not as nothing, as a literal or as an error."""
        try:
            text = self._run([{"role": "user", "content": [{"type": "text", "text": _PROBE}]}], True)
        except (InputError, ModelError):
            return False
        return _PROBE in text and "'text': " not in text and '"text": ' not in text

    def _prepared(self, message: Message) -> Message:
        parts = _parts(message)
        if self._wants_parts:
            return {**message, "content": parts}
        if any(part["type"] != "text" for part in parts):
            raise InputError("chat-text-only")
        return {**message, "content": "".join(part["text"] for part in parts)}


def _parts(message: Message) -> list[dict[str, Any]]:
    """Return a message's content as parts; a video is the text that stands for it."""
    role = message.get("role")
    content = message.get("content")
    if isinstance(role, str) and isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(role, str) or not isinstance(content, Sequence) or isinstance(content, bytes):
        raise InputError("chat-message-invalid")
    parts = [_part(part) for part in content]
    return parts or [{"type": "text", "text": ""}]


def _part(part: Any) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    if kind == "image":
        return {"type": "image"}
    if kind == "video":
        return {"type": "text", "text": VIDEO}
    raise InputError("chat-message-invalid")


def read_chat_template(folder: TextFiles, metadata: Mapping[str, Any] | None = None) -> str | None:
    """Return the source of a model folder's template, or of a GGUF file's `metadata`; None where there is none.

    chat_template.jinja goes before chat_template.json, and that before tokenizer_config.json, as in transformers; of
    several named ones, "default" is taken. Raises ModelError: "json-invalid", "chat-template-not-text".
    """
    if folder.has("chat_template.jinja"):
        return folder.read_text("chat_template.jinja")
    for name in ("chat_template.json", "tokenizer_config.json"):
        found = _json(folder, name).get("chat_template")
        if found is not None:
            return _default(found)
    found = (metadata or {}).get(_GGUF_KEY)
    return None if found is None else _default(found)


def read_special_tokens(folder: TextFiles) -> dict[str, str]:
    """Return the special tokens that templates may name, of tokenizer_config.json."""
    config = _json(folder, "tokenizer_config.json")
    tokens = {}
    for name in _SPECIAL_TOKENS:
        token = config.get(name)
        token = token.get("content") if isinstance(token, Mapping) else token
        if isinstance(token, str):
            tokens[name] = token
    return tokens


def _default(found: Any) -> str:
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        named = {each.get("name"): each.get("template") for each in found if isinstance(each, Mapping)}
        if isinstance(named.get("default"), str):
            return str(named["default"])
    raise ModelError("chat-template-not-text")


def _json(folder: TextFiles, name: str) -> Mapping[str, Any]:
    if not folder.has(name):
        return {}
    try:
        content = json.loads(folder.read_text(name))
    except (ValueError, RecursionError) as error:
        raise ModelError("json-invalid", file=name) from error
    return content if isinstance(content, dict) else {}
