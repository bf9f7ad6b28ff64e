"""Makes an ONNX model of some size, imports it, and compares time and memory with reading the file.

onnx_large.py PROGRAM [MEBIBYTES]: PROGRAM is the built magikbench (release). Prints the best of three, the file in the page
cache: the time of reading it into memory, of `import --report`, which parses and maps all of it, and of an import that also
writes a session; and the most memory that each took.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time


def make(path, mebibytes):
    """Convolutions of 1024 channels, 36 MiB each, with batch norm and ReLU, and a mean at the end."""
    import numpy
    import onnx
    from onnx import TensorProto, helper

    nodes, weights, random = [], [], numpy.random.default_rng(1)

    def add(name, array):
        weights.append(helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.astype("<f4").tobytes(), raw=True))
        return name

    source, channels, size = "input", 32, 0
    while size < mebibytes * 2**20:
        index = len(nodes) // 3
        weight = random.standard_normal((1024, channels, 3, 3), dtype="f4") * 0.02
        size += weight.nbytes
        names = [add(f"bn{index}.{part}", numpy.full(1024, value)) for part, value in
                 (("weight", 1.0), ("bias", 0.0), ("mean", 0.0), ("var", 1.0))]
        nodes += [
            helper.make_node("Conv", [source, add(f"conv{index}.weight", weight)], [f"c{index}"], f"conv{index}",
                             kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            helper.make_node("BatchNormalization", [f"c{index}"] + names, [f"b{index}"], f"bn{index}"),
            helper.make_node("Relu", [f"b{index}"], [f"r{index}"], f"relu{index}"),
        ]
        source, channels = f"r{index}", 1024
    nodes.append(helper.make_node("GlobalAveragePool", [source], ["output"], "mean"))
    graph = helper.make_graph(
        nodes, "large", [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 32, 8, 8])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1024, 1, 1])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), path)


def measured(command):
    """The seconds that a command takes, and the most memory in MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, command
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main():
    program = os.path.abspath(sys.argv[1])
    mebibytes = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = f"{folder}/large.onnx"
        # In a process of its own: what a child takes is counted from the memory of its parent.
        subprocess.run([sys.executable, __file__, "--make", path, str(mebibytes)], check=True)
        size = os.path.getsize(path) / 2**20
        reading = f"open({path!r}, 'rb').read()"
        rows = {
            "read into memory (python)": [sys.executable, "-c", reading],
            "cat": ["cat", path],
            "import --report": [program, "import", path, "--report"],
        }
        for name, command in rows.items():
            runs = [measured(command) for _ in range(3)]
            best, memory = min(r[0] for r in runs), max(r[1] for r in runs)
            print(f"{name:32} {best:6.2f} s {memory:8.0f} MiB, {memory / size:.2f} of {size:.0f} MiB")
        copy = []
        for _ in range(3):
            copy.append(measured(["dd", f"if={path}", f"of={folder}/copy", "bs=1M", "conv=fsync", "status=none"])[0])
        print(f"{'copy, written to the disk':32} {min(copy):6.2f} s")
        runs = [measured([program, "import", path, "-o", f"{folder}/s{n}"]) for n in range(3)]
        best, memory = min(r[0] for r in runs), max(r[1] for r in runs)
        print(f"{'import, session on the disk':32} {best:6.2f} s {memory:8.0f} MiB, {memory / size:.2f} of {size:.0f} MiB")


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        make(sys.argv[2], int(sys.argv[3]))
    else:
        main()
