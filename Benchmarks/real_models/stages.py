"""The stages of the measurement of one model; each gives a dictionary that is kept as JSON."""

from __future__ import annotations

import numpy

from . import detecting, peer, pictures, program
from .measures import Difference, Noise
from .models import Model, run, session
from .setting import Setting

# How many samples of each kind the import computes, and the largest difference that counts as equal.
FLOAT_SAMPLES, TOLERANCE = {"random": 2, "pictures": 6}, 1e-4


def check(setting: Setting, model: Model, before: dict) -> dict:
    """What `check` says of the file."""
    return program.judge(setting.program, model)


def imports(setting: Setting, model: Model, before: dict) -> dict:
    """The import for each chip, and how far its float results are from the original's."""
    kinds = {
        "random": pictures.normalized(pictures.noise(model, FLOAT_SAMPLES["random"], seed=1), model.convention),
        "pictures": setting.held_out(model)[:FLOAT_SAMPLES["pictures"]]}
    samples = numpy.concatenate(list(kinds.values()))
    original = model.original()
    right = [run(original, model.feed(sample)) for sample in samples]
    found = {}
    for device in program.DEVICES:
        imported = program.bring_in(setting.program, model, device, setting.work, samples)
        if not imported["refused"]:
            got = program.import_results(model, device, setting.work, imported, len(samples))
            imported["difference"], start = {}, 0
            for kind, part in kinds.items():
                end = start + len(part)
                imported["difference"][kind] = difference(right[start:end], got[start:end])
                start = end
        found[device] = imported
    return found


def difference(right: list[dict], found: list[dict]) -> float:
    """The largest difference of some samples, a share of the largest number."""
    whole = Difference()
    for wanted, got in zip(right, found):
        whole.add(wanted, got)
    return whole.share()


def quantizes(setting: Setting, model: Model, before: dict) -> dict:
    """Quantization for each chip, and the SQNR of the results on held-out pictures."""
    found = {}
    for device in program.DEVICES:
        imported = before["import"][device]
        if imported["refused"]:
            continue
        try:
            one = program.quantize(
                setting.program, setting.target(model, device), setting.npz(model), setting.samples, setting.bits)
            one |= noise(setting, model, device, imported)
        except (program.Failed, ValueError, KeyError) as error:
            one = {"failed": f"{type(error).__name__}: {error}"}
        found[device] = one
    return found


def noise(setting: Setting, model: Model, device: str, imported: dict) -> dict:
    """The SQNR of the model's results, and of the chip's, on held-out pictures, and that of the float network where the
    import changed it."""
    target = setting.target(model, device)
    quantized = program.Whole(target, imported["outputs"], target.with_suffix(".onnx"))
    unquantized = program.Whole(target, imported["outputs"], program.float_path(target))
    original = model.original()
    results, cut, own, approximation = Noise(), Noise(), Noise(), Noise()
    for sample in setting.held_out(model):
        right = run(original, model.feed(sample))
        float_results, float_cut = unquantized.run(sample)
        got, got_cut = quantized.run(sample)
        results.add(right, got)
        cut.add(float_cut, got_cut)
        own.add(float_results, got)
        approximation.add(right, float_results)
    found = {"results": results.decibels(), "cut": cut.decibels()}
    if imported["isApproximate"]:
        found |= {"own": own.decibels(), "approximation": approximation.decibels()}
    return found


def peers(setting: Setting, model: Model, before: dict) -> dict:
    """onnxruntime's static quantization of the same file."""
    return peer.measure(model, setting.calibration(model), setting.held_out(model), setting.work)


STAGES = {"check": check, "import": imports, "quantize": quantizes, "peer": peers, "detections": detecting.measure}
