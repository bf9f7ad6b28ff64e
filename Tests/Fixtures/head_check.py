"""Runs a model whole, and again from the results of its network: through the model of its head, and, where given, through the
export of network and head together. Prints the largest difference of each as a share of the largest number.

head_check.py MODEL HOST INPUTS.safetensors RESULTS.safetensors [JOINED]
"""

import json
import sys

import numpy
import onnx
import onnxruntime


def read(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    return {
        name: numpy.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def checked(path):
    model = onnx.load(path)
    for output in model.graph.output:
        # The tests' models leave the shapes of their outputs out, as a model may; the checker wants one.
        output.type.tensor_type.shape.SetInParent()
    onnx.checker.check_model(model)
    return path


def run(path, tensors):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    inputs = {port.name: tensors[port.name] for port in session.get_inputs()}
    return dict(zip(names, session.run(names, inputs)))


def distance(found, wanted):
    if set(found) != set(wanted):
        sys.exit(f"results {sorted(found)}, expected {sorted(wanted)}")
    worst = 0.0
    for name, expected in wanted.items():
        if found[name].shape != expected.shape or found[name].dtype != expected.dtype:
            sys.exit(f"{name}: {found[name].shape} {found[name].dtype}, expected {expected.shape} {expected.dtype}")
        scale = max(1e-30, float(numpy.abs(expected).max()))
        worst = max(worst, float(numpy.abs(found[name].astype("f8") - expected).max()) / scale)
    return worst


onnxruntime.set_default_logger_severity(3)
model, host, inputs, results = sys.argv[1:5]
tensors = read(inputs)
wanted = run(model, tensors)
print(distance(run(checked(host), read(results)), wanted))
for joined in sys.argv[5:]:
    print(distance(run(checked(joined), tensors), wanted))
