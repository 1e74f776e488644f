"""Reads an ONNX graph as the layers that hold weights, in the order of execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from support.environment import ScriptError

Array = np.ndarray


@dataclass
class Layer:
    """A convolution, a matrix product or a norm: float32 weights as the graph holds them, batch norm folded in."""

    kind: str
    """The ONNX operator; "Norm" for a layer norm's weight and bias."""
    weight: Array
    bias: Array | None = None
    strides: tuple[int, ...] = ()
    pads: tuple[int, ...] | str = ()
    groups: int = 1
    weight_name: str = ""
    bias_name: str = ""
    """Where the graph holds them."""
    batch_norm: tuple[str, ...] = ()
    """Names of a batch norm's scale, bias, mean and variance, if one was folded in."""
    activation: str = ""
    """What is applied to the result, if anything."""
    slope: float = 1
    """Of a hard sigmoid."""


@dataclass
class Graph:
    """A model, its constants, and its layers."""

    model: Any
    constants: dict[str, Array] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)


ACTIVATIONS = {"Relu": "relu", "HardSigmoid": "hard_sigmoid", "Sigmoid": "sigmoid", "Div": "gelu"}
"""By the operator that follows; GELU is written out, and begins with a division by the root of 2."""


def read_graph(path: Path) -> Graph:
    """Return the graph's layers. Raises ScriptError for one that has both a bias and a batch norm."""
    model = onnx.load(path)
    graph = Graph(model, {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer})
    nodes = []
    aliases = dict[str, str]()
    for node in model.graph.node:
        if node.op_type == "Constant":
            graph.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type == "Identity":
            aliases[node.output[0]] = aliases.get(node.input[0], node.input[0])
        else:
            nodes.append(node)
    readers = dict[str, list[Any]]()
    for node in nodes:
        for name in node.input:
            readers.setdefault(aliases.get(name, name), []).append(node)
    for node in nodes:
        layer = _layer(graph, node, readers)
        if layer:
            graph.layers.append(layer)
    return graph


def _layer(graph: Graph, node: Any, readers: dict[str, list[Any]]) -> Layer | None:
    constants = graph.constants
    if node.op_type in ("Conv", "ConvTranspose", "MatMul") and node.input[1] in constants:
        layer = _product(constants, node)
        _fold_what_follows(constants, layer, node.output[0], readers)
        return layer
    if node.op_type == "Mul" and _is_vector(constants, node.input[1]):
        (add,) = readers[node.output[0]]
        weight, bias = node.input[1], add.input[1]
        return Layer("Norm", constants[weight], constants[bias], weight_name=weight, bias_name=bias)
    return None


def _product(constants: dict[str, Array], node: Any) -> Layer:
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    padding = attributes.get("auto_pad", b"").decode() or tuple(attributes.get("pads", ()))
    layer = Layer(
        node.op_type,
        constants[node.input[1]].astype(np.float32),
        strides=tuple(attributes.get("strides", ())),
        pads=padding,
        groups=attributes.get("group", 1),
        weight_name=node.input[1],
    )
    if len(node.input) > 2:
        layer.bias, layer.bias_name = constants[node.input[2]].reshape(-1), node.input[2]
    return layer


def _fold_what_follows(constants: dict[str, Array], layer: Layer, output: str, readers: dict[str, list[Any]]) -> None:
    """Take in an addition of constants, and a batch norm; note the activation."""
    following = readers.get(output, [])
    if len(following) == 1 and following[0].op_type == "Add" and layer.bias is None:
        (node,) = following
        name = next((name for name in node.input if name in constants), "")
        if name:
            layer.bias, layer.bias_name = constants[name].reshape(-1), name
            following = readers.get(node.output[0], [])
    if len(following) == 1 and following[0].op_type == "BatchNormalization":
        _fold_batch_norm(constants, layer, following[0])
        following = readers.get(following[0].output[0], [])
    _note_activation(layer, following)


def _fold_batch_norm(constants: dict[str, Array], layer: Layer, node: Any) -> None:
    """Make one affine map of the layer and the norm behind it."""
    if layer.bias is not None:
        raise ScriptError(f"{layer.weight_name} has a bias and a batch norm, which was not expected.")
    layer.batch_norm = tuple(node.input[1:5])
    scale, bias, mean, variance = (constants[name].astype(np.float64) for name in layer.batch_norm)
    epsilon = next(attribute.f for attribute in node.attribute if attribute.name == "epsilon")
    factor = scale / np.sqrt(variance + epsilon)
    layer.weight = (layer.weight * factor.reshape(-1, *[1] * (layer.weight.ndim - 1))).astype(np.float32)
    layer.bias = (bias - mean * factor).astype(np.float32)


def _note_activation(layer: Layer, following: list[Any]) -> None:
    """SiLU is a sigmoid, and a product with it; others are one operator, or begin with one that tells."""
    kinds = sorted({node.op_type for node in following})
    if kinds == ["Mul", "Sigmoid"]:
        layer.activation = "silu"
    for node in following:
        if node.op_type in ACTIVATIONS and not layer.activation:
            layer.activation = ACTIVATIONS[node.op_type]
            layer.slope = next((attribute.f for attribute in node.attribute if attribute.name == "alpha"), 1.0)


def _is_vector(constants: dict[str, Array], name: str) -> bool:
    return name in constants and constants[name].ndim == 1 and constants[name].size > 1
