"""How the detections of face models survive quantization, a short training after it, 4 bits, and integers alone."""

from __future__ import annotations

import json
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import numpy

from .faces import DETECTORS, Agreement
from .models import Model, run, session
from .program import Program, Whole, copy_session
from .setting import Setting

DEVICE = "T40"
# Trained on the pictures that calibrate, without labels.
DISTILLATION = ["--loss", "distillation", "--from-weights", "--batch", "8"]
EIGHT_BITS = ["--epochs", "20"]
FOUR_BIT_WEIGHTS = ["--epochs", "50", "--learning-rate", "0.001"]
# Few bits of activations move the sums, so batch norm follows them.
FOUR_BITS = ["--epochs", "250", "--learning-rate", "0.002", "--freeze-after", "1"]
AUGMENTATION = ",augment=flip+crop"

Results = dict[str, numpy.ndarray]


def measure(setting: Setting, model: Model, before: dict) -> dict:
    """Average precision, precision and recall of each way to quantize, on held-out pictures; nothing of other models."""
    if model.name not in DETECTORS:
        return {}
    samples = setting.held_out(model)
    original = model.original()
    right = [run(original, model.feed(sample)) for sample in samples]

    def agreement(found: Iterator[Results]) -> dict[str, float]:
        whole = Agreement(model.name)
        for wanted, got in zip(right, found):
            whole.add(wanted, got)
        return whole.numbers()

    found = {}
    for name, way in ways(setting, model, before, samples).items():
        start = time.monotonic()
        try:
            results, more = way()
            found[name] = agreement(results) | more
        except Exception as error:  # One way's failure does not stop the others.
            found[name] = {"failed": f"{type(error).__name__}: {error}"}
        found[name]["seconds"] = time.monotonic() - start
        print(f"{model.name}: {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def ways(
    setting: Setting, model: Model, before: dict, samples: numpy.ndarray
) -> dict[str, Callable[[], tuple[Iterator[Results], dict]]]:
    """What is compared, by name: each gives the model's results of every sample, and numbers of its own."""
    outputs = before["import"][DEVICE].get("outputs", [])
    target = pathlib.Path(before["quantize"][DEVICE]["session"])
    npz = setting.npz(model)

    def exported(path: pathlib.Path) -> Iterator[Results]:
        whole = Whole(target, outputs, path)
        return (whole.run(sample)[0] for sample in samples)

    def peer() -> tuple[Iterator[Results], dict]:
        quantized = session(setting.work / f"{model.name}-peer.onnx", plain=True)
        return (run(quantized, model.feed(sample)) for sample in samples), {}

    def quantized(name: str, bits: str) -> pathlib.Path:
        """A copy of the session, quantized to other bits from the float model that it keeps."""
        copy = target.with_name(f"{model.name}-{name}.magik")
        copy_session(target, copy)
        if bits != str(setting.bits):
            setting.program.call(
                "quantize", copy, "--data", f"npz:{npz}", "--samples", str(setting.samples), "--bits", bits)
        return copy

    def untrained(name: str, bits: str) -> Callable[[], tuple[Iterator[Results], dict]]:
        def way() -> tuple[Iterator[Results], dict]:
            copy = quantized(name, bits)
            setting.program.call("export", copy, "--to", "onnx", "-o", copy.with_suffix(".onnx"))
            return exported(copy.with_suffix(".onnx")), {}
        return way

    def trained(
        name: str, bits: str, options: list[str], augmentation: str = ""
    ) -> Callable[[], tuple[Iterator[Results], dict]]:
        def way() -> tuple[Iterator[Results], dict]:
            copy = quantized(name, bits)
            seconds = train(setting.program, copy, f"npz:{npz}{augmentation}", options)
            return exported(copy.with_suffix(".onnx")), {"trainingSeconds": seconds}
        return way

    def integers() -> tuple[Iterator[Results], dict]:
        whole = Whole(target, outputs)
        return (whole.finish(dumped(setting.program, target, npz, index)) for index in range(len(samples))), {}

    return {
        "8 bit, no training": lambda: (exported(target.with_suffix(".onnx")), {}),
        "8 bit, no training, integers": integers,
        "8 bit, distilled": trained("distilled", "8", EIGHT_BITS),
        "4 bit weights, 8 bit activations, no training": untrained("w4a8", "w4a8"),
        "4 bit weights, 8 bit activations, distilled": trained("w4a8", "w4a8", FOUR_BIT_WEIGHTS, AUGMENTATION),
        "4 bit, no training": untrained("four", "4"),
        "4 bit, distilled": trained("four", "4", FOUR_BITS, AUGMENTATION),
        "onnxruntime, 8 bit": peer,
    }


def train(program: Program, session: pathlib.Path, data: str, options: list[str]) -> float:
    """Trains a session, exports it, and gives the seconds that the training took."""
    start = time.monotonic()
    program.call("train", session, "--data", data, "--threads", str(program.threads), *DISTILLATION, *options, "--json")
    seconds = time.monotonic() - start
    program.call("export", session, "--to", "onnx", "-o", session.with_suffix(".onnx"))
    return seconds


def dumped(program: Program, target: pathlib.Path, npz: pathlib.Path, index: int) -> Results:
    """The results of the chip's part in integers, for one held-out picture, by layer, channels first."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "dump"
        program.call("dump", target, "--data", f"npz:{npz}", "--index", str(index), "-o", folder)
        found = {}
        for layer in json.loads((folder / "index.json").read_text())["layers"]:
            if layer["type"] != "float32":
                continue
            values = numpy.fromfile(folder / layer["file"], "<f4").reshape(layer["shape"])
            name = layer["layer"] if layer["output"] == 0 else f"{layer['layer']}[{layer['output']}]"
            found[name] = (values.transpose(2, 0, 1) if values.ndim == 3 else values)[None]
    return found
