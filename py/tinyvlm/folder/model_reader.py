"""All of a model folder but its weights: which architecture, which tokenizer, how a conversation is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..answers.naming import Naming
from ..answers.requests import Requests
from ..answers.unsure import Unsure
from ..errors import LoadError, ModelError
from ..models.architecture import Architecture, ModelFiles, load_architecture
from ..text.chat import ChatTemplate, read_chat_template, read_special_tokens
from ..text.prompts import Template
from ..text.tokenizer import Tokenizer
from ..weights.gguf_model import GGUFSource, Tower
from ..weights.gguf_tokenizer import tokenizer_config, tokenizer_definition
from ..weights.other_quantizations import check_quantization
from ..weights.source import WeightSource
from .model_folder import CLASS_NAMES, ModelFolder

Reader = Callable[[str], Mapping[str, Any] | None]
"""A JSON file's name -> the object in it, or None where there is no such file."""


@dataclass(frozen=True)
class ModelParts:
    """What a model folder's small files say."""

    name: str
    card: Mapping[str, Any]
    model: Architecture
    tokenizer: Tokenizer
    template: Template | None
    unsure: Unsure | None
    tower: Tower = "none"
    """Why a GGUF model that reads text only does so."""
    requests: Requests | None = None
    has_text_read: bool = False
    """Whether questions that ask what is written are answered by a reader of text."""
    naming: Naming | None = None
    looks_at_things: bool = False
    """Whether where the model looks, as it is asked for a thing, is where the thing is: it was taught to."""


def read_model(folder: ModelFolder, source: WeightSource | None = None) -> ModelParts:
    """Read all but the weights; LoadError where a file is missing, ModelError where one is malformed.

    A GGUF file, given as `source`, says all of it in its metadata, whatever lies beside it.
    """
    metadata = source.text_metadata if isinstance(source, GGUFSource) else None
    read = file_reader(folder, source)
    config, definition = (_required(folder, read, name) for name in ("config.json", "tokenizer.json"))
    words, generation = (read(name) or {} for name in ("tokenizer_config.json", "generation_config.json"))
    check_quantization(config, source.tensors if source else {})
    files = ModelFiles(config, _preprocessor(read), generation, words)
    model = load_architecture(files)
    template = read_chat_template(folder, metadata)
    special = {**read_special_tokens(folder), **{key: value for key, value in words.items() if isinstance(value, str)}}
    chat = ChatTemplate(template, special) if template else None
    tokenizer = Tokenizer.from_json(definition)
    unsure = Unsure.from_config(generation)
    requests = Requests.from_config(generation)
    naming = Naming.from_config(generation, read(CLASS_NAMES) if "naming" in generation else None)
    if naming and len(naming.names) != model.class_count:
        raise ModelError("naming-invalid")
    tower = source.tower if isinstance(source, GGUFSource) else "none"
    has_text_read = generation.get("reader", False)
    if not isinstance(has_text_read, bool):
        raise ModelError("config-invalid", reason="reader of generation_config.json is neither true nor false")
    looks_at_things = generation.get("looks_at_things", False)
    if not isinstance(looks_at_things, bool):
        raise ModelError("config-invalid", reason="looks_at_things of generation_config.json is neither true nor false")
    return ModelParts(
        folder.name,
        config.get("card", {}),
        model,
        tokenizer,
        chat,
        unsure,
        tower,
        requests,
        has_text_read,
        naming,
        looks_at_things,
    )


def file_reader(folder: ModelFolder, source: WeightSource | None = None) -> Reader:
    """Return what reads a model's JSON files by name, or what GGUF metadata say in their place."""
    return _gguf_reader(source) if isinstance(source, GGUFSource) else _folder_reader(folder)


def _folder_reader(folder: ModelFolder) -> Reader:
    def read(name: str) -> Mapping[str, Any] | None:
        if not folder.has(name):
            return None
        try:
            value = json.loads(folder.read_text(name))
        except (ValueError, RecursionError) as error:
            raise ModelError("json-invalid", file=name) from error
        if not isinstance(value, dict):
            raise ModelError("json-invalid", file=name)
        return value

    return read


def _gguf_reader(source: GGUFSource) -> Reader:
    metadata = source.text_metadata
    files: dict[str, Callable[[], Mapping[str, Any]]] = {
        "config.json": lambda: source.config,
        "preprocessor_config.json": lambda: source.preprocessor,
        "tokenizer.json": lambda: tokenizer_definition(metadata),
        "tokenizer_config.json": lambda: tokenizer_config(metadata),
    }
    return lambda name: files[name]() if name in files else None


def _preprocessor(read: Reader) -> Mapping[str, Any]:
    """Return preprocessor_config.json, or what processor_config.json says: transformers 5 puts it there.

    Videos have a processor of their own there, of which `video_sampling` is what we read.
    """
    processor = read("processor_config.json") or {}
    images = processor.get("image_processor")
    if not isinstance(images, Mapping):
        return read("preprocessor_config.json") or {}
    videos = processor.get("video_processor")
    sampling = videos.get("video_sampling") if isinstance(videos, Mapping) else None
    return {**images, "video_sampling": sampling} if sampling else images


def _required(folder: ModelFolder, read: Reader, name: str) -> Mapping[str, Any]:
    value = read(name)
    if value is None:
        raise LoadError("model-incomplete", model=folder.name, file=name)
    return value
