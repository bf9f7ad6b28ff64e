"""Writes the small models beside it, as PyTorch would export them: mapped.onnx, and refused.onnx with operators that no chip
has. Needs onnx."""

import pathlib

import numpy
import onnx
from onnx import TensorProto, helper


def model(name, extra):
    random = numpy.random.default_rng(1)
    weights = []

    def add(name, *shape, low=-0.5, high=0.5):
        array = random.uniform(low, high, shape).astype("<f4")
        weights.append(helper.make_tensor(name, TensorProto.FLOAT, shape, array.tobytes(), raw=True))
        return name

    nodes = [
        helper.make_node("Conv", ["image", add("stem.weight", 32, 3, 3, 3)], ["a"], "/stem/conv/Conv",
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("BatchNormalization",
                         ["a", add("bn.weight", 32, low=0.5, high=1.5), add("bn.bias", 32), add("bn.mean", 32),
                          add("bn.var", 32, low=0.5, high=1.5)], ["b"], "/stem/bn/BatchNormalization"),
        helper.make_node("Relu", ["b"], ["c"], "/stem/relu/Relu"),
        helper.make_node("MaxPool", ["c"], ["d"], "/pool/MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
    ]
    source = "d"
    for op, attributes in extra:
        nodes.append(helper.make_node(op, [source], [source + "x"], f"/{op.lower()}/{op}", **attributes))
        source += "x"
    nodes += [
        helper.make_node("GlobalAveragePool", [source], ["e"], "/mean/GlobalAveragePool"),
        helper.make_node("Flatten", ["e"], ["f"], "/Flatten"),
        helper.make_node("Gemm", ["f", add("head.weight", 10, 32), add("head.bias", 10)], ["g"], "/head/Gemm", transB=1),
        helper.make_node("Softmax", ["g"], ["scores"], "/Softmax", axis=-1),
    ]
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10])], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="pytorch")
    onnx.checker.check_model(made)
    onnx.save(made, pathlib.Path(__file__).parent / f"{name}.onnx")


model("mapped", [])
model("refused", [("LRN", {"size": 5}), ("Tanh", {}), ("Sigmoid", {})])
