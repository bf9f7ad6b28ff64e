"""Compares an export with our own values, layer by layer, in onnxruntime.

onnx_check.py MODEL.onnx VALUES.safetensors: checks the model with onnx.checker, then computes every layer by itself, fed by
our values, and all of them behind each other. Prints one JSON object: codes compared; those that differ where a layer is
fed by ours ("alone"); those of them where the kit's rounding alone decides ("kit") and those where the order of a sum does
("order"), with the largest distance from the kit's range, in steps; those that differ in the whole network; and those that
nothing explains.

A code may differ by one where the number in front of the quantizer lies between 0.5 and 0.501 of a step above a code: there
the kit rounds to even and ONNX up. Or so near to that range that the order of a sum decides. Behind a layer that differs,
any code may; one whose layer read nothing but ours must differ where the layer by itself does, and nowhere else.
"""

import json
import sys

import numpy
import onnx
import onnx.utils
import onnxruntime

# How near to the kit's range the order of a sum decides, in steps: single precision over thousands of terms.
NEAR = 1e-3


def safetensors(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    steps = {name: float(step) for name, step in header.pop("__metadata__", {}).items()}
    return {
        name: numpy.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in header.items()
    }, steps


def run(model, feeds):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    wanted = {i.name: i.type for i in session.get_inputs()}
    feeds = {name: feeds[name].astype("int64" if "int64" in kind else "float32") for name, kind in wanted.items()}
    return dict(zip(names, session.run(names, feeds)))


def distance(value):
    """How far a number in steps lies from the range between two codes where the kit rounds to even; 0 inside it."""
    rest = numpy.abs(value.astype("f8")) % 1
    return numpy.maximum(0, numpy.maximum(0.5 - rest, rest - 0.501))


def main():
    model, (ours, steps) = onnx.load(sys.argv[1]), safetensors(sys.argv[2])
    onnx.checker.check_model(model, full_check=True)
    initializers = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    ports = {i.name: i for i in list(model.graph.input) + list(model.graph.output)}
    layers = [o.name for o in model.graph.output]
    makers = {name: node for node in model.graph.node for name in node.output}
    result = {"layers": len(layers), "codes": 0, "alone": 0, "unexplained": 0, "whole": 0, "kit": 0, "order": 0,
              "distance": 0.0, "floats": 0.0, "floatLayer": "", "steps": 0}
    alone, reads = {}, {}
    names = set(layers) | {i.name for i in model.graph.input}

    def operators(layer):
        """The operators of one layer, from the layers before it, and the names of those."""
        found, feeds, open_names, seen = [], [], [layer], set()
        while open_names:
            name = open_names.pop()
            node = makers.get(name)
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            found.append(node)
            for source in node.input:
                if source in names:
                    feeds.append(source)
                elif source not in initializers:
                    open_names.append(source)
        order = {id(node): place for place, node in enumerate(model.graph.node)}
        return sorted(found, key=lambda node: order[id(node)]), sorted(set(feeds))

    for layer in layers:
        nodes, feeds = operators(layer)
        # The numbers in front of each rounding, in steps.
        roundings = [(n.input[0], float(initializers[n.input[1]])) for n in nodes if n.op_type == "QuantizeLinear"]
        roundings += [(n.input[0], 1.0) for n in nodes if n.op_type == "Round"]
        extra = [onnx.helper.make_empty_tensor_value_info(name) for name, _ in dict(roundings).items() if name not in names]
        used = {name for node in nodes for name in node.input}
        graph = onnx.helper.make_graph(
            nodes, "layer", [ports[name] for name in feeds], [ports[layer]] + extra,
            [t for t in model.graph.initializer if t.name in used],
        )
        part = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
        found = run(part, ours)
        alone[layer], reads[layer] = found[layer], feeds
        mine, step = ours[layer], steps.get(layer, 0)
        if not step:
            scale = max(float(numpy.abs(mine).max()), 1e-30)
            difference = float(numpy.abs(found[layer] - mine).max()) / scale
            if difference > result["floats"]:
                result["floats"], result["floatLayer"] = difference, layer
            continue
        apart = numpy.rint((found[layer] - mine) / step)
        result["codes"] += apart.size
        result["alone"] += int((apart != 0).sum())
        result["steps"] = max(result["steps"], int(numpy.abs(apart).max()))
        if not apart.any():
            continue
        values = [(found[name] if name in found else ours[name], scale) for name, scale in roundings]
        fits = [v for v, scale in values if v.shape == mine.shape]
        far = numpy.full(mine.shape, numpy.inf)
        if len(roundings) == 1 and fits:
            far = numpy.where(numpy.abs(apart) <= 1, distance(values[0][0] / values[0][1]), numpy.inf)
        else:
            # Several roundings behind each other: one of the sample's may have gone the other way.
            for sample in range(mine.shape[0]):
                far[sample] = min(distance(v[sample] / scale).min() for v, scale in values if v.shape[0] == mine.shape[0])
        far = far[apart != 0]
        result["kit"] += int((far == 0).sum())
        result["order"] += int(((far > 0) & (far < NEAR)).sum())
        result["unexplained"] += int((far >= NEAR).sum())
        result["distance"] = max(result["distance"], float(far[far < NEAR].max(initial=0)))

    whole = run(model, ours)
    for layer in layers:
        step = steps.get(layer, 0)
        if not step:
            continue
        for sample in range(ours[layer].shape[0]):
            differs = numpy.rint((whole[layer][sample] - ours[layer][sample]) / step) != 0
            result["whole"] += int(differs.sum())
            fed = all(numpy.array_equal(whole.get(name, ours[name])[sample], ours[name][sample]) for name in reads[layer])
            if fed:
                same = numpy.rint((alone[layer][sample] - ours[layer][sample]) / step) != 0
                result["unexplained"] += int((differs != same).sum())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
