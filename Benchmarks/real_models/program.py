"""magikbench as a program: what it says of a model, and the sessions that it makes."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterable

import numpy
import onnx
from safetensors.numpy import load_file, save_file

from .models import Model, run, session

DEVICES = ("T40", "Txx")
# Exit codes of the program: done, and done with the answer no.
DONE, NO = 0, 1


class Failed(Exception):
    """The program ended otherwise than its page says."""


class Program:
    """The built program."""

    def __init__(self, path: pathlib.Path, threads: int) -> None:
        self.path, self.threads = path.resolve(), threads

    def call(self, *words: str | pathlib.Path, codes: Iterable[int] = (DONE,)) -> subprocess.CompletedProcess[str]:
        """Runs the program; an exit code that is not expected is an error, with the last line that it wrote."""
        command = [str(self.path), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in codes:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Failed(f"{words[0]} ended with {done.returncode}: {last}")
        return done

    def document(self, *words: str | pathlib.Path) -> dict:
        """The JSON that a command prints, whatever the answer."""
        return json.loads(self.call(*words, codes=(DONE, NO)).stdout)


def size_options(model: Model) -> list[str]:
    """The option that fixes the axes that a file leaves open: as the file has them, behind the batch."""
    if not model.has_open_size:
        return []
    channels, height, width = model.shape
    axes = (height, width, channels) if model.is_channels_last else (channels, height, width)
    return ["--input", "x".join(map(str, axes))]


def reasons(report: dict) -> list[dict]:
    """What is refused, equal reasons once with the operators that they are for."""
    groups: dict[tuple[str, str], list[str]] = {}
    for fault in report["refused"]:
        groups.setdefault((fault["operator"], fault["reason"]), []).append(fault["node"])
    return [
        {"operator": operator, "reason": reason, "nodes": nodes[:3], "count": len(nodes)}
        for (operator, reason), nodes in groups.items()]


def errors_by_rule(device: dict) -> dict[str, int]:
    """How many errors each rule finds, of what `check` says of one chip."""
    rules: dict[str, int] = {}
    for finding in device["findings"]:
        if finding["severity"] == "error":
            rules[finding["rule"]] = rules.get(finding["rule"], 0) + 1
    return rules


def judge(program: Program, model: Model) -> dict:
    """What `check` says of the file for each chip: its errors by rule, and what it refuses."""
    document = program.document("check", model.path, *size_options(model), "--device", "all", "--format", "json")
    rules = {device["device"]: errors_by_rule(device) for device in document["devices"]}
    return {"errors": {name: rules[name] for name in DEVICES}, "refused": reasons(document["model"])}


def fix(program: Program, source: pathlib.Path, target: pathlib.Path) -> dict:
    """Makes a copy of a session with all fixes that keep the results; the errors that are left, by rule."""
    copy_session(source, target)
    document = program.document("check", target, "--fix", "--format", "json")
    program.call("export", target, "--to", "onnx", "--float", "-o", float_path(target))
    return {"fixes": len(document["fixed"]["fixes"]), "errors": errors_by_rule(document["devices"][0])}


def copy_session(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies a session in the place of one that is there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("lock"))


def bring_in(program: Program, model: Model, device: str, folder: pathlib.Path, samples: numpy.ndarray) -> dict:
    """Imports a file into a session, exactly, or else approximately; keeps what the import computes of the samples."""
    target, inputs, results = (folder / f"{model.name}-{device}{end}" for end in (".magik", ".in", ".out"))
    shutil.rmtree(target, ignore_errors=True)
    save_file({model.input: model.laid(samples)}, inputs)
    first: dict | None = None
    for options in ([], ["--approximate"]):
        done = program.call(
            "import", model.path, "-o", target, "--device", device, *size_options(model), *options,
            "--run", inputs, "--results", results, "--json", codes=(DONE, NO))
        report = json.loads(done.stdout)["model"]
        first = first or report
        if done.returncode == DONE:
            normalize(program, model, target)
            program.call("export", target, "--to", "onnx", "--float", "-o", float_path(target))
            return {
                "refused": [], "isApproximate": bool(options), "outputs": report["outputs"],
                "operators": report["operators"], "notes": report["notes"], "host": host_operators(target)}
    return {"refused": reasons(first or {}), "isApproximate": False, "operators": (first or {}).get("operators")}


def normalize(program: Program, model: Model, target: pathlib.Path) -> None:
    """Sets what the loader subtracts and divides by, in every Preprocess of a session."""
    network = json.loads((target / "network.json").read_text())
    names = [layer["name"] for layer in network["layers"] if layer["type"] == "Preprocess"]
    changes = [
        f"{name}.{field}={value}" for name in names
        for field, value in (("mean", model.convention.mean), ("variance", model.convention.divisor))]
    if changes:
        program.call("set", target, *changes, codes=(DONE, NO))


def host_operators(target: pathlib.Path) -> list[str]:
    """The types of the operators that a session leaves to the host."""
    path = target / "host.onnx"
    return [node.op_type for node in onnx.load(path).graph.node] if path.exists() else []


def float_path(target: pathlib.Path) -> pathlib.Path:
    """Where the float network of a session is kept, as it was imported."""
    return target.with_suffix(".float.onnx")


class Whole:
    """The chip's part of a model and the host's part together, computed by onnxruntime."""

    def __init__(self, target: pathlib.Path, outputs: list[dict], network: pathlib.Path | None = None) -> None:
        """`outputs` are the network's results as the import reports them; `network` is an export of the session, absent
        where the chip's results come from elsewhere."""
        self.outputs = outputs
        # Quantizers as they are written: codes are rounded by the file's own.
        self.chip = session(network, plain=network != float_path(target)) if network else None
        host = target / "host.onnx"
        self.host = session(host) if host.exists() else None
        layers = json.loads((target / "network.json").read_text())["layers"]
        first = next((layer for layer in layers if layer["type"] == "Preprocess"), {})
        # What Preprocess makes of a zero.
        self.nothing = -first.get("mean", 0) / first.get("variance", 1)

    def run(self, sample: numpy.ndarray) -> tuple[dict[str, numpy.ndarray], dict[str, numpy.ndarray]]:
        """The model's results of one sample, channels first, and those of the chip."""
        if self.chip is None:
            raise ValueError("no network to run")
        port = self.chip.get_inputs()[0]
        # Inputs that a fix widened have zeros behind their data, which Preprocess then takes as it takes the others.
        missing = port.shape[1] - len(sample) if sample.ndim == 3 else 0
        if missing:
            sample = numpy.pad(sample, ((0, missing), (0, 0), (0, 0)), constant_values=self.nothing)
        cut = run(self.chip, {port.name: sample[None]})
        return self.finish(cut), cut

    def finish(self, cut: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
        """The model's results from the chip's by the names of layers."""
        given = {one["layer"]: cut[one["layer"]].reshape([-1, *one["axes"][1:]]) for one in self.outputs}
        if self.host is None:
            return {one["name"]: given[one["layer"]] for one in self.outputs}
        return run(self.host, {port.name: given[port.name] for port in self.host.get_inputs()})


def import_results(
    model: Model, device: str, folder: pathlib.Path, imported: dict, count: int
) -> tuple[list[dict[str, numpy.ndarray]], list[dict[str, numpy.ndarray]]]:
    """What the import computed of each sample: the model's results, with the host's part behind it, and the chip's."""
    tensors = load_file(folder / f"{model.name}-{device}.out")
    whole = Whole(folder / f"{model.name}-{device}.magik", imported["outputs"])
    cut = [{one["layer"]: tensors[one["layer"]][place:place + 1] for one in imported["outputs"]} for place in range(count)]
    return [whole.finish(one) for one in cut], cut


def quantize(program: Program, target: pathlib.Path, data: pathlib.Path, samples: int, bits: int) -> dict:
    """Quantizes a session from samples, exports it, and says how long the command took."""
    start = time.monotonic()
    document = program.document(
        "quantize", target, "--data", f"npz:{data}", "--samples", str(samples), "--bits", str(bits),
        "--threads", str(program.threads), "--json")
    seconds = time.monotonic() - start
    program.call("export", target, "--to", "onnx", "-o", target.with_suffix(".onnx"))
    return {"seconds": seconds, "said": document}
