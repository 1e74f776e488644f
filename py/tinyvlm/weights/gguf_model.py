"""GGUF files of a model, a text model and perhaps its `mmproj`, as if they were a Hugging Face folder.

Names are llama.cpp's: its gguf-py/gguf/tensor_mapping.py for text, tools/mtmd/clip-impl.h for the vision part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

from ..errors import ModelError
from .gguf_tokenizer import end_ids
from .tensor_info import TensorInfo

_TEXT_NAMES = {
    "token_embd.weight": "embed_tokens.weight",
    "output_norm.weight": "norm.weight",
}
_TEXT_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_VISION_NAMES = {
    "v.patch_embd.weight": "vision_model.embeddings.patch_embedding.weight",
    "v.patch_embd.bias": "vision_model.embeddings.patch_embedding.bias",
    "v.position_embd.weight": "vision_model.embeddings.position_embedding.weight",
    "v.post_ln.weight": "vision_model.post_layernorm.weight",
    "v.post_ln.bias": "vision_model.post_layernorm.bias",
    "mm.model.fc.weight": "connector.modality_projection.proj.weight",
}
_VISION_LAYER_NAMES = {
    "ln1": "layer_norm1",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_out": "self_attn.out_proj",
    "ln2": "layer_norm2",
    "ffn_up": "mlp.fc1",
    "ffn_down": "mlp.fc2",
}
_LEGACY_FEED_FORWARD = {"ffn_up": "ffn_down", "ffn_down": "ffn_up"}


Tower = Literal["fits", "none", "missing", "misfit"]
"""A model's vision tower: there, not to be expected, not there though the text knows images, or another model's."""


class GGUFContents(Protocol):
    """A parsed file: `GGUFFile`, or whatever holds its header and reads its ranges."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Values by key."""

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """Tensors by llama.cpp's names."""

    def read(self, name: str) -> Any:
        """Return a tensor's bytes as stored."""


class GGUFSource:
    """A `WeightSource` of one or two files under Hugging Face's names, with the config that such a folder would have.

    Query and key rows stay in the files' order; `TensorInfo.rope_heads` tells it. `preprocessor` is empty for text.
    """

    def __init__(self, files: Sequence[GGUFContents], *, tower_asked: bool = True) -> None:
        """Recognise the files, in any order: a text model, perhaps in pieces, and perhaps a vision tower.

        A tower that nobody asked for is left out where it does not fit; `tower` then says so. Raises ModelError:
        "gguf-files-wrong" where they are other files than these, "gguf-split" where pieces are missing; other codes of
        "gguf-..." or "weights-missing" for what they hold.
        """
        self.files = files
        texts = sorted((i for i, file in enumerate(files) if not _is_vision(file)), key=lambda i: _piece(files[i])[0])
        visions = [index for index, file in enumerate(files) if _is_vision(file)]
        if not texts or len(visions) > 1:
            raise ModelError("gguf-files-wrong")
        _check_pieces([_piece(files[index]) for index in texts])
        self.tensors = dict[str, TensorInfo]()
        self._places = dict[str, tuple[int, str]]()
        self.text_metadata = files[texts[0]].metadata
        self.config = text_config(self.text_metadata, [files[index].tensors for index in texts])
        self.preprocessor = dict[str, Any]()
        self.tower: Tower = "fits" if visions else "missing" if _has_image_token(self.text_metadata) else "none"
        try:
            for index in visions:
                self._see(index)
        except ModelError:
            if tower_asked:
                raise
            self.tower = "misfit"
        config = self.config.get("text_config", self.config)
        prefix = "model." if config is self.config else "model.text_model."
        for index in texts:
            for stored, info in files[index].tensors.items():
                self._add(index, _text_name(stored, prefix), info, _rope_heads(info, config))

    def _see(self, index: int) -> None:
        """Add the vision tower; raises ModelError, with nothing added, where it is none of this model's."""
        vision = self.files[index]
        config = smolvlm_config(self.config, self.text_metadata, vision.metadata)
        preprocessor = preprocessor_config(vision.metadata)
        swapped = _is_legacy(vision, config["vision_config"])
        named = {_vision_name(stored, swapped): info for stored, info in vision.tensors.items()}
        for name, info in named.items():
            self._add(index, name, info)
        self.config = config
        self.preprocessor = preprocessor

    def read(self, name: str) -> Any:
        """See WeightSource."""
        index, stored = self._places[name]
        return self.files[index].read(stored)

    def file_of(self, name: str) -> int:
        """Return the index in `files` of the one that holds a tensor, in which its offset counts."""
        return self._places[name][0]

    def _add(self, file: int, name: str, info: TensorInfo, rope_heads: int = 0) -> None:
        if name in self.tensors:
            raise ModelError("tensor-in-two-files", tensor=repr(name))
        self._places[name] = file, info.name
        self.tensors[name] = replace(info, name=name, rope_heads=rope_heads)


