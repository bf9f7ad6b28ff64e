"""Measures steps of training with magikbench and with PyTorch, in turns in one run, and prints a markdown table.

PyTorch trains each network in every way of `WAYS`: eagerly and compiled, with ranges that follow what they see and with fixed
ones, in single precision and with products in bfloat16. Each way has one round alone; the fastest of a mode, and those within
a fifth of it, then take turns of a few steps with our program, so that what else the machine does meets all alike. The
table has the fastest, with its memory. Memory is the peak of a process that trains in one mode only. Without PyTorch
the table has our own numbers alone.

    python compare.py PROGRAM [--networks network-t40,persondet] [--turns 7] [--threads 2]
"""

import argparse
import importlib.util
import json
import pathlib
import statistics
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
# The networks with the samples of a batch.
NETWORKS = {"network-t40": 128, "resnet20-cifar": 128, "mobilenetv2-cifar": 128, "persondet": 8, "yolov5s-person": 4}
MODES = ["float", "quantized"]
WAYS = {
    "float": {"eager": [], "compiled": ["--compiled"]},
    "quantized": {
        "eager, observed": [], "compiled, observed": ["--compiled"],
        "compiled, fixed": ["--compiled", "--quantizers", "fixed"],
        "compiled, fixed, bf16": ["--compiled", "--quantizers", "fixed", "--bf16"],
    },
}


class PyTorch:
    """A process that runs a round of steps whenever it is asked."""

    def __init__(self, network, mode, way, batch, threads):
        command = [
            sys.executable, str(FOLDER / "pytorch.py"), f"{FOLDER.parent}/samples/{network}.magik/network.json",
            "--mode", mode, "--serve", "--batch", str(batch), "--threads", str(threads), *WAYS[mode][way]]
        self.mode, self.way, self.reports = mode, way, []
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.works = self.process.stdout.readline() != ""

    def turn(self):
        if not self.works:
            return
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        self.works = answer != ""
        if self.works:
            self.reports.append(json.loads(answer))

    def end(self):
        self.process.stdin.close()
        self.process.wait()

    @property
    def milliseconds(self):
        times = [report["millisecondsPerStep"] for report in self.reports]
        return statistics.median(times) if self.works and times else float("inf")

    @property
    def peak(self):
        return self.reports[-1]["peakBytes"]


def ours(network, mode, batch, arguments, rounds):
    """Milliseconds of a step of `magikbench bench train`, and the peak of its memory. Float training is in single precision on both
    sides; a quantized step has the standard gradients, whose factors are bfloat16 where that is faster."""
    command = [
        arguments.program, "bench", "train", network, "--json", "--batch", str(batch), "--threads", str(arguments.threads),
        "--mode", mode, "--rounds", str(rounds), "--gradients", "float" if mode == "float" else "auto"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return report[f"{mode}MillisecondsPerStep"], report["peakBytes"]


def fastest(network, mode, batch, threads):
    """The ways that are worth a turn: each runs a round alone."""
    alone = {}
    for way in WAYS[mode]:
        program = PyTorch(network, mode, way, batch, threads)
        program.turn()
        alone[way] = program.milliseconds
        program.end()
        print(f"{network} {mode} {way}: {alone[way]:.0f} ms", file=sys.stderr, flush=True)
    best = min(alone.values())
    return [way for way, milliseconds in alone.items() if milliseconds <= 1.2 * best < float("inf")]


def measure(network, batch, arguments, has_pytorch):
    """The numbers of one network: a dictionary by mode."""
    others = [
        PyTorch(network, mode, way, batch, arguments.threads) for mode in MODES
        for way in fastest(network, mode, batch, arguments.threads)
    ] if has_pytorch else []
    own = {mode: [] for mode in MODES}
    for _ in range(arguments.turns):
        for mode in MODES:
            own[mode].append(ours(network, mode, batch, arguments, rounds=3))
        for other in others:
            other.turn()
    for other in others:
        other.end()
    found = {}
    for mode in MODES:
        milliseconds = statistics.median(step for step, _ in own[mode])
        peak = own[mode][-1][1]
        rivals = [other for other in others if other.mode == mode]
        found[mode] = {"milliseconds": milliseconds, "peak": peak}
        if rivals:
            best = min(rivals, key=lambda rival: rival.milliseconds)
            found[mode].update(
                rival=best.milliseconds, rival_peak=best.peak, way=best.way)
    found["ratio"] = statistics.median(
        quantized / single for (quantized, _), (single, _) in zip(own["quantized"], own["float"]))
    return found


HEADINGS = [
    "network", "mode", "images/s", "PyTorch images/s", "times as fast", "quantized step / float step",
    "peak memory", "PyTorch peak memory", "share"]


def rows(network, found, batch):
    """Two lines of the table."""
    for mode in MODES:
        numbers = found[mode]
        rate, peak = batch * 1000 / numbers["milliseconds"], numbers["peak"]
        cells = [network, mode, f"{rate:.0f}", "", "", "", f"{peak / 2**20:.0f} MiB", "", ""]
        if mode == "quantized":
            cells[5] = f"{found['ratio']:.2f}"
        if "rival" in numbers:
            cells[3] = f"{batch * 1000 / numbers['rival']:.0f} ({numbers['way']})"
            cells[4] = f"{numbers['rival'] / numbers['milliseconds']:.2f}"
            cells[7] = f"{numbers['rival_peak'] / 2**20:.0f} MiB"
            cells[8] = f"{peak / numbers['rival_peak']:.2f}"
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="magikbench, built for release")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--batch", type=int, default=0, help="samples in a batch, instead of those of the network")
    parser.add_argument("--threads", type=int, default=0, help="0 is one a core")
    arguments = parser.parse_args()
    has_pytorch = importlib.util.find_spec("torch") is not None
    if not has_pytorch:
        print("This Python has no torch: our own numbers alone. MAGIKBENCH_PYTHON names another.", file=sys.stderr)
    print("| " + " | ".join(HEADINGS) + " |")
    print("|" + "---|" * len(HEADINGS))
    for network in arguments.networks.split(","):
        batch = arguments.batch or NETWORKS.get(network, 8)
        found = measure(network, batch, arguments, has_pytorch)
        for row in rows(network, found, batch):
            print(row, flush=True)


if __name__ == "__main__":
    main()
