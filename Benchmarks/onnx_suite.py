"""Imports the models that the Python package `onnx` ships for its backends, and runs those that import on the inputs of
the suite. Writes a table of all cases as docs/onnx.md.

onnx_suite.py PROGRAM [OUTPUT.md] [--only NAME]: PROGRAM is the built magikbench. The outputs are compared in float: the
largest difference is at most 1e-4 of the largest number that is expected. What is left to the host (host.onnx in the
session) is computed by onnxruntime, and where that lacks an old operator by the package's reference evaluator.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
TOLERANCE = 1e-4


def write_safetensors(path, tensors):
    header, offset, body = {}, 0, []
    for name, array in tensors.items():
        array = numpy.ascontiguousarray(array)
        array = array.astype("<i8" if array.dtype.kind in "iu" else "<f4")
        header[name] = {
            "dtype": "I64" if array.dtype.kind == "i" else "F32",
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
        body.append(array.tobytes())
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(body))


def read_safetensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    body = data[8 + length :]
    return {
        name: numpy.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in json.loads(data[8 : 8 + length]).items()
        if name != "__metadata__"
    }


def tensor(path):
    message = onnx.TensorProto()
    message.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(message)


def outputs(found, report, session, names):
    """The results of the file from those of the network, in the order of the file."""
    host = session / "host.onnx"
    if host.exists():
        try:
            head = onnxruntime.InferenceSession(str(host), providers=["CPUExecutionProvider"])
            results, given = [output.name for output in head.get_outputs()], head.run(None, found)
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
            head = ReferenceEvaluator(str(host))
            results, given = head.output_names, head.run(None, found)
        given = dict(zip(results, given))
    else:
        given = {o["name"]: found[o["layer"]] for o in report["outputs"]}
    return [given[name] for name in names]


def cases():
    for path in sorted((DATA / "light").glob("*.onnx")):
        shapes = [[d.dim_value for d in i.type.tensor_type.shape.dim] for i in onnx.load(path).graph.input]
        # The suite has no input for these; its own runner makes one of a ramp over the elements.
        inputs = [numpy.arange(numpy.prod(s), dtype="<f4").reshape(s) / numpy.prod(s) for s in shapes]
        yield "light", path.stem, path, inputs, [tensor(path.with_name(path.stem + "_output_0.pb"))]
    for folder in ("pytorch-converted", "pytorch-operator"):
        for case in sorted((DATA / folder).iterdir()):
            sets = sorted(case.glob("test_data_set_*"))
            if not (case / "model.onnx").exists():
                continue
            files = lambda kind: sorted(sets[0].glob(kind + "_*.pb"), key=lambda p: int(p.stem.split("_")[1]))
            yield folder, case.name, case / "model.onnx", [tensor(p) for p in files("input")], [
                tensor(p) for p in files("output")
            ]


def run(program, path, inputs, expected, scratch):
    model = onnx.load(path)
    initializers = {t.name for t in model.graph.initializer}
    names = [i.name for i in model.graph.input]
    data = [name for name in names if name not in initializers]
    # The suite gives the numbers of initializers too, in some cases.
    values = dict(zip(names if len(inputs) == len(names) else data, inputs))
    write_safetensors(scratch / "in.safetensors", {name: values[name] for name in data if name in values})
    result = scratch / "out.safetensors"
    result.unlink(missing_ok=True)
    session = scratch / "session.magik"
    shutil.rmtree(session, ignore_errors=True)
    done = subprocess.run(
        [program, "import", str(path), "--json", "--bits", "32", "--run", str(scratch / "in.safetensors"),
         "--results", str(result), "-o", str(session)],
        capture_output=True, text=True,
    )
    if done.returncode not in (0, 1):
        return "failed", done.stderr.strip(), [], None
    report = json.loads(done.stdout)["model"]
    if report["refused"]:
        return "refused", "", report["refused"], report
    found = read_safetensors(result)
    worst = 0.0
    names = [output.name for output in model.graph.output]
    for got, wanted in zip(outputs(found, report, session, names), expected):
        if got.shape != wanted.shape:
            return "differs", f"shape {got.shape}, expected {wanted.shape}", [], report
        # Doubles beyond single precision have no number here.
        held = numpy.abs(wanted) <= numpy.finfo(numpy.float32).max
        got, wanted = got[held], wanted[held]
        scale = max(float(numpy.abs(wanted).max(initial=0)), 1e-30)
        worst = max(worst, float(numpy.abs(got - wanted).max(initial=0)) / scale)
    return ("runs" if worst <= TOLERANCE else "differs"), worst, [], report


def escaped(text):
    return text.replace("|", "\\|").replace("_", "\\_")


def row(folder, name, verdict, detail, faults, report):
    if verdict == "runs":
        words = f"imports, runs to {detail:.0e} of the expected" if detail else "imports, runs to the same numbers"
        steps = [step["operator"] for step in report["host"]]
        words += f"; {', '.join(steps)} left to the host" if steps else ""
        return f"| {escaped(name)} | {words} |"
    if verdict == "refused":
        kinds = {}
        for fault in faults:
            kinds.setdefault((fault["operator"], fault["reason"]), []).append(fault["node"])
        parts = [
            f"{escaped(nodes[0])}{f' and {len(nodes) - 1} more' if len(nodes) > 1 else ''} ({operator}): {escaped(reason)}"
            for (operator, reason), nodes in kinds.items()
        ]
        return f"| {escaped(name)} | refused: {'; '.join(parts)} |"
    return f"| {escaped(name)} | {verdict}: {escaped(str(detail))} |"


def main():
    arguments = [a for a in sys.argv[1:]]
    only = None
    if "--only" in arguments:
        place = arguments.index("--only")
        only = arguments[place + 1]
        del arguments[place : place + 2]
    program = os.path.abspath(arguments[0])
    rows, counts = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for group, name, path, inputs, expected in cases():
            if only and only not in name:
                continue
            verdict, detail, faults, report = run(program, path, inputs, expected, pathlib.Path(folder))
            counts.setdefault(group, {}).setdefault(verdict, 0)
            counts[group][verdict] += 1
            rows.setdefault(group, []).append(row(group, name, verdict, detail, faults, report))
            print(rows[group][-1], file=sys.stderr)
    text = [
        "# ONNX models that import",
        "",
        f"Written by `Benchmarks/onnx_suite.py`: the test models of the Python package onnx {onnx.__version__}, imported"
        " and, where they import, run in float on the suite's inputs. The largest difference is a share of the largest"
        " number that is expected, at most 1e-4.",
    ]
    for group, lines in rows.items():
        summary = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts[group].items()))
        text += ["", f"## {group}: {summary}", "", "| case | result |", "|---|---|"] + lines
    if len(arguments) > 1:
        pathlib.Path(arguments[1]).write_text("\n".join(text) + "\n")
    bad = sum(count for group in counts.values() for verdict, count in group.items() if verdict in ("differs", "failed"))
    print(counts, file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
