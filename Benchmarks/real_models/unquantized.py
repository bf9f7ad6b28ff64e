"""A file with quantizers on its features as the float network that it stands for."""

from __future__ import annotations

import numpy
import onnx
from onnx import helper, numpy_helper


def has_quantizers(graph: onnx.GraphProto) -> bool:
    """Whether quantizers act on features; those on weights have no QuantizeLinear."""
    return any(node.op_type == "QuantizeLinear" for node in graph.node)


def without_quantizers(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with a Clip to its range in place of each quantizer on features, and weights as their codes say."""
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "QuantizeLinear":
            nodes.append(clip(graph, node, constants))
        elif node.op_type == "DequantizeLinear" and node.input[0] not in constants:
            nodes.append(helper.make_node("Identity", [node.input[0]], [node.output[0]]))
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    # What lay between, such as pools of codes, has other types now.
    del graph.value_info[:]
    return model


def clip(graph: onnx.GraphProto, node: onnx.NodeProto, constants: dict[str, numpy.ndarray]) -> onnx.NodeProto:
    """A Clip to the ends of a quantizer's range."""
    scale = constants[node.input[1]].astype(numpy.float32)
    zero = constants[node.input[2]] if len(node.input) > 2 else numpy.uint8(0)
    limits = numpy.iinfo(zero.dtype)
    names = []
    for end, code in (("low", limits.min), ("high", limits.max)):
        name = f"{node.output[0]}_{end}"
        graph.initializer.append(numpy_helper.from_array((scale * (code - zero.astype(numpy.float32))).astype(numpy.float32), name))
        names.append(name)
    return helper.make_node("Clip", [node.input[0], *names], [node.output[0]])
