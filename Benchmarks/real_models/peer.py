"""The peer: onnxruntime's static quantization of the same file, from the same pictures."""

from __future__ import annotations

import logging
import pathlib
import tempfile
import time

import numpy
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import (
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static, shape_inference)
from onnxruntime.quantization.calibrate import TensorsData, create_calibrator, save_tensors_data
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

from .measures import Noise, mean
from .models import Model, run, session

METHODS = {
    "MinMax": CalibrationMethod.MinMax, "Entropy": CalibrationMethod.Entropy, "Percentile": CalibrationMethod.Percentile}
# Signed activations give the same ranges and the same numbers: neither kind is symmetric.
ACTIVATION = QuantType.QUInt8
# Weights with a scale for each channel need operators of this version.
LEAST_VERSION = 13
# What the calibrators may hold of a network's results at a time; they make copies of single ones.
MOST_BYTES = 1536 * 2**20


class Reader(CalibrationDataReader):
    """Some samples, as calibration asks for them."""

    def __init__(self, model: Model, samples: numpy.ndarray) -> None:
        self.feeds = (model.feed(sample) for sample in samples)

    def get_next(self) -> dict[str, numpy.ndarray] | None:
        return next(self.feeds, None)


def preprocessed(model: Model, folder: pathlib.Path) -> tuple[pathlib.Path, list[str]]:
    """The file after onnxruntime's own preparation, and remarks on what could not be done."""
    remarks, prepared = [], model.prepared()
    if version(prepared) < LEAST_VERSION:
        try:
            prepared = version_converter.convert_version(prepared, LEAST_VERSION)
        except Exception as error:  # The converter raises what its C++ throws.
            remarks.append(f"not converted to operators of version {LEAST_VERSION}: {first_line(error)}")
    source, path = folder / "model.onnx", folder / "prepared.onnx"
    onnx.save(prepared, source)
    try:
        shape_inference.quant_pre_process(source, path)
    except Exception as error:
        remarks.append(f"without symbolic shapes: {first_line(error)}")
        shape_inference.quant_pre_process(source, path, skip_symbolic_shape=True)
    return path, remarks


def version(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators."""
    return next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


class Part:
    """A session that gives some of its results."""

    def __init__(self, whole: onnxruntime.InferenceSession, names: set[str]) -> None:
        self.whole, self.names = whole, names

    def get_inputs(self) -> list:
        return self.whole.get_inputs()

    def get_outputs(self) -> list:
        return [port for port in self.whole.get_outputs() if port.name in self.names]

    def run(self, _: None, feed: dict[str, numpy.ndarray]) -> list[numpy.ndarray]:
        return self.whole.run([port.name for port in self.get_outputs()], feed)


def groups(results: dict[str, numpy.ndarray], samples: int) -> list[set[str]]:
    """Names of results in groups that fit into memory for all samples at a time."""
    found: list[set[str]] = []
    bytes_left = 0
    for name, values in results.items():
        size = values.nbytes * samples
        if size > bytes_left:
            found.append(set())
            bytes_left = MOST_BYTES
        found[-1].add(name)
        bytes_left -= size
    return found


def ranges(model: Model, path: pathlib.Path, method: CalibrationMethod, samples: numpy.ndarray, folder: pathlib.Path) -> TensorsData:
    """The ranges of a method as quantize_static finds them, from all samples but a few tensors at a time."""
    operators = list(set(QLinearOpsRegistry) | set(QDQRegistry))
    calibrator = create_calibrator(
        path, operators, augmented_model_path=str(folder / "augmented.onnx"), calibrate_method=method)
    if method == CalibrationMethod.MinMax:
        # The network itself computes the ends of each range.
        calibrator.collect_data(Reader(model, samples))
        return calibrator.compute_data()
    whole = calibrator.infer_session
    for names in groups(run(whole, model.feed(samples[0])), len(samples)):
        calibrator.infer_session = Part(whole, names)
        calibrator.collect_data(Reader(model, samples))
    return calibrator.compute_data()


def quantized(model: Model, samples: numpy.ndarray, folder: pathlib.Path) -> tuple[dict[str, pathlib.Path], list[str]]:
    """The file quantized by every method, and remarks on those that failed."""
    path, remarks = preprocessed(model, folder)
    found = {}
    for method, calibration in METHODS.items():
        cache = folder / f"{method}.json"
        try:
            save_tensors_data(ranges(model, path, calibration, samples, folder), cache)
        except Exception as error:
            remarks.append(f"{method}: {first_line(error)}")
            continue
        target = folder / f"{method}.onnx"
        try:
            quantize_static(
                path, target, quant_format=QuantFormat.QDQ, per_channel=True, activation_type=ACTIVATION,
                weight_type=QuantType.QInt8, calibrate_method=calibration, calibration_cache_path=cache)
            found[method] = target
        except Exception as error:
            remarks.append(f"{method}: {first_line(error)}")
    return found, remarks


def measure(model: Model, calibration: numpy.ndarray, held_out: numpy.ndarray, folder: pathlib.Path) -> dict:
    """The SQNR of each variant's results on held-out samples, and the best variant by their mean.

    A file that has quantizers already is the only variant of itself.
    """
    logging.disable(logging.WARNING)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        if model.has_quantizers:
            variants, remarks = {"the file itself": model.path}, []
        else:
            variants, remarks = quantized(model, calibration, pathlib.Path(scratch))
        seconds = time.monotonic() - start
        sessions = {}
        for method, path in variants.items():
            try:
                sessions[method] = session(path, plain=True)
            except Exception as error:
                remarks.append(f"{method} does not run: {first_line(error)}")
        original = model.original()
        noise = {name: Noise() for name in sessions}
        for sample in held_out:
            right = run(original, model.feed(sample))
            for name, one in sessions.items():
                noise[name].add(right, run(one, model.feed(sample)))
        found = {name: one.decibels() for name, one in noise.items()}
        best = max(found, key=lambda name: mean(found[name])) if found else None
        if best:
            (folder / f"{model.name}-peer.onnx").write_bytes(variants[best].read_bytes())
    return {"best": best, "variants": found, "seconds": seconds, "remarks": remarks}
