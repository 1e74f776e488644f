"""Writes the tower of networks.py, with the very same weights, as ONNX: float32, and int8 by dynamic quantization.

    python -m benchmarks.peers.siglip_onnx FP32_FILE INT8_FILE        (in the peers' environment)

The graph is the one ONNX Runtime's own fusions aim at: LayerNormalization, FastGelu, MultiHeadAttention, patches as
a matrix product.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from tinyvlm.weights.source import Float32Weights

from ..networks import SIGLIP, RandomWeights, siglip_shapes

MICROSOFT = "com.microsoft"


class _Graph:
    """Nodes in order, each named after its one output."""

    def __init__(self) -> None:
        self.source = Float32Weights(RandomWeights(siglip_shapes(), "q8"))
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def tensor(self, name: str) -> str:
        return self.constant(name, self._read(name))

    def linear(self, x: str, name: str) -> str:
        matrix = self.constant(f"{name}.weight", np.ascontiguousarray(self._read(f"{name}.weight").T))
        return self.node("Add", self.node("MatMul", x, matrix), self.tensor(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        scale, bias = self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias")
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=SIGLIP.layer_norm_eps)

    def reshape(self, x: str, *shape: int) -> str:
        return self.node("Reshape", x, self.constant(f"shape_{len(self.nodes)}", np.array(shape)))

    def _read(self, name: str) -> np.ndarray:
        return np.frombuffer(self.source.read(name), np.float32).reshape(self.source.tensors[name].shape)


def siglip_model() -> onnx.ModelProto:
    """The tower in float32: pixels (size, size, 3) -> (1, patches, hidden)."""
    c, graph = SIGLIP, _Graph()
    patch, side = c.patch_size, c.image_size // c.patch_size
    x = graph.node("Transpose", graph.reshape("pixels", side, patch, side, patch, 3), perm=[0, 2, 1, 3, 4])
    x = graph.linear(graph.reshape(x, 1, side * side, patch * patch * 3), "v.embeddings.patch_embedding")
    x = graph.node("Add", x, graph.tensor("v.embeddings.position_embedding.weight"))
    for i in range(c.num_hidden_layers):
        name = f"v.encoder.layers.{i}"
        h = graph.norm(x, f"{name}.layer_norm1")
        q, k, v = (graph.linear(h, f"{name}.self_attn.{part}_proj") for part in "qkv")
        h = graph.node("MultiHeadAttention", q, k, v, domain=MICROSOFT, num_heads=c.num_attention_heads)
        x = graph.node("Add", x, graph.linear(h, f"{name}.self_attn.out_proj"))
        h = graph.linear(graph.norm(x, f"{name}.layer_norm2"), f"{name}.mlp.fc1")
        h = graph.node("FastGelu", h, domain=MICROSOFT)
        x = graph.node("Add", x, graph.linear(h, f"{name}.mlp.fc2"))
    x = graph.norm(x, "v.post_layernorm")
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [c.image_size, c.image_size, 3])
    output = helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, side * side, c.hidden_size])
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(
        helper.make_graph(graph.nodes, "siglip", [pixels], [output], graph.constants),
        opset_imports=opsets,
        ir_version=10,
    )


def main() -> None:
    """Write both files. Signed weights with a scale a column: as fast as any other in the page, fastest natively."""
    fp32, int8 = map(Path, sys.argv[1:])
    onnx.save(siglip_model(), fp32)
    logging.disable(logging.WARNING)  # it asks for a preparation that knows no MultiHeadAttention
    quantize_dynamic(
        fp32,
        int8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


if __name__ == "__main__":
    main()
