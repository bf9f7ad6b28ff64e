"""Measures passes in whole numbers with magikbench and of the exported file with onnxruntime, in turns in one run.

Both read batches of random bytes of the same shape, with the same number of threads. A turn is a few passes of each; the
table has the medians over the turns. A session needs weights, as `magikbench train` makes them.

    python integers.py PROGRAM SESSION... [--batch 8] [--turns 5] [--threads 1]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import onnxruntime

PASSES = 5


def run(program, *arguments):
    """What a command prints."""
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


class Runtime:
    """The exported file in onnxruntime, with a batch of bytes as its inputs."""

    def __init__(self, file, batch, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        random = numpy.random.default_rng(2)
        self.inputs = {
            each.name: random.integers(0, 256, [batch] + each.shape[1:]).astype(numpy.float32)
            for each in self.session.get_inputs()}
        self.turn()

    def turn(self):
        """The median time of a pass, in milliseconds."""
        times = []
        for _ in range(PASSES):
            begin = time.perf_counter()
            self.session.run(None, self.inputs)
            times.append(1000 * (time.perf_counter() - begin))
        return statistics.median(times)


def measure(session, arguments, folder):
    """The medians of a session: ours in whole numbers, ours as in training, and onnxruntime's."""
    file = f"{folder}/{pathlib.Path(session).stem}.onnx"
    run(arguments.program, "export", session, "--to", "onnx", "-o", file)
    runtime = Runtime(file, arguments.batch, arguments.threads)
    own, training, other = [], [], []
    for _ in range(arguments.turns):
        report = json.loads(run(
            arguments.program, "bench", "integer", session, "--json", "--batch", str(arguments.batch), "--threads",
            str(arguments.threads), "--rounds", str(PASSES)))
        own.append(report["integerMillisecondsPerPass"])
        training.append(report["quantizedMillisecondsPerPass"])
        other.append(runtime.turn())
    return [statistics.median(times) for times in (own, training, other)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="magikbench, built for release")
    parser.add_argument("sessions", nargs="+", help="sessions with weights")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    headings = ["network", "whole numbers, ms", "training's arithmetic, ms", "ratio", "onnxruntime, ms", "times as fast"]
    print("| " + " | ".join(headings) + " |\n|" + "---|" * len(headings), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for session in arguments.sessions:
            own, training, other = measure(session, arguments, folder)
            cells = [
                pathlib.Path(session).stem, f"{own:.2f}", f"{training:.2f}", f"{own / training:.2f}", f"{other:.2f}",
                f"{other / own:.2f}"]
            print("| " + " | ".join(cells) + " |", flush=True)


main()
