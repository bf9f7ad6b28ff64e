"""The stages of the measurement of one model; each gives a dictionary that is kept as JSON."""

from __future__ import annotations

import pathlib

import numpy

from . import detecting, peer, pictures, program
from .measures import Difference, Noise
from .models import Model, run, session
from .setting import Setting

# How many samples of each kind the import computes, and the largest difference that counts as equal.
FLOAT_SAMPLES, TOLERANCE = {"random": 2, "pictures": 6}, 1e-4
# The largest difference that a fix may make; a network that moved further is quantized without its fixes.
FIX_TOLERANCE = 1e-5


def check(setting: Setting, model: Model, before: dict) -> dict:
    """What `check` says of the file."""
    return program.judge(setting.program, model)


def imports(setting: Setting, model: Model, before: dict) -> dict:
    """The import for each chip, and how far its float results are from the original's."""
    kinds = {
        "random": pictures.normalized(pictures.noise(model, FLOAT_SAMPLES["random"], seed=1), model.convention),
        "pictures": setting.held_out(model)[:FLOAT_SAMPLES["pictures"]]}
    samples = numpy.concatenate(list(kinds.values()))
    ends = numpy.cumsum([0, *map(len, kinds.values())])
    parts = {kind: slice(ends[place], ends[place + 1]) for place, kind in enumerate(kinds)}
    found = {}
    for device in program.DEVICES:
        imported = program.bring_in(setting.program, model, device, setting.work, samples)
        if not imported["refused"]:
            imported["difference"] = differences(setting, model, device, imported, samples, parts)
        found[device] = imported
    return found


def differences(
    setting: Setting, model: Model, device: str, imported: dict, samples: numpy.ndarray, parts: dict[str, slice]
) -> dict[str, float]:
    """How far an import's results are from the original's, by kind of sample; "cut" is the same of the chip's results."""
    names = {one["layer"]: one["name"] for one in imported["outputs"]}
    original = model.original(names.values())
    right = [run(original, model.feed(sample)) for sample in samples]
    got, cut = program.import_results(model, device, setting.work, imported, len(samples))
    found = {
        kind: difference([{name: one[name] for name in model.outputs} for one in right[part]], got[part])
        for kind, part in parts.items()}
    found["cut"] = difference(
        [{layer: one[name].ravel() for layer, name in names.items()} for one in right],
        [{layer: values.ravel() for layer, values in one.items()} for one in cut])
    return found


def difference(right: list[dict], found: list[dict]) -> float:
    """The largest difference of some samples, a share of the largest number."""
    whole = Difference()
    for wanted, got in zip(right, found):
        whole.add(wanted, got)
    return whole.share()


def fixes(setting: Setting, model: Model, before: dict) -> dict:
    """The session of each chip after all fixes that keep its results, and how far its float results moved."""
    found = {}
    for device in program.DEVICES:
        imported = before["import"][device]
        if imported["refused"]:
            continue
        source, target = setting.target(model, device), setting.fixed(model, device)
        try:
            one = program.fix(setting.program, source, target)
            unchanged = program.Whole(source, imported["outputs"], program.float_path(source))
            fixed = program.Whole(target, imported["outputs"], program.float_path(target))
            samples = setting.held_out(model)[:FLOAT_SAMPLES["random"]]
            one["difference"] = difference(
                [unchanged.run(sample)[1] for sample in samples], [fixed.run(sample)[1] for sample in samples])
        except (program.Failed, ValueError, KeyError) as error:
            one = {"failed": f"{type(error).__name__}: {error}"}
        found[device] = one
    return found


def quantizes(setting: Setting, model: Model, before: dict) -> dict:
    """Quantization for each chip, of the network with its fixes, and the SQNR of the results on held-out pictures."""
    found = {}
    for device in program.DEVICES:
        imported = before["import"][device]
        if imported["refused"]:
            continue
        fixed = before["fix"].get(device, {})
        is_fixed = fixed.get("difference", 1) <= FIX_TOLERANCE
        target = setting.fixed(model, device) if is_fixed else setting.target(model, device)
        try:
            one = program.quantize(setting.program, target, setting.npz(model), setting.samples, setting.bits)
            one |= noise(setting, model, target, imported) | {"session": str(target), "isFixed": is_fixed}
        except (program.Failed, ValueError, KeyError) as error:
            one = {"failed": f"{type(error).__name__}: {error}"}
        found[device] = one
    return found


def noise(setting: Setting, model: Model, target: pathlib.Path, imported: dict) -> dict:
    """The SQNR of the model's results on held-out pictures.

    Where the import was approximate, also against the session's own float network, and how far that is from the original.
    """
    quantized = program.Whole(target, imported["outputs"], target.with_suffix(".onnx"))
    approximate = program.Whole(target, imported["outputs"], program.float_path(target)) if imported["isApproximate"] else None
    original = model.original()
    results, own, approximation = Noise(), Noise(), Noise()
    for sample in setting.held_out(model):
        right, got = run(original, model.feed(sample)), quantized.run(sample)[0]
        results.add(right, got)
        if approximate:
            between = approximate.run(sample)[0]
            own.add(between, got)
            approximation.add(right, between)
    found = {"results": results.decibels()}
    if approximate:
        found |= {"own": own.decibels(), "approximation": approximation.decibels()}
    return found


def peers(setting: Setting, model: Model, before: dict) -> dict:
    """onnxruntime's static quantization of the same file."""
    return peer.measure(model, setting.calibration(model), setting.held_out(model), setting.work)


STAGES = {"check": check, "import": imports, "fix": fixes, "quantize": quantizes, "peer": peers, "detections": detecting.measure}
