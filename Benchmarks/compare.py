"""Measures steps of training with magikbench and with PyTorch, in turns in one run, and prints a markdown table.

All programs of a network start first, then take turns of a few steps, so that what else the machine does meets all of
them alike. PyTorch runs eagerly and compiled; the table has the faster. Memory is the peak of a process that trains in
one mode only. Without PyTorch the table has our own numbers alone.

    python compare.py PROGRAM [--networks network-t40,resnet20-cifar] [--turns 7] [--threads 2]
"""

import argparse
import importlib.util
import json
import pathlib
import statistics
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
NETWORKS = ["network-t40", "resnet20-cifar", "mobilenetv2-cifar"]
MODES = ["float", "quantized"]


class PyTorch:
    """A process that runs a round of steps whenever it is asked."""

    def __init__(self, network, mode, compiled, arguments):
        command = [
            sys.executable, str(FOLDER / "pytorch.py"), f"{FOLDER.parent}/samples/{network}.magik/network.json",
            "--mode", mode, "--serve", "--batch", str(arguments.batch), "--threads", str(arguments.threads)]
        self.mode, self.compiled, self.reports = mode, compiled, []
        self.process = subprocess.Popen(
            command + (["--compiled"] if compiled else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
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


def ours(network, arguments, *options):
    """What `magikbench bench train` reports."""
    command = [
        arguments.program, "bench", "train", network, "--json", "--batch", str(arguments.batch), "--threads",
        str(arguments.threads), *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(network, arguments, has_pytorch):
    """The numbers of one network: a dictionary by mode."""
    others = [
        PyTorch(network, mode, compiled, arguments) for mode in MODES for compiled in (False, True)
    ] if has_pytorch else []
    own = []
    for _ in range(arguments.turns):
        own.append(ours(network, arguments, "--rounds", "3"))
        for other in others:
            other.turn()
    for other in others:
        other.end()
    found = {}
    for mode in MODES:
        milliseconds = statistics.median(report[f"{mode}MillisecondsPerStep"] for report in own)
        peak = ours(network, arguments, "--rounds", "1", "--mode", mode)["peakBytes"]
        rivals = [other for other in others if other.mode == mode]
        found[mode] = {"milliseconds": milliseconds, "peak": peak}
        if rivals:
            best = min(rivals, key=lambda rival: rival.milliseconds)
            found[mode].update(
                rival=best.milliseconds, rival_peak=min(r.peak for r in rivals if r.works),
                compiled=best.compiled)
    found["ratio"] = statistics.median(
        report["quantizedMillisecondsPerStep"] / report["floatMillisecondsPerStep"] for report in own)
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
            how = "compiled" if numbers["compiled"] else "eager"
            cells[3] = f"{batch * 1000 / numbers['rival']:.0f} ({how})"
            cells[4] = f"{numbers['rival'] / numbers['milliseconds']:.2f}"
            cells[7] = f"{numbers['rival_peak'] / 2**20:.0f} MiB"
            cells[8] = f"{peak / numbers['rival_peak']:.2f}"
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="magikbench, built for release")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=0, help="0 is one a core")
    arguments = parser.parse_args()
    has_pytorch = importlib.util.find_spec("torch") is not None
    if not has_pytorch:
        print("This Python has no torch: our own numbers alone. MAGIKBENCH_PYTHON names another.", file=sys.stderr)
    print("| " + " | ".join(HEADINGS) + " |")
    print("|" + "---|" * len(HEADINGS))
    for network in arguments.networks.split(","):
        found = measure(network, arguments, has_pytorch)
        for row in rows(network, found, arguments.batch):
            print(row, flush=True)


if __name__ == "__main__":
    main()