def text_config(metadata: Mapping[str, Any], pieces: Sequence[Mapping[str, TensorInfo]]) -> dict[str, Any]:
    """Return the `config.json` of a text model; raises ModelError for other architectures than Llama."""
    tensors = {name: info for piece in pieces for name, info in piece.items()}
    architecture = metadata.get("general.architecture")
    if architecture != "llama":
        raise ModelError("gguf-architecture-unknown", architecture=f"{architecture!r:.60}", supported="llama")
    embedding = tensors.get("token_embd.weight")
    if embedding is None:
        raise ModelError("weights-missing", tensor=repr("token_embd.weight"))
    heads = _integer(metadata, "llama.attention.head_count")
    config: dict[str, Any] = {
        "model_type": "llama",
        "vocab_size": embedding.shape[0],
        "hidden_size": _integer(metadata, "llama.embedding_length"),
        "intermediate_size": _per_layer(metadata, "llama.feed_forward_length"),
        "num_hidden_layers": _integer(metadata, "llama.block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": _per_layer(metadata, "llama.attention.head_count_kv", heads),
        "max_position_embeddings": _integer(metadata, "llama.context_length"),
        "rms_norm_eps": _number(metadata, "llama.attention.layer_norm_rms_epsilon"),
        "rope_theta": _number(metadata, "llama.rope.freq_base", 10_000.0),
        "hidden_act": "silu",
        "tie_word_embeddings": "output.weight" not in tensors,
    }
    head_dim = config["hidden_size"] // heads
    for key in ("llama.rope.dimension_count", "llama.attention.key_length", "llama.attention.value_length"):
        size = _integer(metadata, key, head_dim)
        if size != head_dim:
            raise ModelError("gguf-metadata-unsupported", key=key, value=str(size))
    factor = _rope_factor(metadata)
    if factor != 1:
        config["rope_scaling"] = {"rope_type": "linear", "factor": factor}
    for token, key in (("bos", "bos_token_id"), ("padding", "pad_token_id")):
        token_id = metadata.get(f"tokenizer.ggml.{token}_token_id")
        if type(token_id) is int:
            config[key] = token_id
    if ends := end_ids(metadata):
        config["eos_token_id"] = ends
    return config


def _rope_factor(metadata: Mapping[str, Any]) -> float:
    """Return by how much positions are stretched; as llama.cpp has it, a factor alone means linear scaling."""
    kind = metadata.get("llama.rope.scaling.type", "linear")
    if kind == "none":
        return 1.0
    if kind != "linear":
        raise ModelError("gguf-metadata-unsupported", key="llama.rope.scaling.type", value=f"{kind!r:.60}")
    key = "llama.rope.scaling.factor"
    if key not in metadata:
        key = "llama.rope.scale_linear"
    return 1.0 if metadata.get(key, 0.0) == 0 else _number(metadata, key)


def smolvlm_config(
    text: Mapping[str, Any], text_metadata: Mapping[str, Any], vision_metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Put a text model's config and the metadata of an mmproj together; raises ModelError for other projectors."""
    metadata = vision_metadata
    projector = metadata.get("clip.vision.projector_type", metadata.get("clip.projector_type"))
    if projector != "idefics3" or metadata.get("clip.use_silu"):
        raise ModelError("gguf-architecture-unknown", architecture=f"{projector!r:.60}", supported="idefics3")
    if not _has_image_token(text_metadata):
        raise ModelError("gguf-not-for-images")
    vision = {
        "model_type": "smolvlm_vision",
        "hidden_size": _integer(metadata, "clip.vision.embedding_length"),
        "intermediate_size": _integer(metadata, "clip.vision.feed_forward_length"),
        "num_hidden_layers": _integer(metadata, "clip.vision.block_count"),
        "num_attention_heads": _integer(metadata, "clip.vision.attention.head_count"),
        "num_channels": 3,
        "image_size": _integer(metadata, "clip.vision.image_size"),
        "patch_size": _integer(metadata, "clip.vision.patch_size"),
        "layer_norm_eps": _number(metadata, "clip.vision.attention.layer_norm_epsilon"),
        "hidden_act": "gelu_pytorch_tanh",
    }
    if _integer(metadata, "clip.vision.projection_dim", text["hidden_size"]) != text["hidden_size"]:
        raise ModelError("gguf-widths-differ")
    return {
        "model_type": "smolvlm",
        "image_token_id": text_metadata["tokenizer.ggml.tokens"].index("<image>"),
        "scale_factor": _integer(metadata, "clip.vision.projector.scale_factor"),
        "tie_word_embeddings": text["tie_word_embeddings"],
        "text_config": dict(text),
        "vision_config": vision,
        **{key: text[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id") if key in text},
    }


def preprocessor_config(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `preprocessor_config.json` that an mmproj's metadata stand for.

    Files written before llama.cpp kept the longest edge get that of the published models, four tiles.
    """
    tile = _integer(metadata, "clip.vision.image_size")
    return {
        "image_processor_type": "Idefics3ImageProcessor",
        "do_image_splitting": True,
        "image_mean": _channels(metadata, "clip.vision.image_mean"),
        "image_std": _channels(metadata, "clip.vision.image_std"),
        "max_image_size": {"longest_edge": tile},
        "size": {"longest_edge": _integer(metadata, "clip.vision.preproc_image_size", 4 * tile)},
    }


def _has_image_token(text_metadata: Mapping[str, Any]) -> bool:
    tokens = text_metadata.get("tokenizer.ggml.tokens")
    return isinstance(tokens, list) and "<image>" in tokens


def _is_vision(file: GGUFContents) -> bool:
    return file.metadata.get("general.architecture") == "clip"


def _piece(file: GGUFContents) -> tuple[int, int]:
    """Return which piece of how many a file is."""
    number = file.metadata.get("split.no", 0)
    count = file.metadata.get("split.count", 1)
    if type(number) is not int or type(count) is not int:
        raise ModelError("gguf-metadata-invalid", key="split.count")
    return number, max(count, 1)


def _check_pieces(pieces: Sequence[tuple[int, int]]) -> None:
    if len(pieces) > 1 and all(count == 1 for _, count in pieces):
        raise ModelError("gguf-files-wrong")
    if list(pieces) != [(number, len(pieces)) for number in range(len(pieces))]:
        raise ModelError("gguf-split")


def _is_legacy(file: GGUFContents, config: Mapping[str, Any]) -> bool:
    """Whether `ffn_up` and `ffn_down` stand for each other, as in files of early converters."""
    info = file.tensors.get("v.blk.0.ffn_down.weight")
    shape = (config["intermediate_size"], config["hidden_size"])
    return info is not None and info.shape == shape and shape[0] != shape[1]


def _text_name(stored: str, prefix: str) -> str:
    """blk.3.attn_q.weight -> model.layers.3.self_attn.q_proj.weight"""
    match stored.split("."):
        case ["blk", index, part, "weight"] if part in _TEXT_LAYER_NAMES and index.isdecimal():
            return f"{prefix}layers.{index}.{_TEXT_LAYER_NAMES[part]}.weight"
        case ["output", "weight"]:
            return "lm_head.weight"
    if stored in _TEXT_NAMES:
        return prefix + _TEXT_NAMES[stored]
    raise _unknown(stored)


def _vision_name(stored: str, swapped: bool) -> str:
    """v.blk.3.ffn_up.bias -> model.vision_model.encoder.layers.3.mlp.fc1.bias"""
    match stored.split("."):
        case ["v", "blk", index, part, "weight" | "bias" as kind] if part in _VISION_LAYER_NAMES and index.isdecimal():
            part = _LEGACY_FEED_FORWARD.get(part, part) if swapped else part
            return f"model.vision_model.encoder.layers.{index}.{_VISION_LAYER_NAMES[part]}.{kind}"
    if stored in _VISION_NAMES:
        return f"model.{_VISION_NAMES[stored]}"
    raise _unknown(stored)


def _rope_heads(info: TensorInfo, config: Mapping[str, Any]) -> int:
    """How many heads a text tensor's rows are in llama.cpp's order of; 0 where they are in Hugging Face's."""
    for part, key in (("attn_q", "num_attention_heads"), ("attn_k", "num_key_value_heads")):
        if info.name.endswith(f".{part}.weight"):
            heads: int = config[key]
            if len(info.shape) != 2 or info.shape[0] % (2 * heads):
                raise ModelError("tensor-shape-wrong", tensor=repr(info.name), shape=str(info.shape))
            return heads
    return 0


def _unknown(stored: str) -> ModelError:
    return ModelError("gguf-tensor-unknown", tensor=repr(stored))


def _integer(metadata: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = metadata.get(key, default)
    if type(value) is not int or not 0 < value < 1 << 31:
        raise ModelError("gguf-metadata-invalid", key=key)
    return value


def _per_layer(metadata: Mapping[str, Any], key: str, default: int | None = None) -> int:
    """Return a size that may be given once, or for every layer; layers that differ are refused."""
    value = metadata.get(key, default)
    if not isinstance(value, list):
        return _integer(metadata, key, default)
    if len(value) != _integer(metadata, "llama.block_count"):
        raise ModelError("gguf-metadata-invalid", key=key)
    if any(size != value[0] for size in value):
        raise ModelError("gguf-metadata-unsupported", key=key, value=f"{value!r:.60}")
    return _integer({key: value[0]}, key)


def _number(metadata: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = metadata.get(key, default)
    if type(value) is not float or not 0 < value < math.inf:
        raise ModelError("gguf-metadata-invalid", key=key)
    return value


def _channels(metadata: Mapping[str, Any], key: str) -> list[float]:
    values = metadata.get(key)
    if not isinstance(values, list) or len(values) != 3 or not all(type(v) is float and 0 < v < 2 for v in values):
        raise ModelError("gguf-metadata-invalid", key=key)
    return values
